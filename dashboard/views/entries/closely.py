"""One entry looked at closely: what became of it, what was typed and its photo for a reason, and what to decide."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import client
from dashboard.board_words import HELPER_STATUS, about
from dashboard.client import ApiTrouble
from dashboard.entry_words import KINDS, NEED_STATUS, became, facts, fault_words, typed_lines
from dashboard.translation import tr
from dashboard.views import board, helpers
from dashboard.views.entries import correcting, deciding
from dashboard.views.reveal import REVEALED, ask_why, forget, given_reason, no_reason
from dashboard.widgets.notice import in_words
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.entry_answers import Arrival, Typed


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look at an entry has brought, or why not; kept under the same name as what is seen of needs."""

    need_id: str
    reason: str
    typed: Typed | None = None
    photo: bytes | None = field(default=None, repr=False)
    refusal: str = ""


def show(api: Client, meta: Meta, one: Arrival, names: Mapping[str, str]) -> None:
    """Draw everything about one entry."""
    rows = "".join(f"<dt>{as_html(label)}</dt><dd>{as_html(text)}</dd>" for label, text in facts(one, names))
    st.html(
        f"<blockquote class='br-quote'><b>{as_html(KINDS.get(one.kind, one.kind))}</b>"
        f" · {as_html(became(one))}</blockquote><dl class='br-facts'>{rows}</dl>"
    )
    if one.faults:
        told = "  \n".join(as_label(fault_words(fault)) for fault in one.faults)
        st.warning(told, icon=":material/report:")
    _record(api, meta, one)
    deciding.show(one)
    seen = st.session_state.get(REVEALED)
    if isinstance(seen, _Seen) and seen.need_id == one.id:
        _shown(meta, one, seen)
    elif one.is_kept and one.state != "received":
        ask_why(one.id, tr("Show what was typed"), _look, (one,))


def _record(api: Client, meta: Meta, one: Arrival) -> None:
    """Say what stands now for what was made, and lead there."""
    if one.state != "made" or one.record_id is None:
        return
    try:
        told, go = _made(api, meta, one.kind, one.record_id)
    except ApiTrouble as trouble:
        if trouble.status != HTTPStatus.NOT_FOUND:
            raise
        gone = tr("What was made of it has been deleted since.")
        st.html(f"<p class='br-note'>{as_html(gone)}</p>")
        return
    with st.container(key="entry_made", horizontal=True, vertical_alignment="center"):
        st.html(f"<p class='br-note'>{as_html(told)}</p>")
        if go and st.button(go, key="entry_go", icon=":material/arrow_forward:"):
            _lead(one.kind, one.record_id)


def _made(api: Client, meta: Meta, kind: str, record_id: str) -> tuple[str, str]:
    if kind == "need":
        need = api.get_need(record_id)
        status = NEED_STATUS.get(need.status, need.status)
        return tr("{need}, {status}.", need=about(meta, need), status=status), tr("Open it on the board")
    if kind == "helper":
        helper = api.get_helper(record_id)
        status = HELPER_STATUS[helper.status].lower()
        return tr("{helper}: {status}.", helper=helper.name, status=status), tr("Open the helper")
    return f"{api.find_asset_name(record_id)}.", ""


def _lead(kind: str, record_id: str) -> None:
    page = board if kind == "need" else helpers
    page.open_alone(record_id)
    st.switch_page(st.Page(page.show, url_path="board" if kind == "need" else "helpers"))


def _look(one: Arrival) -> None:
    reason = given_reason(one.id)
    if reason is None:
        st.session_state[REVEALED] = _Seen(one.id, "", refusal=no_reason())
        return
    try:
        typed = client.connect().reveal_typed(one.id, reason=reason)
    except ApiTrouble as trouble:
        told = _gone() if trouble.status == HTTPStatus.NOT_FOUND else in_words(trouble)
        st.session_state[REVEALED] = _Seen(one.id, reason, refusal=told)
        return
    st.session_state[REVEALED] = _Seen(one.id, reason, typed)


def _gone() -> str:
    return tr("There is nothing to be read in this entry: it does not open, or what was typed is gone by now.")


def _look_at_photo(one: Arrival, seen: _Seen) -> None:
    try:
        photo = client.connect().reveal_photo(one.id, reason=seen.reason)
    except ApiTrouble as trouble:
        st.session_state[REVEALED] = replace(seen, refusal=in_words(trouble))
        return
    st.session_state[REVEALED] = replace(seen, photo=photo)


def _shown(meta: Meta, one: Arrival, seen: _Seen) -> None:
    if seen.refusal:
        st.warning(as_label(seen.refusal), icon=":material/info:")
    if seen.typed is not None:
        _rows(tr("As it was typed"), typed_lines(seen.typed.typed))
        if seen.typed.corrected is not None:
            _rows(tr("Put in its place"), typed_lines(seen.typed.corrected))
        if seen.photo is not None:
            # in the page itself: it has no address anybody could keep
            picture = b64encode(seen.photo).decode()
            alt = as_html(tr("The photo that came with it"))
            st.html(f"<img class='br-photo' src='data:image/jpeg;base64,{picture}' alt='{alt}'>")
    with st.container(key="entry_seen", horizontal=True):
        if one.has_photo and seen.typed is not None and seen.photo is None:
            st.button(
                tr("Show the photo"),
                key="entry_photo",
                icon=":material/image:",
                on_click=_look_at_photo,
                args=(one, seen),
            )
        if seen.photo is not None:
            deciding.offer_photo(one)
        st.button(tr("Hide it"), key=f"hide_{one.id}", icon=":material/visibility_off:", on_click=forget)
    if one.state == "held" and seen.typed is not None:
        correcting.show(meta, one, seen.typed)


def _rows(title: str, lines: list[tuple[str, str]]) -> None:
    rows = "".join(f"<dt>{as_html(label)}</dt><dd>{as_html(text)}</dd>" for label, text in lines)
    note = tr("This look was noted, with your name and reason, in “What has happened”.")
    st.html(
        f"<div class='br-revealed'><strong>{as_html(title)}</strong><dl>{rows}</dl><small>{as_html(note)}</small></div>"
    )
