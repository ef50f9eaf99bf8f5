"""Links that were made in another language: what they choose, as this page calls it.

What is chosen on a page stands in its address as it is written on the page, so a link that somebody sends says
“need=Ruoka” where whoever opens it has “Food”.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import catalogues
from dashboard.translation import LANGUAGES, language, say_anew

if TYPE_CHECKING:
    from collections.abc import Iterable

READ: Final = "link_read"


def find_foreign() -> dict[str, list[str]]:
    """Give what the address chooses in the words of this page, where they are others; else nothing.

    Only how somebody comes in counts, and only once.
    """
    if st.session_state.get(READ):
        return {}
    st.session_state[READ] = True
    asked = {name: st.query_params.get_all(name) for name in st.query_params}
    here = {name: [in_these_words(value) for value in values] for name, values in asked.items()}
    return here if here != asked else {}


def in_these_words(text: str) -> str:
    """Say in the language of the page what is one of our words in another; anything else stays as it is."""
    english = _known().get(text.casefold())
    if english is None or text.casefold() in _words_of(language()):
        return text
    said = say_anew(english)
    # choices begin with a capital where a script has any
    return said if text[0].islower() else said[0].upper() + said[1:]


@cache
def _words_of(code: str) -> dict[str, str]:
    """Give the words of a language, each with the first English text that it stands for."""
    is_english = code == "en"
    # each catalogue has all of the English
    known = [one for one in catalogues.read("fi" if is_english else code) if isinstance(one.id, str) and one.id]
    return _first((str(one.id) if is_english else one.string, str(one.id)) for one in known)


def _first(pairs: Iterable[tuple[object, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for said, english in pairs:
        found.setdefault(str(said).casefold(), english)
    return found


@cache
def _known() -> dict[str, str]:
    return _first(pair for code in LANGUAGES for pair in _words_of(code).items())
