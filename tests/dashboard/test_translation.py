"""Every word of the dashboard has its translation, with the same parts, and no sentence is drawn without being said."""

from __future__ import annotations

import ast
import re
import string
from typing import TYPE_CHECKING, Any, Final

import pytest
from streamlit.testing.v1 import AppTest

from geo.domain.words import CATEGORY_LABELS

from dashboard import catalogues, translation
from dashboard.category_words import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHERS = [code for code in translation.LANGUAGES if code != "en"]
SAYS: Final = {"tr", "trn", "Phrases"}
DRAWN: Final = {
    "button", "caption", "checkbox", "data_editor", "date_input", "download_button", "error", "expander",
    "file_uploader", "form_submit_button", "header", "html", "info", "link_button", "markdown", "metric",
    "multiselect", "number_input", "pills", "popover", "radio", "segmented_control", "selectbox", "slider", "spinner",
    "subheader", "success", "tabs", "text_area", "text_input", "time_input", "title", "toast", "toggle", "warning",
    "write", "say", "refuse", "empty", "heading", "sure", "head",
}  # fmt: skip
"""What puts words on a page, ours and Streamlit's."""
UNREAD: Final = {
    "key", "icon", "type", "width", "shortcut", "args", "language", "autocomplete", "format",
    "label_visibility", "bind", "icon_position", "selection_mode", "on_change",
}  # fmt: skip
MARKUP: Final = re.compile(
    r"<style>.*|<[^>]*>|&[a-z]+;|:material/\w+:|\{[^}]*\}|<\w+|\b[\w-]+=(?:'[^']*'?)?", re.DOTALL
)
SENTENCE: Final = re.compile(r"[A-Za-z]{2,}[,;:.]? [A-Za-z]{2,}")
WORD: Final = re.compile(r"[A-Za-z]{2,}")


def parts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", OTHERS)
def test_every_word_has_its_translation_with_the_same_parts(code: str) -> None:
    found = {one.id: one.string for one in catalogues.read(code) if one.id}
    wanted = catalogues.list_messages()
    assert sorted(found, key=str) == wanted, "run: python -m dashboard.catalogues"
    forms = catalogues.read(code).num_plurals
    for message in wanted:
        said = found[message]
        many = isinstance(message, tuple)
        assert catalogues.is_told(said), message
        assert not many or len(said) == forms
        english = set().union(*map(parts_of, message if many else [message]))
        for form in said if many else [said]:
            # one thing, or two, may be a word without its number
            assert english - parts_of(form) <= ({"n", "count", "gap"} if many else set()), (message, form)
            assert parts_of(form) <= english, (message, form)


def test_nothing_is_drawn_that_is_not_said() -> None:
    found = {path.relative_to(catalogues.SOURCE).as_posix(): set(unsaid(path)) for path in sources()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def sources() -> Iterator[Path]:
    for path in sorted(catalogues.SOURCE.rglob("*.py")):
        if path.name not in ("translation.py", "catalogues.py"):
            yield path


def unsaid(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    quiet = {id(inner) for node in ast.walk(tree) if is_quiet(node) for inner in ast.walk(node)}
    # a piece of a text with holes may begin within a tag: the text is read as a whole
    quiet |= {id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
    for node in ast.walk(tree):
        if id(node) in quiet or not isinstance(node, (ast.Constant, ast.JoinedStr, ast.Call)):
            continue
        if isinstance(node, ast.Call):
            yield from (f"{node.lineno}: {text}" for text in drawn(node, quiet))
        elif SENTENCE.search(bare := MARKUP.sub(" ", text_of(node))):
            yield f"{node.lineno}: {' '.join(bare.split())}"


def is_quiet(node: ast.AST) -> bool:
    """Tell what nobody reads on a page, and what is said already."""
    if isinstance(node, ast.Call):
        # a log is not read on a page, and a command is typed as it is
        is_noted = isinstance(node.func, ast.Attribute) and node.func.attr in ("exception", "code")
        return is_noted or (isinstance(node.func, ast.Name) and node.func.id in SAYS)
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, (ast.Raise, ast.arg, ast.Assert))


def drawn(call: ast.Call, quiet: set[int]) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in DRAWN:
        return
    given = [*call.args, *(word.value for word in call.keywords if word.arg not in UNREAD)]
    for node in given:
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in quiet:
            bare = MARKUP.sub(" ", text_of(node))
            if WORD.search(bare):
                yield " ".join(bare.split())


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    pieces = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]  # type: ignore[attr-defined]
    return "".join(str(piece) for piece in pieces)


def test_the_kinds_of_help_are_called_as_the_api_calls_them() -> None:
    assert dict(CATEGORIES) == {category.value: label for category, label in CATEGORY_LABELS.items()}


def speaking(code: str) -> dict[str, Any]:
    """Say a few things in a language, in a page as people have it."""

    def page(code: str) -> None:
        from datetime import UTC, datetime

        import streamlit as st

        from dashboard import sentences, translation

        translation.choose(code)
        st.session_state["said"] = {
            "urgent": sentences.URGENCY["high"],
            "none": sentences.headline(0, 0, kind="", standard_min=15),
            "some": [sentences.headline(1234.5, n, kind="", standard_min=15) for n in (1, 2, 5, 40)],
            "ago": sentences.since(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)),
            "day": translation.on_day(datetime(2026, 3, 1, tzinfo=UTC)),
            "share": translation.percent(0.42),
            "way": translation.direction(),
        }
        translation.tell()

    test = AppTest.from_function(page, args=(code,)).run()
    assert not test.exception, test.exception
    return dict(test.session_state["said"])


def test_a_page_speaks_one_language_throughout() -> None:
    english = speaking("en")
    assert english["some"][0] == "1 of 1,234.5 open needs finds no help within 15 minutes on foot."
    assert (english["ago"], english["day"], english["share"]) == ("3 days ago", "1 March 2026", "42%")
    for code in OTHERS:
        said = speaking(code)
        assert said["way"] == ("rtl" if code == "ar" else "ltr")
        assert all(said[name] != english[name] for name in ("urgent", "none", "ago", "day"))
        assert len(set(said["some"])) == len(said["some"])
    assert "1\xa0234,5" in speaking("fi")["some"][1]
    assert speaking("xx") == english


def test_words_out_of_people_never_become_a_pattern() -> None:
    nasty = "{0} {n} {__class__} %s"
    assert translation.tr("{role} of {network}", role="Admin", network=nasty) == f"Admin of {nasty}"
