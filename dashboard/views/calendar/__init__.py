"""The shared calendar: a week of shifts, who comes to each, what is done again and again, and feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.translation import Phrases, tr
from dashboard.views.calendar import activities, feeds, week
from dashboard.widgets import notice, once, theme, trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.answers import Meta
    from dashboard.client import Client

SECTIONS: Final[dict[str, Callable[[Client, Meta], None]]] = {
    "Week": week.show,
    "Activities": activities.show,
    "Feeds": feeds.show,
}
_NAMES: Final = Phrases({"Week": "Week", "Activities": "Activities", "Feeds": "Feeds"})


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        section = _choose()
        notice.show()
        once.show()
        # a section that is not looked at asks the API nothing
        SECTIONS[section](api, meta)


def _choose() -> str:
    sections = list(SECTIONS)
    chosen: str | None = st.segmented_control(
        tr("Calendar"),
        sections,
        default=sections[0],
        format_func=_NAMES.__getitem__,
        required=True,
        key="calendar",
        label_visibility="collapsed",
        bind="query-params",
        on_change=once.forget,
    )
    return chosen or sections[0]
