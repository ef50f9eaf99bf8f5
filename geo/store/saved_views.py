"""Filters under a name: kept, found again, changed and removed; one's own are nobody else's to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import and_, delete, exists, func, not_, select

from geo.domain.ids import new_id
from geo.domain.saved_views import MOST_VIEWS, SavedView, ViewPage, check_words
from geo.errors import Conflict
from geo.store.access_tables import membership
from geo.store.audit import record
from geo.store.rows import delete_row, get_row, insert_row, mine, update_row
from geo.store.view_tables import saved_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import CursorResult, RowMapping
    from sqlalchemy.orm import Session

IS_MINE: Final = saved_view.c.made_by == func.current_actor()
COLUMNS: Final = (
    *(saved_view.c[name] for name in ("id", "page", "name", "words", "is_shared", "updated_at", "version")),
    func.coalesce(IS_MINE, False).label("is_mine"),
)
CHANGEABLE: Final = frozenset({"name", "words", "is_shared"})


def create_view(
    session: Session,
    page: ViewPage,
    name: str,
    words: Mapping[str, Any],
    *,
    is_shared: bool,
    view_id: UUID | None = None,
) -> SavedView:
    """Keep the filters of a page under a name.

    Raises
    ------
    InvalidInput
        If they are not words of the page.
    Conflict
        If the name is taken there, or there are ``MOST_VIEWS`` already.
    """
    _check_room(session, is_shared=is_shared)
    own_id = view_id or new_id()
    values = {
        "id": own_id, "page": page.value, "name": name, "words": check_words(page, words),
        "is_shared": is_shared,
    }  # fmt: skip
    insert_row(session, saved_view, values)
    return get_view(session, own_id)


def _check_room(session: Session, *, is_shared: bool) -> None:
    whose: ColumnElement[bool] = saved_view.c.is_shared if is_shared else and_(IS_MINE, not_(saved_view.c.is_shared))
    count = session.scalar(select(func.count()).select_from(saved_view).where(mine(saved_view), whose)) or 0
    if count >= MOST_VIEWS:
        raise Conflict(f"there are {MOST_VIEWS} of them already; remove one first")


def get_view(session: Session, view_id: UUID) -> SavedView:
    """Read one.

    Raises
    ------
    NotFound
        If there is none, or it is somebody else's own.
    """
    return _from_row(get_row(session, select(*COLUMNS), saved_view, view_id))


def list_views(session: Session, page: ViewPage | None = None) -> Sequence[SavedView]:
    """List one's own and the network's, by name; at most ``MOST_VIEWS`` of each."""
    query = select(*COLUMNS).where(mine(saved_view))
    if page is not None:
        query = query.where(saved_view.c.page == page.value)
    rows = session.execute(query.order_by(saved_view.c.name, saved_view.c.id).limit(2 * MOST_VIEWS)).mappings()
    return [_from_row(row) for row in rows]


def _from_row(row: RowMapping) -> SavedView:
    return SavedView(**{**row, "page": ViewPage(row["page"])})


def update_view(
    session: Session, view_id: UUID, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> SavedView:
    """Change one: its name, its filters, or whether everybody has it.

    Raises
    ------
    NotFound, StaleVersion, InvalidInput
        As their names say.
    Conflict
        If the name is taken, or somebody else's would no longer be shared.
    """
    values = {name: value for name, value in changes.items() if name in CHANGEABLE}
    before = get_view(session, view_id)
    if "words" in values:
        values["words"] = check_words(before.page, values["words"])
    if values.get("is_shared") is False and not before.is_mine:
        raise Conflict("only whoever made it may keep it to themselves")
    if values.get("is_shared", before.is_shared) != before.is_shared:
        _check_room(session, is_shared=values["is_shared"])
    update_row(session, saved_view, view_id, values, expected_version=expected_version)
    return get_view(session, view_id)


def delete_view(session: Session, view_id: UUID, *, expected_version: int | None = None) -> None:
    """Remove one.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    """
    delete_row(session, saved_view, view_id, expected_version=expected_version)


def prune_views(session: Session) -> int:
    """Forget what people kept for themselves who are no longer members; tell how many there were.

    Parameters
    ----------
    session
        With the operator's rights: nobody else sees what is somebody's own.
    """
    is_member = exists(
        select(1).where(
            mine(membership), membership.c.person_id == saved_view.c.made_by, membership.c.ended_at.is_(None)
        )
    )
    left = delete(saved_view).where(mine(saved_view), not_(saved_view.c.is_shared), not_(is_member))
    count = cast("CursorResult[Any]", session.execute(left)).rowcount
    if count:
        record(session, "prune", saved_view.name, count=count)
    return count
