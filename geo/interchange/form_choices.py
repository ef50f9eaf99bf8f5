"""Choices of a form, and texts in several languages, as the columns of a sheet hold them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geo.domain.forms import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo.interchange.form_sheets import Faults, Row

MAX_CHOICES: Final = 200
"""Choices of one list."""
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_CODE: Final = re.compile(r".*\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)\)\s*")
_COLUMNS: Final = frozenset({"list_name", "name", "label"})


def language_of(column: str) -> str:
    """Give the code of a language as XLSForms write it, such as ``fi`` of ``Suomi (fi)``; the whole, without one."""
    found = _CODE.fullmatch(column)
    return found[1].lower() if found else column.strip()[:40]


def read_texts(cells: Mapping[str, str], base: str) -> dict[str, str]:
    """Read a text in each language it has; one without a language is under the empty code."""
    found = {}
    for column, text in cells.items():
        name, _, language = column.partition("::")
        if name == base and text.strip():
            found[language_of(language)] = text.strip()
    return found


def read_choices(rows: Sequence[Row], faults: Faults) -> dict[str, tuple[Choice, ...]]:
    """Read the lists of the sheet of choices, and note what is wrong with them."""
    found: dict[str, list[Choice]] = {}
    for row in rows:
        in_list, name, labels = row.get("list_name"), row.get("name"), read_texts(row.cells, "label")
        if any(text.strip() and column.partition("::")[0] not in _COLUMNS for column, text in row.cells.items()):
            faults.add("choices", row.number, "", "a column of choices is outside of the subset")
        if not _NAME.fullmatch(in_list) or not _NAME.fullmatch(name):
            faults.add("choices", row.number, "name", "a list and a choice are named by letters, digits and . - _")
        elif name in {choice.name for choice in found.get(in_list, ())}:
            faults.add("choices", row.number, "name", "this choice is there twice")
        elif len(found.get(in_list, ())) >= MAX_CHOICES:
            faults.add("choices", row.number, "", f"a list may have {MAX_CHOICES} choices")
        if not labels:
            faults.add("choices", row.number, "label", "a choice needs a label")
        found.setdefault(in_list, []).append(Choice(name, labels))
    return {name: tuple(choices) for name, choices in found.items()}
