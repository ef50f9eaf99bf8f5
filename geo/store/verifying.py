"""Whether what is listed is still true: asked of organizations when it has aged, and answered by a link."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exists, func, insert, select, update

from geo.domain.ids import new_id
from geo.domain.links import LinkKind
from geo.domain.listed import ASK_AGAIN, AssetCheck, ListedAnswer, ListedAsset, ListedChange, ListedState
from geo.domain.message_texts import Template
from geo.domain.messages import Recipient, RecipientKind
from geo.domain.words import AssetStatus
from geo.errors import NotFound
from geo.store import tables
from geo.store.assets import get_asset, is_unconfirmed, update_asset
from geo.store.audit import record
from geo.store.link_tables import link
from geo.store.links import make_link, write_address
from geo.store.listing_tables import asset_check
from geo.store.listings import find_reaches
from geo.store.message_tables import preference
from geo.store.messages import queue_message
from geo.store.network import get_network
from geo.store.rows import list_rows, mine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from uuid import UUID

    from sqlalchemy.orm import Session

asset, contact = tables.asset, tables.contact
BATCH: Final = 100
_STATES: Final = {
    ListedAnswer.TRUE: ListedState.CONFIRMED,
    ListedAnswer.CHANGED: ListedState.CHANGED,
    ListedAnswer.CLOSED: ListedState.CLOSED,
}
_COLUMNS: Final = [asset_check.c[name] for name in ("id", "asset_id", "answer", "reason", "answered_at", "settled_at")]


def ask_due(session: Session, *, origin: str, after: timedelta, now: datetime | None = None, limit: int = BATCH) -> int:
    """Ask organizations whether what is listed of them is still true, where that has aged and they agreed to be asked.

    Each asset is asked about once in ``ASK_AGAIN``; what is at a private home never is.

    Parameters
    ----------
    origin
        Scheme and host links are written with.
    after
        How long a confirmation lasts.

    Returns
    -------
    int
        How many questions were queued; less than ``limit`` when none is left.
    """
    moment = now or datetime.now(UTC)
    rows = session.execute(_due(moment, after, limit)).all()
    for row in rows:
        _, token = make_link(session, LinkKind.ASSET, row.id, now=moment)
        queue_message(
            session, key=f"listed:{row.id}:{moment:%Y-%m-%d}", template=Template.ASSET_STILL,
            recipient=Recipient(RecipientKind.ORGANIZATION, row.organization_id),
            parameters={"link": write_address(origin, LinkKind.ASSET, token)},
        )  # fmt: skip
    return len(rows)


def _due(moment: datetime, after: timedelta, limit: int) -> Any:  # noqa: ANN401 - a statement
    asked = exists().where(link.c.asset_id == asset.c.id, mine(link), link.c.created_at > moment - ASK_AGAIN)
    agreed = exists().where(contact.c.organization_id == asset.c.organization_id, mine(contact))
    stopped = exists().where(
        preference.c.organization_id == asset.c.organization_id, mine(preference), preference.c.is_stopped
    )
    return (
        select(asset.c.id, asset.c.organization_id)
        .where(mine(asset), ~asset.c.is_private, asset.c.organization_id.is_not(None))
        .where(is_unconfirmed((moment - after).date()), agreed, ~asked, ~stopped)
        .order_by(asset.c.id)
        .limit(limit)
        .with_for_update(of=asset, skip_locked=True)
    )


def get_listed(session: Session, asset_id: UUID) -> ListedAsset:
    """Read an asset as its organization may see it by a link.

    Raises
    ------
    NotFound
        If there is no such asset, or it is at a private home by now.
    """
    found = get_asset(session, asset_id)
    if found.is_private:
        raise NotFound("there is no such asset")
    reach = find_reaches(session, [asset_id]).get(asset_id)
    last = select(asset_check.c.answer).where(asset_check.c.asset_id == asset_id, mine(asset_check))
    said = session.scalar(last.where(asset_check.c.settled_at.is_(None)).order_by(asset_check.c.id.desc()).limit(1))
    state = ListedState.ASKED if said is None else _STATES[ListedAnswer(said)]
    phone = None if reach is None else reach.phone
    return ListedAsset(state, found.name, found.categories, found.address, found.opening_hours, phone, found.assured_on)


def answer_listed(
    session: Session,
    asset_id: UUID,
    answer: ListedAnswer,
    reason: ListedChange | None = None,
    *,
    now: datetime | None = None,
) -> ListedAsset:
    """Note what an organization says; the last word counts, and saying the same again changes nothing.

    What is true is confirmed from today, by the network's clock. What is closed is inactive until an organizer looks.
    What has changed waits for one, who finds out how.

    Raises
    ------
    NotFound
        If there is no such asset, or it is at a private home by now.
    """
    before = get_listed(session, asset_id)
    if before.state is _STATES[answer] and answer is not ListedAnswer.CHANGED:
        return before
    moment = now or datetime.now(UTC)
    session.execute(
        update(asset_check)
        .where(asset_check.c.asset_id == asset_id, asset_check.c.settled_at.is_(None), mine(asset_check))
        .values(settled_at=moment)
    )
    values = {"id": new_id(), "asset_id": asset_id, "answer": answer.value, "reason": reason and reason.value}
    session.execute(insert(asset_check).values(answered_at=moment, **values))
    record(session, "answer", asset.name, [asset_id], (answer.value,))
    _follow(session, asset_id, answer, before.state, moment)
    return get_listed(session, asset_id)


def _follow(session: Session, asset_id: UUID, answer: ListedAnswer, before: ListedState, moment: datetime) -> None:
    if answer is ListedAnswer.CLOSED:
        update_asset(session, asset_id, {"status": AssetStatus.INACTIVE.value})
    elif before is ListedState.CLOSED:
        # taken back by whoever said it
        update_asset(session, asset_id, {"status": AssetStatus.ACTIVE.value})
    if answer is ListedAnswer.TRUE:
        update_asset(session, asset_id, {"assured_on": moment.astimezone(get_network(session).zone).date()})


def list_checks(
    session: Session, *, open_only: bool = True, after: UUID | None = None, limit: int = 100
) -> Sequence[AssetCheck]:
    """List what organizations have answered, in the order of their answers; what is seen to only where asked for."""
    where = [asset_check.c.settled_at.is_(None)] if open_only else []
    rows = list_rows(session, select(*_COLUMNS), asset_check, where=where, after=after, limit=limit)
    words = {"answer": ListedAnswer, "reason": ListedChange}
    return [
        AssetCheck(**(dict(row) | {name: word(row[name]) for name, word in words.items() if row[name] is not None}))
        for row in rows
    ]


def settle_check(session: Session, check_id: UUID) -> None:
    """Note that an organizer has seen to an answer; doing so again changes nothing.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    theirs = update(asset_check).where(asset_check.c.id == check_id, mine(asset_check))
    at = func.coalesce(asset_check.c.settled_at, func.now())
    done = theirs.values(settled_at=at).returning(asset_check.c.asset_id)
    row = session.execute(done).one_or_none()
    if row is None:
        raise NotFound("there is no such answer")
    record(session, "settle", asset.name, [row.asset_id])
