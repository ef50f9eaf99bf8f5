"""Keep the heads of the audit chains in a second place, every hour while the server runs.

A chain whose tail was cut is whole by itself; only a head kept elsewhere tells. `barnraiser doctor` compares them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.store.audit_chain import HEADS_FILE, append_heads, list_heads

from api.rounds import going_round

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from geo.store.engine import SessionFactory

HOUR_S: Final = 3600.0


def keep_heads(sessions: SessionFactory, home: Path) -> None:
    """Add the present heads to the file in the home folder."""
    with sessions() as session:
        heads = list_heads(session)
    append_heads(heads, home / HEADS_FILE)


def keeping_heads(
    sessions: SessionFactory, home: Path, *, every_s: float = HOUR_S
) -> AbstractAsyncContextManager[None]:
    """Keep them at once and then every hour, until the server stops."""
    return going_round(
        lambda _stop: keep_heads(sessions, home), every_s=every_s, failed="the heads of the audit could not be kept"
    )
