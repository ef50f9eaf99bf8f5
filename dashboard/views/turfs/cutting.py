"""Cutting an area or a shape that is drawn into turfs, and removing one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from geo.domain.turf import LONGEST_DAYS, MAX_DOORS

from dashboard.translation import Phrases, tr, trn
from dashboard.views.turfs import drawing
from dashboard.widgets import doing, entry, notice
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.turf_answers import Turf

NAME, AREA, EACH, NOTE, UNTIL = "cut_name", "cut_area", "cut_each", "cut_note", "cut_until"
WAY, INTO = "cut_way", "cut_into"
STORED, DRAWN = "stored", "drawn"
SEVERAL, ONE = "several", "one"
GROUNDS: Final = Phrases({STORED: "A stored area", DRAWN: "A shape I draw"})
PARTS: Final = Phrases({SEVERAL: "Several turfs", ONE: "One turf of all its doors"})
USUAL: Final = 50
USUAL_DAYS: Final = 30


def show(api: Client, meta: Meta) -> None:
    """Draw the form."""
    with st.expander(tr("Cut turfs"), icon=":material/content_cut:"):
        way = st.segmented_control(
            tr("Which ground?"), list(GROUNDS), format_func=GROUNDS.__getitem__, default=STORED, required=True, key=WAY
        )
        areas = {} if way == DRAWN else {area.id: area.name for area in api.list_areas()}
        if way == DRAWN:
            drawing.show(meta)
        elif not areas:
            told = tr("No area is stored. Draw a shape, or load areas with “barnraiser load areas”.")
            st.html(f"<p class='br-note'>{as_html(told)}</p>")
            return
        with st.form("cut", border=False):
            _fields(areas)
            st.form_submit_button(tr("Cut"), type="primary", on_click=_cut)


def _fields(areas: Mapping[str, str]) -> None:
    today = datetime.now(UTC).date()
    left, middle, right = st.columns([2, 1, 1])
    if areas:
        ordered = sorted(areas, key=lambda one: areas[one].casefold())
        left.selectbox(tr("Area"), ordered, format_func=lambda one: areas.get(one, ""), key=AREA)
    else:
        left.radio(tr("Make of it"), list(PARTS), format_func=PARTS.__getitem__, key=INTO, horizontal=True)
    middle.number_input(tr("About how many doors each"), 5, MAX_DOORS, value=USUAL, step=5, key=EACH)
    right.date_input(
        tr("Last day"),
        value=today + timedelta(days=USUAL_DAYS),
        min_value=today,
        max_value=today + timedelta(days=LONGEST_DAYS),
        key=UNTIL,
    )
    st.text_input(tr("What they are called"), key=NAME, max_chars=90, placeholder=tr("Spring round, north"))
    st.text_input(
        tr("Note for whoever walks"), key=NOTE, max_chars=500, help=tr("About the campaign; nothing about a person.")
    )


def _ground() -> dict[str, Any] | None:
    state = st.session_state
    if state.get(WAY) != DRAWN:
        return {"area_id": state[AREA]}
    shape = drawing.shape()
    return {"geometry": shape} if shape else None


def _cut() -> None:
    state = st.session_state
    name, note = str(state.get(NAME) or "").strip(), str(state.get(NOTE) or "").strip()
    ground = _ground()
    if ground is None:
        notice.refuse(tr("A shape has three corners at least. Click on the map for each."))
        return
    if not name:
        notice.refuse(tr("Say what the turfs are to be called."))
        return
    asked = ground | {"name": name, "ends_on": state[UNTIL].isoformat()} | ({"note": note} if note else {})
    is_one = "geometry" in ground and state.get(INTO) == ONE

    def done(count: int) -> None:
        state[NAME] = state[NOTE] = ""
        drawing.clear()
        notice.say(
            trn(
                "{n} turf was made. Print them, or give them to phones.",
                "{n} turfs were made. Print them, or give them to phones.",
                count,
            )
        )

    doors_each = {} if is_one else {"doors_each": int(state[EACH])}
    doing.attempt(lambda api: api.make_turf(asked) if is_one else api.cut_turfs(asked | doors_each), done)


def removal(turf: Turf) -> None:
    """Offer to remove a turf."""
    ask = tr("The turf goes with all that was met at its doors. Sheets that are out mean nothing any more.")
    room = st.container(key="turf_end", horizontal=True)
    words, do = (tr("Remove"), tr("Remove this turf")), partial(_remove, turf)
    entry.sure(room, key=f"turf_{turf.id}", words=words, ask=ask, do=do)


def _remove(turf: Turf) -> None:
    doing.attempt(lambda api: api.remove_turf(turf.id), lambda _: notice.say(tr("{name} was removed.", name=turf.name)))
