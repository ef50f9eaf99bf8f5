"""Entries: everything that came in, what became of each, and what waits for an organizer, with why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import client
from dashboard.entry_words import CHANNELS, KINDS, arrival_label, headline
from dashboard.translation import Phrases, number, tr
from dashboard.views import reveal
from dashboard.views.access.keys import names_of
from dashboard.views.entries import closely
from dashboard.widgets import notice, theme, trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.entry_answers import Arrivals

OPEN, WHICH, KIND, CHANNEL = "open_entry", "entries_show", "entries_kind", "entries_channel"
PAGES: Final = "entries_pages"
"""The markers of the pages that were turned, the one looked at last."""
SHOWN: Final = 50
READS: Final = "review"
SHOWS: Final[Mapping[str, tuple[Mapping[str, str | bool], tuple[str, ...]]]] = {
    "to_decide": ({"to_decide": True}, ("quarantined", "held")),
    "all": ({}, ()),
    "made": ({"state": "made"}, ("made",)),
    "refused": ({"state": "refused"}, ("refused",)),
    "discarded": ({"state": "discarded"}, ("discarded",)),
}
"""What can be listed: how it is asked for, and the states it counts; none means all of them."""
NAMES: Final = Phrases(
    {
        "to_decide": "To decide",
        "all": "Everything",
        "made": "Taken in",
        "refused": "Refused",
        "discarded": "Thrown away",
    }
)
_EMPTY: Final = Phrases(
    {
        "to_decide": (
            "Nothing waits for you.",
            "Whatever cannot be made into a record, or came from an ended phone, does.",
        ),
        "all": ("Nothing has come in yet.", "Entries come from phones, the hotline, text messages and tables."),
    }
)


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        chosen = st.session_state.get(WHICH) or next(iter(SHOWS))
        found = api.list_arrivals(_where(chosen), after=_pages()[-1], limit=SHOWN)
        _head(meta.network, found)
        _choose(found.counts)
        with st.container(key="entry_notice"):
            notice.show()
        if not found.items:
            none = tr("There is none."), tr("Choose “Everything” to see all that came in.")
            trouble.empty(*_EMPTY.get(chosen, none))
            _turn(found)
            return
        at = next((n for n, one in enumerate(found.items) if one.id == st.session_state.get(OPEN)), 0)
        left, right = st.columns([1, 1.9], gap="medium")
        with left:
            _list(found, at)
        with right, st.container(key="entry_open"), trouble.guarded():
            closely.show(api, meta, found.items[at], names_of(api))


def _pages() -> list[str | None]:
    return list(st.session_state.get(PAGES) or [None])


def _where(chosen: str) -> dict[str, Any]:
    state = st.session_state
    return {**SHOWS[chosen][0], "kind": state.get(KIND) or None, "channel": state.get(CHANNEL) or None}


def _head(network: str, found: Arrivals) -> None:
    lead = tr(
        "Everything that came in is here as it was typed, with what became of it. Nothing is lost, and nothing is made "
        "of an entry twice."
    )
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(network)}</p><h1>{as_html(headline(found.counts))}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _choose(counts: Mapping[str, int]) -> None:
    with st.container(key="entry_choice", horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            tr("Which entries"), list(SHOWS), default=next(iter(SHOWS)), key=WHICH, required=True, wrap=True,
            format_func=lambda name: _counted(name, counts), label_visibility="collapsed", on_change=_other,
        )  # fmt: skip
        for key, label, anything, words in (
            (KIND, tr("About"), tr("Everything"), KINDS),
            (CHANNEL, tr("Which way"), tr("Every way"), CHANNELS),
        ):
            names = {"": anything} | {name: said[0].upper() + said[1:] for name, said in words.items()}
            st.selectbox(
                label, list(names), format_func=names.__getitem__, key=key, label_visibility="collapsed",
                on_change=_other, width=190,
            )  # fmt: skip


def _counted(name: str, counts: Mapping[str, int]) -> str:
    states = SHOWS[name][1]
    return f"{NAMES[name]} {number(sum(counts.get(state, 0) for state in states or counts))}"


def _other() -> None:
    for key in (OPEN, PAGES):
        st.session_state.pop(key, None)
    reveal.forget()


def _list(found: Arrivals, at: int) -> None:
    items = found.items
    with st.container(key="steps", horizontal=True, vertical_alignment="center"):
        parts = {"at": number(at + 1), "all": number(len(items))}
        told = tr("{at} of {all} and more", **parts) if found.following else tr("{at} of {all}", **parts)
        st.html(f"<h2 class='br-section'>{as_html(told)}</h2>")
        for key, label, by, shortcut in (("previous", tr("Back"), -1, "k"), ("next", tr("Next"), 1, "j")):
            there = 0 <= at + by < len(items)
            where = items[at + by].id if there else ""
            st.button(
                label, key=key, type="tertiary", shortcut=shortcut, disabled=not there, on_click=_look, args=(where,)
            )
    with st.container(key="waiting"):
        for row, one in enumerate(items):
            st.button(
                f"**{as_label(KINDS.get(one.kind, one.kind))}**  \n{as_label(arrival_label(one))}",
                key=f"wait_{one.id}",
                type="primary" if row == at else "secondary",
                width="stretch",
                on_click=_look,
                args=(one.id,),
            )
    _turn(found)


def _look(entry_id: str) -> None:
    st.session_state[OPEN] = entry_id
    reveal.forget()


def _turn(found: Arrivals) -> None:
    """Draw the ways to the newer and the older ones."""
    pages = _pages()
    with st.container(key="entry_pages", horizontal=True):
        if len(pages) > 1:
            st.button(
                tr("Newer"), key="entries_newer", icon=":material/arrow_upward:", on_click=_go, args=(pages[:-1],)
            )
        if found.following:
            more = [*pages, found.following]
            st.button(tr("Older"), key="entries_older", icon=":material/arrow_downward:", on_click=_go, args=(more,))


def _go(pages: list[str | None]) -> None:
    st.session_state.pop(OPEN, None)
    reveal.forget()
    st.session_state[PAGES] = pages
