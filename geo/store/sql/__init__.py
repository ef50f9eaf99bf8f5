"""Named spatial statements, too long for SQLAlchemy Core: one file a noun, each under a ``-- name --`` header."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_HEADER = re.compile(r"^-- (\w+) --$", re.MULTILINE)


@cache
def load_queries(noun: str) -> dict[str, str]:
    """Read the statements of one file.

    Parameters
    ----------
    noun
        The file's name without its ending.

    Returns
    -------
    dict
        Statement by name; values are bound as ``:name``.
    """
    _, *parts = _HEADER.split((files("geo.store.sql") / f"{noun}.sql").read_text("utf-8"))
    return dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))
