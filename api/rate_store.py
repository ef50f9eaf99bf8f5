"""Where the counts of the rate limits are kept: in memory, for a bounded number of keys, by a clock that can be given.

The library's own memory grows with every name a stranger makes up and looks through all of them a hundred times a
second; this one forgets the key that was quiet longest, and only works when it is asked.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final

from limits.storage import MovingWindowSupport, Storage

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_KEYS: Final = 10_000


class RateStore(Storage, MovingWindowSupport):
    """Times of what was let through, by key, for the moving windows of ``limits``.

    Parameters
    ----------
    most_keys
        How many keys are remembered; one more, and the key that was quiet longest is forgotten.
    clock
        Seconds since some beginning.
    """

    STORAGE_SCHEME = None

    def __init__(self, *, most_keys: int = MOST_KEYS, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.most_keys = most_keys
        self.clock = clock
        self.times: OrderedDict[str, deque[float]] = OrderedDict()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Let through and note the time, unless the window is full."""
        kept = self._recent(key, expiry)
        if len(kept) + amount > limit:
            return False
        kept.extend([self.clock()] * amount)
        self.times[key] = kept
        self.times.move_to_end(key)
        while len(self.times) > self.most_keys:
            self.times.popitem(last=False)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Tell when the window begins and how much is in it."""
        kept = self._recent(key, expiry)
        return (kept[0] if kept else self.clock()), min(len(kept), limit)

    def _recent(self, key: str, expiry: int) -> deque[float]:
        kept = self.times.get(key) or deque[float]()
        oldest = self.clock() - expiry
        while kept and kept[0] <= oldest:
            kept.popleft()
        return kept

    def clear(self, key: str) -> None:
        """Forget a key."""
        self.times.pop(key, None)

    def reset(self) -> int | None:
        """Forget every key."""
        found = len(self.times)
        self.times.clear()
        return found

    def check(self) -> bool:
        """Tell that it works."""
        return True

    @property
    def base_exceptions(self) -> type[Exception]:
        """What it may raise."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Refuse: windows that do not move are not kept here."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Tell how much is noted for a key."""
        return len(self.times.get(key, ()))

    def get_expiry(self, key: str) -> float:
        """Refuse: windows that do not move are not kept here."""
        raise NotImplementedError
