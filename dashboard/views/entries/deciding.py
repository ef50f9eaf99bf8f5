"""What can be decided about an entry: let in, refused with a reason, its photo taken away; each with its undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.entry_words import BECAUSE, REFUSALS
from dashboard.translation import tr
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
            st.button(
                tr("Let it in"), key="let_in", type="primary", icon=":material/login:", on_click=_let_in, args=(one,)
            )
        if one.waits:
            _offer_refusal(one)
        if one.can_undo:
            label = tr("Have it back") if one.state == "refused" else tr("Take the correction back")
            st.button(label, key="entry_undo", icon=":material/undo:", on_click=undo, args=(one.id,))


def _offer_refusal(one: Arrival) -> None:
    with st.popover(tr("Refuse it"), key="refuse", icon=":material/block:", width="content"):
        for because, words in REFUSALS.items():
            st.button(words, key=f"refuse_{because}", on_click=_refuse, args=(one, because), width="stretch")
        st.caption(tr("What was typed is kept for 14 more days, and can be had back until then."))


def _let_in(one: Arrival) -> None:
    said = tr("It is let in, and taken in within seconds. If it cannot be used, it is back here as “held”.")
    attempt(lambda api: api.let_in(one.id), lambda _: _done(said))


def _refuse(one: Arrival, because: str) -> None:
    said, back = tr("It is refused: {why}.", why=BECAUSE[because]), Undo(tr("Undo"), undo, (one.id,))
    attempt(lambda api: api.refuse_entry(one.id, because), lambda _: _done(said, back))


def undo(entry_id: str) -> None:
    """Take the last decision about an entry back."""
    attempt(lambda api: api.undo_entry(entry_id), lambda _: _done(tr("Taken back. It waits for you again.")))


def offer_photo(one: Arrival) -> None:
    """Offer to take the photo away."""
    st.button(tr("Take the photo away"), key="hide_photo", icon=":material/delete:", on_click=_hide_photo, args=(one,))


def _hide_photo(one: Arrival) -> None:
    said = tr("The photo is taken away. For a quarter of an hour it can be had back; then it is gone for good.")
    back = Undo(tr("Have it back"), _keep_photo, (one.id,))
    attempt(lambda api: api.hide_photo(one.id), lambda _: _done(said, back))


def _keep_photo(entry_id: str) -> None:
    attempt(lambda api: api.keep_photo(entry_id), lambda _: _done(tr("The photo is kept.")))


def _done(said: str, back: Undo | None = None) -> None:
    forget()
    notice.say(said, undo=back)
