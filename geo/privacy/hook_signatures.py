"""Signatures of gateways that hand texts in: made and compared, in a time that tells nothing.

The plain form is that of Standard Webhooks 1.0: HMAC-SHA-256 over ``id.timestamp.body``, in base64 after ``v1,``. The
other is Twilio's, as its documentation on webhook security describes it: HMAC-SHA-1 over the full address and, for a
form, each name followed by its value, sorted by name.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW_S: Final = 300
"""For how long a signed text may be on its way, and how far two clocks may be apart."""
_BYTES: Final = 32
_PREFIX: Final = "whsec_"
_MOST_SIGNATURES: Final = 5
_STAMP: Final = re.compile(r"[0-9]{9,11}", re.ASCII)


def mint_hook_secret() -> str:
    """Make a secret for a gateway: ``whsec_`` and 256 random bits in base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def sign_plain(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Sign a text as a plain gateway does.

    Parameters
    ----------
    timestamp
        Seconds since 1970, as text.
    """
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def is_plain_signed(
    secret: str, *, message_id: str, timestamp: str, body: bytes, signatures: str, now_s: float
) -> bool:
    """Tell whether one of the signatures is good, and the text not too old or from the future.

    Parameters
    ----------
    signatures
        Parted by spaces, so that a secret can be changed without a gap.
    now_s
        Seconds since 1970.
    """
    in_time = bool(_STAMP.fullmatch(timestamp)) and abs(now_s - int(timestamp)) <= WINDOW_S
    expected = sign_plain(secret, message_id, timestamp, body).encode()
    found = False
    for given in signatures.split(" ")[:_MOST_SIGNATURES]:
        found |= hmac.compare_digest(expected, given.encode("utf-8", "replace"))
    return found and in_time


def sign_twilio(token: str, url: str, form: Sequence[tuple[str, str]]) -> str:
    """Sign a form as Twilio does.

    Parameters
    ----------
    token
        The account's auth token.
    url
        The full address that was given to Twilio, with its query.
    form
        Each name and value of the body; of a name that comes more than once, each value once, in order.
    """
    pairs = "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.digest(token.encode(), (url + pairs).encode(), "sha1")).decode()


def is_twilio_signed(token: str, *, url: str, form: Sequence[tuple[str, str]], signature: str) -> bool:
    """Tell whether a form was signed by whoever holds the auth token."""
    expected = sign_twilio(token, url, form).encode()
    return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
