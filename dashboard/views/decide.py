"""Deciding where one need is: a suggestion, a pin, or that it cannot be said yet; and taking that back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.sentences import URGENCY, faults, since, sure
from dashboard.translation import Phrases, set_apart, tr
from dashboard.widgets import ask_outside, entry, pin_layer
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.answers import Meta, Need, Waiting
    from dashboard.widgets.pin_layer import Place

PIN: Final = "pin"
CHOSEN: Final = "chosen"
AIM: Final = "aim_count"
ASKING: Final = "asks"
DONE: Final = "done"
REFUSED: Final = "refused"
STALE: Final = 412
OPEN: Final = "open_need"
FOLLOWING: Final = "following_need"
HOW_EXACT: Final = Phrases({"15": "This very door", "50": "About here", "150": "Somewhere in this block"})
"""How far off a pin may be, in metres, and how that is asked."""
EXAMPLE: Final = "60.1742, 24.9557"
EXACT_M: Final = (15.0, 50.0, 150.0)


@dataclass(frozen=True, slots=True)
class Done:
    """What was just decided, so that it can be taken back at once."""

    need: Need
    sentence: str


def show(meta: Meta, item: Waiting, *, following: str | None) -> None:
    """Draw everything one decision takes; ``following`` is the need that is opened after it."""
    st.session_state[FOLLOWING] = following
    with st.container(key="deciding"):
        _words(meta, item)
        _choose(meta, item)


def _words(meta: Meta, item: Waiting) -> None:
    need = item.need
    urgency = URGENCY.get(need.urgency, need.urgency).lower()
    about = tr(
        "{kind}, {urgency}, asked {ago}", kind=meta.label(need.category), urgency=urgency, ago=since(need.received_at)
    )
    typed = item.address_typed or tr("Nothing was typed for the address.")
    note = f"<p class='br-toask'><b>{as_html(tr('To ask:'))}</b> {as_html(item.note)}</p>" if item.note else ""
    st.html(f"<blockquote class='br-quote'><small>{as_html(about)}</small>{as_html(typed)}{note}</blockquote>")


@st.fragment
def _choose(meta: Meta, item: Waiting) -> None:
    pin: Place | None = st.session_state.get(PIN)
    chosen = None if pin else _chosen(item)
    if refused := st.session_state.pop(REFUSED, None):
        st.error(as_label(refused), icon=":material/error:")
    words, place = st.columns([1, 1.15], gap="medium")
    with words:
        _candidates(item, chosen)
    with place:
        how = {"chosen": chosen, "pin": pin, "aim": st.session_state.get(AIM, 0)}
        pin_layer.show(meta, item.need.id, item.candidates, on_put=lambda: _put(item), **how)
        _pin_tools(item, pin)
        _save(item, chosen, pin)
        _others(item)
        ask_outside.show(item)


def _chosen(item: Waiting) -> int | None:
    if not item.candidates:
        return None
    wanted = st.session_state.get(CHOSEN)
    return wanted if wanted is not None and 0 <= wanted < len(item.candidates) else 0


def _candidates(item: Waiting, chosen: int | None) -> None:
    entry.heading(tr("Did they mean …"))
    if not item.candidates:
        st.caption(tr("Nothing in the address register resembles this. Set a pin on the map."))
    for one in item.candidates:
        number = one.index + 1
        with st.container(key=f"offer_{number}"):
            st.button(
                f"**{number}**  {as_label(one.label)}",
                key=f"pick_{number}",
                type="primary" if one.index == chosen else "secondary",
                width="stretch",
                shortcut=str(number),
                on_click=_pick,
                args=(one.index,),
            )
            said = " · ".join([sure(one), *faults(one)])
            st.html(f"<p class='br-sure'>{as_html(said[:1].upper() + said[1:])}</p>")


def _pick(index: int) -> None:
    st.session_state[CHOSEN] = index
    st.session_state.pop(PIN, None)
    st.session_state.pop(AIM, None)


def _put(item: Waiting) -> None:
    if (index := pin_layer.chosen()) is not None:
        if index < len(item.candidates):
            _pick(index)
    elif pin := pin_layer.put():
        st.session_state[PIN] = pin


def _pin_tools(item: Waiting, pin: Place | None) -> None:
    with st.container(key="tools", horizontal=True, vertical_alignment="bottom"):
        st.button(tr("Set a pin"), key="aim", icon=":material/pin_drop:", shortcut="p", on_click=_aim)
        st.text_input(
            tr("Paste coordinates"),
            key=f"paste_{item.need.id}",
            placeholder=set_apart(EXAMPLE),
            on_change=_paste,
            args=(item.need.id,),
        )
    if pin:
        st.selectbox(tr("How exact is the pin?"), EXACT_M, format_func=_how_exact, key=f"exact_{item.need.id}")


def _how_exact(off_m: float) -> str:
    return HOW_EXACT[f"{off_m:.0f}"]


def _aim() -> None:
    st.session_state[AIM] = st.session_state.get(AIM, 0) + 1


def _paste(need_id: str) -> None:
    pasted = str(st.session_state.get(f"paste_{need_id}") or "").strip()
    if not pasted:
        return
    try:
        found = client.connect().read_coordinates(pasted)
    except ApiTrouble as trouble:
        st.session_state[REFUSED] = _refusal(trouble)
        return
    if found is None:
        st.session_state[REFUSED] = tr(
            "These are no coordinates. Write latitude and longitude, as in {example}.", example=set_apart(EXAMPLE)
        )
    else:
        st.session_state[PIN] = found


def _save(item: Waiting, chosen: int | None, pin: Place | None) -> None:
    with st.container(key="saving", horizontal=True, vertical_alignment="center"):
        label = _save_words(chosen, pin)
        pressed = st.button(
            label,
            key="save",
            type="primary",
            icon=":material/check:",
            shortcut="Enter",
            disabled=pin is None and chosen is None,
        )
        remember = st.checkbox(
            tr("Remember for this address"),
            value=item.can_remember,
            disabled=not item.can_remember,
            key=f"remember_{item.need.id}",
            help=tr("Whoever types the same address next is placed there too.")
            if item.can_remember
            else tr("What was typed names no single place, so it is decided for this need alone."),
        )
    if not pressed:
        return
    api, need = client.connect(), item.need
    if pin:
        off_m = float(st.session_state.get(f"exact_{need.id}") or EXACT_M[0])
        _do(
            lambda: api.set_pin(need, lon=pin[0], lat=pin[1], uncertainty_m=off_m, remember=remember),
            tr("{what} is now at the pin you set. The map counts it.", what=_what(item)),
        )
    elif chosen is not None:
        where = item.candidates[chosen].label
        _do(
            lambda: api.choose_candidate(need, chosen, remember=remember),
            tr("{what} is now at {place}. The map counts it.", what=_what(item), place=where),
        )


def _save_words(chosen: int | None, pin: Place | None) -> str:
    if pin:
        return tr("Save the pin")
    return tr("Save") if chosen is None else tr("Save suggestion {n}", n=chosen + 1)


def _what(item: Waiting) -> str:
    return item.address_typed or tr("The need")


def _outside(item: Waiting) -> str:
    return tr("{what} is marked as outside our area. It stays counted.", what=_what(item))


def _others(item: Waiting) -> None:
    api, need = client.connect(), item.need
    with st.container(key="others", horizontal=True):
        st.button(tr("Ask again"), key="ask", icon=":material/contact_support:", shortcut="a", on_click=_ask)
        outside = st.button(
            tr("Outside our area"),
            key="outside",
            icon=":material/wrong_location:",
            shortcut="o",
            disabled=item.state == "outside_area",
        )
    if outside:
        _do(lambda: api.mark_outside(need), _outside(item))
    if st.session_state.get(ASKING):
        with st.container(key="asking"), st.form("ask_form", border=True):
            example = tr("Which stair, and what is on the door?")
            note = st.text_input(tr("What is to be asked?"), max_chars=200, placeholder=example)
            st.caption(tr("Optional. It is stored sealed and shown to whoever reviews."))
            if st.form_submit_button(tr("Put it under “To ask”"), type="primary"):
                _do(
                    lambda: api.ask_again(need, note.strip() or None),
                    tr("{what} is to be asked for. It stays in the queue.", what=_what(item)),
                )


def _ask() -> None:
    st.session_state[ASKING] = not st.session_state.get(ASKING)


def _do(decide: Callable[[], Need], sentence: str) -> None:
    try:
        kept = decide()
    except ApiTrouble as trouble:
        st.session_state[REFUSED] = _refusal(trouble)
        st.rerun()
    st.session_state[DONE] = Done(kept, sentence)
    st.session_state[OPEN] = st.session_state.get(FOLLOWING)
    put_away()
    st.rerun()


def _refusal(trouble: ApiTrouble) -> str:
    if trouble.status == STALE:
        return tr("Somebody else has changed this need in the meantime. You now see it as it is; nothing was saved.")
    return " ".join([str(trouble), *trouble.field_reasons, tr("Nothing was saved.")])


def show_done() -> None:
    """Say what was just decided, and offer to take it back."""
    done: Done | None = st.session_state.get(DONE)
    if done is None:
        return
    told, undo = st.columns([5, 1], vertical_alignment="center")
    told.success(as_label(done.sentence), icon=":material/check_circle:")
    undo.button(tr("Undo"), key="undo", shortcut="u", on_click=take_back, args=(done.need,), width="stretch")


def take_back(need: Need) -> None:
    """Undo the last decision about a need, and open it again."""
    st.session_state.pop(DONE, None)
    put_away()
    try:
        client.connect().undo(need)
    except ApiTrouble as trouble:
        st.session_state[REFUSED] = _refusal(trouble)
    else:
        st.session_state[OPEN] = need.id
        st.toast(tr("Taken back. It waits again as it did before."), icon=":material/undo:")


def put_away() -> None:
    """Forget what was begun for the need that was open."""
    for name in (PIN, CHOSEN, AIM, ASKING):
        st.session_state.pop(name, None)
