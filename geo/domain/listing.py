"""What a directory says of an asset, and what of it may be taken over: never what an organizer has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class ListedReach:
    """How a listed place is reached: its own number and page, never a person's."""

    asset_id: UUID
    phone: str | None
    website: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Where an asset is from: the source, its name for it, every field as it was brought last, and when that was."""

    asset_id: UUID
    source: str
    source_ref: str
    phone: str | None
    website: str | None
    brought: Mapping[str, Any]
    brought_at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """What of a newer statement is taken, and which fields stay as an organizer has put them."""

    taken: Mapping[str, Any]
    kept: tuple[str, ...]


def merge(before: Mapping[str, Any], theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Merged:
    """Compare what a source says now with what it said before and with what stands here.

    Parameters
    ----------
    before
        What the source brought last; a field that it never brought is ours.
    theirs
        What it says now.
    ours
        What stands here, for the same fields.

    Returns
    -------
    Merged
        A field is taken where ours is still what was brought. Where ours was changed it stays, and is named where the
        source has changed it too.
    """
    differ = [name for name in theirs if theirs[name] != ours.get(name)]
    untouched = [name for name in differ if name in before and before[name] == ours.get(name)]
    kept = tuple(name for name in differ if name not in untouched and before.get(name) != theirs[name])
    return Merged({name: theirs[name] for name in untouched}, kept)
