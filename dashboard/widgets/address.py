"""An address that was written in another language than the page's: whoever sent it may read another one.

Choices stand in an address as they are called on the page, so that people can read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.translation import LANGUAGES, speaking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def understand(key: str, options: Iterable[str], name: Callable[[str], str]) -> None:
    """Take up what an address says in another language, before the choice is drawn for the first time.

    Parameters
    ----------
    key
        Of the choice, and of its word in the address.
    options, name
        What can be chosen, and what each is called in the language that is spoken.
    """
    told = st.query_params.get(key)
    if told is None or key in st.session_state:
        return
    for code in LANGUAGES:
        with speaking(code):
            known = {name(option): option for option in options}
        if told in known:
            st.session_state[key] = known[told]
            return
