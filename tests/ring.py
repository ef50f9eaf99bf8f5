"""The keys of the tests: always the same, so that databases made by one run can be read by the next."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Final

from geo.privacy.keyring import FieldKey, KeyRing, Keys

KEYS: Final = Keys(
    pepper=b"p" * 32,
    root=b"r" * 32,
    field_keys=(FieldKey("ktests", datetime(2026, 1, 1, tzinfo=UTC), urlsafe_b64encode(b"k" * 32)),),
)
RING: Final = KeyRing(KEYS)
