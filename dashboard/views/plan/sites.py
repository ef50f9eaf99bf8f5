"""Where the next places of help should be: a question, numbered places on the map, and the same in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.plan_answers import Site, Sites, SitesAsked
from dashboard.plan_words import WHERE, fewer_than_asked, how_found, of_which, sites_headline, unreached
from dashboard.sentences import within
from dashboard.told_words import say_travel
from dashboard.translation import number, pointing, tr, trn
from dashboard.views.plan import imagined
from dashboard.views.question import STANDARDS
from dashboard.widgets import balance, change_list, legend, site_layer, trouble
from dashboard.widgets.live_layer import Shown
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.client import Client

MOST_PLACES: Final = 5
MOST_ROOM: Final = 1000
ROOM: Final = 20
ASKED: Final = "sites_asked"
ANSWER: Final = "sites_answer"
CHOSEN: Final = "site_chosen"
GATHERING: Final = "sites_gathering"
KIND, MINUTES, COUNT, CAPACITY, LOOK = "site_kind", "site_minutes", "site_count", "site_room", "site_look"


def show(api: Client, meta: Meta) -> None:
    """Draw the question, and the answer once it was asked for."""
    head = st.container()
    asked: SitesAsked | None = st.session_state.get(ASKED)
    _form(meta, asked)
    if asked is None:
        with head:
            _head(meta.network, tr("Where would a new place help most?"), _lead())
        trouble.empty(
            tr("Nothing is asked yet"), tr("Choose above and press “Find places”. Nothing is stored or changed.")
        )
        return
    with st.spinner(tr("Trying out where new places would help. This takes some seconds …"), show_time=True):
        answer = _find(api, asked)
    kind = meta.label(asked.category).lower()
    with head:
        _head(
            meta.network, sites_headline(answer, kind), f"{of_which(answer, kind)} {fewer_than_asked(answer)}".strip()
        )
        balance.show(answer.balance, kind=kind)
    _answer(api, meta, answer)


def _lead() -> str:
    return tr(
        "All open needs and the help there is are counted, with the room it has left this week. You see which few "
        "places, opened next, would help most."
    )


def _head(over: str, title: str, lead: str) -> None:
    told = f"<p class='br-lead'>{as_html(lead)}</p>" if lead else ""
    st.html(f"<div class='br-head'><p class='br-over'>{as_html(over)}</p><h1>{as_html(title)}</h1>{told}</div>")


def _form(meta: Meta, last: SitesAsked | None) -> None:
    kinds = [value for value, _ in meta.categories]
    standards = sorted({*STANDARDS, meta.standard_min})
    looks = list(WHERE)
    with st.form("sites", border=False):
        with st.container(key="site_form"):
            columns = st.columns([1.2, 1.3, 0.8, 1, 1.3, 0.9], vertical_alignment="bottom")
        columns[0].selectbox(
            tr("Kind of need"), kinds, index=kinds.index(last.category) if last else 0, format_func=meta.label, key=KIND
        )
        columns[1].selectbox(
            tr("Help should be"),
            standards,
            index=standards.index(last.standard_min if last else meta.standard_min),
            format_func=within,
            key=MINUTES,
        )
        columns[2].selectbox(tr("Places"), list(range(1, MOST_PLACES + 1)), index=last.k - 1 if last else 2, key=COUNT)
        columns[3].number_input(
            tr("Room a week"),
            min_value=1,
            max_value=MOST_ROOM,
            value=last.capacity if last else ROOM,
            key=CAPACITY,
            help=tr("How many needs each new place can meet in a week"),
        )
        columns[4].selectbox(
            tr("Where to look"),
            looks,
            index=looks.index(last.candidates) if last else 0,
            format_func=lambda name: WHERE.get(name, name),
            key=LOOK,
            help=tr(
                "Public places that are closed at present or open without this help; doors of the address register; "
                "or the middles of hexagons all over the area"
            ),
        )
        columns[5].form_submit_button(tr("Find places"), type="primary", on_click=_ask, width="stretch")


def _ask() -> None:
    told = st.session_state
    st.session_state[ASKED] = SitesAsked(
        category=told[KIND],
        k=int(told[COUNT]),
        capacity=int(told[CAPACITY]),
        standard_min=int(told[MINUTES]),
        candidates=told[LOOK],
    )
    told.pop(ANSWER, None)
    told.pop(CHOSEN, None)
    imagined.clear()


def _find(api: Client, asked: SitesAsked) -> Sites:
    kept: Sites | None = st.session_state.get(ANSWER)
    if kept is None or kept.asked != asked:
        kept = api.propose_sites(asked)
        told = api.tell_hot_spots(category=asked.category, standard_min=asked.standard_min)
        st.session_state[ANSWER], st.session_state[GATHERING] = kept, told
    return kept


def _answer(api: Client, meta: Meta, answer: Sites) -> None:
    left, right = st.columns([1.6, 1], gap="medium")
    with left:
        _map(api, meta, answer)
    with right:
        if imagined.is_asked():
            imagined.show(api, meta)
        else:
            _list(meta, answer)
    _small_print(meta, answer)


def _map(api: Client, meta: Meta, answer: Sites) -> None:
    asked, kind = answer.asked, meta.label(answer.asked.category).lower()
    now = api.get_coverage(category=asked.category, standard_min=asked.standard_min, limit=1)
    step = legend.step_of([now.widest])
    shown = Shown(("coverage",), asked.category, asked.standard_min, area=None, cell=None, step=step)
    site_layer.show(meta, shown, answer.sites, chosen=st.session_state.get(CHOSEN), on_pick=_picked)
    legend.show(shown.layers, step=step, kind=kind, limit=within(asked.standard_min), example=None)


def _picked() -> None:
    at = site_layer.picked()
    if at is not None:
        st.session_state[CHOSEN] = at
        imagined.clear()


def _list(meta: Meta, answer: Sites) -> None:
    kind = meta.label(answer.asked.category)
    st.html(change_list.bars(answer.before, answer.after, kind=kind))
    if not answer.sites:
        trouble.empty(
            tr("No place to propose"), unreached(answer, kind.lower()) or tr("Try another kind, time or where to look.")
        )
    for at, site in enumerate(answer.sites):
        with st.container(key=f"site_{at}"):
            st.html(card(at, site, is_chosen=at == st.session_state.get(CHOSEN)))
            st.button(
                tr("Open it and see"),
                key=f"open_{at}",
                type="tertiary",
                icon=pointing("arrow_forward"),
                icon_position="right",
                on_click=_open,
                args=(answer, at),
            )


def card(at: int, site: Site, *, is_chosen: bool = False) -> str:
    """Write one proposed place, from 0, with what it and those before it do; everything in it is escaped."""
    sum_ = trn("with those before it, {n} need in all", "with those before it, {n} needs in all", site.cumulative)
    so_far = sum_ if at else tr("opened first")
    title = tr("Place {n}: {label}", n=number(at + 1), label=site.label)
    helps = trn("Helps {n} more need", "Helps {n} more needs", site.newly_served)
    state = " br-chosen" if is_chosen else ""
    return (
        f"<div class='br-card br-site{state}'><span class='br-number' aria-hidden='true'>{at + 1}</span><div>"
        f"<p class='br-where'>{as_html(title)}</p>"
        f"<h3>{as_html(helps)}</h3><p>{as_html(so_far)}</p></div></div>"
    )


def _open(answer: Sites, at: int) -> None:
    site, asked = answer.sites[at], answer.asked
    place = {"lon": site.lon, "lat": site.lat, "categories": [asked.category], "capacity": asked.capacity}
    st.session_state[CHOSEN] = at
    title = tr("Place {n} alone: {label}", n=number(at + 1), label=site.label)
    imagined.ask({"add": [place]}, standard_min=asked.standard_min, title=title)


def _small_print(meta: Meta, answer: Sites) -> None:
    lines = (
        (tr("How they were found"), how_found(answer)),
        (tr("Out of reach"), unreached(answer, meta.label(answer.asked.category).lower()) if answer.sites else ""),
        (tr("Where unmet needs gather"), str(st.session_state.get(GATHERING) or "")),
        (tr("What a place is"), answer.note),
        (tr("How travel is reckoned"), say_travel(answer.travel_note)),
        (tr("Nothing is stored"), tr("Places are proposed, never opened or asked, by this page.")),
    )
    notes = "".join(
        f"<p class='br-note' dir='auto'><b>{as_html(name)}.</b> {as_html(words)}</p>" for name, words in lines if words
    )
    st.html(f"<div class='br-notes'>{notes}</div>")
