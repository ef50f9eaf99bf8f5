"""Identifiers: time-ordered UUIDs (RFC 9562, version 7), so that lists by id are lists by arrival."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_VERSION = 7 << 76
_VARIANT = 0b10 << 62
_COUNTER_BITS = 12
_lock = threading.Lock()
_last = [0, 0]


def new_id() -> UUID:
    """Make a version 7 UUID; ids made by one process increase strictly.

    Returns
    -------
    uuid.UUID
        48 bits of Unix milliseconds, a 12-bit counter within the millisecond, 62 random bits.
    """
    with _lock:
        now_ms = max(time.time_ns() // 1_000_000, _last[0])
        count = _last[1] + 1 if now_ms == _last[0] else 0
        if count >> _COUNTER_BITS:
            now_ms, count = now_ms + 1, 0
        _last[:] = [now_ms, count]
    rand = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(now_ms & ((1 << 48) - 1)) << 80 | _VERSION | count << 64 | _VARIANT | rand)
