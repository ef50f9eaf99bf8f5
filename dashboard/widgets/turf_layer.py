"""The map of a turf: its edge, and its doors by what was met there last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import streamlit as st

from geo.domain.turf import KEYS, Outcome

from dashboard import map_phrases
from dashboard.translation import tr
from dashboard.turf_words import OUTCOMES
from dashboard.widgets import skeleton
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.turf_answers import DoorMark, Turf

HEIGHT: Final = 430
_ORDER: Final = [outcome.value for outcome in Outcome]


def show(meta: Meta, turf: Turf, doors: Sequence[DoorMark]) -> None:
    """Draw the map; numbers alone pass through its maker."""
    label = tr("Map of the doors of a turf. The table below it shows the same figures by street.")
    empty = skeleton.make(meta, label=label, height=HEIGHT, words=map_phrases.turf())
    skeleton.OurScript("turf_layer.js", "window.barnraiserTurf", {}).add_to(empty)
    polygons = (
        turf.geometry["coordinates"] if turf.geometry["type"] == "MultiPolygon" else [turf.geometry["coordinates"]]
    )
    state: dict[str, Any] = {
        "turf": str(UUID(turf.id).int % 2**40),
        "edge": [[[[float(lat), float(lon)] for lon, lat in ring] for ring in polygon] for polygon in polygons],
        "doors": [
            {"n": one.position, "lon": one.lon, "lat": one.lat, "met": _ORDER.index(one.outcome) if one.outcome else -1}
            for one in doors
        ],
    }
    skeleton.show(empty, "turf_map", state)


def legend() -> None:
    """Say what the letters on the map mean."""
    keys = "".join(
        f"<span class='br-key'><span class='br-mark br-met br-met-{at}'>{KEYS[outcome]}</span>"
        f"<span>{as_html(OUTCOMES[outcome.value])}</span></span>"
        for at, outcome in enumerate(Outcome)
    )
    nobody = as_html(tr("nobody has been"))
    none = f"<span class='br-key'><span class='br-mark br-met br-met-none'></span><span>{nobody}</span></span>"
    label = as_html(tr("What the map shows"))
    st.html(f"<div class='br-legend' role='group' aria-label='{label}'>{keys}{none}</div>")
