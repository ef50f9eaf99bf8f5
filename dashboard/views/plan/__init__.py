"""What single step would help most: new places, hours without help, and what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.translation import Phrases, tr
from dashboard.views.plan import changes, sites, week
from dashboard.widgets import theme, trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.answers import Meta
    from dashboard.client import Client

SECTIONS: Final[dict[str, Callable[[Client, Meta], None]]] = {
    "sites": sites.show,
    "week": week.show,
    "changes": changes.show,
}
NAMES: Final = Phrases({"sites": "New places", "week": "When help is missing", "changes": "Since last week"})


def show() -> None:
    """Draw the page."""
    theme.dress()
    _body()


@st.fragment
def _body() -> None:
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        # a section that is not looked at asks the API nothing
        SECTIONS[_choose()](api, meta)


def _choose() -> str:
    sections = list(SECTIONS)
    chosen: str | None = st.segmented_control(
        tr("What would help"),
        sections,
        default=sections[0],
        required=True,
        format_func=NAMES.__getitem__,
        key="help",
        label_visibility="collapsed",
        bind="query-params",
    )
    return chosen or sections[0]
