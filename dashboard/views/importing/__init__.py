"""Import: other people's tables brought, their columns told, checked, taken in, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from geo.domain.imports import ImportState

from dashboard import client
from dashboard.import_words import KINDS, STATES
from dashboard.translation import number, on_short_day, tr, trn
from dashboard.views.importing import bringing, columns, outcome
from dashboard.views.importing.bringing import OPEN
from dashboard.widgets import notice, theme, trouble
from dashboard.widgets.plain import as_html, as_label
from dashboard.wire import PAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.import_answers import Brought


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        found = api.list_imports()
        _head(meta, found)
        # a room of its own, so that what is below stays the same and keeps the keyboard
        with st.container(key="import_notice"):
            notice.show()
        bringing.show(is_first=not found)
        if not found:
            trouble.empty(
                tr("No table was brought yet."),
                tr("Choose one above. Nothing is taken in before you have seen what would become of each row."),
            )
            return
        at = next((n for n, one in enumerate(found) if one.id == st.session_state.get(OPEN)), 0)
        left, right = st.columns([1, 2.4], gap="medium")
        with left:
            _list(found, at)
        with right, st.container(key="import_open"), trouble.guarded():
            _open(api, found[at].id)


def _head(meta: Meta, found: Sequence[Brought]) -> None:
    title = trn("{n} table brought", "{n} tables brought", len(found)) if found else tr("Import")
    if len(found) == PAGE:
        title = tr("{title}, the newest {page} shown", title=title, page=number(PAGE))
    lead = tr(
        "Lists that others kept, taken in row by row. A row that cannot be used as it is waits to be corrected, with "
        "all it said; none is lost."
    )
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _list(found: Sequence[Brought], at: int) -> None:
    with st.container(key="waiting"):
        for row, one in enumerate(found):
            st.button(
                f"**{as_label(one.name)}**  \n"
                + as_label(f"{KINDS[one.kind][1]} · {STATES[one.state]} · {on_short_day(one.created_at)}"),
                key=f"wait_{one.id}",
                type="primary" if row == at else "secondary",
                width="stretch",
                on_click=bringing.look_at,
                args=(one.id,),
            )


def _open(api: Client, import_id: str) -> None:
    one = api.get_import(import_id)
    st.html(f"<h2 class='br-section'>{as_html(one.name)}</h2>")
    if one.is_at_work:
        outcome.follow(import_id)
        return
    if one.error:
        st.error(as_label(tr("The file cannot be read: {error}.", error=one.error)), icon=":material/error:")
    if one.state is ImportState.UPLOADED:
        columns.show(one)
        outcome.forgetting(one, st.container(key="import_end", horizontal=True))
        return
    outcome.show(api, one)
    if one.state is ImportState.CHECKED:
        with st.expander(tr("Change what the columns mean"), icon=":material/view_column:"):
            columns.show(one)
