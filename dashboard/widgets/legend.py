"""What the colours and shapes on the map mean, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.sentences import HALF_A_NEED
from dashboard.widgets import theme
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CLASSES: Final = 5
_NICE: Final = (1, 2, 3, 4, 5, 10, 20, 25, 50)

LAYERS: Final = {"coverage": "Gaps", "needs": "Needs", "helpers": "Helpers", "assets": "Places that help"}
_SHAPES: Final = {
    "food": "food",
    "health": "health",
    "water": "water and washing",
    "learning": "learning",
    "community": "other places",
}


def step_of(gaps: Iterable[float]) -> int:
    """Choose how many needs one colour stands for, so that five colours reach the largest gap."""
    wanted = max([*gaps, 0.0]) / CLASSES
    for scale in (1, 100, 10_000):
        for nice in _NICE:
            if nice * scale >= wanted:
                return nice * scale
    return math.ceil(wanted)


def classes(step: int) -> list[str]:
    """Name the five colours by the needs they stand for."""
    closed = [f"{i * step + 1}\u2013{(i + 1) * step}" if step > 1 else str(i + 1) for i in range(CLASSES - 1)]
    return [*closed, f"{(CLASSES - 1) * step + 1}+"]


def show(layers: Sequence[str], *, step: int, kind: str, limit: str, example: str | None) -> None:
    """Draw the legend of the layers that are on; ``kind`` is like ``food `` or empty, ``limit`` names the reach."""
    drawn = {
        "coverage": lambda: _coverage(step, kind, limit, example),
        "needs": lambda: _key(
            "<span class='br-mark br-round'>4</span>", "open needs in this cell; bold ring: some are critical"
        ),
        "helpers": lambda: _key("<span class='br-mark br-house'>3</span>", "helpers who live in this cell"),
        "assets": _assets,
    }
    parts = "".join(drawn[name]() for name in LAYERS if name in layers)
    if parts:
        st.html(f"<div class='br-legend' role='group' aria-label='What the map shows'>{parts}</div>")


def _coverage(step: int, kind: str, limit: str, example: str | None) -> str:
    swatches = "".join(
        f"<span class='br-step'><i style='background:var(--br-gap-{i})'></i>{words}</span>"
        for i, words in enumerate(classes(step))
    )
    zero = "<span class='br-step'><i class='br-zero'></i>0</span>"
    hatch = _key("<span class='br-mark br-cellmark br-hatch'></span>", "striped: not one need here finds help")
    stronger = "brighter" if theme.palette() is theme.DARK else "darker"
    told = f" For example, where the gap is largest: {as_html(example)}." if example else ""
    spoken = f"Needs without help, from none to {(CLASSES - 1) * step + 1} or more"
    return (
        f"<p><b>Gaps.</b> The {stronger} a cell, the more of its {as_html(kind)}needs find no help "
        f"{limit}.{told}</p><span class='br-scale' role='img' aria-label='{spoken}'>"
        f"{zero}{swatches}</span>{hatch}"
    )


def _assets() -> str:
    return "".join(_key(f"<i class='br-shape {shape}'></i>", words) for shape, words in _SHAPES.items())


def _key(mark: str, words: str) -> str:
    return f"<span class='br-key'>{mark}<span>{words}</span></span>"


def is_gap(value: float) -> bool:
    """Tell whether so many needs without help are worth drawing."""
    return value >= HALF_A_NEED
