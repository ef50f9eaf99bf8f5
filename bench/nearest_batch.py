"""The five nearest helpers of many needs at once: ours against the raw LATERAL, and against two libraries' arrays.

The raw statement takes the nearest five of those who suit by distance; ours ranks all ways of travelling by minutes and
gives records with reasons. The libraries are given those who suit as arrays, in metres or radians, and nothing else.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeVar

import geopandas as gpd
import numpy as np
from sqlalchemy import text

from geo.analysis.travel import StraightLineTravel
from geo.crs import metric_crs, to_metres
from geo.domain.ids import new_id
from geo.domain.words import Mode
from geo.store.copying import point_ewkb
from geo.store.engine import make_sessions, transaction
from geo.store.nearest_many import find_nearest_many

from bench import volunteers
from bench.outcome import Outcome
from bench.timing import spread_of
from bench.volunteers import WANTED, Volunteers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.place import Point

Answer = TypeVar("Answer")
LIMIT: Final = 5
LANGUAGE: Final = "en"
SAMPLE: Final = 25
MODEL: Final = StraightLineTravel()
RAW: Final = """
    SELECT n.id, near.helper_id, near.away_m
    FROM need n JOIN restricted.location_exact home ON home.need_id = n.id
    CROSS JOIN LATERAL (
      SELECT l.helper_id, ST_Distance(geography(l.geom), geography(home.geom)) AS away_m
      FROM restricted.location_exact l
      CROSS JOIN LATERAL (
        SELECT h.id FROM helper h
        WHERE h.id = l.helper_id AND h.network_id = current_network() AND h.status = 'active'
          AND h.load < h.capacity_per_week AND h.categories @> ARRAY[n.category]
          AND (h.languages && n.languages OR cardinality(h.languages) = 0)
          AND ST_Distance(geography(l.geom), geography(home.geom))
            <= h.max_travel_min * CASE h.vehicle WHEN 'car' THEN :car_m WHEN 'bicycle' THEN :bicycle_m ELSE :walk_m END
        OFFSET 0
      ) h
      WHERE l.helper_id IS NOT NULL AND l.network_id = current_network()
      ORDER BY geography(l.geom) <-> geography(home.geom)
      LIMIT 5
    ) near
    WHERE n.network_id = current_network() AND n.id = ANY (CAST(:ids AS uuid[]))
"""


def measure(engine: Engine, people: Volunteers, seed: int, *, needs: int) -> Outcome:
    """Store so many needs and find the nearest five of each, in four ways, one after the other.

    Raises
    ------
    AssertionError
        If a sampled answer of ours differs from brute force.
    """
    points = people.ask_from(needs, seed + 1)
    with transaction(make_sessions(engine, role=None)) as session:
        ids = _store(session, points)
    with make_sessions(engine)() as session:
        ours_s, found = _timed(lambda: find_nearest_many(session, ids, limit=LIMIT, model=MODEL, explain=False))
        raw_s, _ = _timed(lambda: _raw(session, ids))
    step = max(len(ids) // SAMPLE, 1)
    for point, need_id in list(zip(points, ids, strict=True))[::step]:
        told = [volunteers.index_of(one.id) for one in found[need_id].results]
        if told != (expected := people.nearest(point, LANGUAGE, LIMIT, MODEL)):
            raise AssertionError(f"{told} is not {expected}")
    tree_s, _ = _timed(lambda: _ball_tree(people, points))
    joined_s, _ = _timed(lambda: _joined(people, points))
    seconds = {
        "batch, ours": ours_s, "batch, raw LATERAL": raw_s, "batch, BallTree of those who suit": tree_s,
        "batch, sjoin_nearest of those who suit": joined_s,
    }  # fmt: skip
    ratios = {f"{name.replace('batch, ', 'batch, ours / ')}": ours_s / s for name, s in seconds.items() if s != ours_s}
    spreads = {name: spread_of([each]) for name, each in seconds.items()}
    return Outcome("nearest_batch", len(people), seed, ratios, spreads, {"needs together": needs})


def _store(session: Session, points: Sequence[Point]) -> list[UUID]:
    ids = [new_id() for _ in points]
    session.execute(
        text(
            "INSERT INTO need (id, household_id, category, languages, location_state, match_quality, cell) "
            "SELECT id, id, :category, ARRAY[:language], 'located', 'rooftop', '891126d3303ffff' "
            "FROM unnest(CAST(:ids AS uuid[])) AS id"
        ),
        {"ids": ids, "category": WANTED.value, "language": LANGUAGE},
    )
    session.execute(
        text(
            "INSERT INTO restricted.location_exact (id, need_id, geom, uncertainty_m) "
            "SELECT id, id, CAST(geom AS geometry), 0 FROM unnest(CAST(:ids AS uuid[]), CAST(:geoms AS text[])) "
            "AS s (id, geom)"
        ),
        {"ids": ids, "geoms": [point_ewkb(point.lon, point.lat) for point in points]},
    )
    session.execute(text("ANALYZE need; ANALYZE restricted.location_exact"))
    return ids


def _raw(session: Session, ids: Sequence[UUID]) -> int:
    bound = {
        "ids": list(ids), "walk_m": MODEL.reach_m(1, Mode.WALK), "bicycle_m": MODEL.reach_m(1, Mode.BICYCLE),
        "car_m": MODEL.reach_m(1, Mode.CAR),
    }  # fmt: skip
    return len(session.execute(text(RAW), bound).all())


def _ball_tree(people: Volunteers, points: Sequence[Point]) -> int:
    from sklearn.neighbors import BallTree

    some = np.flatnonzero(people.suit(LANGUAGE))
    tree = BallTree(np.radians(people.lon_lat[some][:, ::-1]), metric="haversine")
    asked = np.radians([[point.lat, point.lon] for point in points])
    return len(tree.query(asked, k=min(LIMIT, len(some)))[0])


def _joined(people: Volunteers, points: Sequence[Point]) -> int:
    some = people.lon_lat[np.flatnonzero(people.suit(LANGUAGE))]
    asked = np.array([[point.lon, point.lat] for point in points])
    crs = metric_crs(asked[:, 0], asked[:, 1])
    helps, needs = to_metres(some[:, 0], some[:, 1], crs), to_metres(asked[:, 0], asked[:, 1], crs)
    right = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*helps.T), crs=crs)
    left = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*needs.T), crs=crs)
    return len(left.sjoin_nearest(right, distance_col="away_m"))


def _timed(do: Callable[[], Answer]) -> tuple[float, Answer]:
    started = perf_counter()
    found = do()
    return perf_counter() - started, found
