"""Where gaps have grown since then: three parts of town at most, and the way to all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.now_words import grown
from dashboard.translation import number, pointing, tr, without_year
from dashboard.views import plan
from dashboard.widgets import entry
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from datetime import date

    from dashboard.answers import Meta
    from dashboard.client import Client

SHOWN: Final = 3


def show(api: Client, meta: Meta, since: date, ago: str) -> None:
    """Draw the gaps that grew."""
    title = tr("Where gaps grew")
    entry.heading(title)
    with st.spinner(tr("Working out who can be reached …"), show_time=False):
        changes = api.get_changes(since=since)
    rows = [row for row in changes.rows if row.change > 0]
    if changes.since is None:
        told = tr("No figures are kept from {ago}. A running server keeps each day's by itself.", ago=ago)
        st.html(f"<p class='br-note'>{as_html(told)}</p>")
        return
    if not rows:
        nowhere = tr("Nowhere since {day}.", day=without_year(changes.since))
        st.html(f"<p class='br-note'>{as_html(nowhere)}</p>")
        return
    lines = "".join(f"<li><div>{as_html(grown(row, meta.label(row.category)))}</div></li>" for row in rows[:SHOWN])
    st.html(f"<ul class='br-log' aria-label='{as_html(tr('Where gaps grew'))}'>{lines}</ul>")
    label = tr("See all changes") if len(rows) <= SHOWN else tr("See all {n}", n=number(len(rows)))
    if st.button(label, key="see_gaps", icon=pointing("arrow_forward")):
        st.switch_page(st.Page(plan.show, url_path="plan"), query_params={"help": tr("Since last week")})
