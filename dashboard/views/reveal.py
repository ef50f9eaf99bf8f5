"""Seeing the exact place or the contact behind a need: with a reason, noted, and only as long as it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.widgets.notice import in_words
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.access_answers import Revealed

REVEALED: Final = "revealed"
SHORTEST: Final = 3
MISSING: Final = 404
_NOTHING: Final = {"place": "No address and no exact place were kept for this need.", "contact": "No contact was kept."}
_TITLES: Final = {"place": "Address", "contact": "Contact"}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one question for one need has brought: lines, or why not."""

    need_id: str
    what: str
    lines: tuple[tuple[str, str], ...] = ()
    refusal: str = ""


def show(need_id: str) -> None:
    """Draw the two ways to look, and what was seen."""
    answer: _Answer | None = st.session_state.get(REVEALED)
    if answer is not None and answer.need_id == need_id:
        _shown(answer)
        return
    with (
        st.popover("Show address or contact", key=f"look_{need_id}", type="tertiary", icon=":material/visibility:"),
        st.form(f"reveal_{need_id}", border=False),
    ):
        st.text_input("Why do you need it?", key=f"why_{need_id}", max_chars=200, placeholder="Delivery on Friday")
        st.caption("Your name and the reason are noted for all organizers to see.")
        with st.container(horizontal=True):
            for what in ("place", "contact"):
                label = f"Show {_TITLES[what].lower()}"
                st.form_submit_button(label, key=f"show_{what}_{need_id}", on_click=_look, args=(need_id, what))


def _look(need_id: str, what: str) -> None:
    reason = str(st.session_state.get(f"why_{need_id}") or "").strip()
    if len(reason) < SHORTEST:
        st.session_state[REVEALED] = _Answer(need_id, what, refusal="Say in a few words why. Nothing was shown.")
        return
    try:
        seen: Revealed = client.connect().reveal(need_id, what, reason=reason)
    except ApiTrouble as trouble:
        told = _NOTHING[what] if trouble.status == MISSING else in_words(trouble)
        st.session_state[REVEALED] = _Answer(need_id, what, refusal=told)
        return
    st.session_state[REVEALED] = _Answer(need_id, what, seen.lines)


def _shown(answer: _Answer) -> None:
    if answer.refusal:
        st.warning(as_label(answer.refusal), icon=":material/info:")
        st.button("Back", key=f"hide_{answer.need_id}", on_click=forget)
        return
    rows = "".join(f"<dt>{as_html(label)}</dt><dd>{as_html(text)}</dd>" for label, text in answer.lines)
    title = _TITLES[answer.what]
    note = "This look was noted, with your name and reason, in “What has happened”."
    st.html(f"<div class='br-revealed'><strong>{title}</strong><dl>{rows}</dl><small>{note}</small></div>")
    st.button("Hide it", key=f"hide_{answer.need_id}", icon=":material/visibility_off:", on_click=forget)


def forget() -> None:
    """Take off the page what was seen."""
    st.session_state.pop(REVEALED, None)
