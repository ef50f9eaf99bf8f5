"""Feeds that calendar programs read: opened for the network or one helper, their address shown once, and ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_words import ago
from dashboard.board_calls import ALL
from dashboard.translation import Phrases, tr
from dashboard.widgets import entry, notice, once, trouble
from dashboard.widgets.doing import attempt
from dashboard.widgets.once import Shown
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Meta
    from dashboard.calendar_answers import Feed
    from dashboard.client import Client

WHOSE: Final = "feed_whose"
LABEL: Final = "feed_label"
NETWORK: Final = ""
KINDS: Final = Phrases({"network": "The whole calendar", "helper": "One helper", "asset": "One place"})


def show(api: Client, meta: Meta) -> None:
    """Draw the feeds."""
    title, lead = (
        tr("Feeds for calendar programs"),
        tr("A feed shows roles, places and times, and no names. Whoever has its address can read it until you end it."),
    )
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )
    names = {one.id: one.name for one in api.list_helpers(limit=ALL, where={"status": "active"})}
    _open(names)
    feeds = api.list_feeds()
    good = [one for one in feeds if not one.is_over]
    if not good:
        trouble.empty(tr("No feed is open."), tr("Open one to see the calendar in a program of your own."))
    for one in good:
        _one(one, names)


def _open(names: Mapping[str, str]) -> None:
    with st.expander(tr("Open a feed"), icon=":material/rss_feed:"), st.form("feed", border=False):
        left, right = st.columns(2)
        people = sorted(names, key=names.__getitem__)
        left.selectbox(
            tr("Whose"), [NETWORK, *people], format_func=lambda one: names.get(one, KINDS["network"]), key=WHOSE
        )
        right.text_input(tr("What you call it"), key=LABEL, max_chars=60, placeholder=tr("Wall screen"))
        st.form_submit_button(tr("Open it"), type="primary", on_click=_send)


def _send() -> None:
    whose, label = st.session_state.get(WHOSE) or None, str(st.session_state.get(LABEL) or "").strip()
    note = tr("Paste this address into a calendar program. It is never shown again, and can be ended at any time.")

    def made(link: str) -> None:
        once.keep(Shown(tr("The address of the new feed"), note, link, done=tr("I have it")))

    attempt(lambda api: api.open_feed("helper" if whose else "network", whose, label), made)


def _one(one: Feed, names: Mapping[str, str]) -> None:
    whose = names.get(one.helper_id or "") or KINDS.get(one.kind, one.kind)
    opened = tr("opened {ago}", ago=ago(one.created_at))
    room = entry.line(one.id, one.label or whose, [f"{whose} · {opened}"])
    ask = tr("Its address answers nobody from now on. This cannot be taken back; a new one can be opened.")
    entry.sure(room, one.id, (tr("End"), tr("End this feed")), ask, partial(_end, one))


def _end(one: Feed) -> None:
    def done(_: object) -> None:
        once.forget()
        notice.say(tr("The feed has ended. Its address answers nobody any more."))

    attempt(lambda api: api.end_feed(one.id), done)
