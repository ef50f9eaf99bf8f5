"""A map to put one pin on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st
from streamlit_folium import st_folium

from dashboard.widgets import assets_local, skeleton

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.answers import Meta

HEIGHT: Final = 480
PUT: Final = "pin_put"

Place = tuple[float, float]
"""Longitude and latitude, WGS 84 degrees."""


def show(meta: Meta, pin: Place | None, *, on_put: Callable[[], None]) -> None:
    """Draw the map with the pin where it is now; ``on_put`` is called when somebody moves it."""
    assets_local.install()
    label = "Map to choose a place: click to set the pin, or type coordinates below."
    empty = skeleton.make(meta, label=label, height=HEIGHT)
    skeleton.OurScript("pin.js", "window.barnraiserPin", {}).add_to(empty)
    state = {"pin": [float(pin[0]), float(pin[1])] if pin else None}
    st_folium(
        empty,
        key=PUT,
        height=HEIGHT,
        use_container_width=True,
        returned_objects=["pin"],
        feature_group_to_add=skeleton.state_group(state),
        on_change=on_put,
    )


def put() -> Place | None:
    """Give where the pin was put in the map."""
    told = (st.session_state.get(PUT) or {}).get("pin") or {}
    if "lon" not in told or "lat" not in told:
        return None
    return float(told["lon"]), float(told["lat"])
