"""A page of a thousand assets in a box over HTTP, beside a bare handler, other projects, and the statement alone.

Each serves the same table from a process of its own, and all are asked turn by turn by the same client. The bare
handler gives the same columns and has no callers, no policies of rows, no disclosure and no filters: it is what the
database and the server need. The others are asked for the same box and as many features.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from shapely.geometry import box as shape_of
from sqlalchemy import text
from sqlalchemy.engine import make_url

from geo.domain.principals import NetworkRole
from geo.domain.words import Audience
from geo.interchange.feature_query import FeatureQuery
from geo.privacy.keyring import open_keys
from geo.store.accounts import invite
from geo.store.engine import AUTH_ROLE, DEFAULT_NETWORK, Acting, make_sessions, transaction
from geo.store.feature_bytes import write_asset_page
from geo.store.keys import register_keys
from geo.store.signing_in import open_session
from geo.store.tile_counts import fold_changes

from bench.feed_client import Asking, ask_for_a_while, drain, fetch, open_client
from bench.feed_peers import PEERS, is_there
from bench.feed_servers import BARE, serve_own
from bench.outcome import Outcome
from bench.timing import Spread, spread_of, take_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

    Box = tuple[float, float, float, float]

CLIENTS: Final = 8
ROUNDS: Final = 5
TURN_S: Final = 3.0
BOXES: Final = 16
PAGE: Final = 1000
WEST, SOUTH, WIDE, HIGH = 24.0, 60.0, 1.0, 0.5
FLOORS: Final = ("ours", "bare handler")
ITEMS: Final = "/ogc/collections/assets/items"
FILL: Final = text(
    "INSERT INTO asset (id, kind, categories, name, address, geom, cell) SELECT gen_random_uuid(), 'pantry', '{food}', "
    "'Asset ' || n, 'Street ' || n % 1000, ST_SetSRID(ST_MakePoint(24 + random(), 60 + random() / 2), 4326), "
    "'891126d3303ffff' FROM generate_series(1, :size) AS n"
)
_KB: Final = 1024
_MB: Final = 1 << 20


def run(
    size: int,
    seed: int,
    open_database: Callable[[], AbstractContextManager[Engine]],
    *,
    home: Path,
    peers_at: Path | None = None,
    rounds: int = ROUNDS,
    turn_s: float = TURN_S,
) -> Outcome:
    """Measure requests a second of all, what the policies cost, and the memory of a long answer.

    Parameters
    ----------
    open_database
        Opens a context with an engine on an empty database.
    home
        A folder for the service and its keys.
    peers_at
        Where other projects are installed, or are to be; without it they are left out.
    rounds, turn_s
        How often each is asked, and for how many seconds.

    Raises
    ------
    AssertionError
        If ours and the bare handler do not give the same features, or one does not answer.
    """
    rng = np.random.default_rng(seed)
    boxes = [_box(rng, size) for _ in range(BOXES)]
    with open_database() as engine, ExitStack() as services:
        header, url = _prepare(engine, home, size), engine.url.render_as_string(hide_password=False)
        ours, process = services.enter_context(serve_own("ours", url, home))
        bare, _ = services.enter_context(serve_own("bare", url, home))
        _check(ours, bare, header, boxes)
        asked = _asked(ours, bare, header, boxes)
        missing = [] if peers_at is None else _add_peers(asked, services, url, peers_at, home, boxes)
        rates = _rates(asked, url, boxes, home, rounds=rounds, turn_s=turn_s)
        statements = _statements(engine, boxes, rounds)
        streamed = _stream(ours, process, header)
    outcome = _outcome(size, seed, rates, statements, streamed)
    return replace(outcome, facts={**outcome.facts, "not installed": ", ".join(missing)}) if missing else outcome


def _prepare(engine: Engine, home: Path, size: int) -> dict[str, str]:
    keys = open_keys(home / "keys.json", now=datetime.now(UTC), must_exist=False)
    register_keys(engine, keys)
    with transaction(make_sessions(engine, role=None)) as session:
        session.execute(FILL, {"size": size})
    with transaction(make_sessions(engine)) as session:
        # as a server does it in its first minutes: what has come since is counted, and what was counted is gone
        fold_changes(session)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return _signed_in(make_sessions(engine, keys=keys))


def _signed_in(sessions: SessionFactory) -> dict[str, str]:
    with transaction(sessions) as session:
        person, _ = invite(session, "bench", "Bench", NetworkRole.ADMIN)
    with transaction(sessions, Acting(network=None, role=AUTH_ROLE)) as session:
        token = open_session(session, person, network_id=DEFAULT_NETWORK)
    return {"Authorization": f"Bearer {token.text}"}


def _box(rng: np.random.Generator, size: int) -> Box:
    """Draw a box with about one and a half pages in it."""
    share = min(1.0, (1.5 * PAGE / size) ** 0.5)
    west = round(WEST + float(rng.uniform(0, 1 - share)) * WIDE, 5)
    south = round(SOUTH + float(rng.uniform(0, 1 - share)) * HIGH, 5)
    return west, south, round(west + share * WIDE, 5), round(south + share * HIGH, 5)


def _query(box: Box) -> str:
    return f"limit={PAGE}&bbox={','.join(map(str, box))}"


def _named(box: Box) -> dict[str, float]:
    return dict(zip(("west", "south", "east", "north"), box, strict=True))


def _asked(ours: int, bare: int, header: Mapping[str, str], boxes: Sequence[Box]) -> dict[str, Asking]:
    paths = [f"{ITEMS}?{_query(box)}" for box in boxes]
    known = [header | {"If-None-Match": fetch(ours, path, header)[0]["etag"]} for path in paths]  # type: ignore[operator] # a dict
    plain = [f"/?{'&'.join(f'{name}={value}' for name, value in _named(box).items())}" for box in boxes]
    return {
        "ours": Asking(ours, paths, [header] * len(paths)),
        "bare handler": Asking(bare, plain, [{}] * len(paths)),
        "nothing new": Asking(ours, paths, known, status=304),
    }


def _add_peers(
    asked: dict[str, Asking], services: ExitStack, url: str, at: Path, home: Path, boxes: Sequence[Box]
) -> list[str]:
    """Run the other projects; give the names of those the system lacks the programs of."""
    missing = []
    for name, peer in PEERS.items():
        if not is_there(peer, at):
            missing.append(name)
            continue
        port = services.enter_context(peer.serve(url, at, home))
        paths = [peer.items + _query(box) for box in boxes]
        if len(json.loads(fetch(port, paths[0])[1])["features"]) != PAGE:
            raise AssertionError(f"{name} does not give a whole page")
        asked[name] = Asking(port, paths, [{}] * len(paths))
    return missing


def _check(ours: int, bare: int, header: Mapping[str, str], boxes: Iterable[Box]) -> None:
    asked = _asked(ours, bare, header, list(boxes)[:3])
    for path, other in zip(asked["ours"].paths, asked["bare handler"].paths, strict=True):
        one = json.loads(fetch(ours, path, header)[1])["features"]
        two = json.loads(fetch(bare, other)[1])["features"]
        if [found["id"] for found in one] != [found["properties"]["id"] for found in two]:
            raise AssertionError("the two give different features")


def _rates(
    asked: Mapping[str, Asking], url: str, boxes: Sequence[Box], home: Path, *, rounds: int, turn_s: float
) -> dict[str, list[float]]:
    """Ask each in turn; give the requests a second of every turn."""
    pgbench, found = shutil.which("pgbench"), dict[str, list[float]]()
    with open_client() as client:
        for _ in range(rounds):
            for name, asking in asked.items():
                found.setdefault(name, []).append(ask_for_a_while(client, asking, clients=CLIENTS, seconds=turn_s))
            if pgbench is not None:
                found.setdefault("pgbench", []).append(_pgbench(pgbench, url, boxes, home, turn_s))
    return found


def _pgbench(program: str, url: str, boxes: Sequence[Box], home: Path, turn_s: float) -> float:
    """Run the bare statement over as many connections, without any server between."""
    scripts = []
    for number, box in enumerate(boxes):
        script = home / f"box-{number}.sql"
        told = {name: str(value) for name, value in _named(box).items()}
        script.write_text(_filled(told), "utf-8")
        scripts += ["-f", str(script)]
    address = make_url(url)
    where = ["-h", str(address.query.get("host") or address.host), "-p", str(address.port or 5432)]
    command = [program, "-n", "-c", str(CLIENTS), "-j", "2", "-T", str(max(1, round(turn_s))), *where, *scripts]
    who = ["-U", str(address.username), str(address.database)]
    done = subprocess.run([*command, *who], check=True, capture_output=True, text=True)  # noqa: S603 - of ours
    (line,) = (one for one in done.stdout.splitlines() if one.startswith("tps ="))
    return float(line.split()[2])


def _filled(told: Mapping[str, str]) -> str:
    filled = BARE
    for name, value in told.items():
        filled = filled.replace(f":{name}", value)
    return f"{filled};\n"


def _statements(engine: Engine, boxes: Sequence[Box], rounds: int) -> dict[str, Spread]:
    """Time the statement of a page under the policies and without them, and the bare one: what privacy costs."""
    kept, bare = make_sessions(engine), make_sessions(engine, role=None)

    def page(sessions: SessionFactory, box: Box) -> None:
        with transaction(sessions) as session:
            write_asset_page(session, Audience.ORGANIZER, FeatureQuery(box=shape_of(*box), limit=PAGE))

    def plain(box: Box) -> None:
        with transaction(bare) as session:
            session.execute(text(BARE), _named(box)).scalar_one()

    contenders: dict[str, Callable[[int], object]] = {
        "page under the policies": lambda turn: page(kept, boxes[turn % BOXES]),
        "page without policies": lambda turn: page(bare, boxes[turn % BOXES]),
        "bare statement": lambda turn: plain(boxes[turn % BOXES]),
    }
    return take_turns(contenders, rounds=rounds * BOXES, warm_up=2)


def _stream(port: int, process: int, header: Mapping[str, str]) -> dict[str, float]:
    """Read the whole collection as a sequence; give the most memory the service had, in megabytes."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return {}
    # a page of each kind has been given by now: what it has more from here on is the stream's
    before, started = _most_kb(status), time.perf_counter()
    length = drain(port, f"{ITEMS}?f=geojsonseq", header)
    return {
        "streamed, megabytes": length / _MB,
        "streaming, seconds": time.perf_counter() - started,
        "most memory before streaming, megabytes": before / _KB,
        "most memory after streaming, megabytes": _most_kb(status) / _KB,
    }


def _most_kb(status: Path) -> int:
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(fields["VmHWM"].split()[0])


def _outcome(
    size: int,
    seed: int,
    rates: Mapping[str, Sequence[float]],
    statements: Mapping[str, Spread],
    streamed: Mapping[str, float],
) -> Outcome:
    middle = {name: float(np.median(found)) for name, found in rates.items()}
    over = {name: middle["ours"] / rate for name, rate in middle.items() if name not in ("ours", "nothing new")}
    ratios = {f"requests a second, ours / {name}": ratio for name, ratio in over.items()}
    ratios |= {f"requests a second, nothing new / {name}": middle["nothing new"] / middle[name] for name in FLOORS}
    under = statements["page under the policies"].median
    ratios["seconds, under the policies / without"] = under / statements["page without policies"].median
    ratios["seconds, under the policies and disclosed / bare statement"] = under / statements["bare statement"].median
    spreads = {name: spread_of([1 / rate for rate in found]) for name, found in rates.items()}
    facts = {f"requests a second, {name}": rate for name, rate in middle.items()}
    return Outcome(
        "ogc", size, seed, ratios, spreads | dict(statements),
        {"clients": CLIENTS, "features in a page": PAGE, **facts, **streamed},
    )  # fmt: skip
