"""Tables that are wrong in hundreds of ways: rows that must be held by their field, and files that must be refused."""

# ruff: noqa: RUF001 - signs of other scripts are what is tested

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import zipfile
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS: Final = (
    "key", "category", "urgency", "household_size", "languages", "access", "address", "lon", "lat", "geopoint",
    "accuracy_m", "received_at", "withheld", "consent", "phone", "email", "contact_name", "contact_note",
)  # fmt: skip
LONG: Final = "x" * 400
_NUMBERS: Final = (
    "NaN",
    "inf",
    "-Infinity",
    "1e5",
    "60°10'",
    "N60",
    "--1",
    "0x1F",
    "١٢",
    "1.000,5",
    "1 2",
    "٫5",
    "abc",
)
_BAD: Final[dict[str, tuple[str, ...]]] = {
    "category": ("", "nonsense", "food and water", "食べ物", "=1+1", "@SUM(1)", "<script>", "FO0D", "{{7*7}}"),
    "urgency": ("sometime", "1", "=HYPERLINK()", "urgent!!now"),
    "household_size": ("0", "-1", "51", "1e3", "٣", "1.5", "NaN", "many", "99999999999", "0x3", "3 people", "½", "=3"),
    "languages": ("english please", ",".join(f"a{chr(97 + n)}" for n in range(26)), "f", "fi_FI!", "123"),
    "access": ("jetpack", "no_car;jetpack", "stairs?"),
    "address": (LONG, "a\x01b", "Katu\x071", "Katu\x7f5"),
    "lon": tuple(f"{value}|60.17" for value in (*_NUMBERS, "181", "-1800")),
    "lat": tuple(f"24.94|{value}" for value in (*_NUMBERS, "91", "-90.5")),
    "geopoint": ("60.17", "60.17 24.94 1 2 3", "north", "60.17;24.94", "POINT(24.94 60.17)"),
    "accuracy_m": ("24.94|60.17|far", "24.94|60.17|-5", "24.94|60.17|1000000", "24.94|60.17|NaN"),
    "received_at": ("3/4/2026", "yesterday", "2099-01-01", "1999-12-31", "32.1.2026", "450000000", "2026-13-01",
                    "12:00", "0001-01-01", "9999-12-31T23:59:59-23:59"),
    "withheld": ("perhaps", "2", "=TRUE()"),
    "consent": ("perhaps|040 123", "ask her|040 123"),
    "phone": ("yes|call me", "yes|" + "1" * 60, "yes|=1+1", "yes|12"),
    "email": ("yes|a@b@c", "yes|nobody", "yes|a b@c", "yes|" + "a" * 100 + "@b.c"),
    "contact_name": ("yes|" + LONG, "yes|a\x01b"),
    "contact_note": ("yes|" + "x" * 4100,),
    "row": ("1.5|2.5", "60.17|24.94", "-24.94|60.17", "0|0", "0.0001|0.0001", "10|60.17"),
}  # fmt: skip
_SPLIT: Final = {
    "lon": ("lon", "lat"), "lat": ("lon", "lat"), "accuracy_m": ("lon", "lat", "accuracy_m"), "row": ("lon", "lat"),
    "consent": ("consent", "phone"), **{n: ("consent", n) for n in ("phone", "email", "contact_name", "contact_note")},
}  # fmt: skip
Cells = dict[str, str]


def bad_rows() -> list[tuple[str, Cells]]:
    """Give rows that cannot be used, each with the field it is held by; ``row`` where the place is what is wrong."""
    found: list[tuple[str, Cells]] = []
    for field, values in _BAD.items():
        for value in values:
            names = _SPLIT.get(field, (field,))
            given = dict(zip(names, value.split("|", len(names) - 1), strict=True))
            found.append((field, {"category": "food"} | given))
    return [(field, dict.fromkeys(COLUMNS, "") | cells | {"key": f"bad{n}"}) for n, (field, cells) in enumerate(found)]


