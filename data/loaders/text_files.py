"""Text files of any size, plain or gzipped: read as a stream, in lines of bounded length, with the bytes counted."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from geo.errors import SourceUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    Watch = Callable[[int, int], None]
    """Told how many bytes of the file, as it lies there, are in, and how many there are."""

MAX_LINE: Final = 1_000_000
"""Characters of a line; a longer one is a bad row, and its rest is passed over."""
_TOO_LONG: Final = 200_000
_GZIP: Final = b"\x1f\x8b"
_FREE_BYTES: Final = 64_000_000
_MOST_TIMES: Final = 200
"""Registers shrink five to thirty times; a file made to fill the machine shrinks a thousand times."""


def nobody(_done: int, _total: int) -> None:
    """Watch nothing."""


class _Unpacked(io.RawIOBase):
    """What a gzipped file holds, up to a bound."""

    def __init__(self, packed: BinaryIO, name: str) -> None:
        self._packed, self._name, self._out = packed, name, 0
        self._stream = gzip.GzipFile(fileobj=packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._stream.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise SourceUnreadable(f"{self._name} is a damaged gzip file") from None
        self._out += len(piece)
        if self._out > _FREE_BYTES + _MOST_TIMES * self._packed.tell():
            raise SourceUnreadable(f"{self._name} unpacks to far more than a file of this size should")
        buffer[: len(piece)] = piece
        return len(piece)


class TextFile:
    """An open file; ``done`` of ``total`` bytes are in, counted as they lie there, packed or not."""

    def __init__(self, raw: BinaryIO, text: io.TextIOWrapper, total: int) -> None:
        self._raw, self._text, self.total = raw, text, total

    @property
    def done(self) -> int:
        """How many bytes are in."""
        return min(self._raw.tell(), self.total)

    def read(self, most: int) -> str:
        """Read up to so many characters; none at the end."""
        return self._text.read(most)

    def lines(self) -> Iterator[str]:
        """Give the lines with their ends, one that is too long as a cell that is too long."""
        readline = self._text.readline
        while line := readline(MAX_LINE):
            if len(line) < MAX_LINE or line[-1] in "\r\n":
                yield line
                continue
            while line and line[-1] not in "\r\n":
                line = readline(MAX_LINE)
            yield "x" * _TOO_LONG + "\n"


@contextmanager
def open_text(path: Path) -> Iterator[TextFile]:
    """Open a file in UTF-8, gzipped or not, whatever it is called.

    Bytes that are no UTF-8 come through as lone surrogates, so that one bad row does not end the file.

    Raises
    ------
    SourceUnreadable
        If it cannot be opened, is a damaged gzip file, or unpacks to far more than a file of its size should.
    """
    try:
        with path.open("rb") as raw:
            total = path.stat().st_size
            is_packed = raw.read(len(_GZIP)) == _GZIP
            raw.seek(0)
            binary: BinaryIO = io.BufferedReader(_Unpacked(raw, path.name), 1 << 16) if is_packed else raw
            text = io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")
            yield TextFile(raw, text, total)
    except OSError as error:
        raise SourceUnreadable(f"{path.name} cannot be opened: {error.strerror}") from None


def is_json(path: Path) -> bool:
    """Tell whether a file begins as JSON does, or as a sequence of JSON texts (RFC 8142)."""
    with open_text(path) as file:
        return file.read(1_000).lstrip(" \t\r\n\x1e")[:1] == "{"


def stem_of(path: Path) -> str:
    """Give a file's name without what it ends on, ``.gz`` before that included."""
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[0] or name


def is_text(text: str) -> bool:
    """Tell whether text came from UTF-8 and holds no character that ends a text in the database."""
    return (text.isascii() and "\0" not in text) or not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)
