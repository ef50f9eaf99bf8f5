"""A directory as it is handed in: a zip of tables, or JSON, told apart by its first bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.interchange.hsds_json import read_json
from geo.interchange.hsds_package import ANY_SIZE, read_package

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from geo.interchange.hsds_package import Sizes
    from geo.interchange.hsds_tables import Record


def read_directory(stream: BinaryIO, sizes: Sizes = ANY_SIZE) -> tuple[Iterator[Record], tuple[str, ...]]:
    """Read a package or JSON as fully nested services.

    Parameters
    ----------
    stream
        An open, seekable file.
    sizes
        How much a package may unpack to.

    Returns
    -------
    tuple
        The services, and the names of tables that have no use here.

    Raises
    ------
    SourceUnreadable
        If it cannot be read, or is larger than it may be.
    """
    is_zip = stream.read(2) == b"PK"
    stream.seek(0)
    return read_package(stream, sizes) if is_zip else (read_json(stream), ())
