"""Events of a calendar's file become activities; the same event again changes what it made, and adds nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from geo.domain.calendar import ActivityDraft, BadEvent
from geo.errors import Conflict, GeoError
from geo.store.activities import check_roles, create_activity, find_by_uid, update_activity
from geo.store.network import get_network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geo.domain.calendar import Activity
    from geo.interchange.ics import ReadEvent


@dataclass(slots=True)
class CalendarReport:
    """What became of a file's events; ``skipped`` are named by the line they begin on."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: list[BadEvent] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Give the counts, and each skipped event with its reason."""
        return asdict(self)


def import_events(
    session: Session,
    events: Sequence[ReadEvent],
    bad: Sequence[BadEvent],
    *,
    roles: dict[str, int],
    now: datetime | None = None,
) -> CalendarReport:
    """Take the events of a file over, each known by its UID.

    Parameters
    ----------
    bad
        What could not be read of the file.
    roles
        Which roles a new activity has; one that is there already keeps its own.

    Returns
    -------
    CalendarReport
        One that cannot be stored is skipped with the reason, and never stops the others.

    Raises
    ------
    InvalidInput
        If the roles cannot be used.
    """
    check_roles(roles)
    report, seen, zone = CalendarReport(), set[str](), get_network(session).time_zone
    for event in events:
        try:
            _check_once(event, seen)
            with session.begin_nested():
                _take(session, event, report, roles=roles, zone=zone, now=now)
        except GeoError as error:
            report.skipped.append(BadEvent(event.line, str(error)))
    report.skipped = sorted([*bad, *report.skipped], key=lambda found: found.line)
    return report


def _check_once(event: ReadEvent, seen: set[str]) -> None:
    if event.uid in seen:
        raise Conflict("another event of this file has the same UID")
    seen.add(event.uid)


def _take(
    session: Session,
    event: ReadEvent,
    report: CalendarReport,
    *,
    roles: dict[str, int],
    zone: str,
    now: datetime | None,
) -> None:
    known = find_by_uid(session, event.uid)
    written: dict[str, Any] = {"title": event.title, "schedule": event.schedule, "time_zone": event.time_zone or zone}
    if known is None:
        create_activity(session, ActivityDraft(**written, place=event.place, roles=roles, uid=event.uid), now=now)
        report.created += 1
        return
    changes = _changes(known, written | {"place": event.place})
    if changes:
        update_activity(session, known.id, changes, now=now)
    report.changed += bool(changes)
    report.unchanged += not changes


def _changes(known: Activity, written: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in written.items() if getattr(known, name) != value}
