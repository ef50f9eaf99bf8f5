"""Bringing a table: the file, what its rows are, and how it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.words import EntryKind

from dashboard.import_words import KINDS
from dashboard.translation import Phrases, tr
from dashboard.widgets import doing, notice

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from dashboard.import_answers import Brought

KIND, FILE, WRITTEN, SHEET, OPEN, BEGINS, TIMES = (
    f"import_{name}" for name in ("kind", "file", "written", "sheet", "open", "after", "times")
)
TYPES: Final = ("csv", "xlsx", "jsonl")
ENCODINGS: Final = Phrases(
    {
        "utf-8": "As usual (UTF-8)",
        "utf-16-le": "UTF-16 without a mark",
        "windows-1252": "Western European (Windows-1252)",
        "windows-1251": "Cyrillic (Windows-1251)",
        "windows-1256": "Arabic (Windows-1256)",
        "gb18030": "Chinese (GB 18030)",
    }
)


def look_at(import_id: str) -> None:
    """Open an import on the next run, from its first row."""
    st.session_state[OPEN] = import_id
    st.session_state.pop(BEGINS, None)


def show(*, is_first: bool) -> None:
    """Draw the form; ``is_first`` leaves it open where nothing was brought yet."""
    times = st.session_state.get(TIMES, 0)
    with st.expander(tr("Bring a table"), icon=":material/upload_file:", expanded=is_first, key=f"bring_{times}"):
        left, right = st.columns([1, 2])
        kinds = [EntryKind(one) for one in KINDS]
        kind = left.selectbox(tr("Each row is a"), kinds, format_func=lambda one: KINDS[one][0], key=KIND)
        written = left.selectbox(
            tr("How it is written"), list(ENCODINGS), format_func=ENCODINGS.__getitem__, key=WRITTEN
        )
        sheet = left.text_input(
            tr("Sheet"), key=SHEET, max_chars=100, placeholder=tr("the first"),
            help=tr("Of a workbook that has several."),
        )  # fmt: skip
        given = right.file_uploader(
            tr("Table, up to 1 MB"), type=list(TYPES), key=f"{FILE}_{times}", max_upload_size=1,
            help=tr("Larger ones go by the command “barnraiser import”."),
        )  # fmt: skip
        if right.button(tr("Bring it"), key="bring", type="primary", disabled=given is None) and given is not None:
            _bring(kind, given, written, sheet.strip())


def _bring(kind: EntryKind, given: UploadedFile, written: str, sheet: str) -> None:
    raw = given.getvalue()
    doing.attempt(lambda api: api.bring_table(kind, given.name, raw, encoding=written, sheet=sheet or None), _brought)
    st.rerun()


def _brought(one: Brought) -> None:
    look_at(one.id)
    # another key is an empty room for the next file, and a closed one
    st.session_state[TIMES] = st.session_state.get(TIMES, 0) + 1
    notice.say(tr("{name} was brought. Look at what its columns mean, then check it.", name=one.name))
