"""Seeing the exact place or the contact behind a need: with a reason, noted, and only as long as it is needed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.translation import Phrases, tr
from dashboard.widgets.notice import in_words
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dashboard.access_answers import Revealed

REVEALED: Final = "revealed"
SHORTEST: Final = 3
MISSING: Final = 404
_NOTHING: Final = Phrases(
    {"place": "No address and no exact place were kept for this need.", "contact": "No contact was kept."}
)
_TITLES: Final = Phrases({"place": "Address", "contact": "Contact"})
_SHOW: Final = Phrases({"place": "Show address", "contact": "Show contact"})


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
    with _asking(need_id, tr("Show address or contact")), st.container(horizontal=True):
        for what, label in _SHOW.items():
            st.form_submit_button(label, key=f"show_{what}_{need_id}", on_click=_look, args=(need_id, what))


@contextmanager
def _asking(record_id: str, label: str) -> Iterator[None]:
    with (
        st.popover(label, key=f"look_{record_id}", type="tertiary", icon=":material/visibility:"),
        st.form(f"reveal_{record_id}", border=False),
    ):
        example = tr("Delivery on Friday")
        st.text_input(tr("Why do you need it?"), key=f"why_{record_id}", max_chars=200, placeholder=example)
        st.caption(tr("Your name and the reason are noted for all organizers to see."))
        yield


def ask_why(record_id: str, label: str, look: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Draw the one way to look at something: a reason first."""
    with _asking(record_id, label):
        st.form_submit_button(tr("Show it"), key=f"show_{record_id}", on_click=look, args=args)


def given_reason(record_id: str) -> str | None:
    """Give the reason that was typed; none when it is too short to be one."""
    reason = str(st.session_state.get(f"why_{record_id}") or "").strip()
    return reason if len(reason) >= SHORTEST else None


def no_reason() -> str:
    """Say that a reason is missing."""
    return tr("Say in a few words why. Nothing was shown.")


def _look(need_id: str, what: str) -> None:
    reason = given_reason(need_id)
    if reason is None:
        st.session_state[REVEALED] = _Answer(need_id, what, refusal=no_reason())
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
        st.button(tr("Back"), key=f"hide_{answer.need_id}", on_click=forget)
        return
    rows = "".join(f"<dt>{as_html(label)}</dt><dd>{as_html(text)}</dd>" for label, text in answer.lines)
    title = _TITLES[answer.what]
    note = as_html(tr("This look was noted, with your name and reason, in “What has happened”."))
    st.html(f"<div class='br-revealed'><strong>{as_html(title)}</strong><dl>{rows}</dl><small>{note}</small></div>")
    st.button(tr("Hide it"), key=f"hide_{answer.need_id}", icon=":material/visibility_off:", on_click=forget)


def forget() -> None:
    """Take off the page what was seen."""
    st.session_state.pop(REVEALED, None)
