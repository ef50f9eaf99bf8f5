"""What the columns of a table mean: guessed, or as the last time, and corrected here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.import_answers import ColumnsTold
from dashboard.import_words import FIELDS, JOINED, read_pairs, write_pairs
from dashboard.translation import tr
from dashboard.views.importing.bringing import look_at
from dashboard.widgets import doing, notice
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.client import Client
    from dashboard.import_answers import Brought

ALWAYS: Final = ("category", "categories", "kind", "urgency", "consent", "languages")
"""Fields that often are the same in all rows, and are asked for as such."""
MAX_JOINED: Final = 6
_ABREAST: Final = 3


def show(one: Brought) -> None:
    """Draw the form."""
    used = {header for headers in one.mapping.columns.values() for header in headers}
    unused = [column for column in one.columns if column not in used]
    told = [
        tr("The columns were guessed from their names, or are as the last time."),
        *([tr("Not used: {columns}.", columns=tr(", ").join(unused))] if unused else []),
        tr("Every cell is kept as it was typed, used or not."),
    ]
    st.html(f"<p class='br-note'>{as_html(' '.join(told))}</p>")
    with st.form(f"columns_{one.id}", border=False):
        _fields(one)
        st.text_area(
            tr("What words of the table mean"), key=_key(one, "words"), value=write_pairs(one.mapping.words), height=90,
            max_chars=20_000, placeholder=tr("parcel = food"), help=tr("One a line: their word = ours."),
        )  # fmt: skip
        st.form_submit_button(tr("Check every row"), type="primary", on_click=partial(_check, one))


def _key(one: Brought, name: str) -> str:
    return f"col_{one.id}_{name}"


def _fields(one: Brought) -> None:
    ordered = [*one.needed, *(name for name in one.fields if name not in one.needed)]
    for at in range(0, len(ordered), _ABREAST):
        room = st.columns(_ABREAST)
        for place, name in zip(room, ordered[at : at + _ABREAST], strict=False):
            with place:
                _field(one, name)


def _field(one: Brought, name: str) -> None:
    label = FIELDS.get(name, name)
    if name in one.needed:
        label = tr("{field} (required)", field=label)
    chosen, key = list(one.mapping.columns.get(name, ())), _key(one, name)
    if name in JOINED or len(chosen) > 1:
        st.multiselect(label, one.columns, default=chosen, key=key, max_selections=MAX_JOINED, format_func=as_label,
                       placeholder=tr("no column"))  # fmt: skip
    else:
        st.selectbox(
            label, one.columns, index=one.columns.index(chosen[0]) if chosen else None, key=key, format_func=as_label,
            placeholder=tr("no column"),
        )  # fmt: skip
    if name in ALWAYS:
        st.text_input(
            tr("{field}, where the cell is empty", field=FIELDS[name]), key=_key(one, f"always_{name}"), max_chars=200,
            value=one.mapping.defaults.get(name, ""), placeholder=tr("where the cell is empty"),
            label_visibility="collapsed",
        )  # fmt: skip


def _check(one: Brought) -> None:
    try:
        told = _told(one)
    except ValueError as slip:
        notice.refuse(tr("What words of the table mean: {slip} Nothing was changed.", slip=slip))
        return

    def do(api: Client) -> Brought:
        api.map_import(one.id, told)
        return api.check_import(one.id)

    doing.attempt(do, lambda begun: look_at(begun.id))


def _told(one: Brought) -> ColumnsTold:
    state = st.session_state
    columns = {name: headers for name in one.fields if (headers := _headers(state.get(_key(one, name))))}
    typed = {name: str(state.get(_key(one, f"always_{name}")) or "").strip() for name in ALWAYS if name in one.fields}
    # what was said elsewhere of fields that are not asked for here stays
    others = {name: value for name, value in one.mapping.defaults.items() if name not in ALWAYS}
    words = read_pairs(str(state.get(_key(one, "words")) or ""))
    return ColumnsTold(columns, words, others | {name: value for name, value in typed.items() if value})


def _headers(chosen: str | Sequence[str] | None) -> tuple[str, ...]:
    return (chosen,) if isinstance(chosen, str) else tuple(chosen or ())
