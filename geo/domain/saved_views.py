"""Filters of a page that somebody keeps under a name: words of ours alone, and nothing that a person typed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from geo.domain.board import Lane
from geo.domain.words import Category, Mode
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

MAX_NAME: Final = 80
MOST_VIEWS: Final = 100
"""So many of one's own, and so many that a network shares."""
MAX_STANDARD_MIN: Final = 240
_DAYS: Final = frozenset({"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"})
_HOURS: Final = frozenset(f"{hour:02}:00" for hour in range(24))
_LAYERS: Final = frozenset({"coverage", "needs", "helpers", "assets"})
_LISTS: Final = frozenset({"to_confirm", "All"})


class ViewPage(StrEnum):
    """A page whose filters are kept."""

    BOARD = "board"
    MAP = "map"
    ASSETS = "assets"


@dataclass(frozen=True, slots=True)
class SavedView:
    """Filters under a name.

    Attributes
    ----------
    words
        As :func:`check_words` lets them through.
    is_shared
        Everybody in the network has it; else whoever made it.
    is_mine
        Whoever looks has made it.
    """

    id: UUID
    page: ViewPage
    name: str
    words: Mapping[str, Any]
    is_shared: bool
    is_mine: bool
    updated_at: datetime
    version: int


def _is_category(value: object) -> bool:
    return value in set(Category)


def _is_id(value: object) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def _is_minutes(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_STANDARD_MIN


def _is_slot(value: object) -> bool:
    day, _, hour = value.partition(" ") if isinstance(value, str) else ("", "", "")
    return day in _DAYS and hour in _HOURS


def _are_layers(value: object) -> bool:
    return isinstance(value, list) and len(set(map(str, value))) == len(value) and _LAYERS.issuperset(map(str, value))


KNOWN: Final[Mapping[ViewPage, Mapping[str, Callable[[object], bool]]]] = {
    ViewPage.BOARD: {"lane": lambda value: value in set(Lane), "kind": _is_category},
    ViewPage.MAP: {
        "need": _is_category,
        "area": _is_id,
        "minutes": _is_minutes,
        "mode": lambda value: value in set(Mode),
        "open": _is_slot,
        "layers": _are_layers,
    },
    ViewPage.ASSETS: {"list": lambda value: value in _LISTS, "kind": _is_category},
}
"""The words of each page, and what each may be. What people type, such as an address, is none of them."""


def check_words(page: ViewPage, words: Mapping[str, Any]) -> dict[str, Any]:
    """Let the filters of a page through if each is a known word with a value it may have.

    Raises
    ------
    InvalidInput
        Naming the words of the page, never what was sent.
    """
    known = KNOWN[page]
    unhashable = any(isinstance(value, (dict, list)) for name, value in words.items() if name != "layers")
    if not known.keys() >= words.keys() or unhashable or not all(known[name](value) for name, value in words.items()):
        raise InvalidInput(
            f"the filters of this page are: {', '.join(known)}; each with a word of its own", field="words"
        )
    return dict(words)
