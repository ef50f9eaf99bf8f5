"""Secrets that callers carry: 256 random bits with a prefix that says what they are and a check sum that finds typos.

Only a keyed hash of a token is ever stored. The key (the pepper) lives outside the database, so a copy of the database
opens nothing. A token is looked up by its hash: a wrong secret and an unknown one are the same miss, in the same time.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.domain.principals import CredentialKind

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIXES: Final[Mapping[CredentialKind, str]] = {
    CredentialKind.SESSION: "brs",
    CredentialKind.INVITE: "bri",
    CredentialKind.SCRIPT: "bro",
    CredentialKind.DEVICE: "brd",
    CredentialKind.ENROLMENT: "bre",
    CredentialKind.PARTNER: "brp",
    CredentialKind.MONITOR: "brm",
}
_KINDS: Final = {prefix: kind for kind, prefix in PREFIXES.items()}
_KID_BYTES: Final = 5
_SECRET_BYTES: Final = 32
_FORM: Final = re.compile(r"(br[a-z])_([a-z2-7]{8})_([A-Za-z0-9_-]{43})_([0-9a-f]{8})")
MAX_TOKEN: Final = 80


@dataclass(frozen=True, slots=True)
class Token:
    """A secret in full; exists only on its way to or from its owner."""

    kind: CredentialKind
    kid: str
    text: str

    def __repr__(self) -> str:
        return f"Token({self.kind.value}, {self.kid})"


def mint(kind: CredentialKind) -> Token:
    """Make a new secret.

    Returns
    -------
    Token
        ``<prefix>_<kid>_<43 characters, 256 bits>_<CRC-32>``.
    """
    kid = base64.b32encode(secrets.token_bytes(_KID_BYTES)).decode().lower()
    secret = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
    body = f"{PREFIXES[kind]}_{kid}_{secret}"
    return Token(kind, kid, f"{body}_{_check_sum(body)}")


def parse(text: str) -> Token | None:
    """Read a token back; anything that is not one of ours, mistyped ones included, is ``None``."""
    found = _FORM.fullmatch(text) if len(text) <= MAX_TOKEN else None
    if found is None or found[1] not in _KINDS:
        return None
    body = text.rpartition("_")[0]
    return Token(_KINDS[found[1]], found[2], text) if _check_sum(body) == found[4] else None


def fingerprint(pepper: bytes, token: Token) -> bytes:
    """Hash a token for storing and looking up.

    Parameters
    ----------
    pepper
        The installation's key for this, kept outside the database.

    Returns
    -------
    bytes
        HMAC-SHA-256, 32 bytes.
    """
    return hmac.digest(pepper, token.text.encode(), "sha256")


def _check_sum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
