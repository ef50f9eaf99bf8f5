"""Feeds of the calendar: issued, ended, found by their token's hash, and the shifts each of them shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, tuple_, update

from geo.domain.calendar import CalendarFeed, FeedEvent, FeedKind
from geo.domain.hours import Window
from geo.domain.ids import new_id
from geo.errors import InvalidInput, NotFound
from geo.privacy.link_tokens import FEED_TOKEN, FEED_TOKENS
from geo.store import tables
from geo.store.audit import record
from geo.store.calendar_tables import activity, calendar_feed, shift, sign_up
from geo.store.engine import keys_of
from geo.store.rows import MAX_LIMIT, get_row, mine, refused_as_ours
from geo.store.shifts import list_shifts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

BACK: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=180)
MAX_SHOWN: Final = 1000
_COLUMNS: Final = [
    calendar_feed.c[name] for name in ("id", "kind", "helper_id", "asset_id", "label", "created_at", "revoked_at")
]


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """What a good token opens: one feed of one network."""

    network_id: UUID
    kind: FeedKind
    helper_id: UUID | None
    asset_id: UUID | None


def issue_feed(
    session: Session, kind: FeedKind, *, subject: UUID | None = None, label: str = ""
) -> tuple[CalendarFeed, str]:
    """Open a feed, and give its token, which is seen this once.

    Parameters
    ----------
    subject
        The helper or the asset whose calendar it is; none for the network's.
    label
        What it is called in lists.

    Raises
    ------
    NotFound
        If the network has no such helper or asset.
    InvalidInput
        If there is a subject where none belongs, or none where one does.
    """
    if (subject is None) != (kind is FeedKind.NETWORK):
        raise InvalidInput("name a helper or an asset for their feed, and none for the network's", field="subject_id")
    table = {FeedKind.HELPER: tables.helper, FeedKind.ASSET: tables.asset}.get(kind)
    if table is not None:
        get_row(session, select(table.c.id), table, subject)  # type: ignore[arg-type] # refused above
    token, feed_id = FEED_TOKENS.mint(), new_id()
    values = {
        "id": feed_id,
        "kind": kind.value,
        "helper_id": subject if kind is FeedKind.HELPER else None,
        "asset_id": subject if kind is FeedKind.ASSET else None,
        "label": label,
        "fingerprint": FEED_TOKENS.fingerprint(keys_of(session).pepper, token),
    }
    with refused_as_ours():
        session.execute(insert(calendar_feed).values(**values))
    record(session, "create", calendar_feed.name, [feed_id], ("kind", "label"))
    return get_feed(session, feed_id), token


def _feed(row: Any) -> CalendarFeed:  # noqa: ANN401 - a row
    return CalendarFeed(**(dict(row) | {"kind": FeedKind(row["kind"])}))


def get_feed(session: Session, feed_id: UUID) -> CalendarFeed:
    """Read one feed's entry.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    return _feed(get_row(session, select(*_COLUMNS), calendar_feed, feed_id))


