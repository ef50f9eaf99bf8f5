"""Taking in a directory: full services of HSDS become assets, and stay apart from what is ours.

A row is told from our own assets by the source's name for it. What was brought before is brought up to date field by
field, where no organizer has changed it since; what looks like an asset that we have already is proposed and left out,
never merged; what the source does not name any more is told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from geo.analysis.opening import is_readable
from geo.analysis.schedule import read_schedule
from geo.analysis.twins import Known
from geo.domain.directory import DirectoryRow, HsdsReport, Wishes
from geo.domain.drafts import AssetDraft, OrganizationDraft
from geo.domain.listing import merge
from geo.domain.place import Point
from geo.domain.words import AssetStatus
from geo.errors import Conflict, GeoError, InvalidInput, NotFound
from geo.interchange.hsds import NAMES
from geo.interchange.hsds_places import Unusable, places_of
from geo.store.assets import create_asset, get_asset, update_asset
from geo.store.geocoding import look_up, sure_point
from geo.store.listings import find_listing, find_twin, keep_listing, list_missing
from geo.store.network import get_network
from geo.store.organizations import create_organization, find_organization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from geo.domain.listing import Listing
    from geo.domain.records import Asset
    from geo.interchange.hsds_places import HsdsOrganization, HsdsPlace

    Told = Callable[[DirectoryRow], None]
_FIELDS: Final = (
    "name", "kind", "description", "address", "opening_hours", "schedule", "interpreter",
)  # fmt: skip
MAX_NAME: Final = 200
GEOCODED_M: Final = 30.0
"""How well a place that was looked up is known, beside one that was brought."""


def take_directory(
    session: Session,
    services: Iterable[Mapping[str, Any]],
    wishes: Wishes,
    report: HsdsReport,
    *,
    rows: Told | None = None,
) -> None:
    """Take in the services of a directory.

    Parameters
    ----------
    services
        Each with all that belongs to it, as ``read_package`` and ``read_json`` give them.
    wishes
        How; ``dry_run`` is the caller's to keep, by taking everything back.
    report
        What was done is counted here.
    rows
        Told of each row in turn.

    Raises
    ------
    InvalidInput
        If the source is not in its form, or there are more services than the wishes allow.
    """
    intake = _Intake(session, wishes, report, rows or (lambda _row: None))
    for line, service in enumerate(services, start=1):
        if wishes.most is not None and line > wishes.most:
            raise InvalidInput(f"{wishes.most} services at once; more are loaded by the command line", field="body")
        intake.take(line, service)
    intake.finish()


class _Intake:
    """One import, row after row."""

    def __init__(self, session: Session, wishes: Wishes, report: HsdsReport, rows: Told) -> None:
        self._session, self._wishes, self._report, self._rows = session, wishes, report, rows
        self._source, self._network = wishes.slug, get_network(session)
        self._seen: set[str] = set()

    def take(self, line: int, service: Mapping[str, Any]) -> None:
        """Take a service with all its locations."""
        try:
            places = list(places_of(service, self._wishes.terms, is_readable))
        except Unusable as bad:
            self._note(DirectoryRow(line, "", "skipped", reasons=(bad.reason,), name=_name_of(service)))
            return
        for place in (_with_readable_hours(one, self._network.zone) for one in places):
            if place.ref in self._seen:
                self._note(DirectoryRow(line, place.ref, "skipped", reasons=("named_twice",), name=place.name))
                continue
            self._seen.add(place.ref)
            self._report.ignored.update(place.ignored)
            self._note(replace(self._one(line, place, is_alone=len(places) == 1), name=place.name))

    def finish(self) -> None:
        """Tell what the source does not name any more."""
        for gone in list_missing(self._session, self._source, self._seen):
            is_retired = self._wishes.retire and self._retire(gone)
            done, name = "retired" if is_retired else "missing", _name_of(gone.brought)
            self._note(DirectoryRow(0, gone.source_ref, done, gone.asset_id, name=name))

    def _note(self, row: DirectoryRow) -> None:
        self._report.note(row)
        self._rows(row)

    def _retire(self, gone: Listing) -> bool:
        """Mark an asset as defunct, unless an organizer has said otherwise since it was brought."""
        found = get_asset(self._session, gone.asset_id)
        if found.status is AssetStatus.DEFUNCT or found.status.value != gone.brought.get("status"):
            return False
        update_asset(self._session, found.id, {"status": AssetStatus.DEFUNCT.value})
        brought = dict(gone.brought) | {"status": AssetStatus.DEFUNCT.value}
        reach = gone.phone, gone.website
        keep_listing(self._session, found.id, self._source, gone.source_ref, brought, reach)
        return True

    def _one(self, line: int, place: HsdsPlace, *, is_alone: bool) -> DirectoryRow:
        try:
            with self._session.begin_nested():
                return self._stored(line, place, is_alone=is_alone)
        except GeoError as error:
            reason = f"bad_{error.field}" if error.field else "refused"
            return DirectoryRow(line, place.ref, "skipped", reasons=(reason,))

    def _stored(self, line: int, place: HsdsPlace, *, is_alone: bool) -> DirectoryRow:
        listed = find_listing(self._session, self._source, place.ref)
        point, is_looked_up = self._where(place, listed)
        if listed is not None:
            return self._renew(line, place, listed, point)
        joined = self._wishes.same.get(place.ref)
        if joined is not None:
            return self._join(line, place, joined, point)
        wanted = _as_uuid(place.service_id) if is_alone else None
        if wanted is not None and self._is_ours(wanted):
            return DirectoryRow(line, place.ref, "ours", wanted)
        if not self._wishes.add_twins:
            known = _known(place)
            uncertainty_m = GEOCODED_M if is_looked_up else 0.0
            twin = find_twin(self._session, known, source=self._source, point=point, uncertainty_m=uncertainty_m)
            if twin is not None:
                return DirectoryRow(line, place.ref, "twin", twin.asset_id, twin.reasons, ours=twin.name)
        return self._add(line, place, wanted, point)

    def _where(self, place: HsdsPlace, listed: Listing | None) -> tuple[Point | None, bool]:
        """Tell where a place is: as it was brought, or else as its address is known on this host."""
        if place.point is not None or place.address is None:
            return place.point, False
        if listed is not None and listed.brought.get("address") == place.address:
            kept = listed.brought.get("point")
            return (None if kept is None else Point(*kept)), True
        return sure_point(look_up(self._session, [place.address])[0]), True

    def _is_ours(self, asset_id: UUID) -> bool:
        try:
            get_asset(self._session, asset_id)
        except NotFound:
            return False
        return True

    def _add(self, line: int, place: HsdsPlace, wanted: UUID | None, point: Point | None) -> DirectoryRow:
        """Take in a new asset, under the source's own id where that is free."""
        org = self._organization(place.organization)
        own = uuid5(NAMES, f"{self._network.id}:{self._source}:{place.ref}")
        made = self._created(self._draft(place, wanted or own, org, point), own)
        self._keep(made.id, place, _plain(place, org, point))
        return DirectoryRow(line, place.ref, "new", made.id, () if point or place.address is None else ("no_place",))

    def _created(self, draft: AssetDraft, own: UUID) -> Asset:
        try:
            with self._session.begin_nested():
                return create_asset(self._session, draft)
        except Conflict:
            if draft.id == own:
                raise
            # the id is somebody else's, whom we need not know
            return create_asset(self._session, replace(draft, id=own))

    def _draft(self, place: HsdsPlace, asset_id: UUID, org: UUID | None, point: Point | None) -> AssetDraft:
        plain = {name: getattr(place, name) for name in _FIELDS}
        return AssetDraft(
            **plain,
            id=asset_id,
            categories=place.categories,
            organization_id=org,
            status=place.status,
            point=point,
            step_free=place.step_free,
            languages=place.languages,
            source=self._source,
            source_ref=place.ref,
            assured_on=place.assured_on,
        )

    def _organization(self, given: HsdsOrganization | None) -> UUID | None:
        """Find who stands behind a place by id or name, or take them in; what we say of them stays as it is."""
        if given is None:
            return None
        own = uuid5(NAMES, f"{self._network.id}:{self._source}:{given.ref}")
        draft = OrganizationDraft(given.name, given.description, given.url, _as_uuid(given.ref) or own)
        found = find_organization(self._session, draft.id or own, given.name)
        if found is not None:
            return found.id
        try:
            with self._session.begin_nested():
                return create_organization(self._session, draft).id
        except Conflict:
            return create_organization(self._session, replace(draft, id=own)).id

    def _join(self, line: int, place: HsdsPlace, asset_id: UUID, point: Point | None) -> DirectoryRow:
        """Note that a row is an asset of ours, as somebody has said; nothing of it is changed."""
        get_asset(self._session, asset_id)
        self._keep(asset_id, place, _plain(place, self._organization(place.organization), point))
        return DirectoryRow(line, place.ref, "joined", asset_id)

    def _renew(self, line: int, place: HsdsPlace, listed: Listing, point: Point | None) -> DirectoryRow:
        found = get_asset(self._session, listed.asset_id)
        theirs = _plain(place, self._organization(place.organization), point)
        if point is None:
            # a place that is not said is no statement that there is none
            theirs["point"] = listed.brought.get("point")
        merged = merge(listed.brought, theirs, facts_of(found))
        if merged.taken:
            self._change(found, merged.taken)
        reach = (place.phone, place.website)
        if theirs != dict(listed.brought) or reach != (listed.phone, listed.website):
            self._keep(found.id, place, theirs)
        if merged.kept:
            return DirectoryRow(line, place.ref, "kept", found.id, merged.kept)
        is_new = bool(merged.taken) or reach != (listed.phone, listed.website)
        return DirectoryRow(
            line, place.ref, "updated" if is_new else "unchanged", found.id, tuple(sorted(merged.taken))
        )

    def _change(self, found: Asset, taken: Mapping[str, Any]) -> None:
        changes = {name: value for name, value in taken.items() if name != "point"}
        if "organization_id" in changes and changes["organization_id"] is not None:
            changes["organization_id"] = UUID(changes["organization_id"])
        if changes.get("assured_on") is not None:
            changes["assured_on"] = date.fromisoformat(changes["assured_on"])
        at = taken.get("point")
        update_asset(self._session, found.id, changes, point=None if at is None else Point(*at))

    def _keep(self, asset_id: UUID, place: HsdsPlace, brought: Mapping[str, Any]) -> None:
        keep_listing(self._session, asset_id, self._source, place.ref, brought, (place.phone, place.website))


