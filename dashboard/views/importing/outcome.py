"""What became of the rows of an import, or would: how far it is, each row with what is wrong, and what can be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.imports import ImportState, RowOutcome

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.import_words import STATES, outcomes_of, summary, take_in
from dashboard.translation import number, tr, trn
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
        told = tr("The service is not answering; the rows are gone through all the same.")
        st.html(f"<p class='br-note'>{as_html(told)}</p>")
        return
    if not one.is_at_work:
        st.rerun()
    parts = {"state": STATES[one.state].capitalize(), "done": number(one.gone_through)}
    told = tr("{state}: {done} rows. You may leave this page.", **parts)
    if one.total_rows:
        told = tr("{state}: {done} of {all} rows. You may leave this page.", **parts, all=number(one.total_rows))
    st.progress(min(1.0, one.gone_through / one.total_rows) if one.total_rows else 0.0, text=told)


def show(api: Client, one: Brought) -> None:
    """Draw what became of the rows, and what can be done next."""
    st.html(f"<p class='br-note'>{_lead(one)}</p>")
    _doing(one)
    if one.gone_through and one.state is not ImportState.UNDONE:
        _rows(api, one)


def _lead(one: Brought) -> str:
    told = as_html(summary(one) or tr("There is no row in it"))
    if one.state is ImportState.UNDONE:
        return as_html(tr("All that came from this table was taken back. It can be brought again."))
    if one.state is ImportState.CHECKED:
        return f"<b>{told}.</b> {as_html(tr('Nothing was taken in yet.'))}"
    held = one.counts[RowOutcome.HELD]
    if not held:
        return f"<b>{told}.</b>"
    wait = trn(
        "{n} row waits among the entries, to be corrected.", "{n} rows wait among the entries, to be corrected.", held
    )
    return f"<b>{told}.</b> {as_html(wait)}"


def _doing(one: Brought) -> None:
    room = st.container(key="import_does", horizontal=True)
    with room:
        if one.state is ImportState.CHECKED and not one.error:
            made = one.counts[RowOutcome.MADE]
            label = take_in(one.kind, made) if made else tr("Keep the rows, to be corrected")
            none = not made and not one.counts[RowOutcome.HELD]
            st.button(label, key="run", type="primary", on_click=partial(_run, one), disabled=none)
        waits = one.state is ImportState.DONE and one.counts[RowOutcome.HELD]
        if waits and st.button(tr("Correct what waits"), key="import_held", icon=":material/edit_note:"):
            st.switch_page(st.Page(entries.show, url_path="entries"))
        if one.gone_through:
            report = f"/v1/imports/{one.id}/report.csv"
            st.link_button(tr("Report as CSV"), report, icon=":material/download:")
    if one.state is ImportState.CHECKED:
        forgetting(one, room)
    elif one.state is ImportState.DONE:
        ask = tr("All it made is taken back. That is refused once something has been done with any of its rows.")
        words, do = (tr("Undo"), tr("Undo this import")), partial(_undo, one)
        entry.sure(room, key=f"undo_{one.id}", words=words, ask=ask, do=do)


def forgetting(one: Brought, room: DeltaGenerator) -> None:
    """Offer to forget a table of which nothing was taken in."""
    ask = tr("The table is forgotten. Nothing of it was taken in.")
    words, do = (tr("Forget it"), tr("Forget this table")), partial(_forget, one)
    entry.sure(room, key=f"forget_{one.id}", words=words, ask=ask, do=do)


def _run(one: Brought) -> None:
    doing.attempt(lambda api: api.run_import(one.id), lambda begun: look_at(begun.id))


def _undo(one: Brought) -> None:
    doing.attempt(
        lambda api: api.undo_import(one.id), lambda _: notice.say(tr("{name} was taken back.", name=one.name))
    )


def _forget(one: Brought) -> None:
    doing.attempt(
        lambda api: api.forget_import(one.id), lambda _: notice.say(tr("{name} is forgotten.", name=one.name))
    )


def _rows(api: Client, one: Brought) -> None:
    words = outcomes_of(one)
    there = [outcome for outcome in (RowOutcome.HELD, *RowOutcome) if one.counts[outcome]]
    ordered = list(dict.fromkeys(there))
    chosen: RowOutcome = st.segmented_control(
        tr("Which rows"), ordered, default=ordered[0], required=True, key=f"rows_{one.id}_{one.state.value}",
        format_func=lambda outcome: f"{words[outcome].capitalize()} ({number(one.counts[outcome])})",
        label_visibility="collapsed", on_change=_first,
    ) or ordered[0]  # fmt: skip
    rows, following = api.list_import_rows(one.id, outcome=chosen, after=st.session_state.get(BEGINS), limit=ROWS)
    st.html(_table(one, rows, words[chosen]))
    with st.container(horizontal=True):
        if st.session_state.get(BEGINS) is not None:
            st.button(tr("Back to the first rows"), key="rows_first", icon=":material/arrow_upward:", on_click=_first)
        if following is not None:
            st.button(tr("Later rows"), key="rows_later", icon=":material/arrow_downward:", on_click=_later,
                      args=(following,))  # fmt: skip


def _first() -> None:
    st.session_state.pop(BEGINS, None)


def _later(following: int) -> None:
    st.session_state[BEGINS] = following


def _table(one: Brought, rows: Sequence[RowTold], words: str) -> str:
    caption = as_html(tr("{name}: rows {words}", name=one.name, words=words))
    heads = (as_html(text) for text in (tr("Row"), tr("Column"), tr("What there is to say")))
    head = "".join(f"<th scope='col'>{text}</th>" for text in heads)
    lines = "".join(_line(row) for row in rows)
    return (
        f"<div class='br-week br-rows' tabindex='0' role='region' aria-label='{caption}'><table>"
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _line(row: RowTold) -> str:
    said = row.said or (("", tr("nothing")),)
    first = f"<th scope='row' rowspan='{len(said)}'>{row.row}</th>"
    cells = [f"<td>{as_html(column)}</td><td>{as_html(reason)}</td>" for column, reason in said]
    return f"<tr>{first}{'</tr><tr>'.join(cells)}</tr>"
