"""What has changed since a day that was kept: by kind of need, and part of town by part of town."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.plan_words import changes_headline
from dashboard.sentences import within
from dashboard.widgets import change_list, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.plan_answers import Changes

AGO: Final = {"a week ago": 7, "yesterday": 1, "a month ago": 30}


def show(api: Client, meta: Meta) -> None:
    """Draw the changes."""
    head = st.container()
    ago: str | None = st.segmented_control(
        "Compared with", list(AGO), default=next(iter(AGO)), required=True, key="changes_ago"
    )
    days = AGO[ago or next(iter(AGO))]
    changes = api.get_changes(since=datetime.now(UTC).date() - timedelta(days=days))
    title = changes_headline(changes) if changes.since else "What has changed"
    with head:
        st.html(
            f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
            f"<p class='br-lead'>Help {within(meta.standard_min)}, the network's own standard.</p></div>"
        )
    if changes.since is None:
        trouble.empty(
            f"No figures are kept from {ago}",
            "A running server keeps each day's figures by itself, from the day it was set up. Come back later, or "
            "compare with a nearer day.",
        )
        return
    _tables(meta, changes)


def _tables(meta: Meta, changes: Changes) -> None:
    then = f"{changes.since:%-d %b}"
    left, right = st.columns([1, 1.3], gap="medium")
    with left:
        st.html("<h2 class='br-section'>By kind of need</h2>")
        st.html(change_list.table(meta, changes.kinds, place="Kind of need", before=then, after="Now"))
    with right:
        st.html("<h2 class='br-section'>By part of town, the gap that widened most first</h2>")
        if changes.rows:
            st.html(change_list.table(meta, changes.rows, place="Where", before=then, after="Now"))
        else:
            trouble.empty("Nothing has changed", "Every part of town fares as it did on that day.")
    st.html(f"<p class='br-note'><b>How travel is reckoned.</b> {as_html(changes.travel_note)}</p>")