def good_row(number: int) -> Cells:
    """Give a row that nothing is wrong with."""
    return dict.fromkeys(COLUMNS, "") | {"key": f"good{number}", "category": "food"}


def mixed() -> Iterator[tuple[str | None, Cells]]:
    """Put each bad row between good ones."""
    yield None, good_row(0)
    for number, (field, cells) in enumerate(bad_rows(), start=1):
        yield field, cells
        yield None, good_row(number)


def as_csv(rows: list[Cells], *, sign: str = ",", encoding: str = "utf-8") -> bytes:
    """Write rows as text."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, COLUMNS, delimiter=sign)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode(encoding)


def as_lines(rows: list[Cells]) -> bytes:
    """Write rows as JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_sheet(rows: list[Cells]) -> bytes:
    """Write rows as a workbook; what a workbook cannot hold is left out of it."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book, raw = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("one")
    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append([_plain(sheet, ILLEGAL_CHARACTERS_RE.sub("\x7f", cell)) for cell in row.values()])
    book.save(raw)
    return raw.getvalue()


def _plain(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def bad_lines() -> dict[str, bytes]:
    """Give lines that are no rows, as bytes; the row before and the row after each must be taken in."""
    width = len(COLUMNS)
    return {
        "more cells than columns": b",".join([b"k", b"food", *[b""] * width, b"beyond"]),
        "a quote in the middle": b'k,"food"x' + b"," * (width - 2),
        "a NUL": b"k,fo\x00od" + b"," * (width - 2),
        "a NUL in the name": b"\x00,food" + b"," * (width - 2),
        "Latin-1": "k,food,,,,,Hämeentie 1".encode("latin-1") + b"," * (width - 7),
        "GB18030": "k,food,,,,,北京路 1".encode("gb18030") + b"," * (width - 7),
        "Shift-JIS": "k,食べ物".encode("shift-jis") + b"," * (width - 2),
        "KOI8-R": "k,еда".encode("koi8-r") + b"," * (width - 2),
        "half a letter": b"k,food,,,,,H\xc3" + b"," * (width - 7),
        "a surrogate": b"k,food,,,,,\xed\xa0\x80" + b"," * (width - 7),
        "an overlong slash": b"k,food,,,,,\xc0\xaf" + b"," * (width - 7),
        "UTF-16 inside": "k,food".encode("utf-16"),
        "UTF-32 inside": "k,food".encode("utf-32").replace(b"\x00\x00\x00", b"\xff\x00\x00"),
        "a million columns": b"k,food" + b"," * 1_000_000,
        "a cell of 100 kB": b"k,food,,,,," + b"x" * 100_000 + b"," * (width - 7),
        "a line of 3 MB": b"k,food,,,,," + b"x" * 3_000_000,
        "bytes of a picture": b"\x89PNG\x1a\x00\x00IHDR\x00",
        "bytes of a zip": b"PK\x03\x04\x14\x00\x08\x00",
        "random bytes": bytes(b for b in random.Random(0).randbytes(400) if b not in b'\r\n"'),  # noqa: S311 - makes input
        "an entity bomb": b"<!DOCTYPE lolz [<!ENTITY lol 'lol'>]><lolz>&lol;</lolz>",
        "a web page": b"<html><script>alert(1)</script></html>",
        "SQL": b"k'; DROP TABLE need; --",
    }


def workbook(*rows: list[object]) -> bytes:
    """Write a small workbook."""
    book, raw = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(raw)
    return raw.getvalue()


def rezipped(raw: bytes, named: dict[str, bytes | None]) -> bytes:
    """Write a workbook again with some of its parts replaced, added, or left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in named:
                new.writestr(part.filename, old.read(part.filename))
        for name, content in named.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