def list_feeds(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[CalendarFeed]:
    """List the network's feeds by when they were opened, ended ones too; never a token or its hash."""
    query = select(*_COLUMNS).where(mine(calendar_feed)).order_by(calendar_feed.c.id).limit(min(limit, MAX_LIMIT))
    if after is not None:
        query = query.where(tuple_(calendar_feed.c.id) > tuple_(after))
    return [_feed(row) for row in session.execute(query).mappings()]


def revoke_feed(session: Session, feed_id: UUID) -> None:
    """End a feed: its address answers nobody from now on.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    theirs = update(calendar_feed).where(calendar_feed.c.id == feed_id, mine(calendar_feed))
    ended = theirs.values(revoked_at=func.coalesce(calendar_feed.c.revoked_at, func.now())).returning(
        calendar_feed.c.id
    )
    if session.execute(ended).one_or_none() is None:
        raise NotFound("there is no such calendar feed")
    record(session, "end", calendar_feed.name, [feed_id])


def find_feed(session: Session, token: str) -> OpenFeed | None:
    """Tell what a token opens; unknown, wrong and ended ones are all ``None``.

    Parameters
    ----------
    session
        One that acts as ``AUTH_ROLE``.
    """
    if not FEED_TOKEN.fullmatch(token):
        return None
    columns = [calendar_feed.c[name] for name in ("network_id", "kind", "helper_id", "asset_id")]
    query = select(*columns).where(
        calendar_feed.c.fingerprint == FEED_TOKENS.fingerprint(keys_of(session).pepper, token),
        calendar_feed.c.revoked_at.is_(None),
    )
    row = session.execute(query).mappings().one_or_none()
    return None if row is None else OpenFeed(**(dict(row) | {"kind": FeedKind(row["kind"])}))


def list_feed_events(session: Session, feed: OpenFeed, *, now: datetime) -> list[FeedEvent]:
    """List what a feed shows: its shifts of the last 30 and the next 180 days, the first first.

    Parameters
    ----------
    session
        One that acts for the feed's network.

    Returns
    -------
    list of FeedEvent
        A helper's with their own role; others with how many are signed up for each role, and no names. At most
        ``MAX_SHOWN``.
    """
    window = Window(now - BACK, now + AHEAD)
    if feed.kind is FeedKind.HELPER:
        return _promised(session, feed, window)
    found = list_shifts(session, window, asset_id=feed.asset_id, limit=MAX_SHOWN)
    places, changed = _places(session, [one.activity_id for one in found]), _changed(session, [one.id for one in found])
    return [
        FeedEvent(
            uid=f"{one.id}@barnraiser",
            title=one.title,
            place=places.get(one.activity_id),
            roles=tuple(f"{name} {one.taken.get(name, 0)} of {most}" for name, most in sorted(one.roles.items())),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            changed_at=changed[one.id],
        )
        for one in found
    ]


def _changed(session: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    query = select(shift.c.id, shift.c.updated_at).where(mine(shift), shift.c.id.in_(ids))
    return {row.id: row.updated_at for row in session.execute(query)}


def _promised(session: Session, feed: OpenFeed, window: Window) -> list[FeedEvent]:
    starts, ends = func.lower(sign_up.c.during), func.upper(sign_up.c.during)
    columns = [shift.c.id, shift.c.activity_id, activity.c.title, sign_up.c.role, sign_up.c.updated_at]
    query = (
        select(*columns, starts.label("starts_at"), ends.label("ends_at"))
        .join(shift, shift.c.id == sign_up.c.shift_id)
        .join(activity, activity.c.id == shift.c.activity_id)
        .where(mine(sign_up), sign_up.c.helper_id == feed.helper_id, sign_up.c.state != "cancelled")
        .where(starts.between(window.start, window.end))
        .order_by(starts, sign_up.c.id)
        .limit(MAX_SHOWN)
    )
    rows = session.execute(query).all()
    places = _places(session, [row.activity_id for row in rows])
    return [
        FeedEvent(
            uid=f"{row.id}@barnraiser",
            title=row.title,
            place=places.get(row.activity_id),
            roles=(row.role,),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            changed_at=row.updated_at,
        )
        for row in rows
    ]


def _places(session: Session, activities: Sequence[UUID]) -> dict[UUID, str]:
    """Say where each activity is, in public words; what is at a private home has no place here."""
    asset, area = tables.asset, tables.area
    query = (
        select(activity.c.id, activity.c.place, asset.c.name, asset.c.address, asset.c.is_private, area.c.name)
        .outerjoin(asset, asset.c.id == activity.c.asset_id)
        .outerjoin(area, area.c.id == activity.c.area_id)
        .where(mine(activity), activity.c.id.in_(activities))
    )
    found: dict[UUID, list[str | None]] = defaultdict(list)
    for activity_id, place, name, address, is_private, area_name in session.execute(query):
        if not is_private:
            found[activity_id] = [name, address] if name else [place or area_name]
    return {key: ", ".join(part for part in parts if part) for key, parts in found.items() if any(parts)}
