"""Assets: places and services that can meet a need, whether what is listed of them is still true, and their hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from geo.domain.saved_views import ViewPage

from dashboard import client
from dashboard.asset_words import answered, label_of, ordered
from dashboard.translation import Phrases, number, tr, trn
from dashboard.views.assets import filtering, one
from dashboard.widgets import notice, place_layer, saved, theme, trouble
from dashboard.widgets.plain import as_html, as_label
from dashboard.wire import PAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.answers import Meta
    from dashboard.asset_answers import Check, Place
    from dashboard.views.assets.filtering import Shown

OPEN, LIST, ORDER = "open_asset", "asset_list", "asset_order"
ALL: Final = "All"
TO_CONFIRM: Final = "to_confirm"
NAMES: Final = Phrases({TO_CONFIRM: "To confirm", ALL: "All"})


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta, checks = api.get_meta(), api.list_checks()
        chosen = st.session_state.get(LIST) or TO_CONFIRM
        # the title tells what the fields below it ask for
        head = st.container(key="asset_head")
        # a room of its own, so that what is below stays the same and keeps the keyboard
        with st.container(key="asset_notice"):
            notice.show(shortcut="u")
        st.segmented_control(
            tr("Which to look at"), list(NAMES), format_func=NAMES.__getitem__, default=TO_CONFIRM, required=True,
            key=LIST,
        )  # fmt: skip
        views = st.container()
        asked = filtering.show(api, meta)
        with views:
            saved.show(api, ViewPage.ASSETS, _words(chosen, asked), _apply)
        places = ordered(api.list_places(unconfirmed=chosen == TO_CONFIRM, **asked.wanted), asked.spot)
        with head:
            _head(meta, places, checks, chosen, asked)
        if not places:
            _nothing(chosen, asked)
            return
        at = next((n for n, place in enumerate(places) if place.id == st.session_state.get(OPEN)), 0)
        left, right = st.columns([1, 1.6], gap="medium")
        with left:
            _list(places, checks, at)
        with right, st.container(key="asset_open"), trouble.guarded():
            _map(meta, places, at, asked)
            _steps(places, at)
            one.show(meta, places[at], [check for check in checks if check.asset_id == places[at].id])


def _words(chosen: str, asked: Shown) -> dict[str, Any]:
    kind = asked.wanted.get("category")
    return {"list": chosen} | ({"kind": kind} if kind else {})


def _apply(words: Mapping[str, Any]) -> None:
    filtering.clear()
    st.session_state[LIST], st.session_state[filtering.KIND] = words.get("list", TO_CONFIRM), words.get("kind")


def _map(meta: Meta, places: Sequence[Place], at: int, asked: Shown) -> None:
    spot = asked.spot
    within = None if spot is None else (spot.lon, spot.lat, asked.within_m)
    away = sum(not one.is_on_map for one in places)
    if away < len(places):
        place_layer.show(meta, places, at=at, within=within, on_pick=_pick)
    if away:
        st.caption(
            trn(
                "{n} asset has no place to be shown: only in the list.",
                "{n} assets have no place to be shown: only in the list.",
                away,
            )
        )


def _pick() -> None:
    order, number = st.session_state.get(ORDER) or [], place_layer.picked()
    if number is not None and 0 <= number < len(order):
        st.session_state[OPEN] = order[number]


def _nothing(chosen: str, asked: Shown) -> None:
    if asked.is_narrow:
        trouble.empty(tr("No asset is like that."), tr("Look for less, or further away."))
        st.button(tr("Show everything again"), key="asset_clear", on_click=filtering.clear)
    elif chosen == TO_CONFIRM:
        later = tr("What nobody has confirmed for half a year comes up here by itself.")
        trouble.empty(tr("Everything is confirmed."), later)
    else:
        how = tr("Load an extract, a file or a directory, or hand one in at the door.")
        trouble.empty(tr("There are no assets yet."), how)


def _head(meta: Meta, places: Sequence[Place], checks: Sequence[Check], chosen: str, asked: Shown) -> None:
    title = _counted(len(places), chosen, asked)
    if len(places) == PAGE:
        title = tr("{title}, the first {page} shown", title=title, page=number(PAGE))
    lead = answered(len(checks))
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _counted(count: int, chosen: str, asked: Shown) -> str:
    if chosen == TO_CONFIRM:
        return trn("{n} asset to confirm", "{n} assets to confirm", count)
    if asked.is_narrow:
        return trn("{n} asset like that", "{n} assets like that", count)
    return trn("{n} asset in all", "{n} assets in all", count)


def _list(places: Sequence[Place], checks: Sequence[Check], at: int) -> None:
    said = {check.asset_id for check in checks}
    with st.container(key="waiting"):
        for row, place in enumerate(places):
            name, more = label_of(place, is_answered=place.id in said)
            st.button(
                f"**{as_label(f'{row + 1} · {name}')}**  \n{as_label(more)}",
                key=f"wait_{place.id}",
                type="primary" if row == at else "secondary",
                width="stretch",
                on_click=_look,
                args=(place.id,),
            )


def _look(place_id: str) -> None:
    st.session_state[OPEN] = place_id


def _steps(places: Sequence[Place], at: int) -> None:
    st.session_state[ORDER] = [place.id for place in places]
    st.session_state[OPEN] = places[at].id
    with st.container(key="steps", horizontal=True, vertical_alignment="center"):
        where = tr("{at} of {all}", at=number(at + 1), all=number(len(places)))
        st.html(f"<h2 class='br-section'>{as_html(where)}</h2>")
        for key, label, by, shortcut in (("previous", tr("Back"), -1, "k"), ("next", tr("Next"), 1, "j")):
            off = not 0 <= at + by < len(places)
            st.button(label, key=key, type="tertiary", shortcut=shortcut, disabled=off, on_click=_step, args=(by,))


def _step(by: int) -> None:
    # from what is open now, not from what was open when the button was drawn
    order, now = st.session_state.get(ORDER) or [], st.session_state.get(OPEN)
    at = order.index(now) + by if now in order else 0
    if 0 <= at < len(order):
        st.session_state[OPEN] = order[at]
