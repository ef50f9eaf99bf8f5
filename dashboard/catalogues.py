"""Catalogues made from the source: ``python -m dashboard.catalogues`` adds what is new and drops what is gone.

What is added has no translation yet, and the tests say so until it has.
"""

from __future__ import annotations

import ast
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from dashboard.translation import FOLDER, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE: Final = Path(__file__).parent
_WIDTH: Final = 110
_UNREAD: Final = "nobody who speaks it has read these yet"
_FIRST: Final = datetime(2026, 11, 29, tzinfo=UTC)
Message = str | tuple[str, str]


def list_messages(folder: Path = SOURCE) -> list[Message]:
    """List what the source says, each once: a text, or both forms of one that counts.

    Raises
    ------
    TypeError
        If something is said that is not a constant.
    """
    found = [message for path in sorted(folder.rglob("*.py")) for message in _messages(path)]
    return sorted(dict.fromkeys(found), key=str)


def _messages(path: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id == "tr" and path.name != "translation.py":
            yield _text(node.args[0], path)
        elif node.func.id == "trn":
            yield _text(node.args[0], path), _text(node.args[1], path)
        elif node.func.id == "Phrases":
            yield from _values(node.args[0], path)


def _values(node: ast.expr, path: Path) -> Iterator[str]:
    if not isinstance(node, ast.Dict):
        raise TypeError(f"{path.name}:{node.lineno}: phrases are written where they are made")
    for value in node.values:
        yield from (_text(word, path) for word in (value.elts if isinstance(value, ast.Tuple) else [value]))


def _text(node: ast.expr, path: Path) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise TypeError(f"{path.name}:{node.lineno}: what is said must be a constant")
    return node.value


def read(code: str) -> Catalog:
    """Read the catalogue of a language."""
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def update(code: str) -> int:
    """Bring a catalogue up to the source; give how many of its messages have no translation."""
    path = FOLDER / f"{code}.po"
    old = read(code) if path.exists() else Catalog(locale=code)
    told = f"# {LANGUAGES[code]}: the words of the dashboard"
    new = Catalog(
        locale=code, project="Barnraiser", version="1", header_comment=told, fuzzy=False, creation_date=_FIRST,
        revision_date=_FIRST, last_translator=_UNREAD, language_team=LANGUAGES[code],
        msgid_bugs_address="CONTRIBUTING.md",
    )  # fmt: skip
    for message in list_messages():
        known = old.get(message[0] if isinstance(message, tuple) else message)
        new.add(message, known.string if known is not None and known.string else None)
    with path.open("wb") as file:
        write_po(file, new, width=_WIDTH, sort_output=True, omit_header=False)
    return sum(not is_told(one.string) for one in new if one.id)


def is_told(string: object) -> bool:
    """Tell whether every form has been translated."""
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def main() -> int:
    """Bring every catalogue up to the source."""
    left = {code: update(code) for code in LANGUAGES if code != "en"}
    for code, count in left.items():
        sys.stdout.write(f"{code}: {count} without a translation\n")
    return int(any(left.values()))


if __name__ == "__main__":
    raise SystemExit(main())
