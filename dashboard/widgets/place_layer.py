"""The map of a list of places: each by its number in the list, the one that is open, and the circle they are within."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import map_phrases
from dashboard.translation import tr
from dashboard.widgets import skeleton

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.answers import Meta
    from dashboard.asset_answers import Place

HEIGHT: Final = 340
PICKED: Final = "place_map"

Circle = tuple[float, float, float]
"""Longitude and latitude in WGS 84 degrees, and metres."""


def show(meta: Meta, places: Sequence[Place], *, at: int, within: Circle | None, on_pick: Callable[[], None]) -> None:
    """Draw the map; numbers alone pass through its maker, the names stand in the list.

    Parameters
    ----------
    at
        The index of the one that is open.
    within
        What is asked for, if it is a circle.
    on_pick
        Called when a place is chosen in the map.
    """
    label = tr("Map of the places in the list, by their numbers. The list beside it shows and opens the same places.")
    empty = skeleton.make(meta, label=label, height=HEIGHT, words=map_phrases.places())
    skeleton.OurScript("place_layer.js", "window.barnraiserPlaces", {}).add_to(empty)
    drawn = [(number, one) for number, one in enumerate(places) if one.is_on_map]
    state: dict[str, Any] = {
        # another list moves the view to itself, the next of the same list does not
        "list": zlib.crc32("".join(one.id for one in places).encode()),
        "places": [[number + 1, one.lon, one.lat, int(one.is_unconfirmed)] for number, one in drawn],
        "open": at + 1,
        "within": [float(part) for part in within] if within else None,
        "turn": int((st.session_state.get(PICKED) or {}).get("turn") or 0),
    }
    skeleton.show(empty, PICKED, state, ("chosen", "turn"), on_pick)


def picked() -> int | None:
    """Give the index of the place that was chosen in the map, if that was the last thing done there."""
    number = (st.session_state.get(PICKED) or {}).get("chosen")
    return int(number) - 1 if number else None
