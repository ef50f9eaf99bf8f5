"""Workbooks with forms, and forms filled in as a program for OpenRosa fills them in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SETTINGS = [["form_title", "form_id", "version"], ["Winter round", "winter", "1"]]
CHOICES = [
    ["list_name", "name", "label::English (en)", "label::Suomi (fi)"],
    ["kinds", "food", "Food", "Ruoka"],
    ["kinds", "water", "Water", "Vesi"],
    ["yesno", "yes", "Yes", "Kyllä"],
    ["yesno", "no", "No", "Ei"],
]
COLUMNS = [
    "type", "name", "label::English (en)", "label::Suomi (fi)", "required", "relevant", "constraint", "barnraiser",
]  # fmt: skip
ROWS = [
    ["start", "begun"],
    ["select_multiple kinds", "need.category", "What is needed?", "Mitä tarvitaan?", "yes"],
    ["begin_group", "home", "The household", "Koti"],
    ["integer", "people", "How many?", "Montako?", "", "", ". > 0 and . <= 50", "household.size"],
    ["text", "heating", "How is it heated?", "Lämmitys?", "", "${people} >= 2 and selected(${need.category}, 'food')"],
    ["end_group"],
    ["geopoint", "location.point", "Where?", "Missä?"],
    ["text", "location.address", "At which address?", "Mikä osoite?"],
    ["select_one yesno", "contact.consent", "May we write it down?", "Saako kirjata?"],
    ["text", "contact.phone", "Telephone", "Puhelin", "", "${contact.consent} = 'yes'"],
    ["image", "picture", "A photo", "Kuva"],
    ["note", "thanks", "Thank you, ${heating}", "Kiitos"],
]


def workbook(**sheets: Iterable[Sequence[Any]]) -> bytes:
    """Write a workbook; a sheet is a list of rows."""
    from openpyxl import Workbook

    book, written = Workbook(), io.BytesIO()
    book.remove(book.active)  # type: ignore[arg-type] # a new one has a sheet
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(written)
    return written.getvalue()


def winter(*, rows: Iterable[Sequence[Any]] = ROWS, choices: Any = CHOICES, settings: Any = SETTINGS) -> bytes:
    """Write a form that asks for a need, with whatever is to be different."""
    return workbook(survey=[COLUMNS, *rows], choices=choices, settings=settings)


def filled(xml: str, answers: Mapping[str, str], instance: str) -> bytes:
    """Fill in the empty instance that a form for ODK programs holds, as these programs do."""
    root = fromstring(xml)
    empty = next(node for node in root.iter() if node.tag.endswith("}instance"))[0]

    def write(node: Any) -> str:
        name = node.tag.rpartition("}")[2]
        if name == "instanceID":
            return f"<orx:instanceID>{instance}</orx:instanceID>"
        inner = "".join(write(child) for child in node) or escape(answers.get(name, ""))
        prefix = "orx:" if name == "meta" else ""
        return f"<{prefix}{name}>{inner}</{prefix}{name}>"

    inner = "".join(write(child) for child in empty)
    opening = f'<data id="{empty.get("id")}" version="{empty.get("version")}" xmlns:orx="http://openrosa.org/xforms">'
    return f"<?xml version='1.0' ?>{opening}{inner}</data>".encode()
