"""A map of one need: the places that are offered, by number, and a pin to put where the help should go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import streamlit as st

from dashboard import map_phrases
from dashboard.translation import tr
from dashboard.widgets import skeleton

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.answers import Candidate, Meta

HEIGHT: Final = 400
PUT: Final = "pin_put"

Place = tuple[float, float]
"""Longitude and latitude, WGS 84 degrees."""


def show(
    meta: Meta,
    need_id: str,
    offers: Sequence[Candidate],
    *,
    chosen: int | None,
    pin: Place | None,
    aim: int,
    on_put: Callable[[], None],
) -> None:
    """Draw the map.

    Parameters
    ----------
    need_id
        Whose map it is; another one moves the view to its own suggestions.
    offers, chosen
        What is drawn by number, and which of it is chosen.
    aim
        Counts up each time somebody wants to set a pin with the keyboard.
    on_put
        Called when a pin is put or a suggestion chosen in the map.
    """
    label = tr(
        "Map of the suggestions, by number. Click to set a pin and drag it, or press P and move it with the arrow keys."
    )
    empty = skeleton.make(meta, label=label, height=HEIGHT, words=map_phrases.pinning())
    skeleton.OurScript("pin.js", "window.barnraiserPin", {}).add_to(empty)
    # numbers alone pass through the map's maker; the words stand beside it, in the list
    state: dict[str, Any] = {
        "need": str(UUID(need_id).int % 2**40),
        "pin": [float(pin[0]), float(pin[1])] if pin else None,
        "offers": [
            {"n": one.index + 1, "lon": float(one.lon), "lat": float(one.lat), "on": one.index == chosen}
            for one in offers
        ],
        "aim": int(aim),
        "turn": int((st.session_state.get(PUT) or {}).get("turn") or 0),
    }
    skeleton.show(empty, PUT, state, ("pin", "chosen", "turn"), on_put)


def put() -> Place | None:
    """Give where the pin was put in the map, if that was the last thing done there."""
    told = (st.session_state.get(PUT) or {}).get("pin") or {}
    if "lon" not in told or "lat" not in told:
        return None
    return float(told["lon"]), float(told["lat"])


def chosen() -> int | None:
    """Give the index of the suggestion that was chosen in the map, if that was the last thing done there."""
    number = (st.session_state.get(PUT) or {}).get("chosen")
    return int(number) - 1 if number else None
