"""Tokens of calendar feeds: they stand in an address, because calendar programs send nothing else, and open one feed.

They have a form of their own, so that no other door takes them and no other secret opens a feed; only a keyed hash is
stored, made apart from those of other secrets.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from typing import Final

_BYTES: Final = 32
FEED_TOKEN: Final = re.compile(r"calfeed_[A-Za-z0-9_-]{43}", re.ASCII)
_APART: Final = b"calendar feed\0"


def mint_feed_token() -> str:
    """Make a feed's token: ``calfeed_`` and 43 characters, 256 random bits."""
    return "calfeed_" + base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).rstrip(b"=").decode()


def feed_fingerprint(pepper: bytes, token: str) -> bytes:
    """Hash a feed's token for storing and looking up.

    Parameters
    ----------
    pepper
        The installation's key for this, kept outside the database.

    Returns
    -------
    bytes
        HMAC-SHA-256, 32 bytes.
    """
    return hmac.digest(pepper, _APART + token.encode(), "sha256")
