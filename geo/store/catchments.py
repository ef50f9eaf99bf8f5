"""What is within reach of each place of help, as stored shapes: kept up, read back, and compared with needs."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import shapely
from sqlalchemy import bindparam, delete, func, insert, or_, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import LargeBinary, Uuid

from geo.domain.ids import new_id
from geo.domain.words import Mode, Vehicle
from geo.errors import InvalidInput, TravelFailed
from geo.store.catchment_tables import MAX_VERTICES, catchment
from geo.store.engine import transaction
from geo.store.sql import load_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from shapely.geometry import MultiPolygon
    from sqlalchemy import TextClause
    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.travel import TravelModel
    from geo.store.engine import SessionFactory

    Progress = Callable[[str, int, int], None]

BANDS_MIN: Final = (5, 10, 15, 20, 30)
BATCH: Final = 20
"""So many places are drawn between two commits."""
AT_ONCE: Final = 2
MAX_LIMIT: Final = 1_000
_PLACES: Final = 500
_MODE_OF: Final = {Vehicle.NONE: Mode.WALK, Vehicle.BICYCLE: Mode.BICYCLE, Vehicle.CAR: Mode.CAR}
_queries = load_queries("catchments")
_IDS = bindparam("ids", type_=ARRAY(Uuid))


@dataclass(frozen=True, slots=True)
class Place:
    """A place of help whose reach is drawn: where (degrees), and in which mode and minutes each.

    ``made`` are those that are there already, for this very point and model.
    """

    id: UUID
    is_helper: bool
    lon: float
    lat: float
    point_hash: bytes
    wanted: frozenset[tuple[Mode, int]]
    made: frozenset[tuple[Mode, int]]

    @property
    def is_due(self) -> bool:
        """Whether something is missing."""
        return not self.wanted <= self.made


@dataclass(slots=True)
class CatchmentReport:
    """How many shapes were drawn, were there, and were removed, and for how many places drawing failed."""

    made: int = 0
    kept: int = 0
    removed: int = 0
    failed: int = 0

    def __add__(self, other: CatchmentReport) -> CatchmentReport:
        return CatchmentReport(
            self.made + other.made, self.kept + other.kept, self.removed + other.removed, self.failed + other.failed
        )

    def as_dict(self) -> dict[str, int]:
        """Give the counts by name."""
        return {"made": self.made, "kept": self.kept, "removed": self.removed, "failed": self.failed}


@dataclass(frozen=True, slots=True)
class CatchmentState:
    """How many shapes there are, how many of them have another model, and how many places lack some."""

    drawn: int
    of_another_model: int
    due: int


@dataclass(frozen=True, slots=True)
class NeedInBand:
    """A need that lies in what is within reach of a place: surely, or as far as is known."""

    need_id: UUID
    place_id: UUID
    is_helper: bool
    surely: bool


@dataclass(slots=True)
class _Drawn:
    place: Place
    shapes: dict[tuple[Mode, int], MultiPolygon] = field(default_factory=dict)


def bands_of(most_min: int | None) -> tuple[int, ...]:
    """Give the times that are drawn: all of them, or for a helper up to and with the most they would travel."""
    if most_min is None:
        return BANDS_MIN
    return tuple(sorted({band for band in BANDS_MIN if band <= most_min} | ({most_min} & set(range(1, BANDS_MIN[-1])))))


def list_places(
    session: Session, model: TravelModel, *, after: UUID | None = None, limit: int = _PLACES
) -> list[Place]:
    """List the places of help by id, each with what should be drawn around it and what is."""
    bound = {"model": model.info.version, "after": after, "page": limit}
    return [_place(row) for row in session.execute(text(_queries["places"]), bound).mappings()]


def _place(row: RowMapping) -> Place:
    modes = [_MODE_OF[Vehicle(row["vehicle"])]] if row["is_helper"] else list(Mode)
    made = (each.split() for each in row["made"])
    return Place(
        row["id"],
        row["is_helper"],
        row["lon"],
        row["lat"],
        bytes(row["point_hash"]),
        frozenset((mode, band) for mode in modes for band in bands_of(row["most"])),
        frozenset((Mode(mode), int(minutes)) for mode, minutes in made),
    )


def refresh_catchments(
    sessions: SessionFactory,
    model: TravelModel,
    *,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> CatchmentReport:
    """Draw what is missing, and remove what nobody asks for any more; doing it again changes nothing.

    Each batch of places has a transaction of its own, so that one that is cut short leaves whole shapes only, and goes
    on where it stopped.

    Parameters
    ----------
    sessions
        Of one network.
    model
        What draws; two places at once.
    progress
        Told of each batch.
    stop
        Asked between batches; once it says yes, the rest is left.

    Raises
    ------
    TravelFailed
        If nothing of a whole batch can be drawn; what was drawn before stays.
    """
    report = CatchmentReport()
    with transaction(sessions) as session:
        report.removed = _remove_unwanted(session)
        due = [place for place in _all_places(session, model, report) if place.is_due]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, len(due), BATCH):
            if stop():
                break
            if progress is not None:
                progress("draw what is within reach", start, len(due))
            batch = due[start : start + BATCH]
            drawn = [one for one in pool.map(lambda place: _draw(model, place), batch) if one is not None]
            report.failed += len(batch) - len(drawn)
            if not drawn:
                raise TravelFailed
            with transaction(sessions) as session:
                report.made += _store(session, drawn, model.info.version)
    if progress is not None:
        progress("done", len(due), len(due))
    return report


def _all_places(session: Session, model: TravelModel, report: CatchmentReport | None = None) -> list[Place]:
    found: list[Place] = []
    while page := list_places(session, model, after=found[-1].id if found else None):
        found += page
    if report is not None:
        report.kept = sum(len(place.wanted & place.made) for place in found)
    return found


def _remove_unwanted(session: Session) -> int:
    result: Any = session.execute(text(_queries["unwanted"]))
    return int(result.rowcount)


def _draw(model: TravelModel, place: Place) -> _Drawn | None:
    """Draw all that is missing around a place; nothing when the engine fails: one bad place stops no other."""
    drawn, by_mode = _Drawn(place), defaultdict[Mode, list[int]](list)
    for mode, minutes in sorted(place.wanted - place.made):
        by_mode[mode].append(minutes)
    try:
        for mode, times in by_mode.items():
            (shapes,) = model.isochrones([[place.lon, place.lat]], times, mode, towards=not place.is_helper)
            drawn.shapes |= {(mode, minutes): shape for minutes, shape in zip(times, shapes, strict=True)}
    except TravelFailed:
        return None
    too_large = any(shapely.get_num_coordinates(shape) > MAX_VERTICES for shape in drawn.shapes.values())
    return None if too_large else drawn


def _store(session: Session, drawn: Sequence[_Drawn], version: str) -> int:
    """Put shapes in the place of those that were there; a place that has moved meanwhile is left for the next time."""
    bound = {"ids": [one.place.id for one in drawn], "hashes": [one.place.point_hash for one in drawn]}
    moved = set(session.scalars(_with_ids("moved", bindparam("hashes", type_=ARRAY(LargeBinary))), bound))
    still = [one for one in drawn if one.place.id not in moved]
    for one in still:
        owner = catchment.c.helper_id if one.place.is_helper else catchment.c.asset_id
        same = [(catchment.c.mode == mode.value) & (catchment.c.minutes == band) for mode, band in one.shapes]
        session.execute(delete(catchment).where(owner == one.place.id, or_(*same)))
    rows = [
        _row(one.place, mode, minutes, shape, version) for one in still for (mode, minutes), shape in one.shapes.items()
    ]
    if rows:
        shape = func.ST_GeomFromWKB(bindparam("wkb", type_=LargeBinary), 4326)
        session.execute(insert(catchment).values(geom=shape), rows)
    return len(rows)


def _row(place: Place, mode: Mode, minutes: int, shape: MultiPolygon, version: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "asset_id": None if place.is_helper else place.id,
        "helper_id": place.id if place.is_helper else None,
        "mode": mode.value,
        "minutes": minutes,
        "model": version,
        "point_hash": place.point_hash,
        "wkb": None if shape.is_empty else shapely.to_wkb(shape),
    }


def _with_ids(name: str, *more: Any) -> TextClause:  # noqa: ANN401 - parameters of any type
    return text(_queries[name]).bindparams(_IDS, *more)


def count_catchments(session: Session, model: TravelModel) -> CatchmentState:
    """Tell how many shapes there are, and how many places lack one of the present model."""
    row = session.execute(text(_queries["counts"]), {"model": model.info.version}).one()
    return CatchmentState(row.drawn, row.of_another_model, sum(place.is_due for place in _all_places(session, model)))


def list_needs_in_bands(
    session: Session, model: TravelModel, *, mode: Mode, minutes: int, after: UUID | None = None, limit: int = 100
) -> list[NeedInBand]:
    """List which open needs lie in the stored reach of which places.

    Parameters
    ----------
    mode, minutes
        Of the shapes; one of ``BANDS_MIN``, or what a helper would travel at most.
    after, limit
        Needs by id, at most ``limit`` of them from 1 to ``MAX_LIMIT``.

    Raises
    ------
    InvalidInput
        For a limit out of bounds.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"the limit must be between 1 and {MAX_LIMIT}", field="limit")
    bound = {"mode": mode.value, "minutes": minutes, "model": model.info.version, "after": after, "page": limit}
    rows = session.execute(text(_queries["needs_in_bands"]), bound)
    return [NeedInBand(r.need_id, r.asset_id or r.helper_id, r.helper_id is not None, r.surely) for r in rows]
