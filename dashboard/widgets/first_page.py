"""The first page by its name: the framework gives the first page the empty address alone, and people type names."""

from __future__ import annotations

import streamlit as st


class ByName(st.Page):
    """A page that no list shows, at the address the first page would have; it leads there, with all that is asked.

    Parameters
    ----------
    first
        The first page.
    name
        Its name, as its address would have it.
    """

    def __init__(self, first: st.Page, name: str) -> None:
        self._leads_to, self._typed = first, name
        # pages are told apart by this word, and the first page has its own name already
        super().__init__(self._lead, title=first.title, url_path=f"{name}-by-name", visibility="hidden")

    @property
    def url_path(self) -> str:
        """Give the address that leads here."""
        return self._typed

    def _lead(self) -> None:
        asked = {name: st.query_params.get_all(name) for name in st.query_params}
        st.switch_page(self._leads_to, query_params=asked)
