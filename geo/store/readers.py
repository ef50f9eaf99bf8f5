"""In which languages whoever follows a link reads: the one they asked to be told in, then those they speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from geo.domain.links import LinkKind
from geo.domain.messages import Recipient, RecipientKind
from geo.store import tables
from geo.store.calendar_tables import sign_up
from geo.store.preferences import find_languages, find_preference
from geo.store.rows import get_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.links import OpenLink


def languages_of_reader(session: Session, opened: OpenLink) -> list[str]:
    """List languages by their codes, the preferred one first; none when nothing is known.

    Raises
    ------
    NotFound
        If what the link is about is gone.
    """
    reader = _reader(session, opened)
    if reader is None:
        return []
    wants = find_preference(session, reader).language
    return [*([] if wants is None else [wants]), *find_languages(session, reader)]


def _reader(session: Session, opened: OpenLink) -> Recipient | None:
    if opened.kind is LinkKind.NEED:
        return Recipient(RecipientKind.NEED, opened.subject)
    if opened.kind is LinkKind.ASSET:
        query = select(tables.asset.c.organization_id)
        owner = get_row(session, query, tables.asset, opened.subject)["organization_id"]
        return None if owner is None else Recipient(RecipientKind.ORGANIZATION, owner)
    table = sign_up if opened.kind is LinkKind.SHIFT else tables.match
    found = get_row(session, select(table.c.helper_id), table, opened.subject)
    return Recipient(RecipientKind.HELPER, found["helper_id"])
