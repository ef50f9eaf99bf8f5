"""A map to draw a shape on, corner by corner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import map_phrases
from dashboard.translation import tr
from dashboard.widgets import skeleton

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.answers import Meta

HEIGHT: Final = 430
PUT: Final = "drawn_put"

Corner = tuple[float, float]
"""Longitude and latitude, WGS 84 degrees."""


def show(meta: Meta, corners: Sequence[Corner], *, most: int, shape: int, on_put: Callable[[], None]) -> None:
    """Draw the map; numbers alone pass through its maker.

    Parameters
    ----------
    most
        How many corners there may be.
    shape
        Counts up whenever the corners come from elsewhere than the map.
    on_put
        Called when a corner is put, moved or removed in the map.
    """
    label = tr(
        "Map to draw a shape on. Click for each corner. With keys: the arrows move the map, Enter puts a corner at"
        " the cross in the middle, Delete takes back the last; Tab goes to the corners."
    )
    empty = skeleton.make(meta, label=label, height=HEIGHT, words=map_phrases.drawing())
    skeleton.OurScript("draw.js", "window.barnraiserDraw", {"most": int(most)}).add_to(empty)
    state: dict[str, Any] = {
        "corners": [[float(lon), float(lat)] for lon, lat in corners],
        "shape": int(shape),
        "turn": int((st.session_state.get(PUT) or {}).get("turn") or 0),
    }
    skeleton.show(empty, PUT, state, ("corners", "turn"), on_put)


def put() -> list[Corner]:
    """Give the corners as they stand in the map."""
    told = (st.session_state.get(PUT) or {}).get("corners") or []
    return [(float(lon), float(lat)) for lon, lat in told]
