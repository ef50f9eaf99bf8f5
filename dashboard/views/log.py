"""What has happened: who saw which place or contact and why, and all else that was done."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.access_words import ago
from dashboard.audit_words import what_happened, who_did
from dashboard.sentences import day
from dashboard.translation import Phrases, tr
from dashboard.views.access.keys import names_of
from dashboard.widgets import entry, theme, trouble
from dashboard.widgets.address import understand
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.access_answers import Entry, Page

READS: Final = "read_audit"
REVEALS, ALL = "reveals", "all"
NAMES: Final = Phrases({REVEALS: "Places and contacts seen", ALL: "Everything"})
WHICH, AFTER = "log_shows", "log_after"


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        me = api.get_me()
        lead = tr(
            "Whoever sees the place or contact behind a need stands here, with the reason they gave. So does all else "
            "that is done. Nobody can change or delete an entry."
        )
        st.html(
            f"<div class='br-head'><p class='br-over'>{as_html(me.here)}</p><h1>{as_html(tr('What has happened'))}</h1>"
            f"<p class='br-lead'>{as_html(lead)}</p></div>"
        )
        if not me.may(READS):
            trouble.empty(tr("You may not see what has happened."), tr("Organizers and admins of the network may."))
            return
        action = "reveal" if _which() == REVEALS else None
        with st.spinner(tr("Reading …"), show_time=False):
            page = api.list_audit(action=action, after=st.session_state.get(AFTER))
            names = names_of(api)
        _entries(page, names)


def _which() -> str:
    understand(WHICH, NAMES, NAMES.__getitem__)
    chosen: str | None = st.segmented_control(
        tr("Show"), list(NAMES), format_func=NAMES.__getitem__, default=REVEALS, required=True,
        key=WHICH, bind="query-params", on_change=_newest,
        label_visibility="collapsed",
    )  # fmt: skip
    return chosen or REVEALS


def _entries(page: Page[Entry], names: Mapping[str, str]) -> None:
    if not page.items:
        trouble.empty(tr("Nothing yet."), tr("As soon as somebody sees a place or a contact, it stands here."))
    for on, entries in groupby(page.items, key=lambda one: day(one.at)):
        entry.heading(on)
        st.html(f"<ol class='br-log'>{''.join(_line(one, names) for one in entries)}</ol>")
    with st.container(horizontal=True):
        if st.session_state.get(AFTER):
            st.button(tr("Back to the newest"), key="log_newest", icon=":material/arrow_upward:", on_click=_newest)
        if page.following:
            st.button(
                tr("Older"), key="log_older", icon=":material/arrow_downward:", on_click=_go_on, args=(page.following,)
            )


def _line(one: Entry, names: Mapping[str, str]) -> str:
    exact = one.at.isoformat(timespec="minutes")
    reason = f"<p>{as_html(tr('“{reason}”', reason=one.reason))}</p>" if one.reason else ""
    return (
        f"<li><div><b>{as_html(who_did(one, names))}</b> {as_html(what_happened(one, names))}{reason}</div>"
        f"<time datetime='{exact}' title='{exact}'>{as_html(ago(one.at))}</time></li>"
    )


def _newest() -> None:
    st.session_state.pop(AFTER, None)


def _go_on(after: str) -> None:
    st.session_state[AFTER] = after
