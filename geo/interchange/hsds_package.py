"""HSDS as a tabular data package: a zip of CSV files and the ``datapackage.json`` that describes them.

What is read was written by others: a package that unpacks to more than it may, holds too many rows, or lies about its
sizes is refused before it fills the memory.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
import struct
import tempfile
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Self

from geo.errors import SourceUnreadable
from geo.interchange.csv_rows import as_cell, of_cell
from geo.interchange.hsds_fields import TABLES, describe_package
from geo.interchange.hsds_tables import Nest, flatten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import BinaryIO, TextIO

    from geo.interchange.hsds_tables import Record

DESCRIPTION: Final = "datapackage.json"
MAX_MEMBERS: Final = 100
MAX_RATIO: Final = 200
"""No table of words packs better than this; what does is meant to fill a disk."""
MAX_CELL: Final = 20_000
MAX_DESCRIPTION: Final = 4 * 1024 * 1024
_SMALL: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much a package may hold.

    Attributes
    ----------
    unpacked
        Bytes that all its files may unpack to together.
    rows
        Rows of one table at most; a directory of a large town has some thousand services.
    """

    unpacked: int = 256 * 1024 * 1024
    rows: int = 200_000

    @property
    def told(self) -> str:
        """What is said of a package that is larger."""
        return f"the package unpacks to more than {self.unpacked // 1024**2} MiB"


