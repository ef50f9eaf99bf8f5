"""Keep the heads of the audit chains in a second place, every hour while the server runs.

A chain whose tail was cut is whole by itself; only a head kept elsewhere tells. `barnraiser doctor` compares them.
"""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from geo.store.audit_chain import HEADS_FILE, append_heads, list_heads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from geo.store.engine import SessionFactory

HOUR_S: Final = 3600.0
_PATIENCE_S: Final = 5.0
_log = logging.getLogger(__name__)


def keep_heads(sessions: SessionFactory, home: Path) -> None:
    """Add the present heads to the file in the home folder."""
    with sessions() as session:
        heads = list_heads(session)
    append_heads(heads, home / HEADS_FILE)


class Hourly:
    """Do something at once and then every so often, in a thread, for as long as the block runs.

    Parameters
    ----------
    do
        What to do. When the disk or the database refuses, that is logged, and done again the next time.
    every_s
        Seconds between.
    """

    def __init__(self, do: Callable[[], None], *, every_s: float = HOUR_S) -> None:
        self._do, self._every_s, self._stop = do, every_s, Event()
        self._thread = Thread(target=self._run, name="hourly", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        # a database that hangs must not keep the server from stopping
        self._thread.join(_PATIENCE_S)

    def _run(self) -> None:
        self._attempt()
        while not self._stop.wait(self._every_s):
            self._attempt()

    def _attempt(self) -> None:
        try:
            self._do()
        except (OSError, SQLAlchemyError) as error:
            _log.warning("the heads of the audit could not be kept: %s", type(error).__name__)
