"""Typing in a sheet that came back, with the keyboard alone: a code, a letter, Enter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.translation import tr
from dashboard.turf_words import LETTERS, OUTCOMES, entered_words, is_taken, read_rows
from dashboard.widgets import doing, notice
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from datetime import date

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.turf_answers import Entered, Turf

ROWS, DAY, DONE = "sheet_rows", "sheet_day", "sheet_done"
SHOWN: Final = 12
EXAMPLE: Final = "H5C TTN V"


def show(_: Client, __: Meta, turf: Turf) -> None:
    """Draw the form and what was typed last."""
    if turf.is_closed:
        told = tr("This turf is closed and takes no more sheets.")
        st.html(f"<p class='br-note'>{as_html(told)}</p>")
        return
    letters = " · ".join(f"{letter} {OUTCOMES[outcome]}" for letter, outcome in LETTERS.items())
    told = tr("Type the six characters of a row and its letter, then Enter.")
    st.html(f"<p class='br-note'>{as_html(told)} {as_html(letters)}</p>")
    _entry(turf)


@st.fragment
def _entry(turf: Turf) -> None:
    """Draw what is drawn anew after each row, and nothing else, so that typing is quick."""
    with st.container(key="sheet_notice"):
        notice.show()
    today = datetime.now(UTC).date()
    day = st.date_input(tr("Day of the walk"), value=today, max_value=today, key=DAY)
    with st.form("sheet", border=False):
        st.text_input(
            tr("Code and letter"),
            key=ROWS,
            max_chars=400,
            placeholder=EXAMPLE,
            autocomplete="off",
            help=tr("Several rows may follow each other."),
        )
        st.form_submit_button(tr("Enter"), type="primary", on_click=_enter, args=(turf, day))
    _last(turf)


def _enter(turf: Turf, day: date) -> None:
    try:
        rows = read_rows(str(st.session_state.get(ROWS) or ""))
    except ValueError as slip:
        notice.refuse(str(slip))
        return

    def done(results: tuple[Entered, ...]) -> None:
        kept = st.session_state.setdefault(DONE, {})
        st.session_state[ROWS] = ""
        kept[turf.id] = [*reversed(results), *kept.get(turf.id, [])][:SHOWN]
        wrong = next((one for one in results if not is_taken(one)), None)
        if wrong is not None:
            notice.refuse(entered_words(wrong))

    doing.attempt(lambda api: api.enter_codes(turf.id, rows, visited_on=day), done)


def _last(turf: Turf) -> None:
    kept: list[Entered] = st.session_state.get(DONE, {}).get(turf.id, [])
    lines = "".join(_line(one) for one in kept)
    if lines:
        label = as_html(tr("What was typed last"))
        st.html(f"<ul class='br-log br-typed' aria-label='{label}' aria-live='polite'>{lines}</ul>")


def _line(one: Entered) -> str:
    mark = "✓" if is_taken(one) else "✗"
    return f"<li><div><b>{mark}</b> {as_html(entered_words(one))}</div></li>"
