"""Bringing a directory: what it is called here, its file, and a first look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.directory import Wishes

from dashboard.directory_words import source_of
from dashboard.translation import tr
from dashboard.widgets import doing, notice

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from dashboard.directory_answers import DirectoryReport

NAME, FILE, TIMES, LOOKED = (f"directory_{name}" for name in ("name", "file", "times", "looked"))
TYPES: Final = ("zip", "json", "jsonl")


@dataclass(frozen=True, slots=True)
class Looked:
    """A directory that was looked at: its file, how it was read, and what would become of it."""

    file: str
    content: bytes
    wishes: Wishes
    report: DirectoryReport


def key_of(name: str) -> str:
    """Name a field so that it begins anew with the next file."""
    return f"{name}_{st.session_state.get(TIMES, 0)}"


def find_looked() -> Looked | None:
    """Give what was looked at last, while it is not taken in."""
    kept: Looked | None = st.session_state.get(LOOKED)
    return kept


def forget() -> None:
    """Put the file away, and make room for the next."""
    for name in (LOOKED, NAME):
        st.session_state.pop(name, None)
    # another key is an empty room for the next file
    st.session_state[TIMES] = st.session_state.get(TIMES, 0) + 1


def show(*, is_first: bool) -> None:
    """Draw the form; ``is_first`` leaves it open where nothing was brought yet."""
    is_open = (is_first or bool(st.session_state.get(NAME))) and find_looked() is None
    with st.expander(tr("Bring a directory"), icon=":material/upload_file:", expanded=is_open, key=key_of("directory")):
        left, right = st.columns([1, 2])
        name = left.text_input(
            tr("What it is called here"), key=NAME, max_chars=60, placeholder=tr("town-211"),
            help=tr("The same name as before brings one up to date that is here already."),
        )  # fmt: skip
        given = right.file_uploader(
            tr("HSDS package or JSON, up to 1 MB"), type=list(TYPES), key=key_of(FILE), max_upload_size=1,
            help=tr(
                "A tabular data package of HSDS 3 (.zip), or full services as JSON. Larger ones go by the command "
                "“barnraiser load hsds”."
            ),
        )  # fmt: skip
        if right.button(tr("Look at it"), key="look", type="primary", disabled=given is None) and given is not None:
            _begin(source_of(name), given)


def _begin(source: str, given: UploadedFile) -> None:
    if not source:
        notice.refuse(tr("Say what the directory is called here: letters and digits."))
        st.rerun()
    look(given.name, given.getvalue(), Wishes(source, dry_run=True))
    st.rerun()


def look(file: str, content: bytes, wishes: Wishes) -> None:
    """Ask what would become of a directory, and keep the answer for the page."""

    def told(report: DirectoryReport) -> None:
        st.session_state[LOOKED] = Looked(file, content, wishes, report)

    doing.attempt(lambda api: api.bring_directory(content, wishes), told)
