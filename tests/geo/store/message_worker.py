"""A worker to be killed: ``python -m tests.geo.store.message_worker URL MINUTES [FILE]``.

It sends what is due over and over, with a clock that is ahead by some minutes, so that the leases of those that were
killed before it are over. With a file it notes each key there before it says that the message was sent.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from geo.domain.messages import Channel
from geo.store.engine import make_engine, make_sessions
from geo.store.sending import NobodySends, Sender, send_due

from tests.ring import RING


class Notary:
    """Sends by writing the key of each message to the disk."""

    channels = frozenset({Channel.EMAIL})

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def send(self, channel: Channel, address: str, text: str, *, key: str) -> None:  # noqa: ARG002 - as Sender has it
        os.write(self._file, f"{key}\n".encode())
        os.fsync(self._file)


def work(url: str, ahead: timedelta, sender: Sender) -> None:
    engine = make_engine(url)
    sessions = make_sessions(engine, keys=RING)
    while True:
        try:
            send_due(sessions, sender, clock=lambda: datetime.now(UTC) + ahead, batch=20)
        except SQLAlchemyError:
            # the database was killed; it comes back
            engine.dispose()
        time.sleep(0.02)


if __name__ == "__main__":
    given = sys.argv[1:]
    work(given[0], timedelta(minutes=int(given[1])), Notary(Path(given[2])) if len(given) > 2 else NobodySends())
