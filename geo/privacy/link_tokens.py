"""Secrets that open one thing each without an account: a page about one thing, or a calendar's feed.

A link's stands behind the ``#`` of an address, which no browser sends and no server logs; the page's script sends it in
a header. A feed's stands in the address, because calendar programs send nothing else. Each kind has a form and a hash
of its own, so that no other door takes it; only the keyed hash is stored.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class LinkTokens:
    """Secrets of one kind.

    Attributes
    ----------
    prefix
        What each begins with; 43 characters follow.
    apart
        Keeps their hashes apart from those of any other kind.
    """

    prefix: str
    apart: bytes

    @property
    def form(self) -> re.Pattern[str]:
        """What each looks like."""
        return re.compile(rf"{self.prefix}[A-Za-z0-9_-]{{43}}", re.ASCII)

    def mint(self) -> str:
        """Make a secret of 256 random bits."""
        return self.prefix + base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).rstrip(b"=").decode()

    def fingerprint(self, pepper: bytes, token: str) -> bytes:
        """Hash a secret for storing and looking up.

        Parameters
        ----------
        pepper
            The installation's key for this, kept outside the database.

        Returns
        -------
        bytes
            HMAC-SHA-256, 32 bytes.
        """
        return hmac.digest(pepper, self.apart + token.encode(), "sha256")


PAGE_TOKENS: Final = LinkTokens("link_", b"link without sign-in\0")
FEED_TOKENS: Final = LinkTokens("calfeed_", b"calendar feed\0")
PAGE_TOKEN: Final = PAGE_TOKENS.form
FEED_TOKEN: Final = FEED_TOKENS.form
