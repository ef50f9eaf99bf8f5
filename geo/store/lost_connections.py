"""Connections that wait in the pool: one that was lost meanwhile is noticed before a request is given it.

Asking the server each time takes longer than many a question. A server that ends, or that ends a connection, closes it,
and that is seen on this side without asking. Only a host that vanished says nothing, so what has waited long is asked.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError

if TYPE_CHECKING:
    from sqlalchemy import Engine

ASKED_AFTER_S: Final = 30.0
"""Seconds in the pool after which a connection is asked whether it is still there."""
_WAITS_SINCE: Final = "waits_since"


def notice_lost_connections(engine: Engine, *, asked_after_s: float = ASKED_AFTER_S) -> None:
    """Have the pool of an engine try another connection where the one it would hand out was lost.

    Parameters
    ----------
    asked_after_s
        Seconds in the pool after which the server is asked.
    """

    def note(_connection: Any, record: Any) -> None:  # noqa: ANN401 - what SQLAlchemy hands over
        record.info[_WAITS_SINCE] = time.monotonic()

    def look(connection: Any, record: Any, _proxy: Any) -> None:  # noqa: ANN401 - likewise
        waited_s = time.monotonic() - record.info.get(_WAITS_SINCE, time.monotonic())
        if (waited_s > asked_after_s or _has_news(connection)) and not _answers(engine, connection):
            # the others were lost with it, most likely
            raise InvalidatePoolError

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", look)


def _has_news(connection: Any) -> bool:  # noqa: ANN401 - a psycopg connection
    """Tell whether a connection that nobody uses is closed, or has something to be read: most often its end."""
    if connection.closed:
        return True
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))


def _answers(engine: Engine, connection: Any) -> bool:  # noqa: ANN401 - likewise
    try:
        return bool(engine.dialect.do_ping(connection))
    except engine.dialect.loaded_dbapi.Error:
        return False
