"""Secrets of links without sign-in: each opens one page about one thing, and no other door takes it.

They stand behind the ``#`` of an address, which no browser sends and no server logs; the page's script sends them in a
header. Only a keyed hash is stored, made apart from those of other secrets.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from typing import Final

_BYTES: Final = 32
LINK_TOKEN: Final = re.compile(r"link_[A-Za-z0-9_-]{43}", re.ASCII)
_APART: Final = b"link without sign-in\0"


def mint_link_token() -> str:
    """Make a link's secret: ``link_`` and 43 characters, 256 random bits."""
    return "link_" + base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).rstrip(b"=").decode()


def link_fingerprint(pepper: bytes, token: str) -> bytes:
    """Hash a link's secret for storing and looking up.

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
