"""What can be decided about an entry: let in, refused with a reason, its photo taken away; each with its undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.entry_words import REFUSALS
from dashboard.views.reveal import forget
from dashboard.widgets import notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo

if TYPE_CHECKING:
    from dashboard.entry_answers import Arrival


def show(one: Arrival) -> None:
    """Draw what can be decided."""
    with st.container(key="entry_does", horizontal=True, vertical_alignment="center"):
        if one.state == "quarantined":
            st.button("Let it in", key="let_in", type="primary", icon=":material/login:", on_click=_let_in, args=(one,))
        if one.waits:
            _offer_refusal(one)
        if one.can_undo:
            label = "Have it back" if one.state == "refused" else "Take the correction back"
            st.button(label, key="entry_undo", icon=":material/undo:", on_click=undo, args=(one.id,))


def _offer_refusal(one: Arrival) -> None:
    with st.popover("Refuse it", key="refuse", icon=":material/block:", width="content"):
        for because, words in REFUSALS.items():
            st.button(words, key=f"refuse_{because}", on_click=_refuse, args=(one, because), width="stretch")
        st.caption("What was typed is kept for 14 more days, and can be had back until then.")


def _let_in(one: Arrival) -> None:
    said = "It is let in, and taken in within seconds. If it cannot be used, it is back here as “held”."
    attempt(lambda api: api.let_in(one.id), lambda _: _done(said))


def _refuse(one: Arrival, because: str) -> None:
    words = REFUSALS[because]
    said = f"It is refused: {words[0].lower()}{words[1:]}."
    attempt(lambda api: api.refuse_entry(one.id, because), lambda _: _done(said, Undo("Undo", undo, (one.id,))))


def undo(entry_id: str) -> None:
    """Take the last decision about an entry back."""
    attempt(lambda api: api.undo_entry(entry_id), lambda _: _done("Taken back. It waits for you again."))


def offer_photo(one: Arrival) -> None:
    """Offer to take the photo away."""
    st.button("Take the photo away", key="hide_photo", icon=":material/delete:", on_click=_hide_photo, args=(one,))


def _hide_photo(one: Arrival) -> None:
    said = "The photo is taken away. For a quarter of an hour it can be had back; then it is gone for good."
    attempt(lambda api: api.hide_photo(one.id), lambda _: _done(said, Undo("Have it back", _keep_photo, (one.id,))))


def _keep_photo(entry_id: str) -> None:
    attempt(lambda api: api.keep_photo(entry_id), lambda _: _done("The photo is kept."))


def _done(said: str, back: Undo | None = None) -> None:
    forget()
    notice.say(said, undo=back)
