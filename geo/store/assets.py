"""Assets: anything that can meet a need; public places with their point, private homes with a cell alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Date, Text, all_, case, cast, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import array, insert

from geo.domain.ids import new_id
from geo.domain.place import Location
from geo.domain.records import Asset
from geo.domain.words import AssetStatus, Category, LocationState, MatchQuality, StepFree
from geo.privacy.cells import cell_of
from geo.store import tables
from geo.store.audit import record
from geo.store.locations import store_location
from geo.store.match_locks import hold_for_removal
from geo.store.rows import (
    delete_row,
    get_row,
    insert_row,
    list_rows,
    mine,
    point_expression,
    point_of,
    refused_as_ours,
    update_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.drafts import AssetDraft
    from geo.domain.place import Point

asset = tables.asset
PLAIN = (
    "id", "organization_id", "kind", "categories", "name", "description", "status", "is_private", "cell", "address",
    "capacity_per_week", "opening_hours", "schedule", "step_free", "languages", "interpreter", "source", "source_ref",
    "assured_on", "updated_at", "version",
)  # fmt: skip
COLUMNS = [
    *(asset.c[name] for name in PLAIN),
    func.ST_X(asset.c.geom).label("lon"),
    func.ST_Y(asset.c.geom).label("lat"),
]
UPSERTED = (
    "kind", "categories", "name", "description", "status", "geom", "cell", "address", "capacity_per_week",
    "opening_hours", "schedule", "step_free", "languages", "interpreter", "assured_on",
)  # fmt: skip
CHANGEABLE = frozenset(PLAIN) - {"id", "is_private", "cell", "source", "source_ref", "updated_at", "version"}
PRIVATE_UNCERTAINTY_M = 15.0
BATCH = 500
_WIDER = 1.05


@dataclass(frozen=True, slots=True)
class UpsertReport:
    """What an import did to the rows of its source."""

    inserted: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """Which assets to list; an empty field does not filter.

    Attributes
    ----------
    bbox
        West, south, east, north in degrees.
    unconfirmed_since
        Only what nobody has confirmed since that day.
    search
        A part of the name, the description or the address; not of the address of a private home.
    near
        Only what is within ``within_m`` metres of this place, by the shortest way over the ground. What is at a private
        home has no public place, and is near to nothing.
    """

    category: Category | None = None
    kind: str | None = None
    status: AssetStatus | None = None
    bbox: tuple[float, float, float, float] | None = None
    unconfirmed_since: date | None = None
    search: str | None = None
    near: Point | None = None
    within_m: float = 0.0

    def conditions(self) -> list[ColumnElement[bool]]:
        """Write the filter as SQL conditions with bound values."""
        found: list[ColumnElement[bool]] = []
        if self.category is not None:
            found.append(asset.c.categories.contains([self.category.value]))
        if self.kind is not None:
            found.append(asset.c.kind == self.kind)
        if self.status is not None:
            found.append(asset.c.status == self.status.value)
        if self.unconfirmed_since is not None:
            found.append(is_unconfirmed(self.unconfirmed_since))
        if self.bbox is not None:
            found.append(asset.c.geom.op("&&")(func.ST_MakeEnvelope(*self.bbox, 4326)))
        if self.search:
            found.append(_says(self.search))
        if self.near is not None:
            found.append(is_within(self.near, self.within_m))
        return found


def _says(part: str) -> ColumnElement[bool]:
    address = case((asset.c.is_private, ""), else_=func.coalesce(asset.c.address, ""))
    told = (asset.c.name, func.coalesce(asset.c.description, ""), address)
    return or_(*(func.strpos(func.lower(text), part.lower()) > 0 for text in told))


def is_within(near: Point, within_m: float) -> ColumnElement[bool]:
    """Keep to assets within so many metres of a place, over the ground.

    Only plain boxes may reach an index beside the rules of the second wall, so a box that surely holds the circle goes
    first; the buffer of the circle has corners, and is drawn a little wider for them.
    """
    place = func.geography(point_expression(near))
    box = func.ST_Envelope(func.geometry(func.ST_Buffer(place, within_m * _WIDER)))
    return asset.c.geom.op("&&")(box) & func.ST_DWithin(func.geography(asset.c.geom), place, within_m)


def is_unconfirmed(day: date) -> ColumnElement[bool]:
    """Keep to assets that nobody has confirmed since a day; one that nobody ever did counts from its last change."""
    since = func.coalesce(asset.c.assured_on, cast(func.timezone("UTC", asset.c.updated_at), Date))
    return (literal(day) > since) & (asset.c.status != AssetStatus.DEFUNCT.value)


def asset_from_row(row: RowMapping | Mapping[str, Any]) -> Asset:
    """Read an asset from a row that has ``COLUMNS``."""
    values = dict(row)
    point = point_of(values.pop("lon"), values.pop("lat"))
    words = {
        "categories": tuple(Category(c) for c in values["categories"]),
        "status": AssetStatus(values["status"]),
        "step_free": StepFree(values["step_free"]),
        "languages": tuple(values["languages"]),
    }
    return Asset(**(values | words), point=point)


def _values(draft: AssetDraft) -> dict[str, Any]:
    point = None if draft.is_private else draft.point
    plain = {
        name: getattr(draft, name)
        for name in (
            "kind", "name", "description", "organization_id", "is_private", "address", "capacity_per_week",
            "opening_hours", "schedule", "interpreter", "source", "source_ref", "assured_on",
        )
    }  # fmt: skip
    return plain | {
        "id": draft.id or new_id(),
        "categories": [c.value for c in draft.categories],
        "status": draft.status.value,
        "step_free": draft.step_free.value,
        "languages": list(draft.languages),
        "geom": point_expression(point),
        "cell": None if draft.point is None else cell_of(draft.point),
    }


def create_asset(session: Session, draft: AssetDraft) -> Asset:
    """Store an asset; the point of a private one goes to the restricted table.

    Raises
    ------
    Conflict
        If the id, or the source's own reference, is taken.
    OutsideServiceArea, InvalidInput
        If the database refuses the place or a value.
    """
    values = _values(draft)
    home = draft.point if draft.is_private else None
    insert_row(session, asset, values, also=() if home is None else ("location",))
    if home is not None:
        _store_private(session, values["id"], home)
    return get_asset(session, values["id"])


def _store_private(session: Session, asset_id: UUID, point: Point) -> None:
    home = Location(LocationState.LOCATED, MatchQuality.MANUAL, point, PRIVATE_UNCERTAINTY_M)
    store_location(session, "asset_id", asset_id, home)


def upsert_assets(session: Session, drafts: Iterable[AssetDraft]) -> UpsertReport:
    """Bring the public assets of a source up to date, keyed by its own reference.

    Returns
    -------
    UpsertReport
        How many rows are new, changed, and as they were; loading the same twice changes nothing.
    """
    inserted = updated = total = 0
    batch: list[dict[str, Any]] = []
    for draft in drafts:
        batch.append(_values(draft))
        total += 1
        if len(batch) == BATCH:
            new, changed = _upsert_batch(session, batch)
            inserted, updated, batch = inserted + new, updated + changed, []
    new, changed = _upsert_batch(session, batch) if batch else (0, 0)
    inserted, updated = inserted + new, updated + changed
    if inserted + updated:
        record(session, "load", asset.name, fields=UPSERTED, count=inserted + updated)
    return UpsertReport(inserted, updated, total - inserted - updated)


def _upsert_batch(session: Session, rows: list[dict[str, Any]]) -> tuple[int, int]:
    statement = insert(asset).values(rows)
    fresh = statement.excluded
    different = or_(*(asset.c[name].is_distinct_from(fresh[name]) for name in UPSERTED))
    statement = statement.on_conflict_do_update(
        index_elements=["network_id", "source", "source_ref"],
        set_={name: fresh[name] for name in UPSERTED} | {"version": asset.c.version + 1, "updated_at": func.now()},
        where=different,
    )
    # a row that was just inserted has no deleting transaction yet
    with refused_as_ours():
        is_new = list(session.scalars(statement.returning(literal(value=True) & text("(asset.xmax = 0)"))))
    return sum(is_new), len(is_new) - sum(is_new)


def retire_missing(session: Session, source: str, refs: Iterable[str]) -> int:
    """Mark as defunct the assets of a source that its newest version no longer has; nothing is deleted.

    Parameters
    ----------
    refs
        The source's own references that are still there.

    Returns
    -------
    int
        How many went.
    """
    gone = (
        update(asset)
        .where(
            mine(asset),
            asset.c.source == source,
            asset.c.status != AssetStatus.DEFUNCT.value,
            asset.c.source_ref != all_(array(list(refs), type_=Text)),
        )
        .values(status=AssetStatus.DEFUNCT.value, version=asset.c.version + 1, updated_at=func.now())
        .returning(asset.c.id)
    )
    ids = session.scalars(gone).all()
    if ids:
        record(session, "retire", asset.name, ids, ("status",))
    return len(ids)


def get_asset(session: Session, asset_id: UUID) -> Asset:
    """Read one asset.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    return asset_from_row(get_row(session, select(*COLUMNS), asset, asset_id))


