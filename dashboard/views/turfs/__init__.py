"""Turfs: how far each has been walked, who carries it, and its sheets typed in when they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.door_codes import read_code
from geo.errors import InvalidInput

from dashboard import client
from dashboard.translation import Phrases, number, on_short_day, tr, trn
from dashboard.views.turfs import carrying, cutting, typing, walked
from dashboard.widgets import notice, theme, trouble
from dashboard.widgets.plain import as_html, as_label
from dashboard.wire import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.turf_answers import Turf

OPEN, SECTION, SCANNED = "open_turf", "turf_section", "turf_scanned"
TYPING: Final = "typing"
SECTIONS: Final[dict[str, Callable[[Client, Meta, Turf], None]]] = {
    "walked": walked.show,
    TYPING: typing.show,
    "phones": carrying.show,
}
NAMES: Final = Phrases({"walked": "How far it is", TYPING: "Type in a sheet", "phones": "Phones"})


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        turfs = api.list_turfs()
        _scan(turfs)
        _head(meta, turfs)
        # a room of its own, so that what is below stays the same and keeps the keyboard
        with st.container(key="turf_notice"):
            notice.show()
        cutting.show(api, meta)
        if not turfs:
            trouble.empty(
                tr("There are no turfs yet."),
                tr("Cut one above: choose an area or draw a shape, and how many doors each is to have."),
            )
            return
        at = next((n for n, one in enumerate(turfs) if one.id == st.session_state.get(OPEN)), 0)
        left, right = st.columns([1, 1.9], gap="medium")
        with left:
            _list(turfs, at)
        with right, st.container(key="turf_open"), trouble.guarded():
            _open(api, meta, turfs[at])


def _scan(turfs: Sequence[Turf]) -> None:
    """Open what the QR code of a sheet names, once."""
    code = str(st.query_params.get("code") or "")
    if not code or st.session_state.get(SCANNED) == code:
        return
    st.session_state[SCANNED] = code
    try:
        number, _, _ = read_code(code)
    except InvalidInput as slip:
        notice.refuse(str(slip))
        return
    found = next((one for one in turfs if one.number == number), None)
    if found is None:
        notice.refuse(tr("No turf of this network has this sheet."))
        return
    st.session_state[OPEN], st.session_state[SECTION] = found.id, TYPING


def _head(meta: Meta, turfs: Sequence[Turf]) -> None:
    doors, done = sum(one.doors for one in turfs), sum(one.done for one in turfs)
    title, lead = tr("Turfs"), tr("Doors to go to together.")
    if turfs:
        title = trn("{n} turf", "{n} turfs", len(turfs))
        lead = trn(
            "Somebody has been at {done} of {n} door.",
            "Somebody has been at {done} of {n} doors.",
            doors,
            done=number(done),
        )
    if len(turfs) == PAGE:
        title = tr("{title}, the first {page} shown", title=title, page=number(PAGE))
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _list(turfs: Sequence[Turf], at: int) -> None:
    with st.container(key="waiting"):
        for row, one in enumerate(turfs):
            st.button(
                _label(one),
                key=f"wait_{one.id}",
                type="primary" if row == at else "secondary",
                width="stretch",
                on_click=_look,
                args=(one.id,),
            )


def _label(one: Turf) -> str:
    ends = tr("closed") if one.is_closed else tr("until {day}", day=on_short_day(one.ends_on))
    told = tr("{done} of {all} doors · {ends}", done=number(one.done), all=number(one.doors), ends=ends)
    return f"**{as_label(one.name)}**  \n{as_label(told)}"


def _look(turf_id: str) -> None:
    st.session_state[OPEN] = turf_id


def _open(api: Client, meta: Meta, turf: Turf) -> None:
    st.html(f"<h2 class='br-section'>{as_html(turf.name)}</h2>")
    if turf.note:
        st.html(f"<p class='br-note'>{as_html(turf.note)}</p>")
    with st.container(key="turf_does", horizontal=True):
        for paper, words in (("a4", tr("Print on A4")), ("letter", tr("Print on Letter"))):
            sheet = f"/v1/turfs/{turf.id}/sheet.pdf?paper={paper}"
            st.link_button(words, sheet, icon=":material/print:")
        cutting.removal(turf)
    chosen = st.segmented_control(
        tr("What to look at"), list(SECTIONS), format_func=NAMES.__getitem__, default=next(iter(SECTIONS)),
        required=True, key=SECTION, label_visibility="collapsed",
    )  # fmt: skip
    SECTIONS[chosen or next(iter(SECTIONS))](api, meta, turf)
