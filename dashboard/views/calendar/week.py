"""A week of shifts, day by day, and one of them looked at closely."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.calendar_words import WEEK, Zones, bounds, headline, week_of, week_title
from dashboard.translation import at_time, number, pointing, tr, weekday
from dashboard.views.calendar import shift as one_shift
from dashboard.widgets import trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.calendar_answers import Shift
    from dashboard.client import Client

MONDAY: Final = "calendar_monday"
OPEN: Final = "open_shift"


def show(api: Client, meta: Meta) -> None:
    """Draw the week."""
    zones = Zones.of(api.list_activities())
    today = datetime.now(UTC).astimezone(zones.usual).date()
    monday: date = st.session_state.get(MONDAY) or week_of(today)
    shifts = api.list_shifts(*bounds(monday, zones.usual))
    lead = tr("{week}, times of {zone}.", week=week_title(monday), zone=zones.usual.key)
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(headline(shifts))}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )
    _turn(monday, week_of(today))
    if not zones.by_activity:
        trouble.empty(
            tr("Nothing is in the calendar yet."), tr("Add something under “Activities”, or take a file over there.")
        )
        return
    _days(zones, monday, today, shifts)
    _open(api, zones, shifts)


def _turn(monday: date, this: date) -> None:
    with st.container(key="week_turn", horizontal=True, vertical_alignment="center"):
        st.button(tr("Before"), key="week_before", icon=pointing("chevron_left"), shortcut="k", on_click=_go,
                  args=(monday - WEEK,))  # fmt: skip
        st.button(tr("This week"), key="week_this", disabled=monday == this, on_click=_go, args=(this,))
        st.button(tr("After"), key="week_after", icon=pointing("chevron_right"), shortcut="j", on_click=_go,
                  args=(monday + WEEK,))  # fmt: skip


def _go(monday: date) -> None:
    st.session_state[MONDAY] = monday
    st.session_state.pop(OPEN, None)


def _days(zones: Zones, monday: date, today: date, shifts: Sequence[Shift]) -> None:
    with st.container(key="week_days"):
        for place, column in enumerate(st.columns(WEEK.days, gap="small")):
            day = monday + timedelta(days=place)
            with column:
                mark = " br-today" if day == today else ""
                st.html(f"<h2 class='br-day{mark}'><span>{weekday(place)}</span> {day:%-d}</h2>")
                found = [one for one in shifts if zones.local(one, one.starts_at).date() == day]
                for one in found:
                    _button(zones, one)
                if not found:
                    none = as_html(tr("no shifts"))
                    st.html(f"<p class='br-noday' aria-label='{none}'>–</p>")  # noqa: RUF001 - a dash for nothing


def _button(zones: Zones, one: Shift) -> None:
    starts = as_label(at_time(zones.local(one, one.starts_at)))
    taken = as_label(tr("{n} of {all}", n=number(one.taken), all=number(one.most)))
    st.button(
        f"**{starts}** {as_label(one.title)}  \n{taken}",
        key=f"shift_{one.id}",
        type="primary" if st.session_state.get(OPEN) == one.id else "secondary",
        width="stretch",
        on_click=_look,
        args=(one.id,),
    )


def _look(shift_id: str) -> None:
    st.session_state[OPEN] = None if st.session_state.get(OPEN) == shift_id else shift_id


def _open(api: Client, zones: Zones, shifts: Sequence[Shift]) -> None:
    found = next((one for one in shifts if one.id == st.session_state.get(OPEN)), None)
    if found is not None:
        with st.container(key="shift_open"), trouble.guarded():
            one_shift.show(api, zones, found)
    elif shifts:
        choose = tr("Choose a shift to see who comes, and to sign somebody up.")
        st.html(f"<p class='br-note'>{as_html(choose)}</p>")
