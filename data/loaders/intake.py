"""What loading needs, helpers and assets has in common: ids that repeat, batches, and one savepoint for each row."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from geo.errors import Conflict, GeoError, OutsideServiceArea

from data.loaders.csv_rows import BadRow, read_rows
from data.loaders.osm.extract import file_checksum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from data.loaders.csv_rows import Row
    from data.loaders.tally import Tally

T = TypeVar("T")
SOURCE: Final = "file"
BATCH: Final = 500
MAX_ADDRESS: Final = 500
_MS: Final = 1000
_MASK_48, _MASK_12, _MASK_62 = (1 << 48) - 1, (1 << 12) - 1, (1 << 62) - 1


class Ids:
    """Makes the id of each row from the file's content, so that loading the same file twice adds nothing."""

    def __init__(self, path: Path) -> None:
        self._checksum = file_checksum(path)
        self._changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def of(self, row: Row, at: datetime | None = None) -> UUID:
        """Make the id (UUID version 7) of a row that arrived at ``at``, else when the file was written."""
        drawn = int.from_bytes(hashlib.sha256(f"{self._checksum} {row.line}".encode()).digest()[:10], "big")
        milliseconds = int((at or self._changed_at).timestamp() * _MS) & _MASK_48
        return UUID(int=milliseconds << 80 | 7 << 76 | (drawn >> 62 & _MASK_12) << 64 | 0b10 << 62 | drawn & _MASK_62)


def read_as(path: Path, required: tuple[str, ...], tally: Tally, make: Callable[[Row], T]) -> Iterator[tuple[int, T]]:
    """Read rows and make something of each; bad ones are counted and left out."""
    for row in read_rows(path, required=required):
        if row.bad:
            tally.skip(row.line, row.bad)
            continue
        try:
            made = make(row)
        except BadRow as bad:
            tally.skip(row.line, bad.reason)
        else:
            yield row.line, made


def in_batches(rows: Iterator[T]) -> Iterator[list[T]]:
    """Gather rows into lists of at most ``BATCH``."""
    while batch := list(islice(rows, BATCH)):
        yield batch


def store_row(session: Session, tally: Tally, line: int, store: Callable[[], object]) -> bool:
    """Store one row in a savepoint of its own; what the database refuses is counted and left out."""
    try:
        with session.begin_nested():
            store()
    except Conflict:
        tally.pass_over("already_loaded")
        return False
    except OutsideServiceArea:
        tally.skip(line, "outside_service_area")
        return False
    except GeoError as error:
        tally.skip(line, f"bad_{error.field}" if error.field else "refused")
        return False
    tally.take()
    return True
