"""Cutting an area into turfs, and removing one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.turf import LONGEST_DAYS, MAX_DOORS

from dashboard.sentences import plural
from dashboard.widgets import doing, entry, notice

if TYPE_CHECKING:
    from dashboard.client import Client
    from dashboard.turf_answers import Turf

NAME, AREA, EACH, NOTE, UNTIL = "cut_name", "cut_area", "cut_each", "cut_note", "cut_until"
USUAL: Final = 50
USUAL_DAYS: Final = 30


def show(api: Client) -> None:
    """Draw the form."""
    with st.expander("Cut an area into turfs", icon=":material/content_cut:"):
        areas = {area.id: area.name for area in api.list_areas()}
        if not areas:
            st.html("<p class='br-note'>No area is stored. Load some with “barnraiser load areas”.</p>")
            return
        today = datetime.now(UTC).date()
        with st.form("cut", border=False):
            left, middle, right = st.columns([2, 1, 1])
            ordered = sorted(areas, key=lambda one: areas[one].casefold())
            left.selectbox("Area", ordered, format_func=lambda one: areas.get(one, ""), key=AREA)
            middle.number_input("About how many doors each", 5, MAX_DOORS, value=USUAL, step=5, key=EACH)
            right.date_input(
                "Last day",
                value=today + timedelta(days=USUAL_DAYS),
                min_value=today,
                max_value=today + timedelta(days=LONGEST_DAYS),
                key=UNTIL,
            )
            st.text_input("What they are called", key=NAME, max_chars=90, placeholder="Spring round, north")
            st.text_input(
                "Note for whoever walks", key=NOTE, max_chars=500, help="About the campaign; nothing about a person."
            )
            st.form_submit_button("Cut", type="primary", on_click=_cut)


def _cut() -> None:
    state = st.session_state
    name, note = str(state.get(NAME) or "").strip(), str(state.get(NOTE) or "").strip()
    if not name:
        notice.refuse("Say what the turfs are to be called.")
        return
    asked = {"name": name, "area_id": state[AREA], "doors_each": int(state[EACH]), "ends_on": state[UNTIL].isoformat()}

    def done(count: int) -> None:
        state[NAME] = state[NOTE] = ""
        notice.say(f"{plural(count, 'turf was', 'turfs were')} made. Print them, or give them to phones.")

    doing.attempt(lambda api: api.cut_turfs(asked | ({"note": note} if note else {})), done)


def removal(turf: Turf) -> None:
    """Offer to remove a turf."""
    ask = "The turf goes with all that was met at its doors. Sheets that are out mean nothing any more."
    room = st.container(key="turf_end", horizontal=True)
    entry.sure(room, f"turf_{turf.id}", ("Remove", "Remove this turf"), ask, partial(_remove, turf))


def _remove(turf: Turf) -> None:
    doing.attempt(lambda api: api.remove_turf(turf.id), lambda _: notice.say(f"{turf.name} was removed."))
