"""Addresses a second of the local geocoder against the bare lookup of keys that are already right.

The floor is the indexed lookup alone: nothing is read, normalised, scored or explained, and one slip of the pen
finds nothing. It bounds what any geocoder on this table can reach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.crs import geodesic_m
from geo.domain.words import Decision
from geo.geocode.normalise import number_key, street_key
from geo.store.engine import make_sessions
from geo.store.gazetteer import LocalGeocoder
from geo.store.gazetteer_sources import list_addresses

from bench.outcome import Outcome
from bench.timing import take_turns
from data.loaders.osm import bundled_extract, load_osm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.place import GeocodeResult, Point
    from geo.store.gazetteer_sources import AddressRow

MOST: Final = 1000
ROUNDS: Final = 9
SINGLE: Final = 50
LOOKUP: Final = """
    SELECT street, number, postcode, locality, ST_X(geom), ST_Y(geom)
    FROM geo_address
    WHERE network_id = current_network() AND street_key = %(street)s AND number_key = %(number)s
    ORDER BY id LIMIT 20
"""
LOOKUP_ALL: Final = """
    SELECT a.street, a.number, a.postcode, a.locality, ST_X(a.geom), ST_Y(a.geom)
    FROM unnest(%(streets)s::text[], %(numbers)s::text[]) AS w (street_key, number_key)
    CROSS JOIN LATERAL (
      SELECT * FROM geo_address d
      WHERE d.network_id = current_network() AND d.street_key = w.street_key AND d.number_key = w.number_key
      ORDER BY d.id LIMIT 20
    ) AS a
"""


def run(
    size: int,
    seed: int,
    open_database: Callable[[], AbstractContextManager[Engine]],
    home: Path,
    *,
    rounds: int = ROUNDS,
) -> Outcome:
    """Load the bundled city and look up real addresses of it, one by one and all at once.

    Parameters
    ----------
    size
        How many addresses; at most 1,000, since the city has no more than a few thousand.

    Raises
    ------
    AssertionError
        If an accepted address is not at one of its doors.
    """
    with open_database() as engine:
        load_osm(make_sessions(engine, role=None), bundled_extract(), home=home)
        with make_sessions(engine)() as session:
            rows = draw(session, min(size, MOST), seed)
            return measure(session, rows, seed, rounds=rounds)


def draw(session: Session, count: int, seed: int) -> list[AddressRow]:
    """Draw addresses from the loaded city."""
    rows = list_addresses(session)
    chosen = np.random.default_rng(seed).choice(len(rows), min(count, len(rows)), replace=False)
    return [rows[index] for index in chosen.tolist()]


def measure(session: Session, rows: Sequence[AddressRow], seed: int, *, rounds: int) -> Outcome:
    """Check every answer, then time the geocoder against the lookup."""
    geocoder = LocalGeocoder(session)
    written = [_write(row) for row in rows]
    keys = [{"street": street_key(row.street), "number": number_key(row.number)} for row in rows]
    together = {"streets": [key["street"] for key in keys], "numbers": [key["number"] for key in keys]}
    lookup = _lookup(session)
    accepted = check(geocoder.geocode_many(written), [lookup(key) for key in keys])
    few = range(min(SINGLE, len(rows)))
    spreads = take_turns(
        {
            "one by one: ours": lambda _: [geocoder.geocode(written[i]) for i in few],
            "one by one: floor": lambda _: [lookup(keys[i]) for i in few],
            "all at once: ours": lambda _: geocoder.geocode_many(written),
            "all at once: floor": lambda _: lookup(together, LOOKUP_ALL),
        },
        rounds=rounds,
    )
    middle = {name: spread.median for name, spread in spreads.items()}
    ratios = {how: middle[f"{how}: ours"] / middle[f"{how}: floor"] for how in ("one by one", "all at once")}
    facts: dict[str, float | int | str] = {
        "addresses": len(rows),
        "accepted, each at a door the floor found": accepted,
        "left to a person": len(rows) - accepted,
        "addresses a second, one by one": len(few) / middle["one by one: ours"],
        "addresses a second, all at once": len(rows) / middle["all at once: ours"],
    }
    return Outcome("geocode", len(rows), seed, ratios, spreads, facts)


def check(answers: Sequence[GeocodeResult], doors: Sequence[Sequence[tuple[Any, ...]]]) -> int:
    """Compare accepted answers with the doors the lookup found, and count them.

    Some doors of a real city are mapped twice, far apart; those are rightly left to a person.

    Raises
    ------
    AssertionError
        If an accepted answer is at none of them.
    """
    accepted = 0
    for answer, found in zip(answers, doors, strict=True):
        if answer.decision is not Decision.ACCEPT or answer.best is None:
            continue
        accepted += 1
        if _metres_to(answer.best.point, found) > answer.best.uncertainty_m:
            metres = _metres_to(answer.best.point, found)
            raise AssertionError(f"{answer.best.label} is {metres:.0f} m from its nearest door")
    return accepted


def _metres_to(point: Point, doors: Sequence[tuple[Any, ...]]) -> float:
    lon, lat = (np.array([row[at] for row in doors]) for at in (-2, -1))
    return float(geodesic_m(point.lon, point.lat, lon, lat).min(initial=np.inf))


def _write(row: AddressRow) -> str:
    town = " ".join(part for part in (row.postcode, row.locality) if part)
    return f"{row.street} {row.number}" + (f", {town}" if town else "")


def _lookup(session: Session) -> Callable[..., list[Any]]:
    cursor = session.connection().connection.cursor()

    def find(key: Mapping[str, object], statement: str = LOOKUP) -> list[Any]:
        cursor.execute(statement, key)
        found: list[Any] = list(cursor.fetchall())
        return found

    return find
