"""The map of what the API serves: the browser fetches the layers itself, so that filters never rebuild the map."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import streamlit as st

from geo.domain.words import Category, Mode

from dashboard import map_phrases
from dashboard.translation import tr
from dashboard.widgets import skeleton, theme
from dashboard.widgets.legend import LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.answers import Meta

HEIGHT: Final = 640
PICKED: Final = "map_picked"
SCRIPTS: Final = ("map_words.js", "map_ground.js", "map_marks.js", "live_layer.js")
_CELL: Final = re.compile(r"[0-9a-f]{15}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the map is asked to show; ``step`` is how many needs one colour stands for."""

    layers: tuple[str, ...]
    category: str | None
    minutes: int
    area: str | None
    cell: str | None
    step: int
    mode: str = Mode.WALK.value
    open_at: str | None = None

    def as_state(self) -> dict[str, Any]:
        """Give the same for the browser, with every word checked against what it may be."""
        return {
            "layers": [name for name in LAYERS if name in self.layers],
            "category": Category(self.category).value if self.category else None,
            "minutes": int(self.minutes),
            "area": str(UUID(self.area)) if self.area else None,
            "cell": self.cell if is_cell(self.cell) else None,
            "step": int(self.step),
            "mode": Mode(self.mode).value,
            "openAt": self.open_at if _INSTANT.fullmatch(self.open_at or "") else None,
        }


def is_cell(text: str | None) -> bool:
    """Tell whether a text is an H3 cell's name."""
    return bool(text and _CELL.fullmatch(text))


def show(meta: Meta, shown: Shown, *, at: str | None, on_pick: Callable[[], None]) -> None:
    """Draw the map; ``on_pick`` is called when somebody chooses a cell in it."""
    label = tr("Map of needs, help and gaps. The list beside it shows the same figures.")
    words = map_phrases.live() | map_phrases.saving()
    empty = skeleton.make(meta, at, label=label, height=HEIGHT, words=words)
    options = {"colours": theme.palette()}
    skeleton.OurScript(SCRIPTS, "window.barnraiserLayers", options).add_to(empty)
    skeleton.OurScript("save.js", "window.barnraiserSave", {}).add_to(empty)
    skeleton.show(empty, PICKED, shown.as_state(), ("selected",), on_pick)


def picked() -> str | None:
    """Give the cell that was chosen last in the map, if it is still chosen."""
    told = (st.session_state.get(PICKED) or {}).get("selected") or {}
    cell = told.get("cell")
    return cell if is_cell(cell) else None