PLAIN: Final = workbook(["category", "address"], ["food", "Katu 1"], ["water", ""])
_BOMB: Final = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9))
    + b"]><lolz>&j;</lolz>"
)
_OUTSIDE: Final = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
_PARTS: Final = (
    "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml",
    "xl/_rels/workbook.xml.rels", "_rels/.rels", "xl/theme/theme1.xml",
)  # fmt: skip


@cache
def refused_files() -> dict[str, tuple[str, bytes]]:
    """Give files that are no tables at all: by name, the kind they say they are, and their bytes."""
    found: dict[str, tuple[str, bytes]] = {
        "nothing": ("csv", b""),
        "an endless header": ("csv", b"a" * 3_000_000),
        "two thousand columns": ("csv", b",".join(f"c{n}".encode() for n in range(2_000)) + b"\n"),
        "a million columns": ("csv", b"a" + b"," * 1_000_000 + b"\n"),
        "a header in Latin-1": ("csv", "luokka,lääke\nruoka,1\n".encode("latin-1")),
        "a header in GB18030": ("csv", "类别,地址\n食物,\n".encode("gb18030")),
        "a header in Shift-JIS": ("csv", "食べ物,住所\n".encode("shift-jis")),
        "a header that is never closed": ("csv", b'"category,address\n' + b"food,\n" * 300),
        "a picture": ("csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
        "a gzip": ("csv", gzip.compress(b"category\nfood\n")),
        "macros": ("xlsx", rezipped(PLAIN, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"x" * 1000})),
        "macros by another name": ("xlsx", rezipped(PLAIN, {"XL/VBAPROJECT.BIN": b"x"})),
        "an old workbook": ("xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000),
        "a text": ("xlsx", b"category,address\nfood,\n"),
        "a PDF": ("xlsx", b"%PDF-1.7\n1 0 obj\n"),
        "a web page": ("xlsx", b"<html><table><tr><td>food</td></tr></table></html>"),
        "an empty zip": ("xlsx", b"PK\x05\x06" + b"\x00" * 18),
        "another zip": ("xlsx", _zip({"a.txt": b"a"})),
        "a document": ("xlsx", _zip({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<Types/>"})),
        "three thousand parts": ("xlsx", _zip({f"p{n}": b"" for n in range(3_000)})),
        "a bomb of zeros": ("xlsx", rezipped(PLAIN, {"xl/worksheets/sheet1.xml": b"\x00" * 300_000_000})),
        "a bomb of texts": ("xlsx", rezipped(PLAIN, {"xl/sharedStrings.xml": b"<sst>" + b" " * 80_000_000})),
        "a bomb aside": ("xlsx", rezipped(PLAIN, {"docProps/bomb.bin": b"\x00" * 80_000_000})),
        "no sheet": ("xlsx", rezipped(PLAIN, {"xl/worksheets/sheet1.xml": None})),
        "no workbook": ("xlsx", rezipped(PLAIN, {"xl/workbook.xml": None})),
        "an empty workbook": ("xlsx", workbook()),
    }  # fmt: skip
    for part in _PARTS:
        found[f"an entity bomb in {part}"] = ("xlsx", rezipped(PLAIN, {part: _BOMB}))
        found[f"an outside entity in {part}"] = ("xlsx", rezipped(PLAIN, {part: _OUTSIDE}))
        found[f"UTF-16 in {part}"] = ("xlsx", rezipped(PLAIN, {part: _BOMB.decode().encode("utf-16")}))
    return found


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


def damaged_files() -> Iterator[tuple[str, bytes]]:
    """Give workbooks that were cut off, or changed in a few places; some can still be read, and none may do harm."""
    draw = random.Random(0)  # noqa: S311 - makes input
    for at in range(0, len(PLAIN), len(PLAIN) // 40):
        yield f"cut at {at}", PLAIN[:at]
    for number in range(60):
        changed = bytearray(PLAIN)
        for _ in range(draw.randint(1, 8)):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        yield f"changed {number}", bytes(changed)
