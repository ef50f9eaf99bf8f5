"""Adding to the audit's chain, eight writers at once, against plain inserts of the same rows; and walking the chain.

Every addition is a transaction of its own, so that each waits for the disk. In a chain of one network a writer also
waits for the one before; with a chain each, writers wait for nobody. The plain inserts go into a table with the same
columns, keys and index, without chain, hash or order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from geo.domain.ids import new_id
from geo.store.audit import record
from geo.store.audit_chain import check_chains
from geo.store.engine import make_sessions, transaction

from bench.outcome import Outcome
from bench.timing import Spread, growth, spread_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

WRITERS: Final = 8
ROUNDS: Final = 5
SHARE: Final = 200
"""One addition is timed for so many entries that the chain already has."""
FIELDS: Final = ["category", "location", "urgency"]
MAKE_PLAIN: Final = """
    CREATE TABLE plain (LIKE audit INCLUDING ALL);
    ALTER TABLE plain ALTER at SET DEFAULT clock_timestamp(), ALTER prev SET DEFAULT decode(repeat('00', 32), 'hex'),
      ALTER hash SET DEFAULT decode(repeat('00', 32), 'hex'), ALTER seq ADD GENERATED ALWAYS AS IDENTITY;
    GRANT INSERT ON plain TO barnraiser_app
"""
INSERT_PLAIN: Final = text(
    "INSERT INTO plain (network_id, actor_kind, action, object_kind, object_ids, fields) "
    "VALUES (current_network(), 'operator', 'update', 'need', ARRAY[CAST(:id AS uuid)], :fields)"
)
FILL: Final = text(
    "INSERT INTO audit (actor_kind, action, object_kind, object_ids, fields) "
    "SELECT 'operator', 'update', 'need', ARRAY[gen_random_uuid()], :fields FROM generate_series(1, :size)"
)
NEW_NETWORK: Final = text("INSERT INTO network (id, slug, name) VALUES (:id, :slug, 'N')")


def run(size: int, seed: int, open_database: Callable[[], AbstractContextManager[Engine]]) -> Outcome:
    """Measure beside a chain of that many entries, and how its walk grows from a tenth of it.

    Parameters
    ----------
    open_database
        Opens a context with an engine on an empty database, anew for each size.

    Raises
    ------
    AssertionError
        If a chain is not whole, or has not exactly what was added.
    """
    outcomes = []
    for each in (size // 10, size):
        with open_database() as engine:
            outcomes.append(measure(engine, each, seed))
    walks = [found.spreads["walk in the database"].median for found in outcomes]
    grows = {"walk grows as size to the power of": growth([size // 10, size], walks)}
    last = outcomes[-1]
    return Outcome("audit", size, seed, last.ratios, last.spreads, {**last.facts, **grows})


def measure(engine: Engine, size: int, seed: int, *, rounds: int = ROUNDS) -> Outcome:
    """Fill a chain, add to it from eight writers in turn with the floor, then walk it."""
    additions = max(WRITERS * 2, size // SHARE)
    one, chains = make_sessions(engine), [make_sessions(engine, network=new_id()) for _ in range(WRITERS)]
    _prepare(engine, chains, size)
    contenders: dict[str, Callable[[], list[float]]] = {
        "one chain": lambda: _add(_chained, [one] * WRITERS, additions),
        "a chain each": lambda: _add(_chained, chains, additions),
        "plain": lambda: _add(_plain, [one] * WRITERS, additions),
        "one chain, one writer": lambda: _add(_chained, [one], additions // WRITERS),
        "plain, one writer": lambda: _add(_plain, [one], additions // WRITERS),
    }
    seconds, rates = _take_turns(contenders, rounds)
    walks, entries = _walk(engine, rounds)
    added = sum(len(seconds[name]) for name in ("one chain", "a chain each", "one chain, one writer"))
    if entries != size + added:
        raise AssertionError(f"{entries} entries instead of {size + added}")
    spreads = {name: spread_of(taken) for name, taken in (seconds | walks).items()}
    facts = {
        "additions in a round": additions,
        "additions in a second, one chain": rates["one chain"],
        "additions in a second, a chain each": rates["a chain each"],
        "additions in a second, plain": rates["plain"],
        "entries, every one in a whole chain": entries,
        "entries walked in a second, in the database": entries / spreads["walk in the database"].median,
        "entries walked in a second, by hand": entries / spreads["walk by hand"].median,
    }
    return Outcome("audit", size, seed, _ratios(rates, spreads), spreads, facts)


def _ratios(rates: Mapping[str, float], spreads: Mapping[str, Spread]) -> dict[str, float]:
    alone, floor = spreads["one chain, one writer"].median, spreads["plain, one writer"].median
    return {
        "additions in a second, one chain / plain, 8 writers": rates["one chain"] / rates["plain"],
        "additions in a second, a chain each / plain, 8 writers": rates["a chain each"] / rates["plain"],
        "median, one chain / plain, one writer": alone / floor,
        "walk, by hand / in the database": spreads["walk by hand"].median / spreads["walk in the database"].median,
    }


def _prepare(engine: Engine, chains: Sequence[SessionFactory], size: int) -> None:
    with transaction(make_sessions(engine, role=None)) as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text(MAKE_PLAIN))
        session.execute(FILL, {"fields": FIELDS, "size": size})
    for number, chain in enumerate(chains):
        with chain() as session:
            network = session.scalar(text("SELECT current_network()"))
        with transaction(make_sessions(engine, role=None)) as session:
            session.execute(NEW_NETWORK, {"id": network, "slug": f"n{number}"})


def _take_turns(
    contenders: Mapping[str, Callable[[], list[float]]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, float]]:
    names = list(contenders)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    spent = dict.fromkeys(names, 0.0)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            started = perf_counter()
            seconds[name] += contenders[name]()
            spent[name] += perf_counter() - started
    return seconds, {name: len(seconds[name]) / spent[name] for name in names}


def _add(add: Callable[[Session], None], writers: Sequence[SessionFactory], additions: int) -> list[float]:
    def work(sessions: SessionFactory) -> list[float]:
        taken = []
        for _ in range(max(1, additions // len(writers))):
            started = perf_counter()
            with transaction(sessions) as session:
                add(session)
            taken.append(perf_counter() - started)
        return taken

    with ThreadPoolExecutor(len(writers)) as pool:
        return [one for taken in pool.map(work, writers) for one in taken]


def _chained(session: Session) -> None:
    record(session, "update", "need", [new_id()], FIELDS)


def _plain(session: Session) -> None:
    session.execute(INSERT_PLAIN, {"id": new_id(), "fields": FIELDS})


def _walk(engine: Engine, rounds: int) -> tuple[dict[str, list[float]], int]:
    walks: dict[str, list[float]] = {"walk in the database": [], "walk by hand": []}
    entries = 0
    with make_sessions(engine, role=None)() as session:
        for _ in range(rounds):
            for name, by_hand in (("walk in the database", False), ("walk by hand", True)):
                started = perf_counter()
                reports = check_chains(session, by_hand=by_hand)
                walks[name].append(perf_counter() - started)
                entries = sum(report.entries for report in reports)
                if not all(report.is_whole for report in reports):
                    raise AssertionError([report.fault for report in reports])
    return walks, entries
