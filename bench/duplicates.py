"""Looking whether a new request is one with others, among so many open ones, and among a tenth of them.

The floor is reading one request by its key in the same run. Some of the requests are there twice, a few metres apart;
each of those must be found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from geo.store.engine import make_sessions
from geo.store.judging import BATCH, judge_now, judge_some
from geo.store.needs import get_need

from bench.outcome import Outcome
from bench.timing import take_turns

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from bench.timing import Spread

ROUNDS: Final = 80
TWICE: Final = 300
# a million requests on 55 by 55 kilometres; fewer on less, so that they stand as close
_FILL: Final = (
    text("SELECT setseed(:chance)"),
    text(
        "CREATE TEMPORARY TABLE filled ON COMMIT DROP AS "
        "SELECT n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, "
        "(ARRAY['food', 'water', 'medicine', 'company'])[1 + n % 4] AS category, 1 + n % 5 AS people, "
        "now() - random() * interval '90 days' AS received_at, 5 + 15 * random() AS uncertainty_m, "
        "24 + random() * sqrt(:size / 1e6) AS lon, 60 + random() * sqrt(:size / 1e6) / 2 AS lat "
        "FROM generate_series(1, :size) AS n"
    ),
    text(
        "INSERT INTO filled SELECT n + :size, ('00000000-0000-7000-8000-' || lpad(to_hex(n + :size), 12, '0'))::uuid, "
        "category, people, received_at + interval '1 hour', 10, lon + 0.00002, lat FROM filled WHERE n <= :twice"
    ),
    text(
        "INSERT INTO need (id, household_id, category, household_size, location_state, match_quality, cell, "
        "received_at) SELECT id, id, category, people, 'located', 'rooftop', '891126d3317ffff', received_at FROM filled"
    ),
    text(
        "INSERT INTO restricted.location_exact (id, need_id, geom, uncertainty_m) "
        "SELECT gen_random_uuid(), id, ST_SetSRID(ST_MakePoint(lon, lat), 4326), uncertainty_m FROM filled"
    ),
)
_SECOND: Final = text("SELECT id FROM filled WHERE n > :size ORDER BY n")
_TIDY: Final = (
    text("VACUUM ANALYZE need"),
    text("VACUUM ANALYZE restricted.location_exact"),
    text("VACUUM ANALYZE restricted.need_to_judge"),
)


def run(size: int, seed: int, open_database: Callable[[], AbstractContextManager[Engine]]) -> Outcome:
    """Measure with so many open requests.

    Raises
    ------
    AssertionError
        If a request that is there twice is not found.
    """
    spreads: dict[str, Spread] = {}
    for many in (size // 10, size):
        with open_database() as engine:
            spreads |= _measure(engine, many, fill(engine, many, seed))
    least, most = (spreads[f"judge one of {many:,}"].median for many in (size // 10, size))
    batches = [spreads[f"judge {BATCH} of {many:,}"].median for many in (size // 10, size)]
    ratios = {
        "judging one, of all / of a tenth": most / least,
        "a batch, of all / of a tenth": batches[1] / batches[0],
        "judging one / reading one": most / spreads[f"read one of {size:,}"].median,
    }
    return Outcome("duplicates", size, seed, ratios, spreads, {"there twice": TWICE})


def _measure(engine: Engine, many: int, ids: list[UUID]) -> dict[str, Spread]:
    with make_sessions(engine)() as session:
        contenders: dict[str, Callable[[int], object]] = {
            f"read one of {many:,}": lambda turn: get_need(session, ids[turn]),
            f"judge one of {many:,}": lambda turn: judge_now(session, ids[turn]),
            f"judge {BATCH} of {many:,}": lambda _turn: judge_some(session),
        }
        taken = take_turns(contenders, rounds=min(ROUNDS, len(ids) // 2), warm_up=5)
        check(session, ids)
    return taken


def fill(engine: Engine, size: int, seed: int) -> list[UUID]:
    """Store open requests, some of them twice; and name the second ones."""
    values = {"size": size, "twice": min(TWICE, size // 10), "chance": (seed % 1000) / 1000}
    with make_sessions(engine, role=None).begin() as session:
        for statement in _FILL:
            session.execute(statement, {name: values[name] for name in values if f":{name}" in statement.text})
        ids = list(session.scalars(_SECOND, {"size": size}))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _TIDY:
            connection.execute(statement)
    return ids


def check(session: Session, ids: list[UUID]) -> None:
    """See that whatever is there twice and was judged is found."""
    for found in ids:
        judge_now(session, found)
    query = text("SELECT count(DISTINCT later_id) FROM restricted.need_pair WHERE later_id = ANY (:ids)")
    if session.scalar(query, {"ids": ids}) != len(ids):
        raise AssertionError("a request that is there twice is not found")
