"""The directories that are here: how many services each has brought and when, bringing one anew, and taking it back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.directory_words import undone
from dashboard.sentences import since
from dashboard.translation import tr, trn
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
            then = tr("Choose a file above. Nothing is taken in before you have seen it.")
            trouble.empty(tr("No directory is here."), then)
        return
    entry.heading(tr("Here now"))
    for one in found:
        when = since(one.brought_at)
        told = trn("{n} service · taken in last {when}", "{n} services · taken in last {when}", one.count, when=when)
        source = tr("Each of them says on its page that it is from {name}.", name=one.name)
        with st.container(key=f"directory_of_{one.name}"):
            room = entry.line(one.name, one.name, [told, source])
            anew, back = partial(_anew, one.name), partial(_ask, one.name)
            room.button(tr("Bring it anew"), key=f"anew_{one.name}", icon=":material/sync:", on_click=anew)
            room.button(tr("Take it back …"), key=f"undo_{one.name}", icon=":material/undo:", on_click=back)
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
    first, last = tr("If it is taken back:"), tr("To have it here again, its file is brought anew.")
    st.html(
        f"<div role='status'><p class='br-note'>{as_html(first)}</p><ul>{lines}</ul>"
        f"<p class='br-note'>{as_html(last)}</p></div>"
    )
    with st.container(key=f"sure_{name}", horizontal=True):
        st.button(tr("Take it back"), key=f"do_undo_{name}", type="primary", on_click=partial(_do, name))
        st.button(tr("Leave it"), key=f"leave_{name}", on_click=_leave)


def _leave() -> None:
    st.session_state.pop(ASKED, None)


def _do(name: str) -> None:
    _leave()
    take_back(name)
