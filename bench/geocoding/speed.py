"""How fast the geocoder is and how large its gazetteer, at growing sizes, beside a bare lookup and beside its peers.

The floor is a table of finished keys and points with one index: nothing is read, normalised, scored or explained, and
one slip of the pen finds nothing. It bounds what any geocoder on this database can reach.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.domain.place import Point
from geo.domain.words import Decision

from bench.geocoding.contest import beside_peers
from bench.geocoding.county import address_rows
from bench.geocoding.gazetteer import Rows, load, open_desk
from bench.geocoding.marks import mark, tally
from bench.geocoding.metropolis import build, real_houses
from bench.geocoding.ways import KINDS, ask
from bench.outcome import Outcome
from bench.timing import growth, spread_of, time_by_turns, time_each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from bench.geocoding.county import House
    from bench.geocoding.exam import Query
    from bench.geocoding.gazetteer import Desk
    from bench.timing import Spread

SIZES: Final = (10_000, 100_000, 1_000_000)
EACH: Final = 200
"""Single questions of each of the fifteen kinds."""
BATCH: Final = 20_000
REVERSED: Final = 1000
PEER_EACH: Final = 40
_LEAST_S: Final = 1e-3
_CHECKOUT: Final = Path(__file__).parents[2]
_LOOKUP: Final = "SELECT lon, lat FROM bench_key WHERE key = %s LIMIT 20"
_LOOKUP_ALL: Final = """
    SELECT k.lon, k.lat FROM unnest(%s::text[]) AS w (key)
    CROSS JOIN LATERAL (SELECT lon, lat FROM bench_key b WHERE b.key = w.key LIMIT 20) AS k
"""
_NEAREST: Final = """
    SELECT key FROM bench_key ORDER BY point <-> point(%s, %s) LIMIT 1
