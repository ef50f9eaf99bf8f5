"""Links without sign-in: made for one purpose, listed, revoked, and found by the keyed hash of their secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, update

from geo.domain.ids import new_id
from geo.domain.links import LASTS, LONGEST, PAGES, Link, LinkKind, OpenLink
from geo.errors import InvalidInput, NotFound
from geo.privacy.link_tokens import PAGE_TOKEN, PAGE_TOKENS
from geo.store import tables
from geo.store.audit import record
from geo.store.calendar_tables import sign_up
from geo.store.engine import keys_of
from geo.store.link_tables import link
from geo.store.rows import get_row, list_rows, mine, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

_ABOUT: Final = {
    LinkKind.HELP: (link.c.match_id, tables.match),
    LinkKind.NEED: (link.c.need_id, tables.need),
    LinkKind.SHIFT: (link.c.sign_up_id, sign_up),
    LinkKind.ASSET: (link.c.asset_id, tables.asset),
}
_COLUMNS: Final = [
    link.c[name]
    for name in (
        "id", "kind", "match_id", "need_id", "sign_up_id", "asset_id", "created_at", "expires_at", "opened_at",
        "revoked_at",
    )
]  # fmt: skip


def make_link(
    session: Session, kind: LinkKind, subject: UUID, *, lasts: timedelta | None = None, now: datetime | None = None
) -> tuple[Link, str]:
    """Make a link about one thing, and give what stands behind its page's address, which is seen this once.

    Parameters
    ----------
    subject
        The match (of a helper), need, promised shift or public asset it is about.
    lasts
        How long it opens something; as ``LASTS`` has it when left out, ``LONGEST`` at most.

    Raises
    ------
    NotFound
        If the network has no such match, need, promise or asset.
    InvalidInput
        For a match that is not a helper's, an asset at a private home, or a time that is too long or none.
    KeysUnavailable
        If the session has no keys.
    """
    term, at = LASTS[kind] if lasts is None else lasts, now or datetime.now(UTC)
    if not timedelta(0) < term <= LONGEST:
        raise InvalidInput(f"a link lasts {LONGEST.days} days at most", field="valid_h")
    column, table = _ABOUT[kind]
    get_row(session, select(table.c.id), table, subject)
    if kind is LinkKind.HELP:
        _check_helped(session, subject)
    if kind is LinkKind.ASSET:
        _check_public(session, subject)
    token, link_id = PAGE_TOKENS.mint(), new_id()
    values: dict[str, Any] = {
        "id": link_id, "kind": kind.value, column.name: subject, "created_at": at, "expires_at": at + term,
        "fingerprint": PAGE_TOKENS.fingerprint(keys_of(session).pepper, token),
    }  # fmt: skip
    with refused_as_ours():
        session.execute(insert(link).values(**values))
    record(session, "create", link.name, [link_id], ("kind", column.name, "expires_at"))
    return get_link(session, link_id), token


def _check_helped(session: Session, match_id: UUID) -> None:
    match = tables.match
    if session.scalar(select(match.c.helper_id).where(match.c.id == match_id, mine(match))) is None:
        raise InvalidInput("this match is with a place, and nobody follows a link for it", field="match_id")


def _check_public(session: Session, asset_id: UUID) -> None:
    asset = tables.asset
    if session.scalar(select(asset.c.is_private).where(asset.c.id == asset_id, mine(asset))):
        raise InvalidInput("this is at a private home, and listed nowhere", field="asset_id")


def write_address(origin: str, kind: LinkKind, token: str) -> str:
    """Write the address to hand on; the secret stands behind the ``#``, which no browser sends.

    Parameters
    ----------
    origin
        Scheme and host, without a path.
    """
    return f"{origin}{PAGES[kind]}#{token}"


def _from_row(row: RowMapping | Mapping[str, Any]) -> Link:
    return Link(**(dict(row) | {"kind": LinkKind(row["kind"])}))


def get_link(session: Session, link_id: UUID) -> Link:
    """Read one link's entry; never its secret.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    return _from_row(get_row(session, select(*_COLUMNS), link, link_id))


def list_links(
    session: Session,
    *,
    match_id: UUID | None = None,
    need_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> Sequence[Link]:
    """List links in the order they were made, ended ones too; those of one match or one need where that is given."""
    given = {"match_id": match_id, "need_id": need_id}
    where: list[ColumnElement[bool]] = [link.c[name] == value for name, value in given.items() if value is not None]
    return [
        _from_row(row) for row in list_rows(session, select(*_COLUMNS), link, where=where, after=after, limit=limit)
    ]


def revoke_link(session: Session, link_id: UUID) -> None:
    """End a link: it opens nothing from now on. Doing so again changes nothing.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    theirs = update(link).where(link.c.id == link_id, mine(link))
    ended = theirs.values(revoked_at=func.coalesce(link.c.revoked_at, func.now())).returning(link.c.id)
    if session.execute(ended).one_or_none() is None:
        raise NotFound("there is no such link")
    record(session, "revoke", link.name, [link_id])


def find_open(session: Session, kind: LinkKind, token: str, *, now: datetime | None = None) -> OpenLink | None:
    """Tell what a secret opens; one that is unknown, over, revoked or of another kind opens nothing.

    Parameters
    ----------
    session
        One that acts as ``AUTH_ROLE``: whose network it is, is not known yet.
    """
    if not PAGE_TOKEN.fullmatch(token):
        return None
    column, _ = _ABOUT[kind]
    query = select(link.c.id, link.c.network_id, column.label("subject")).where(
        link.c.fingerprint == PAGE_TOKENS.fingerprint(keys_of(session).pepper, token),
        link.c.kind == kind.value,
        link.c.revoked_at.is_(None),
        link.c.expires_at > (now or datetime.now(UTC)),
    )
    row = session.execute(query).one_or_none()
    return None if row is None else OpenLink(row.id, row.network_id, kind, row.subject)


def note_opened(session: Session, opened: OpenLink) -> None:
    """Note that somebody has looked at a link's page, the first time."""
    first = update(link).where(link.c.id == opened.id, mine(link), link.c.opened_at.is_(None))
    if session.execute(first.values(opened_at=func.now()).returning(link.c.id)).one_or_none() is not None:
        record(session, "open", link.name, [opened.id])
