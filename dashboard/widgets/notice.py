"""What has just been done, or was refused: said once, at the top of the page, with a way back where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard.translation import tr
from dashboard.widgets.plain import as_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.client import ApiTrouble

NOTICE: Final = "notice"


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take back what was done."""

    label: str
    do: Callable[..., None]
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class _Notice:
    text: str
    is_good: bool
    undo: Undo | None = None


def say(text: str, *, undo: Undo | None = None) -> None:
    """Say on the next run that something was done."""
    st.session_state[NOTICE] = _Notice(text, is_good=True, undo=undo)


def refuse(text: str) -> None:
    """Say on the next run that something was not done."""
    st.session_state[NOTICE] = _Notice(text, is_good=False)


def show(*, shortcut: str | None = None) -> None:
    """Draw what there is to say; ``shortcut`` is the key that takes it back."""
    told: _Notice | None = st.session_state.pop(NOTICE, None)
    if told is None:
        return
    if not told.is_good:
        st.error(as_label(told.text), icon=":material/error:")
        return
    said, undo = st.columns([5, 1], vertical_alignment="center") if told.undo else (st.container(), None)
    said.success(as_label(told.text), icon=":material/check_circle:")
    if told.undo and undo:
        undo.button(
            told.undo.label, key="undo", shortcut=shortcut, on_click=told.undo.do, args=told.undo.args, width="stretch"
        )


def in_words(trouble: ApiTrouble) -> str:
    """Write a refusal as sentences, each once."""
    reasons = [reason.removeprefix("body/").partition(": ")[2] or reason for reason in trouble.field_reasons]
    fields = [reason.removeprefix("body/").partition(": ")[0] for reason in trouble.field_reasons]
    named = [f"{field.replace('_', ' ').capitalize()}: {why}." for field, why in zip(fields, reasons, strict=True)]
    told = named or [str(trouble).rstrip(".") + "."]
    return " ".join([*dict.fromkeys(told), *([] if trouble.is_unsure else [tr("Nothing was changed.")])])
