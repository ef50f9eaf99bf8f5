"""What became of the rows of an import, or would: how far it is, each row with what is wrong, and what can be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.imports import ImportState, RowOutcome

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.import_words import KINDS, STATES, outcomes_of, summary
from dashboard.sentences import plural
from dashboard.views import entries
from dashboard.views.importing.bringing import BEGINS, look_at
from dashboard.widgets import doing, entry, notice
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from dashboard.client import Client
    from dashboard.import_answers import Brought, RowTold

EVERY_S: Final = 1.0
ROWS: Final = 100
"""Rows on one screen."""


@st.fragment(run_every=EVERY_S)
def follow(import_id: str) -> None:
    """Say how far an import is, until its rows have been gone through."""
    try:
        one = client.connect().get_import(import_id)
    except ApiTrouble:
        st.html("<p class='br-note'>The service is not answering; the rows are gone through all the same.</p>")
        return
    if not one.is_at_work:
        st.rerun()
    of = f" of {one.total_rows:,}" if one.total_rows else ""
    told = f"{STATES[one.state].capitalize()}: {one.gone_through:,}{of} rows. You may leave this page."
    st.progress(min(1.0, one.gone_through / one.total_rows) if one.total_rows else 0.0, text=told)


def show(api: Client, one: Brought) -> None:
    """Draw what became of the rows, and what can be done next."""
    st.html(f"<p class='br-note'>{_lead(one)}</p>")
    _doing(one)
    if one.gone_through and one.state is not ImportState.UNDONE:
        _rows(api, one)


def _lead(one: Brought) -> str:
    told = as_html(summary(one)) or "There is no row in it"
    if one.state is ImportState.UNDONE:
        return "All that came from this table was taken back. It can be brought again."
    if one.state is ImportState.CHECKED:
        return f"<b>{told}.</b> Nothing was taken in yet."
    held = one.counts[RowOutcome.HELD]
    wait = f" {plural(held, 'row waits', 'rows wait')} among the entries, to be corrected." if held else ""
    return f"<b>{told}.</b>{wait}"


def _doing(one: Brought) -> None:
    room = st.container(key="import_does", horizontal=True)
    with room:
        if one.state is ImportState.CHECKED and not one.error:
            made = one.counts[RowOutcome.MADE]
            label = f"Take in {plural(made, *KINDS[one.kind])}" if made else "Keep the rows, to be corrected"
            none = not made and not one.counts[RowOutcome.HELD]
            st.button(label, key="run", type="primary", on_click=partial(_run, one), disabled=none)
        waits = one.state is ImportState.DONE and one.counts[RowOutcome.HELD]
        if waits and st.button("Correct what waits", key="import_held", icon=":material/edit_note:"):
            st.switch_page(st.Page(entries.show, url_path="entries"))
        if one.gone_through:
            st.link_button("Report as CSV", f"/v1/imports/{one.id}/report.csv", icon=":material/download:")
    if one.state is ImportState.CHECKED:
        forgetting(one, room)
    elif one.state is ImportState.DONE:
        ask = "All it made is taken back. That is refused once something has been done with any of its rows."
        entry.sure(room, f"undo_{one.id}", ("Undo", "Undo this import"), ask, partial(_undo, one))


def forgetting(one: Brought, room: DeltaGenerator) -> None:
    """Offer to forget a table of which nothing was taken in."""
    ask = "The table is forgotten. Nothing of it was taken in."
    entry.sure(room, f"forget_{one.id}", ("Forget it", "Forget this table"), ask, partial(_forget, one))


def _run(one: Brought) -> None:
    doing.attempt(lambda api: api.run_import(one.id), lambda begun: look_at(begun.id))


def _undo(one: Brought) -> None:
    doing.attempt(lambda api: api.undo_import(one.id), lambda _: notice.say(f"{one.name} was taken back."))


def _forget(one: Brought) -> None:
    doing.attempt(lambda api: api.forget_import(one.id), lambda _: notice.say(f"{one.name} is forgotten."))


def _rows(api: Client, one: Brought) -> None:
    words = outcomes_of(one)
    there = [outcome for outcome in (RowOutcome.HELD, *RowOutcome) if one.counts[outcome]]
    ordered = list(dict.fromkeys(there))
    chosen: RowOutcome = st.segmented_control(
        "Which rows", ordered, default=ordered[0], required=True, key=f"rows_{one.id}_{one.state.value}",
        format_func=lambda outcome: f"{words[outcome].capitalize()} ({one.counts[outcome]:,})",
        label_visibility="collapsed", on_change=_first,
    ) or ordered[0]  # fmt: skip
    rows, following = api.list_import_rows(one.id, outcome=chosen, after=st.session_state.get(BEGINS), limit=ROWS)
    st.html(_table(one, rows, words[chosen]))
    with st.container(horizontal=True):
        if st.session_state.get(BEGINS) is not None:
            st.button("Back to the first rows", key="rows_first", icon=":material/arrow_upward:", on_click=_first)
        if following is not None:
            st.button("Later rows", key="rows_later", icon=":material/arrow_downward:", on_click=_later,
                      args=(following,))  # fmt: skip


def _first() -> None:
    st.session_state.pop(BEGINS, None)


def _later(following: int) -> None:
    st.session_state[BEGINS] = following


def _table(one: Brought, rows: Sequence[RowTold], words: str) -> str:
    caption = as_html(f"{one.name}: rows {words}")
    lines = "".join(_line(row) for row in rows)
    return (
        f"<div class='br-week br-rows' tabindex='0' role='region' aria-label='{caption}'><table>"
        f"<caption>{caption}</caption><thead><tr><th scope='col'>Row</th><th scope='col'>Column</th>"
        f"<th scope='col'>What there is to say</th></tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _line(row: RowTold) -> str:
    said = row.said or (("", "nothing"),)
    first = f"<th scope='row' rowspan='{len(said)}'>{row.row}</th>"
    cells = [f"<td>{as_html(column)}</td><td>{as_html(reason)}</td>" for column, reason in said]
    return f"<tr>{first}{'</tr><tr>'.join(cells)}</tr>"