def list_assets(
    session: Session, *, where: AssetFilter | None = None, after: UUID | None = None, limit: int = 100
) -> Sequence[Asset]:
    """List assets in the order of their ids; ``after`` is the last id of the page before."""
    conditions = (where or AssetFilter()).conditions()
    rows = list_rows(session, select(*COLUMNS), asset, where=conditions, after=after, limit=limit)
    return [asset_from_row(row) for row in rows]


def update_asset(
    session: Session,
    asset_id: UUID,
    changes: Mapping[str, Any],
    *,
    point: Point | None = None,
    expected_version: int | None = None,
) -> Asset:
    """Change an asset's fields, and its point when one is given.

    Raises
    ------
    NotFound, StaleVersion, InvalidInput
        As their names say.
    """
    values = {name: value for name, value in changes.items() if name in CHANGEABLE}
    found = get_asset(session, asset_id)
    if point is not None:
        values["cell"] = cell_of(point)
        if not found.is_private:
            values["geom"] = point_expression(point)
    home = point if found.is_private else None
    also = () if home is None else ("location",)
    update_row(session, asset, asset_id, values, expected_version=expected_version, also=also)
    if home is not None:
        _store_private(session, asset_id, home)
    return get_asset(session, asset_id)


def delete_asset(session: Session, asset_id: UUID, *, expected_version: int | None = None) -> None:
    """Remove an asset."""
    hold_for_removal(session, asset_ids=[asset_id])
    delete_row(session, asset, asset_id, expected_version=expected_version)
