"""Passwords and one-time codes, by maintained libraries: argon2id (RFC 9106) and TOTP (RFC 6238)."""

from __future__ import annotations

import time
import unicodedata
from functools import cache
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo.errors import InvalidInput

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 200
MAX_LOGIN: Final = 100
_STEP_S: Final = 30
# 19 MiB, two passes, one lane: what OWASP advises, and about 70 ms of one core; the library's default is ten times that
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def canonical_login(login: str) -> str:
    """Write a login name the one way it is stored and compared.

    Raises
    ------
    InvalidInput
        If it is empty, too long, or has characters that cannot be seen.
    """
    plain = unicodedata.normalize("NFKC", login).strip().casefold()
    if not plain or len(plain) > MAX_LOGIN or not plain.isprintable():
        raise InvalidInput("a login name has 1 to 100 visible characters", field="login")
    return plain


def hash_password(password: str) -> str:
    """Hash a new password.

    Raises
    ------
    InvalidInput
        If it is shorter than ``MIN_PASSWORD`` or longer than ``MAX_PASSWORD``.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InvalidInput(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters", field="password")
    return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    return _HASHER.hash("a password that belongs to nobody")


def password_fits(kept: str | None, password: str) -> bool:
    """Check a password. Without a kept hash the same work is done, so that the time tells nothing about who exists."""
    try:
        fits = _HASHER.verify(kept or _nobodys(), password[: MAX_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return fits and kept is not None


def new_totp_secret() -> str:
    """Make the secret of an authenticator app, in base 32."""
    return pyotp.random_base32()


def totp_address(secret: str, *, login: str, issuer: str) -> str:
    """Write the ``otpauth:`` address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def totp_step(secret: str, code: str, *, after_step: int | None = None, now: float | None = None) -> int | None:
    """Check a one-time code.

    Parameters
    ----------
    secret
        Base 32.
    code
        Six digits.
    after_step
        The step of the last code that was taken; a code is good once.
    now
        Seconds since 1970; the clock when left out. One step of difference between clocks is forgiven.

    Returns
    -------
    int or None
        The step the code belongs to, to be remembered; nothing when it does not fit.
    """
    step = int((time.time() if now is None else now) // _STEP_S)
    plain = code.replace(" ", "")
    for candidate in (step, step - 1, step + 1):
        fits = pyotp.TOTP(secret).verify(plain, for_time=candidate * _STEP_S)
        if fits and (after_step is None or candidate > after_step):
            return candidate
    return None