"""
_SIZES: Final = """
    SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
    WHERE relkind = 'r' AND starts_with(relname, 'geo_') ORDER BY relname
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured at each size."""

    sizes: tuple[int, ...]
    each: int = EACH
    batch: int = BATCH
    reversed: int = REVERSED
    peer_each: int = PEER_EACH


@dataclass(slots=True)
class Found:
    """What was measured at one size: seconds by contender, and plain figures."""

    size: int
    seconds: dict[str, Spread] = field(default_factory=dict)
    facts: dict[str, float | int | str] = field(default_factory=dict)

    def ratio(self, name: str) -> float:
        """Give ours over the floor, of medians."""
        return self.seconds[f"{name}: ours"].median / self.seconds[f"{name}: floor"].median


def plan_of(size: int) -> Plan:
    """Measure at each power of ten below the size, and at the size."""
    return Plan((*(smaller for smaller in SIZES if smaller < size), size))


def run(
    size: int,
    seed: int,
    open_database: Callable[[], AbstractContextManager[Engine]],
    home: Path,
    *,
    reference: Path,
    peers_at: Path | None = None,
    plan: Plan | None = None,
) -> Outcome:
    """Measure import, single lookups, batch, reverse and size, at growing numbers of addresses.

    Parameters
    ----------
    size
        The largest number of addresses.
    open_database
        Opens an empty database, as often as asked.
    home
        Where the bundled city's reader may keep its files.
    reference
        The folder of reference data; without it the bundled city is repeated.
    peers_at
        Where the peers are installed; they are left out without it.

    Raises
    ------
    AssertionError
        If more than one in a hundred accepted answers of the largest size is over 60 m off.
    """
    plan = plan or plan_of(size)
    with open_database() as engine:
        real = real_houses(reference, engine, home)
    corpus = build(real, max(plan.sizes), seed)
    found = []
    for count in plan.sizes:
        with open_database() as engine:
            found.append(measure(engine, corpus[:count], seed, plan))
    last = found[-1]
    ratios = {name: last.ratio(name) for name in ("import", "single", "reverse")}
    ratios["batch"] = last.seconds["batch: ours"].median / last.seconds["batch: floor"].median
    facts: dict[str, float | int | str] = {}
    for one in found:
        facts |= {f"{one.size:,}: {name}": value for name, value in one.facts.items()}
    if len(found) > 1:
        single = [one.seconds["single: ours"].median for one in found]
        facts["growth of a single lookup with size, exponent"] = growth(plan.sizes, single)
    if peers_at:
        more, told = beside_peers(peers_at, corpus, open_database, seed, plan.peer_each)
        ratios |= more
        facts |= told
    seconds = {f"{one.size:,} {name}": spread for one in found for name, spread in one.seconds.items()}
    return Outcome("geocode", max(plan.sizes), seed, ratios, seconds, facts)


def measure(engine: Engine, corpus: Sequence[House], seed: int, plan: Plan) -> Found:
    """Load a corpus and measure all there is to measure at its size."""
    found = Found(len(corpus))
    _time_import(engine, corpus, found)
    _weigh(engine, found)
    queries = ask(corpus, plan.each, seed)
    with open_desk(engine) as desk:
        _time_single(desk, engine, corpus, queries, found)
        _time_reverse(desk, engine, corpus, seed, plan.reversed, found)
        _time_completing(desk, corpus, found)
    _time_batch(engine, corpus, seed, plan.batch, found)
    return found


# -- import ------------------------------------------------------------------------------------------------


def _time_import(engine: Engine, corpus: Sequence[House], found: Found) -> None:
    started = perf_counter()
    load(engine, Rows(addresses=address_rows(corpus)))
    ours = perf_counter() - started
    started = perf_counter()
    _load_floor(engine, corpus)
    floor = perf_counter() - started
    found.seconds |= {"import: ours": spread_of([ours]), "import: floor": spread_of([floor])}
    found.facts["addresses imported a second"] = len(corpus) / ours


def _load_floor(engine: Engine, corpus: Sequence[House]) -> None:
    with engine.begin() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("DROP TABLE IF EXISTS bench_key")
        cursor.execute("CREATE TABLE bench_key (key text, lon float8, lat float8, point point)")
        with cursor.copy("COPY bench_key FROM STDIN") as copy:
            for h in corpus:
                copy.write_row((_key(h), h.point.lon, h.point.lat, f"({h.point.lon},{h.point.lat})"))
        cursor.execute("CREATE INDEX bench_key_key ON bench_key (key)")
        cursor.execute("CREATE INDEX bench_key_point ON bench_key USING gist (point)")
        cursor.execute("GRANT SELECT ON bench_key TO PUBLIC")
        cursor.execute("ANALYZE bench_key")


def _key(house: House) -> str:
    return "|".join(house.label)


def _weigh(engine: Engine, found: Found) -> None:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(_SIZES).all()
    for name, heap, indexes in rows:
        for what, size in (("rows", heap), ("indexes", indexes)):
            if size / found.size >= 1:
                found.facts[f"bytes an address, {name} {what}"] = round(size / found.size, 1)
    found.facts["bytes an address, all"] = round(sum(heap + indexes for _, heap, indexes in rows) / found.size, 1)


# -- one by one --------------------------------------------------------------------------------------------


def _time_single(desk: Desk, engine: Engine, corpus: Sequence[House], queries: Sequence[Query], found: Found) -> None:
    keys = [_key(corpus[n * 7919 % len(corpus)]) for n in range(len(queries))]
    for query in queries[: len(KINDS) * 4]:
        desk.geocode(query.text)
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        turns = time_by_turns(
            {
                "ours": (desk.geocode, [query.text for query in queries]),
                "floor": (lambda key: cursor.execute(_LOOKUP, (key,)).fetchall(), keys),
            }
        )
    (ours, results), (floor, _) = turns["ours"], turns["floor"]
    found.seconds |= {"single: ours": spread_of(ours), "single: floor": spread_of(floor)}
    marks = [mark(query, result) for query, result in zip(queries, results, strict=True)]
    total = tally(marks)
    wrong = [m for m in marks if m.wrong]
    if len(wrong) > 0.01 * max(100, sum(m.result.decision is Decision.ACCEPT for m in marks)):
        raise AssertionError(f"{len(wrong)} accepted answers are wrong; the worst: {wrong[0].line()}")
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        found.facts[f"single lookup, {name} ms"] = round(float(np.quantile(ours, share)) * 1000, 3)
    found.facts |= {
        "lookups a second, one connection": len(ours) / sum(ours),
        "top-1 within 60 m, %": round(total.near, 2),
        "accepted, %": round(total.accepted, 2),
        "wrong among accepted": total.wrong,
    }


def _time_reverse(desk: Desk, engine: Engine, corpus: Sequence[House], seed: int, count: int, found: Found) -> None:
    rng = np.random.default_rng(seed)
    some = [corpus[index].point for index in rng.integers(len(corpus), size=count).tolist()]
    points = [Point(p.lon + dx, p.lat + dy) for p, (dx, dy) in zip(some, rng.normal(0, 2e-4, (count, 2)), strict=True)]
    for point in points[:20]:
        desk.reverse(point)
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        turns = time_by_turns(
            {
                "ours": (desk.reverse, points),
                "floor": (lambda p: cursor.execute(_NEAREST, (p.lon, p.lat)).fetchall(), points),
            }
        )
    ours, floor = turns["ours"][0], turns["floor"][0]
    found.seconds |= {"reverse: ours": spread_of(ours), "reverse: floor": spread_of(floor)}
    found.facts["reverse a second"] = len(ours) / sum(ours)


def _time_completing(desk: Desk, corpus: Sequence[House], found: Found) -> None:
    if desk.complete is None:
        found.facts["completing what is typed"] = "not offered"
        return
    typed = [f"{h.number} {h.key[1][:5].title()}" for h in corpus[:: max(1, len(corpus) // 300)]]
    seconds, _ = time_each(desk.complete, typed)
    found.seconds["completing: ours"] = spread_of(seconds)
    found.facts["completing what is typed, p95 ms"] = round(float(np.quantile(seconds, 0.95)) * 1000, 3)


# -- in batches, through the command -----------------------------------------------------------------------


def _time_batch(engine: Engine, corpus: Sequence[House], seed: int, count: int, found: Found) -> None:
    texts = [query.text for query in ask(corpus, max(1, count // len(KINDS)), seed + 1)]
    with TemporaryDirectory() as folder:
        # what the command needs to start is the same for any number of rows, so it is taken apart; the first start
        # of all is slower than every later one
        start = min(_command(engine, Path(folder), texts[:1]) for _ in range(2))
        whole = _command(engine, Path(folder), texts)
    keys = [_key(corpus[n * 7919 % len(corpus)]) for n in range(len(texts))]
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        floor, _ = time_each(lambda some: cursor.execute(_LOOKUP_ALL, (some,)).fetchall(), [keys] * 3)
    found.seconds |= {"batch: ours": spread_of([max(whole - start, _LEAST_S)]), "batch: floor": spread_of(floor)}
    found.facts |= {
        "batch rows a second, command's start left out": len(texts) / max(whole - start, _LEAST_S),
        "batch rows a second, with the command's start": len(texts) / whole,
        "seconds the command needs to start": round(start, 2),
    }


def _command(engine: Engine, folder: Path, texts: Sequence[str]) -> float:
    source, out = folder / "in.csv", folder / "out.jsonl"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["q"], *([text] for text in texts)])
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    env = os.environ | {"BARNRAISER_DATABASE_URL": url, "BARNRAISER_HOME": str(folder)}
    command = [sys.executable, "-m", "api.cli", "geocode", str(source), "--column", "q", "--out", str(out)]
    started = perf_counter()
    done = subprocess.run(command, env=env, cwd=_CHECKOUT, check=False, capture_output=True, text=True)  # noqa: S603 - our own command
    if done.returncode:
        raise RuntimeError(f"the command failed: {done.stderr.strip()}")
    took = perf_counter() - started
    with out.open(encoding="utf-8") as lines:
        if sum(1 for _ in lines) != len(texts):
            raise AssertionError("the command answered another number of rows than it was given")
    return took
