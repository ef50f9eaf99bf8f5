"""What the colours and shapes on the map mean, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.gap_words import CLASSES, HALF_A_NEED, classes, step_of

from dashboard.sentences import amount
from dashboard.translation import Phrases, tr
from dashboard.widgets import theme
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CLASSES", "classes", "step_of"]

LAYERS: Final = Phrases({"coverage": "Gaps", "needs": "Needs", "helpers": "Helpers", "assets": "Places that help"})
_SHAPES: Final = Phrases(
    {
        "food": "food",
        "health": "health",
        "water": "water and washing",
        "learning": "learning",
        "community": "other places",
    }
)


def show(layers: Sequence[str], *, step: int, kind: str, limit: str, example: str | None) -> None:
    """Draw the legend of the layers that are on; ``kind`` is like ``food`` or empty, ``limit`` names the reach."""
    drawn = {
        "coverage": lambda: _coverage(step, kind, limit, example),
        "needs": lambda: _key(
            "<span class='br-mark br-round'>4</span>", tr("open needs in this cell; bold ring: some are critical")
        ),
        "helpers": lambda: _key("<span class='br-mark br-house'>3</span>", tr("helpers who live in this cell")),
        "assets": _assets,
    }
    parts = "".join(drawn[name]() for name in LAYERS if name in layers)
    if parts:
        label = as_html(tr("What the map shows"))
        st.html(f"<div class='br-legend' role='group' aria-label='{label}'>{parts}</div>")


def _coverage(step: int, kind: str, limit: str, example: str | None) -> str:
    swatches = "".join(
        f"<span class='br-step'><i style='background:var(--br-gap-{i})'></i>{words}</span>"
        for i, words in enumerate(classes(step))
    )
    zero = "<span class='br-step'><i class='br-zero'></i>0</span>"
    hatch = _key("<span class='br-mark br-cellmark br-hatch'></span>", tr("striped: not one need here finds help"))
    told = tr("For example, where the gap is largest: {example}.", example=example) if example else ""
    spoken = tr("Needs without help, from none to {count} or more", count=amount((CLASSES - 1) * step + 1))
    return (
        f"<p><b>{as_html(tr('Gaps.'))}</b> {as_html(_rule(kind.strip(), limit))} {as_html(told)}</p>"
        f"<span class='br-scale' role='img' aria-label='{as_html(spoken)}'>{zero}{swatches}</span>{hatch}"
    )


def _rule(kind: str, limit: str) -> str:
    """Say what a stronger colour means."""
    if theme.palette() is theme.DARK:
        if kind:
            return tr("The brighter a cell, the more of its {kind} needs find no help {limit}.", kind=kind, limit=limit)
        return tr("The brighter a cell, the more of its needs find no help {limit}.", limit=limit)
    if kind:
        return tr("The darker a cell, the more of its {kind} needs find no help {limit}.", kind=kind, limit=limit)
    return tr("The darker a cell, the more of its needs find no help {limit}.", limit=limit)


def _assets() -> str:
    return "".join(_key(f"<i class='br-shape {shape}'></i>", words) for shape, words in _SHAPES.items())


def _key(mark: str, words: str) -> str:
    return f"<span class='br-key'>{mark}<span>{as_html(words)}</span></span>"


def is_gap(value: float) -> bool:
    """Tell whether so many needs without help are worth drawing."""
    return value >= HALF_A_NEED
