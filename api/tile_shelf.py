"""Tiles kept for a while: by who may see them and the version they were drawn at, in this process's memory."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from geo.store.tiles import Tile

MOST_BYTES: Final = 64_000_000
MOST_VIEWS: Final = 64
_OVERHEAD_BYTES: Final = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KeptTile:
    """A tile ready to be sent: its bytes, a tag of who it is for and what it says, and what found no room."""

    content: bytes
    tag: str
    shown: int
    dropped: int


class TileShelf:
    """Tiles, and what they are drawn from, for every thread of a process; what was not asked for longest goes first.

    Parameters
    ----------
    most_bytes
        Of all tiles together.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._tiles: OrderedDict[Hashable, KeptTile] = OrderedDict()
        self._views: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """Give a number that nobody has been given before, to tell what has no version of its own."""
        return next(self._numbers)

    def tile(self, name: Hashable, version: Hashable, draw: Callable[[], Tile]) -> KeptTile:
        """Give a tile as it is now, drawn unless it is there.

        Parameters
        ----------
        name
            Who may see it, and which tile it is. With what the tile says it makes the tag.
        version
            What it was drawn from. It is no part of the tag: whoever sees a part of the network must not learn that
            something has changed in another.
        """
        key = (name, version)
        with self._lock:
            if (kept := self._tiles.get(key)) is not None:
                self._tiles.move_to_end(key)
                return kept
        drawn = draw()
        digest = hashlib.sha256(repr(name).encode() + drawn.content).hexdigest()[:32]
        kept = KeptTile(drawn.content, f'"{digest}"', drawn.shown, drawn.dropped)
        self._put(key, kept)
        return kept

    def view(self, key: Hashable, make: Callable[[], T], *, most_s: float | None = None) -> T:
        """Give what tiles are drawn from, made unless it is there and young enough."""
        now = time.monotonic()
        with self._lock:
            made_at, view = self._views.get(key, (0.0, None))
            if view is not None and (most_s is None or now - made_at < most_s):
                self._views.move_to_end(key)
                return view  # type: ignore[no-any-return] # what was put there under this key
        made = make()
        with self._lock:
            self._views[key] = (now, made)
            self._views.move_to_end(key)
            while len(self._views) > MOST_VIEWS:
                self._views.popitem(last=False)
        return made

    def _put(self, key: Hashable, kept: KeptTile) -> None:
        with self._lock:
            if key in self._tiles:
                return
            self._tiles[key] = kept
            self._bytes += len(kept.content) + _OVERHEAD_BYTES
            while self._bytes > self._most_bytes:
                _, gone = self._tiles.popitem(last=False)
                self._bytes -= len(gone.content) + _OVERHEAD_BYTES
