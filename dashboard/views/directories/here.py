"""The directories that are here: how many services each has brought and when, bringing one anew, and taking it back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.directory_words import undone
from dashboard.sentences import plural, since
from dashboard.views.directories.bringing import NAME, find_looked, forget
from dashboard.views.directories.looked import take_back
from dashboard.widgets import doing, entry, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.directory_answers import DirectoryHere, TakenBack

ASKED: Final = "directory_undo"


def show(found: Sequence[DirectoryHere]) -> None:
    """Draw the list."""
    if not found:
        if find_looked() is None:
            trouble.empty("No directory is here.", "Choose a file above. Nothing is taken in before you have seen it.")
        return
    entry.heading("Here now")
    for one in found:
        told = f"{plural(one.count, 'service', 'services')} · taken in last {since(one.brought_at)}"
        with st.container(key=f"directory_of_{one.name}"):
            room = entry.line(one.name, one.name, [told, f"Each of them says on its page that it is from {one.name}."])
            anew, back = partial(_anew, one.name), partial(_ask, one.name)
            room.button("Bring it anew", key=f"anew_{one.name}", icon=":material/sync:", on_click=anew)
            room.button("Take it back …", key=f"undo_{one.name}", icon=":material/undo:", on_click=back)
            _asked(one.name)


def _anew(name: str) -> None:
    forget()
    st.session_state[NAME] = name


def _ask(name: str) -> None:
    def told(would: TakenBack) -> None:
        st.session_state[ASKED] = would

    doing.attempt(lambda api: api.undo_directory(name, dry_run=True), told)


def _asked(name: str) -> None:
    would: TakenBack | None = st.session_state.get(ASKED)
    if would is None or would.name != name:
        return
    lines = "".join(f"<li>{as_html(line)}</li>" for line in undone(would))
    st.html(
        f"<div role='status'><p class='br-note'>If it is taken back:</p><ul>{lines}</ul>"
        "<p class='br-note'>To have it here again, its file is brought anew.</p></div>"
    )
    with st.container(key=f"sure_{name}", horizontal=True):
        st.button("Take it back", key=f"do_undo_{name}", type="primary", on_click=partial(_do, name))
        st.button("Leave it", key=f"leave_{name}", on_click=_leave)


def _leave() -> None:
    st.session_state.pop(ASKED, None)


def _do(name: str) -> None:
    _leave()
    take_back(name)
