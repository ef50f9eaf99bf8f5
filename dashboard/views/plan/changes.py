"""What has changed since a day that was kept: by kind of need, and part of town by part of town."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.plan_words import changes_headline
from dashboard.sentences import within
from dashboard.told_words import say_travel
from dashboard.translation import Phrases, on_short_day, tr
from dashboard.widgets import change_list, entry, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.plan_answers import Changes

AGO: Final = Phrases({"week": "a week ago", "day": "yesterday", "month": "a month ago"})
FIRST: Final = "week"
DAYS: Final = {"week": 7, "day": 1, "month": 30}


def show(api: Client, meta: Meta) -> None:
    """Draw the changes."""
    head = st.container()
    ago: str | None = st.segmented_control(
        tr("Compared with"), list(AGO), default=FIRST, required=True, format_func=AGO.__getitem__, key="changes_ago"
    )
    ago = ago or FIRST
    changes = api.get_changes(since=datetime.now(UTC).date() - timedelta(days=DAYS[ago]))
    title = changes_headline(changes) if changes.since else tr("What has changed")
    lead = tr("Help {limit}, the network's own standard.", limit=within(meta.standard_min))
    with head:
        st.html(
            f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
            f"<p class='br-lead'>{as_html(lead)}</p></div>"
        )
    if changes.since is None:
        trouble.empty(
            tr("No figures are kept from {ago}", ago=AGO[ago]),
            tr(
                "A running server keeps each day's figures by itself, from the day it was set up. Come back later, or "
                "compare with a nearer day."
            ),
        )
        return
    _tables(meta, changes)


def _tables(meta: Meta, changes: Changes) -> None:
    then = on_short_day(changes.since) if changes.since else ""
    now = tr("Now")
    left, right = st.columns([1, 1.3], gap="medium")
    with left:
        entry.heading(tr("By kind of need"))
        st.html(change_list.table(meta, changes.kinds, place=tr("Kind of need"), before=then, after=now))
    with right:
        entry.heading(tr("By part of town, the gap that widened most first"))
        if changes.rows:
            st.html(change_list.table(meta, changes.rows, place=tr("Where"), before=then, after=now))
        else:
            trouble.empty(tr("Nothing has changed"), tr("Every part of town fares as it did on that day."))
    note = as_html(say_travel(changes.travel_note))
    st.html(f"<p class='br-note'><b>{as_html(tr('How travel is reckoned'))}.</b> {note}</p>")
