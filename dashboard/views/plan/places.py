"""What would be if a place that helps were closed or had twice the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.sentences import plural, within
from dashboard.views.plan import imagined
from dashboard.views.question import STANDARDS
from dashboard.widgets import trouble
from dashboard.widgets.plain import as_html
from dashboard.wire import PAGE

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.plan_answers import HelpingPlace

KIND, MINUTES, PLACE = "if_kind", "if_minutes", "if_place"


def show(api: Client, meta: Meta) -> None:
    """Draw the places that help, and what would change with one of them."""
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>What if a place closed, or had more "
        "room?</h1><p class='br-lead'>See what would change before anything does. Nothing is stored.</p></div>"
    )
    kinds = [value for value, _ in meta.categories]
    standards = sorted({*STANDARDS, meta.standard_min})
    with st.container(key="if_form"):
        columns = st.columns([1, 1, 1.6], vertical_alignment="bottom")
    kind = columns[0].selectbox("Kind of help", kinds, format_func=meta.label, key=KIND, on_change=imagined.clear)
    minutes = columns[1].selectbox(
        "Help should be",
        standards,
        index=standards.index(meta.standard_min),
        format_func=within,
        key=MINUTES,
        on_change=imagined.clear,
    )
    places = {place.id: place for place in api.list_helping(category=kind)}
    if not places:
        trouble.empty(f"No place helps with {meta.label(kind).lower()}", "Choose another kind of help.")
        return
    chosen = columns[2].selectbox(
        "Place",
        sorted(places, key=lambda id_: places[id_].name.casefold()),
        format_func=lambda id_: _named(places[id_]) if id_ in places else "",
        key=PLACE,
        on_change=imagined.clear,
    )
    if len(places) == PAGE:
        st.caption(f"The first {PAGE} places are listed.")
    _buttons(places[chosen], minutes)
    if imagined.is_asked():
        imagined.show(api, meta)
    else:
        trouble.empty("Nothing is imagined", "Press one of the buttons above to see what would change.")


def _named(place: HelpingPlace) -> str:
    # the list of a select box shows text as it is
    room = "room not known" if place.capacity is None else f"room for {place.capacity} a week"
    return f"{place.name}, {place.kind.replace('_', ' ')}, {room}"


def _buttons(place: HelpingPlace, minutes: int) -> None:
    with st.container(key="if_buttons", horizontal=True):
        st.button(
            "Close it",
            key="if_close",
            icon=":material/block:",
            on_click=imagined.ask,
            args=({"close": [place.id]},),
            kwargs={"standard_min": minutes, "title": f"Closed: {place.name}"},
        )
        room = None if place.capacity is None else 2 * place.capacity
        st.button(
            "Double its room",
            key="if_double",
            icon=":material/open_in_full:",
            disabled=not room,
            help=None if room else "How much room it has is not known, or it has none",
            on_click=imagined.ask,
            args=({"resize": [{"asset_id": place.id, "capacity": room}]},),
            kwargs={
                "standard_min": minutes,
                "title": f"{place.name} with room for {plural(room or 0, 'need', 'needs')} a week",
            },
        )
