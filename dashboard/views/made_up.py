"""Made-up data at a press: said on every page while it is there, loaded into an empty network, and removed again."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.translation import listed, tr, trn
from dashboard.widgets import entry, notice
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.navigation.page import StreamlitPage

    from geo.domain.made_up import LoadedMadeUp, RemovedMadeUp

    from dashboard.access_answers import Me
    from dashboard.client import Client

MANAGES: Final = "manage_network"
REAL: Final = "not-made-up"
LOADS, REMOVES = "load_made_up", "remove_made_up"
WANTED: Final = "made_up_wanted"
COUNTED: Final[dict[str, Callable[[int], str]]] = {
    "needs": lambda n: trn("{n} need", "{n} needs", n),
    "helpers": lambda n: trn("{n} helper", "{n} helpers", n),
    "assets": lambda n: trn("{n} asset", "{n} assets", n),
    "organizations": lambda n: trn("{n} organization", "{n} organizations", n),
    "activities": lambda n: trn("{n} activity with its shifts", "{n} activities with their shifts", n),
    "turfs": lambda n: trn("{n} turf", "{n} turfs", n),
    "areas": lambda n: trn("{n} area", "{n} areas", n),
}


def mark(me: Me, settings: StreamlitPage) -> None:
    """Say in a line that the network holds made-up data, while it does; it costs no question that no page asks."""
    try:
        holds = client.connect().get_meta().holds_made_up
    except (ApiTrouble, LookupError, TypeError, ValueError):
        # the page itself says what is the matter
        return
    if not holds:
        return
    with st.container(key="made_up", horizontal=True, vertical_alignment="center", gap="small"):
        told = as_html(tr("This network holds made-up data, for trying things out."))
        st.html(f"<p class='br-made-up' role='note'>{told}</p>", width="content")
        if me.may(MANAGES):
            st.page_link(settings, label=as_label(tr("Where to remove it")))


def show(api: Client) -> None:
    """Draw what an admin can do about made-up data: remove it where it is, load it where nothing else is."""
    entry.heading(tr("Made-up data"))
    _do_what_is_wanted()
    state = api.get_made_up()
    if state.is_there:
        st.markdown(
            as_label(
                tr(
                    "People, places, shifts and turfs that do not exist, for trying things out. Removing them takes "
                    "nothing away that anybody has entered."
                )
            )
        )
        _press(tr("Remove the made-up data"), REMOVES)
    elif state.in_the_way:
        st.markdown(
            as_label(
                tr(
                    "A made-up town can be loaded only while a network has no needs, helpers, assets, organizations, "
                    "entries or agreements of its own, so that nobody takes one for the other."
                )
            )
        )
    else:
        _offer()


def offer(api: Client) -> None:
    """Offer a made-up town to an admin whose network is empty; nothing to anybody else."""
    if not api.get_me().may(MANAGES):
        return
    _do_what_is_wanted()
    state = api.get_made_up()
    if not state.is_there and not state.in_the_way:
        with st.container(border=True, key="try_made_up"):
            st.subheader(tr("Only looking around?"), anchor=False)
            _offer()


def _offer() -> None:
    st.markdown(
        as_label(
            tr(
                "A made-up town fills every page: needs, helpers, assets, shifts and turfs, in your own streets where "
                "they are loaded, otherwise in the middle of Helsinki. Nobody in it exists, and one press under "
                "Settings removes it again."
            )
        )
    )
    _press(tr("Try it with a made-up town"), LOADS)


def _press(label: str, does: str) -> None:
    st.button(label, key=does, on_click=_want, args=(does,))


def _want(does: str) -> None:
    st.session_state[WANTED] = does


def _do_what_is_wanted() -> None:
    """Do what was pressed, whatever the page would offer by now, and begin anew."""
    does = st.session_state.pop(WANTED, None)
    if does == LOADS:
        with st.spinner(tr("Making up a town. This takes some seconds …"), show_time=True):
            _load()
        st.rerun()
    if does == REMOVES:
        with st.spinner(tr("Removing what was made up …"), show_time=True):
            _remove()
        st.rerun()


def _load() -> None:
    def done(made: LoadedMadeUp) -> None:
        came = _count(made)
        there, already = tr("A made-up town is here: {what}.", what=came), tr("It was there already.")
        notice.say(there if came else already)

    _attempt(lambda api: api.load_made_up(), done)


def _remove() -> None:
    def done(removed: RemovedMadeUp) -> None:
        gone = _count(removed)
        told = [tr("Removed: {what}.", what=gone) if gone else tr("There was nothing made up that could be removed.")]
        if removed.kept:
            told.append(
                trn(
                    "{n} made-up need stays, because it was merged with one that is not.",
                    "{n} made-up needs stay, because they were merged with others that are not.",
                    removed.kept,
                )
            )
        notice.say(" ".join(told))

    _attempt(lambda api: api.remove_made_up(), done)


def _count(counts: LoadedMadeUp | RemovedMadeUp) -> str:
    found = asdict(counts)
    return listed(say(found[name]) for name, say in COUNTED.items() if found[name])


def _attempt(ask: Callable[[Client], Any], then: Callable[[Any], None]) -> None:
    try:
        answer = ask(client.connect())
    except ApiTrouble as refusal:
        if not refusal.is_over:  # an ended session is told by the page itself
            notice.refuse(_why(refusal))
        return
    then(answer)


def _why(refusal: ApiTrouble) -> str:
    if refusal.kind == REAL:
        return tr("This network now holds records that are not made up. Nothing was changed.")
    if refusal.status == HTTPStatus.CONFLICT:
        return tr("Made-up data is being loaded or removed at this moment. Wait a little, then look again.")
    return notice.in_words(refusal)
