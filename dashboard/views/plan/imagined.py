"""What would be: one change that is imagined, before and after. Nothing of it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import streamlit as st

from dashboard.plan_answers import ChangedRow
from dashboard.scenarios import ADD, Change, Scenario, write_address
from dashboard.sentences import within
from dashboard.translation import tr
from dashboard.widgets import change_list
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.plan_answers import WhatIf

WISH: Final = "imagined_wish"
ANSWER: Final = "imagined_answer"


def ask(changes: Mapping[str, Any], *, standard_min: int, title: str) -> None:
    """Imagine changes, as the API takes them, from the next drawing of the page on."""
    st.session_state[WISH] = (dict(changes), standard_min, title)
    st.session_state.pop(ANSWER, None)


def clear() -> None:
    """Imagine nothing any longer."""
    st.session_state.pop(WISH, None)
    st.session_state.pop(ANSWER, None)


def is_asked() -> bool:
    """Tell whether something is imagined."""
    return WISH in st.session_state


def show(api: Client, meta: Meta) -> None:
    """Draw what would change."""
    changes, standard_min, title = st.session_state[WISH]
    with st.container(key="imagined", border=True):
        st.button(tr("Clear"), key="imagined_clear", type="tertiary", icon=":material/undo:", on_click=clear)
        with st.spinner(tr("Working out what would change …"), show_time=False):
            answer = _answer(api, changes, standard_min)
        st.html(
            f"<div class='br-card'><p class='br-where'>{as_html(title)}</p><h3>{as_html(answer.sentence)}</h3></div>"
        )
        _kinds(meta, answer)
        if answer.rows:
            st.html(change_list.table(meta, answer.rows, place=tr("Where"), before=tr("Now"), after=tr("Then")))
        st.html(_onward(changes))
        counted = tr("Counted {limit}.", limit=within(answer.standard_min))
        notes = " ".join((tr("This is only imagined; “Clear” takes it away."), *answer.notes, counted))
        st.html(f"<p class='br-note'><b>{as_html(tr('Nothing is stored'))}.</b> {as_html(notes)}</p>")


def _onward(changes: Mapping[str, Any]) -> str:
    """Write a link to the page of scenarios with the same new places on it."""
    new = tuple(
        Change(ADD, place=(one["lon"], one["lat"]), categories=tuple(one["categories"]), room=one["capacity"])
        for one in changes.get("add", ())
    )
    address = quote(write_address([Scenario("", new)]), safe="~!_.-")
    words = as_html(tr("Take it on as a scenario"))
    return f"<p class='br-note'><a href='what-if?plan={address}' target='_self'>{words}</a></p>"


def _answer(api: Client, changes: Mapping[str, Any], standard_min: int) -> WhatIf:
    kept: WhatIf | None = st.session_state.get(ANSWER)
    if kept is None:
        kept = st.session_state[ANSWER] = api.imagine(changes, standard_min=standard_min)
    return kept


def _kinds(meta: Meta, answer: WhatIf) -> None:
    changed = [
        ChangedRow("", kind, after.demand, before.gap, after.gap)
        for kind, before, after in answer.kinds
        if before != after
    ]
    if changed:
        st.html(change_list.table(meta, changed, place=tr("Kind of need"), before=tr("Now"), after=tr("Then")))
    rest = tr("All other kinds stay as they are.") if changed else tr("Every kind of need stays as it is.")
    if len(changed) < len(answer.kinds):
        st.html(f"<p class='br-note'>{as_html(rest)}</p>")
