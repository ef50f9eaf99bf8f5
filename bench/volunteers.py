"""A metropolis full of volunteers, in the database by COPY and in memory as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

import numpy as np
from psycopg import Connection
from psycopg.sql import SQL
from sqlalchemy import text

from geo.crs import geodesic_m
from geo.domain.place import Point
from geo.domain.words import Category, HelperStatus, Mode, Vehicle
from geo.store.copying import point_ewkb
from geo.store.network import set_speech

from bench.metro import Metro, degrees_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geo.domain.travel import TravelModel

    FloatArray = NDArray[np.float64]

WANTED: Final = Category.FOOD
WANTED_SHARE: Final = 0.22
LANGUAGE_SHARES: Final = {"fi": 0.7, "en": 0.45, "sv": 0.15, "ar": 0.08, "so": 0.003, "ti": 0.0001}
USUAL: Final = ("fi", "sv", "en")
"""What the network speaks."""
VEHICLES: Final = (Vehicle.NONE, Vehicle.BICYCLE, Vehicle.CAR)
VEHICLE_SHARES: Final = (0.6, 0.25, 0.15)
MODES: Final = {Vehicle.NONE: Mode.WALK, Vehicle.BICYCLE: Mode.BICYCLE, Vehicle.CAR: Mode.CAR}
OTHERS: Final = tuple(c for c in Category if c is not WANTED)
COPY_HELPERS: Final = (
    "COPY helper (id, public_name, categories, languages, vehicle, status, capacity_per_week, load, max_travel_min) "
    "FROM STDIN"
)
COPY_HOMES: Final = "COPY bench_home (helper_id, geom) FROM STDIN"
MAKE_HOMES: Final = "CREATE TEMPORARY TABLE bench_home (helper_id uuid, geom geometry(POINT, 4326)) ON COMMIT DROP"
MOVE_IN: Final = """
    INSERT INTO restricted.location_exact (id, network_id, helper_id, geom, uncertainty_m, suits, way)
    SELECT h.id, h.network_id, h.id, b.geom, 15.0, helper_words(
      h.categories, h.languages, h.interpreter, h.vehicle, h.status = 'active' AND h.load < h.capacity_per_week,
      h.free_hours
    ), CASE h.vehicle WHEN 'car' THEN 3 WHEN 'bicycle' THEN 2 ELSE 1 END
    FROM bench_home b JOIN helper h ON h.id = b.helper_id
"""
LARGE_INDEXES: Final = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
    WHERE indrelid = 'restricted.location_exact'::regclass AND amname IN ('gist', 'gin')
"""


@dataclass(frozen=True, slots=True)
class Volunteers:
    """Everybody as arrays of one length, for answers by brute force; ``lon_lat`` in degrees."""

    lon_lat: FloatArray
    helps: NDArray[np.bool_]
    speaks: dict[str, NDArray[np.bool_]]
    active: NDArray[np.bool_]
    room: NDArray[np.int64]
    vehicle: NDArray[np.int64]
    max_travel_min: NDArray[np.int64]

    @classmethod
    def build(cls, size: int, seed: int) -> Volunteers:
        """Draw so many; about 22 in a hundred help with what will be asked for."""
        rng = np.random.default_rng(seed)
        return cls(
            degrees_of(Metro.build(size, rng).scatter(size, rng)),
            rng.random(size) < WANTED_SHARE,
            {word: rng.random(size) < share for word, share in LANGUAGE_SHARES.items()},
            rng.random(size) < 0.92,
            np.maximum(rng.integers(-1, 6, size), 0),
            rng.choice(len(VEHICLES), size, p=VEHICLE_SHARES),
            rng.choice([10, 20, 30], size),
        )

    def __len__(self) -> int:
        """How many there are."""
        return len(self.helps)

    def nearest(self, asked: Point, language: str, limit: int, model: TravelModel) -> list[int]:
        """Find the indices of the nearest suitable ones by measuring the way to every one of them."""
        rows = np.flatnonzero(self.suit(language))
        metres = geodesic_m(asked.lon, asked.lat, self.lon_lat[rows, 0], self.lon_lat[rows, 1])
        pace = np.array([model.minutes(1.0, MODES[vehicle]) for vehicle in VEHICLES])
        minutes = metres * pace[self.vehicle[rows]]
        willing = np.flatnonzero(minutes <= self.max_travel_min[rows])
        found: list[int] = rows[willing[np.argsort(minutes[willing])[:limit]]].tolist()
        return found

    def suit(self, language: str) -> NDArray[np.bool_]:
        """Tell who may be asked by somebody who speaks this: whoever names no language speaks those of ``USUAL``."""
        spoken = self.speaks.get(language, np.zeros(len(self), dtype=bool))
        if language in USUAL:
            spoken = spoken | ~np.any(list(self.speaks.values()), axis=0)
        return self.helps & self.active & spoken & (self.room > 0)

    def ask_from(self, count: int, seed: int) -> list[Point]:
        """Draw points near where people live."""
        rng = np.random.default_rng([seed, 1])
        near = self.lon_lat[rng.integers(len(self), size=count)] + rng.normal(0, 0.002, (count, 2))
        return [Point(lon, lat) for lon, lat in near.tolist()]


def id_of(index: int) -> UUID:
    """Give the id of the volunteer with this index."""
    return UUID(int=index + 1)


def index_of(helper_id: UUID) -> int:
    """Give the index of the volunteer with this id."""
    return helper_id.int - 1


def store(session: Session, people: Volunteers) -> None:
    """Copy everybody into the session's database and let the planner know them.

    The large indexes are made afterwards and the words are written in one statement, as any load of this size would;
    the triggers that keep them row by row are off meanwhile.
    """
    driver = session.connection().connection.driver_connection
    if not isinstance(driver, Connection):
        raise TypeError("volunteers are copied through psycopg 3")
    with driver.cursor() as cursor:
        cursor.execute("ALTER TABLE restricted.location_exact DISABLE TRIGGER USER")
        indexes = cursor.execute(LARGE_INDEXES).fetchall()
        for name, _ in indexes:
            cursor.execute(SQL("DROP INDEX {}").format(SQL(name)))
        cursor.execute(MAKE_HOMES)
        with cursor.copy(COPY_HELPERS) as copy:
            for index in range(len(people)):
                copy.write_row(_helper(people, index))
        with cursor.copy(COPY_HOMES) as copy:
            for index, (lon, lat) in enumerate(people.lon_lat.tolist()):
                copy.write_row((id_of(index), point_ewkb(lon, lat)))
        cursor.execute(MOVE_IN)
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("ALTER TABLE restricted.location_exact ENABLE TRIGGER USER")
    set_speech(session, languages=USUAL)
    session.execute(text("ANALYZE helper; ANALYZE restricted.location_exact"))


def _helper(people: Volunteers, index: int) -> tuple[object, ...]:
    offers = [OTHERS[index % len(OTHERS)]] + [WANTED] * bool(people.helps[index])
    room = int(people.room[index])
    return (
        id_of(index),
        f"Volunteer {index}",
        [category.value for category in offers],
        [word for word, spoken in people.speaks.items() if spoken[index]],
        VEHICLES[people.vehicle[index]].value,
        (HelperStatus.ACTIVE if people.active[index] else HelperStatus.PAUSED).value,
        room + 1,
        1,
        int(people.max_travel_min[index]),
    )
