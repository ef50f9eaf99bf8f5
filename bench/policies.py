"""What the database's own wall costs: the five nearest helpers under row-level security and without, in one run.

Many networks share the tables. The same questions are asked of one of them twice: as an organizer's requests are, under
the policies, and with the rights of the database's owner, to whom no policy applies. The conditions in the statements
are the same both times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.store.engine import make_sessions, transaction

from bench import volunteers
from bench.nearest import ask
from bench.outcome import Outcome
from bench.timing import take_turns
from bench.volunteers import Volunteers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.place import Point

NETWORKS: Final = 20
ROUNDS: Final = 300
_ADD: Final = text("INSERT INTO network (id, slug, name) VALUES (:id, :slug, 'Another')")
MIDDLE: Final = NETWORKS // 2
# each network has a strip of the metropolis, from west to east; the first one, which is asked, has the middle
_SPREAD: Final = (
    text(
        "UPDATE helper h SET network_id = n.id "
        "FROM (SELECT helper_id, (ntile(:many) OVER (ORDER BY ST_X(geom), helper_id) - 1 + :many - :middle) % :many "
        "AS number FROM restricted.location_exact WHERE helper_id IS NOT NULL) l "
        "JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM network) n ON n.number = l.number "
        "WHERE l.helper_id = h.id"
    ).bindparams(many=NETWORKS, middle=MIDDLE),
    text(
        "UPDATE restricted.location_exact l SET network_id = h.network_id FROM helper h "
        "WHERE h.id = l.helper_id AND h.network_id <> l.network_id"
    ),
)
# the rows as they were before they moved would otherwise still be walked over
_TIDY: Final = (text("VACUUM ANALYZE helper"), text("VACUUM ANALYZE restricted.location_exact"))


def run(
    size: int, seed: int, open_database: Callable[[], AbstractContextManager[Engine]], *, rounds: int = ROUNDS
) -> Outcome:
    """Measure with so many helpers in all.

    Parameters
    ----------
    open_database
        Opens a context with an engine on an empty database.

    Raises
    ------
    AssertionError
        If the two give different answers.
    """
    with open_database() as engine:
        return measure(engine, size, seed, rounds=rounds)


def measure(engine: Engine, size: int, seed: int, *, rounds: int) -> Outcome:
    """Fill an empty database with volunteers of many networks and ask both ways."""
    people = Volunteers.build(size, seed)
    with transaction(make_sessions(engine, role=None)) as session:
        session.execute(_ADD, [{"id": new_id(), "slug": f"n{number}"} for number in range(1, NETWORKS)])
        volunteers.store(session, people)
        for statement in _SPREAD:
            session.execute(statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _TIDY:
            connection.execute(statement)
    points = inside_the_middle(people, rounds, seed)
    walled, bare = make_sessions(engine), make_sessions(engine, role=None)
    with walled() as inside, bare() as outside:
        check(inside, outside, points)
        spreads = take_turns(
            {
                "under the policies": lambda turn: ask(inside, points[turn]),
                "without": lambda turn: ask(outside, points[turn]),
            },
            rounds=rounds,
            warm_up=20,
        )
    under, without = spreads["under the policies"], spreads["without"]
    ratios = {
        "median, under the policies / without": under.median / without.median,
        "p95, under the policies / without": under.p95 / without.p95,
    }
    return Outcome("policies", size, seed, ratios, spreads, {"networks": NETWORKS, "answers compared": len(points)})


def inside_the_middle(people: Volunteers, count: int, seed: int) -> list[Point]:
    """Draw points in the strip of the network that is asked."""
    west, east = np.quantile(people.lon_lat[:, 0], [MIDDLE / NETWORKS, (MIDDLE + 1) / NETWORKS])
    drawn = people.ask_from(count * NETWORKS * 3, seed)
    return [point for point in drawn if west < point.lon < east][:count]


def check(inside: Session, outside: Session, points: Sequence[Point]) -> None:
    """Compare what both give.

    Raises
    ------
    AssertionError
        If one answer differs.
    """
    for point in points:
        if ask(inside, point) != ask(outside, point):
            raise AssertionError("the policies change an answer")