def _with_readable_hours(place: HsdsPlace, zone: ZoneInfo) -> HsdsPlace:
    """Leave out hours that nobody could work with."""
    hours = place.opening_hours if place.opening_hours and is_readable(place.opening_hours) else None
    schedule = place.schedule if place.schedule and _is_schedule(place.schedule, zone) else None
    lost = ("hours",) if (hours, schedule) != (place.opening_hours, place.schedule) else ()
    return replace(place, opening_hours=hours, schedule=schedule, ignored=(*place.ignored, *lost))


def _is_schedule(text: str, zone: ZoneInfo) -> bool:
    try:
        list(read_schedule(text, zone))
    except (InvalidInput, ValueError, OverflowError):
        return False
    return True


def _known(place: HsdsPlace) -> Known:
    org = None if place.organization is None else place.organization.name
    return Known(place.name, tuple(c.value for c in place.categories), place.phone, place.website, org)


def _plain(place: HsdsPlace, org: UUID | None, point: Point | None) -> dict[str, Any]:
    """Write every field that a source may change as JSON keeps it."""
    return {name: getattr(place, name) for name in _FIELDS} | _worded(place, org, point)


def facts_of(found: Asset) -> dict[str, Any]:
    """Write the fields that a source may change as they stand on an asset."""
    return {name: getattr(found, name) for name in _FIELDS} | _worded(found, found.organization_id, found.point)


def _worded(one: HsdsPlace | Asset, org: UUID | None, point: Point | None) -> dict[str, Any]:
    return {
        "categories": [category.value for category in one.categories],
        "status": one.status.value,
        "step_free": one.step_free.value,
        "languages": list(one.languages),
        "assured_on": one.assured_on and one.assured_on.isoformat(),
        "organization_id": None if org is None else str(org),
        "point": None if point is None else [point.lon, point.lat],
    }


def _name_of(said: Mapping[str, Any]) -> str:
    name = said.get("name")
    return name.strip()[:MAX_NAME] if isinstance(name, str) else ""


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
