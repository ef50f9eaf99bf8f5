"""Named statements put to the driver itself: building one anew takes as long as a quick answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from geo.store.sql import load_queries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection
    from sqlalchemy.orm import Session


class Questions:
    """The statements of one file, put within the session's transaction.

    Parameters
    ----------
    session
        Any session.
    noun
        The file's name without its ending.
    """

    def __init__(self, session: Session, noun: str) -> None:
        self._session = session
        self._statements = load_queries(noun)

    def ask(
        self, name: str, values: Mapping[str, object] | Sequence[object] | None = None
    ) -> Sequence[tuple[Any, ...]]:
        """Put one of them; ``values`` are bound by name or in their order."""
        driver = cast("Connection[tuple[Any, ...]]", self._session.connection().connection.driver_connection)
        with driver.cursor(binary=True) as cursor:
            return cursor.execute(self._statements[name].encode(), values or {}).fetchall()
