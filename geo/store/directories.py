"""Directories whose services are here: which there are, and taking one back as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from geo.domain.directory import Directory, DirectoryUndone, Wishes
from geo.errors import NotFound
from geo.store.access_tables import referral
from geo.store.assets import COLUMNS, asset_from_row, delete_asset
from geo.store.directory_intake import facts_of
from geo.store.import_undo import USED_ASSET
from geo.store.listing_tables import listing
from geo.store.listings import forget_listing
from geo.store.rows import mine
from geo.store.tables import asset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.records import Asset

MAX_DIRECTORIES: Final = 100
_AT_ONCE: Final = 500


def list_directories(session: Session) -> list[Directory]:
    """List the directories of the session's network by name, a hundred at most."""
    query = (
        select(listing.c.source, func.count().label("count"), func.max(listing.c.brought_at).label("brought_at"))
        .where(mine(listing))
        .group_by(listing.c.source)
        .order_by(listing.c.source)
        .limit(MAX_DIRECTORIES)
    )
    return [Directory(**row) for row in session.execute(query).mappings().all()]


def undo_directory(session: Session, wishes: Wishes) -> DirectoryUndone:
    """Take back what a directory has brought, as long as nobody has changed or used it; the rest is ours from now on.

    Parameters
    ----------
    wishes
        Its ``source``, and whether it is only looked at; that is the caller's to keep, by taking everything back.

    Raises
    ------
    NotFound
        If nothing of this source is here.
    InvalidInput
        If the source is not in its form.
    """
    removed = kept = parted = 0
    while rows := _some(session, wishes.slug):
        used = _used(session, [found.id for found, _ in rows])
        for found, brought in rows:
            is_theirs = found.source == wishes.slug
            is_whole = is_theirs and found.id not in used and facts_of(found) == dict(brought)
            if is_whole:
                delete_asset(session, found.id)
            else:
                forget_listing(session, found.id)
            removed, kept, parted = removed + is_whole, kept + (is_theirs and not is_whole), parted + (not is_theirs)
    if not removed + kept + parted:
        raise NotFound("nothing of this directory is here")
    return DirectoryUndone(wishes.slug, removed, kept, parted, wishes.dry_run)


def _some(session: Session, source: str) -> list[tuple[Asset, Mapping[str, Any]]]:
    """Read some of what is still of a directory, held so that nobody changes one meanwhile."""
    query = (
        select(*COLUMNS, listing.c.brought)
        .join(listing, listing.c.asset_id == asset.c.id)
        .where(listing.c.source == source, mine(listing), mine(asset))
        .order_by(asset.c.id)
        .limit(_AT_ONCE)
        .with_for_update(of=asset)
    )
    found = []
    for row in session.execute(query).mappings().all():
        values = dict(row)
        brought = values.pop("brought")
        found.append((asset_from_row(values), brought))
    return found


def _used(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Find those of some assets with which something has been done."""
    queries = (
        select(column).where(column.in_(ids), mine(column.table)) for column in (*USED_ASSET, referral.c.asset_id)
    )
    return {used for query in queries for used in session.scalars(query)}
