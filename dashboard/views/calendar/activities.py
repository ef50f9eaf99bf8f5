"""What is done again and again: adding it, removing it, and taking a calendar over from a file."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.board_words import when_free
from dashboard.calendar_answers import ActivityAsked
from dashboard.calendar_words import REPEATS, NotRoles, read_roles, schedule
from dashboard.translation import number, tr, trn
from dashboard.widgets import entry, notice, trouble
from dashboard.widgets.doing import attempt
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.calendar_answers import Activity, Taken
    from dashboard.client import Client

TITLE, PLACE, DAY, STARTS, LASTS, AGAIN, ROLES = (
    f"act_{name}" for name in ("title", "place", "day", "starts", "lasts", "again", "roles")
)
FILE: Final = "act_file"
LARGEST: Final = 1_000_000
NAMED: Final = 5
"""Of how many events left out the reasons are told."""


def show(api: Client, meta: Meta) -> None:
    """Draw the activities."""
    found = api.list_activities()
    title = trn("{n} activity", "{n} activities", len(found)) if found else tr("Activities")
    lead = tr("What is done together, once or again and again. Its shifts of a year ahead follow from it.")
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )
    _add()
    _file()
    if not found:
        trouble.empty(tr("Nothing is in the calendar yet."), tr("Add something, or take a calendar's file over."))
    for one in found:
        _one(one)


def _one(one: Activity) -> None:
    roles = tr(", ").join(f"{name} {most}" for name, most in one.roles)
    place = f" · {one.place}" if one.place else ""
    when = when_free(one.schedule) if "RRULE" in one.schedule else tr("once")
    room = entry.line(one.id, one.title, [f"{when}{place}", roles])
    ask = tr(
        "Its shifts go with it, and whoever signed up for them is not reminded any more. This cannot be taken back."
    )
    entry.sure(room, one.id, (tr("Remove"), tr("Remove it")), ask, partial(_remove, one))


def _remove(one: Activity) -> None:
    words = tr("{activity} is out of the calendar.", activity=one.title)
    attempt(lambda api: api.remove_activity(one), lambda _: notice.say(words))


def _add() -> None:
    with st.expander(tr("Add an activity"), icon=":material/add:"), st.form("activity", border=False):
        left, right = st.columns(2)
        left.text_input(tr("What"), key=TITLE, max_chars=200, placeholder=tr("Community kitchen"))
        right.text_input(tr("Where"), key=PLACE, max_chars=200, placeholder=tr("Parish hall"),
                         help=tr("Everybody with a feed reads it, so never a home."))  # fmt: skip
        day, starts, lasts, again = st.columns(4)
        day.date_input(tr("First on"), key=DAY, value=datetime.now(UTC).date() + timedelta(days=1))
        starts.time_input(tr("From"), key=STARTS, value=time(17), step=900)
        lasts.number_input(tr("Hours"), key=LASTS, min_value=1, max_value=24, value=3)
        again.selectbox(tr("Again"), list(REPEATS), index=1, format_func=REPEATS.__getitem__, key=AGAIN)
        example = tr("coordinator 1, cook 4, driver 2")
        st.text_input(tr("Roles, and how many of each"), key=ROLES, placeholder=example)
        st.form_submit_button(tr("Add it"), type="primary", on_click=_send)


def _send() -> None:
    state = st.session_state
    title = str(state.get(TITLE) or "").strip()
    if not title:
        notice.refuse(tr("Say what it is. Nothing was added."))
        return
    try:
        roles = read_roles(str(state.get(ROLES) or ""))
    except NotRoles:
        notice.refuse(tr("Write roles with how many of each, as in: coordinator 1, cook 4. Nothing was added."))
        return
    when = schedule(state[DAY], state[STARTS], int(state[LASTS]), state[AGAIN])
    asked = ActivityAsked(title, str(state.get(PLACE) or "").strip(), when, roles)
    attempt(lambda api: api.add_activity(asked), _added)


def _added(made: Activity) -> None:
    for key in (TITLE, PLACE, ROLES):
        st.session_state[key] = ""
    words = tr("{activity} is in the calendar.", activity=made.title)
    notice.say(words, undo=notice.Undo(tr("Undo"), _remove, (made,)))


def _file() -> None:
    with st.expander(tr("Take over a calendar's file"), icon=":material/upload_file:"):
        st.caption(tr("An .ics file as calendar programs write it. The same file again adds nothing."))
        given = st.file_uploader(tr("Calendar file"), type=["ics"], key=FILE, max_upload_size=1)
        if st.button(tr("Take it over"), key="take_file", disabled=given is None) and given is not None:
            _take(given.getvalue())


def _take(raw: bytes) -> None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        notice.refuse(tr("This file is not written in UTF-8. Nothing was added."))
        st.rerun()
    attempt(lambda api: api.import_calendar(text), _taken)
    st.rerun()


def _taken(report: Taken) -> None:
    told = tr(
        "{created} added, {changed} changed, {unchanged} as they were.",
        created=number(report.created),
        changed=number(report.changed),
        unchanged=number(report.unchanged),
    )
    notice.say(" ".join([told, *_left_out(report.skipped)]))


def _left_out(skipped: Sequence[tuple[int, str]]) -> list[str]:
    """Say how many events of a file were left out, and why the first few were."""
    if not skipped:
        return []
    shown = [tr("line {n}: {why}", n=number(line), why=why) for line, why in skipped[:NAMED]]
    bad, more = "; ".join(shown), len(skipped) - NAMED
    if more > 0:
        bad = trn("{words} and {n} more", "{words} and {n} more", more, words=bad)
    said = trn("{n} event was left out: {words}.", "{n} events were left out: {words}.", len(skipped), words=bad)
    return [said]
