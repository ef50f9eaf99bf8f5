"""The button that asks an outside address service about one need; there only where network and person have agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.translation import Phrases, tr, trn
from dashboard.widgets import notice
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.answers import Waiting
    from dashboard.outside_answers import OutsideView

ASKED: Final = "asked_outside"
WAYS: Final = Phrases({"spoken": "They said yes", "written": "They wrote it", "form": "It is on their form"})
STALE: Final = 412


def show(item: Waiting) -> None:
    """Draw the button for the need being looked at, or nothing.

    Where the network allows a service and the person has not agreed yet, it offers to note that they do. Where the host
    or the network allows none, or no street line could be sent, nothing is drawn at all.
    """
    _tell()
    try:
        view = client.connect().view_outside(item.need.id)
    except ApiTrouble:
        # the page works without it; what is wrong with the service of this host shows elsewhere
        return
    if view.is_ready:
        _offer(item, view)
    elif view.bar == "consent":
        _agreement(item, view)


def _offer(item: Waiting, view: OutsideView) -> None:
    with st.container(key="ask_outside"):
        told = tr(
            "This leaves this host, and nothing else: {line}. It goes to {name} at {host}.",
            line=f"<b>{as_html(view.line)}</b>",
            name=as_html(view.name),
            host=as_html(view.host),
        )
        st.html(f"<p class='br-note'>{told}</p>")
        st.button(
            as_label(tr("Ask {name}", name=view.name)),
            key=f"ask_outside_{item.need.id}",
            icon=":material/travel_explore:",
            on_click=_ask,
            args=(item, view.name),
        )


def _agreement(item: Waiting, view: OutsideView) -> None:
    label = as_label(tr("Ask {name} …", name=view.name))
    with st.popover(label, key=f"agree_outside_{item.need.id}", width="content"):
        told = tr(
            "{name} at {host} would be told street, house number and postcode. The person has to agree first. "
            "Ask them, then say how they answered.",
            name=view.name,
            host=view.host,
        )
        st.html(f"<p class='br-ask'>{as_html(told)}</p>")
        for how, label in WAYS.items():
            st.button(label, key=f"agree_{how}_{item.need.id}", on_click=_agree, args=(item, how), width="stretch")


def _agree(item: Waiting, how: str) -> None:
    try:
        client.connect().record_outside_consent(item.need.id, how)
    except ApiTrouble as trouble:
        _say(notice.in_words(trouble), is_good=False)


def _ask(item: Waiting, name: str) -> None:
    try:
        found = client.connect().ask_outside(item.need)
    except ApiTrouble as trouble:
        changed = tr("Somebody else has changed this need in the meantime. You now see it as it is.")
        _say(changed if trouble.status == STALE else notice.in_words(trouble), is_good=False)
        return
    if found:
        _say(
            trn(
                "{name} offers {n} place, among the suggestions. Nobody here has checked them.",
                "{name} offers {n} places, among the suggestions. Nobody here has checked them.",
                found,
                name=name,
            )
        )
    else:
        _say(tr("{name} knows no such place.", name=name))


def _say(text: str, *, is_good: bool = True) -> None:
    st.session_state[ASKED] = (text, is_good)


def _tell() -> None:
    told: tuple[str, bool] | None = st.session_state.pop(ASKED, None)
    if told is not None:
        text, is_good = told
        (st.info if is_good else st.error)(as_label(text))
