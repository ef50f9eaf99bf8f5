"""Deciding where one need is: choose what was meant, click a pin, or type coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.answers import Waiting
from dashboard.client import ApiTrouble
from dashboard.sentences import URGENCY, quality, since
from dashboard.widgets import pin_layer
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.widgets.pin_layer import Place

PIN: Final = "pin"
DONE: Final = "done"
AGAIN: Final = "again"
REFUSED: Final = "refused"
STALE: Final = 412


@dataclass(frozen=True, slots=True)
class Done:
    """What was just saved, so that it can be corrected at once."""

    item: Waiting
    how: str


def show(meta: Meta, item: Waiting) -> None:
    """Draw everything one decision takes."""
    need = item.need
    urgency = URGENCY.get(need.urgency, need.urgency).lower()
    about = f"{meta.label(need.category)}, {urgency}, asked {since(need.received_at)}"
    typed = item.address_typed or "Nothing was typed for the address."
    st.html(f"<blockquote class='br-quote'><small>{as_html(about)}</small>{as_html(typed)}</blockquote>")
    if refused := st.session_state.pop(REFUSED, None):
        st.error(as_label(refused), icon=":material/error:")
    _candidates(item)
    _pin(meta, item)


def _candidates(item: Waiting) -> None:
    st.html("<h2 class='br-section'>Did they mean …</h2>")
    if not item.candidates:
        st.caption("Nothing in the address register resembles this. Set a pin below.")
        return
    with st.form(f"candidates_{item.need.id}", border=True):
        chosen = st.radio(
            "Suggestions",
            range(len(item.candidates)),
            format_func=lambda at: as_label(item.candidates[at].label),
            captions=[as_label(quality(candidate)) for candidate in item.candidates],
            label_visibility="collapsed",
        )
        if st.form_submit_button("Save this suggestion", type="primary", icon=":material/check:"):
            candidate = item.candidates[chosen or 0]
            _save(item, candidate=candidate.index, how=candidate.label)


@st.fragment
def _pin(meta: Meta, item: Waiting) -> None:
    st.html("<h2 class='br-section'>… or set a pin</h2>")
    pin: Place | None = st.session_state.get(PIN)
    pin_layer.show(meta, pin, on_put=lambda: _put(item.need.id))
    _typed(item.need.id)
    if pin is None:
        st.caption("Click the map where the help should go, or type coordinates.")
    if (
        st.button("Save this pin", key="save_pin", type="primary", icon=":material/check:", disabled=pin is None)
        and pin
    ):
        _save(item, pin=pin, how="the pin you set")


def _typed(need_id: str) -> None:
    with st.expander("Type coordinates instead", icon=":material/keyboard:"), st.form("coordinates", border=False):
        left, right = st.columns(2)
        step, shape = 0.0001, "%.5f"
        fields = (("lon", "Longitude (east is positive)", 180.0), ("lat", "Latitude (north is positive)", 90.0))
        for column, (name, label, limit) in zip((left, right), fields, strict=True):
            key = f"{name}_{need_id}"
            column.number_input(label, -limit, limit, value=None, step=step, format=shape, key=key)
        st.form_submit_button("Put the pin there", on_click=_put_typed, args=(need_id,))


def _put_typed(need_id: str) -> None:
    lon, lat = (st.session_state.get(f"{name}_{need_id}") for name in ("lon", "lat"))
    if lon is not None and lat is not None:
        st.session_state[PIN] = (float(lon), float(lat))


def _put(need_id: str) -> None:
    pin = pin_layer.put()
    st.session_state[PIN] = pin
    if pin:
        st.session_state[f"lon_{need_id}"], st.session_state[f"lat_{need_id}"] = pin


def _save(item: Waiting, *, how: str, candidate: int | None = None, pin: Place | None = None) -> None:
    api = client.connect()
    try:
        kept = (
            api.set_pin(item.need, lon=pin[0], lat=pin[1]) if pin else api.choose_candidate(item.need, candidate or 0)
        )
    except ApiTrouble as trouble:
        st.session_state[REFUSED] = _refusal(trouble)
    else:
        _remember(Waiting(kept, item.address_typed, item.candidates), how)
    st.rerun()


def _remember(item: Waiting, how: str) -> None:
    st.session_state[DONE] = Done(item, how)
    st.session_state.pop(AGAIN, None)
    forget_pin()


def _refusal(trouble: ApiTrouble) -> str:
    if trouble.status == STALE:
        return "Somebody else has changed this need in the meantime. You now see it as it is; nothing was saved."
    return " ".join([str(trouble), *trouble.field_reasons, "Nothing was saved."])


def show_done() -> None:
    """Say what was just saved, and offer to correct it."""
    done: Done | None = st.session_state.get(DONE)
    if done is None:
        return
    told, undo = st.columns([5, 1], vertical_alignment="center")
    typed = done.item.address_typed or "The need"
    told.success(
        f"Saved: {as_label(typed)} is now at {as_label(done.how)}. The map counts it.", icon=":material/check_circle:"
    )
    undo.button("Correct it", key="correct", on_click=_reopen, args=(done,), width="stretch")


def _reopen(done: Done) -> None:
    st.session_state[AGAIN] = done.item
    st.session_state.pop(DONE, None)
    forget_pin()


def reopened() -> Waiting | None:
    """Give the need that somebody asked to correct right after saving it."""
    again: Waiting | None = st.session_state.get(AGAIN)
    return again


def forget_pin() -> None:
    """Take the pin off the map."""
    st.session_state.pop(PIN, None)
