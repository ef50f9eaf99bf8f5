"""What pages of a feed are made from, as one word that is another one after every change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Counted = Literal["needs", "assets"]
"""Whose changes are counted: needs with what decides how they are shown and released, or assets."""
MOST_WAITING: Final = 500
"""Changes that may wait to be counted before reading the version costs more than counting them."""
_READ: Final = text("SELECT version, waiting FROM feed_version(:counted)")


@dataclass(frozen=True, slots=True)
class FeedVersion:
    """A word that stands for everything a page could be made from, and how many changes have yet to be counted."""

    word: str
    waiting: int

    @property
    def is_worn(self) -> bool:
        """Tell whether changes should be counted, so that the next look is quick again."""
        return self.waiting > MOST_WAITING


def read_feed_version(session: Session, counted: Counted) -> FeedVersion:
    """Read the version of what is counted, as this transaction sees it.

    A page that is read after the version, and not before, is at least as new as the version says.

    Parameters
    ----------
    session
        One with a request's or a partner's rights.
    """
    row = session.execute(_READ, {"counted": counted}).one()
    return FeedVersion(row.version, row.waiting)
