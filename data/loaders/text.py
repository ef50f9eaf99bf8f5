"""Text as it comes from files: made clean before it meets the database."""

from __future__ import annotations

import unicodedata


def clean_text(raw: object, most: int) -> str | None:
    """Make one line of plain text.

    Parameters
    ----------
    raw
        Whatever the file holds.
    most
        The longest that is accepted, in characters.

    Returns
    -------
    str or None
        Normalised (NFC) with single spaces and without control or direction characters; ``None`` if nothing is
        left, or more than ``most`` characters are.
    """
    if not isinstance(raw, str):
        return None
    if raw.isascii() and raw.isprintable():
        plain = raw
    else:
        plain = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in unicodedata.normalize("NFC", raw))
    line = " ".join(plain.split())
    return line if 0 < len(line) <= most else None