ANY_SIZE: Final = Sizes()
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError, EOFError,
    ValueError, OSError,
)  # fmt: skip
"""What the reader of zip files raises at bytes that are none, places before the beginning of the file included."""
_ONCE: Final = frozenset({"organization", "taxonomy_term", "taxonomy"})
_NUMBER: Final = re.compile(r"\+[0-9][0-9 ()./-]{2,40}", re.ASCII)
"""A number to call, whose plus stays first: with an apostrophe before it, it would ring nowhere."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def write_package(target: BinaryIO, services: Iterable[Mapping[str, Any]], *, title: str) -> int:
    """Write fully nested services as a package, one by one.

    Parameters
    ----------
    target
        An open file; the same services give the same bytes.
    services
        As ``geo.interchange.hsds.full_service`` makes them.
    title
        Of the package.

    Returns
    -------
    int
        How many services were written.
    """
    count = 0
    with ExitStack() as stack:
        parts = {name: stack.enter_context(_Part(name)) for name in TABLES}
        for count, service in enumerate(services, start=1):  # noqa: B007 - the count is the result
            for name, row in flatten(service):
                parts[name].add(row)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
            described = json.dumps(describe_package(title=title), ensure_ascii=False, indent=1)
            package.writestr(zipfile.ZipInfo(DESCRIPTION, _EPOCH), described, zipfile.ZIP_DEFLATED)
            for part in parts.values():
                part.store(package)
    return count


class _Part:
    """The CSV file of one table while it is being written: in memory while it is small, on disk otherwise."""

    def __init__(self, name: str) -> None:
        self._table, self._seen = TABLES[name], set[str]()
        self._raw = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115 - closed by __exit__
        self._text = io.TextIOWrapper(self._raw, "utf-8", newline="", write_through=True)
        self._writer = csv.DictWriter(self._text, self._table.columns, lineterminator="\r\n")

    def __enter__(self) -> Self:
        self._writer.writeheader()
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row; of what several services share, only the first."""
        if self._table.name in _ONCE:
            if row["id"] in self._seen:
                return
            self._seen.add(row["id"])
        self._writer.writerow({name: _cell(value) for name, value in row.items()})

    def store(self, package: zipfile.ZipFile) -> None:
        """Put the file into the package."""
        self._text.flush()
        self._raw.seek(0)
        info = zipfile.ZipInfo(self._table.path, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        with package.open(info, "w") as target:
            while piece := self._raw.read(_SMALL):
                target.write(piece)


def _cell(value: Any) -> Any:  # noqa: ANN401 - whatever JSON knows
    return value if isinstance(value, str) and _NUMBER.fullmatch(value) else as_cell(value)


def read_package(stream: BinaryIO, sizes: Sizes = ANY_SIZE) -> tuple[Iterator[Record], tuple[str, ...]]:
    """Read a package as fully nested services.

    Parameters
    ----------
    stream
        An open, seekable zip file.
    sizes
        How much it may hold.

    Returns
    -------
    tuple
        The services, nested, in the order of their table; and the names of tables that have no use here.

    Raises
    ------
    SourceUnreadable
        If it is no zip of CSV files, has no services, holds more than it may, or does not say what it holds.
    """
    try:
        with zipfile.ZipFile(stream) as package:
            _check_sizes(package, sizes)
            paths = _paths(package)
            budget = _Budget(sizes)
            tables = {name: list(_rows(package, path, budget)) for name, path in paths.items() if name in TABLES}
    except _BROKEN as error:
        raise SourceUnreadable("this is no zip file that can be read") from error
    if "service" not in tables:
        raise SourceUnreadable("the package has no table of services")
    return Nest(tables).services(), tuple(sorted(set(paths) - set(TABLES)))


def _check_sizes(package: zipfile.ZipFile, sizes: Sizes) -> None:
    members = package.infolist()
    if len(members) > MAX_MEMBERS:
        raise SourceUnreadable(f"the package holds more than {MAX_MEMBERS} files")
    if sum(member.file_size for member in members) > sizes.unpacked:
        raise SourceUnreadable(sizes.told)
    if any(member.file_size > _SMALL and member.file_size > MAX_RATIO * member.compress_size for member in members):
        raise SourceUnreadable("a file of the package is packed more tightly than any table of words")


class _Budget:
    """How many bytes may still be unpacked, whatever the zip's own directory says."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes, self._left = sizes, sizes.unpacked

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise SourceUnreadable(self.sizes.told)


class _Counted(io.RawIOBase):
    """A member of the package that counts what it gives."""

    def __init__(self, member: Any, budget: _Budget) -> None:  # noqa: ANN401 - zipfile's own reader
        super().__init__()
        self._member, self._budget = member, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a buffer, as the io module has it
        piece = self._member.read(len(buffer))
        self._budget.spend(len(piece))
        buffer[: len(piece)] = piece
        return len(piece)


def _paths(package: zipfile.ZipFile) -> dict[str, str]:
    """Find the file of each table: as the description says, or else by the file's own name."""
    names = {PurePosixPath(name).name: name for name in package.namelist() if not name.endswith("/")}
    described = _described(package, names.get(DESCRIPTION))
    by_path = {PurePosixPath(table.path).name: table.name for table in TABLES.values()}
    found = described or {by_path.get(name, name.removesuffix(".csv")): name for name in names if name.endswith(".csv")}
    return {name: names[PurePosixPath(path).name] for name, path in found.items() if PurePosixPath(path).name in names}


def _described(package: zipfile.ZipFile, name: str | None) -> dict[str, str]:
    if name is None:
        return {}
    if package.getinfo(name).file_size > MAX_DESCRIPTION:
        raise SourceUnreadable(f"{DESCRIPTION} is too long")
    try:
        with package.open(name) as member:
            resources = json.loads(member.read(MAX_DESCRIPTION))["resources"]
        return {str(one["name"]): str(one["path"]) for one in resources if isinstance(one.get("path"), str)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SourceUnreadable(f"{DESCRIPTION} does not describe the files of the package") from None


def _rows(package: zipfile.ZipFile, path: str, budget: _Budget) -> Iterator[Record]:
    with package.open(path) as member:
        text = io.TextIOWrapper(io.BufferedReader(_Counted(member, budget)), "utf-8-sig", newline="")
        yield from _records(text, path, budget.sizes.rows)


def _records(text: TextIO, path: str, most: int) -> Iterator[Record]:
    reader = csv.reader(text, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        for count, cells in enumerate(reader, start=1):
            if count > most:
                raise SourceUnreadable(f"{PurePosixPath(path).name} has more than {most} rows")
            found = {name: of_cell(cell) for name, cell in zip(header, cells, strict=False) if cell.strip()}
            if any(len(cell) > MAX_CELL for cell in cells):
                raise SourceUnreadable(f"row {count} of {PurePosixPath(path).name} has a cell that is too long")
            if found:
                yield found
    except (UnicodeDecodeError, csv.Error):
        raise SourceUnreadable(f"{PurePosixPath(path).name} is no CSV file in UTF-8") from None
