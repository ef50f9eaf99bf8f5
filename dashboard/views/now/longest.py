"""The needs nobody has been found for that have waited longest; each leads to the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.board_words import LANE_EMPTY, about, who_asks
from dashboard.sentences import since
from dashboard.translation import tr
from dashboard.views import board
from dashboard.views.now import tasks
from dashboard.widgets import entry, trouble
from dashboard.widgets.plain import as_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta, Need


def show(meta: Meta, needs: Sequence[Need]) -> None:
    """Draw the needs, the longest waiting first."""
    entry.heading(tr("What waits longest"))
    if not needs:
        trouble.empty(*LANE_EMPTY["waiting"])
        return
    with st.container(key="waiting"):
        for need in needs:
            if st.button(_label(meta, need), key=f"wait_{need.id}", width="stretch"):
                tasks.go(board.show, "board", {board.ALONE: need.id})


def _label(meta: Meta, need: Need) -> str:
    line = f"{tr('came in {ago}', ago=since(need.received_at))} · {who_asks(need)}"
    return f"**{as_label(about(meta, need))}**  \n{as_label(line)}"
