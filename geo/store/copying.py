"""Copy rows in bulk: through COPY, as text, in large pieces."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

import shapely
from psycopg import Connection, sql
from psycopg.errors import DataError, IntegrityError
from sqlalchemy import func, select

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

_POINT = struct.Struct("<BIIdd")
_EWKB_POINT: Final = 0x20000001
_WGS84: Final = 4326
_PIECE: Final = 500
_TIDY: Final = """
    SELECT gin_clean_pending_list(c.oid)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS m ON m.oid = c.relam
    WHERE i.indrelid = CAST(%(table)s AS regclass) AND m.amname = 'gin'
"""
"""New entries of an inverted index wait in a list that every search reads through, until it is tidied."""
_MARKS: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def point_ewkb(lon: float, lat: float) -> str:
    """Write a WGS 84 point as PostGIS reads it."""
    return _POINT.pack(1, _EWKB_POINT, _WGS84, lon, lat).hex()


def shape_ewkb(shape: BaseGeometry) -> str:
    """Write a WGS 84 shape as PostGIS reads it."""
    written: str = shapely.to_wkb(shapely.set_srid(shape, _WGS84), hex=True, include_srid=True)
    return written


class Copying:
    """Copies rows of the session's network within its transaction.

    Parameters
    ----------
    session
        The operator's: under a policy PostgreSQL refuses to copy.

    Raises
    ------
    TypeError
        If the session does not speak through psycopg 3.
    """

    def __init__(self, session: Session) -> None:
        driver = session.connection().connection.driver_connection
        if not isinstance(driver, Connection):
            msg = "rows are copied through psycopg 3"
            raise TypeError(msg)
        self._driver = driver
        self._network = str(session.scalar(select(func.current_network())))

    def rows(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Copy rows into a table that has a ``network_id``, and let the planner know of them.

        Parameters
        ----------
        table, columns
            Where to.
        rows
            Values in the order of the columns; shapes as EWKB in hexadecimal, arrays in PostgreSQL's braces.

        Raises
        ------
        InvalidInput
            If the database refuses a row; the message names the rule and no value.
        """
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, ("network_id", *columns)))
        )
        try:
            with self._driver.cursor() as cursor, cursor.copy(statement) as copy:
                for piece in self._pieces(rows):
                    copy.write(piece)
        except (IntegrityError, DataError) as error:
            rule = error.diag.constraint_name or "of its type"
            raise InvalidInput(f"a row for {table} breaks the rule {rule}") from None
        # the planner would otherwise treat a freshly filled table as empty
        self._driver.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
        self._driver.execute(_TIDY, {"table": table})

    def _pieces(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
        lines: list[str] = []
        for row in rows:
            values = "\t".join([_written(value) for value in row])
            lines.append(f"{self._network}\t{values}\n")
            if len(lines) == _PIECE:
                yield "".join(lines)
                lines.clear()
        yield "".join(lines)


def _written(value: Any) -> str:  # noqa: ANN401 - whatever a column holds
    if value is None:
        return "\\N"
    if type(value) is not str:
        return str(value)
    # letters and digits alone are most of what is written, and have no marks
    return value if value.isalnum() else value.translate(_MARKS)
