"""The map of what would be: cells that fare otherwise, changed places by number, and a pin for the next change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import h3
import streamlit as st

from dashboard import map_phrases
from dashboard.translation import tr
from dashboard.widgets import skeleton, theme
from dashboard.widgets.live_layer import SCRIPTS, Shown, is_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.answers import Meta

HEIGHT: Final = 560
BESIDE: Final = 420
PUT: Final = "if_put"
MOST_CELLS: Final = 600

Place = tuple[float, float]
"""Longitude and latitude, WGS 84 degrees."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A changed place by its number from 1, and where it was before, if it is moved."""

    number: int
    place: Place
    is_shut: bool = False
    can_drag: bool = False
    origin: Place | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What one map shows: by cell how many more needs are without help, or out of reach if ``is_reach``."""

    cells: Sequence[tuple[str, int]]
    marks: Sequence[Mark]
    is_reach: bool = False

    def as_state(self) -> dict[str, Any]:
        """Give the same for the browser: the cells that differ most, as numbers alone."""
        widest = sorted(self.cells, key=lambda one: (-abs(one[1]), one[0]))[:MOST_CELLS]
        return {
            "cells": [{"ring": _ring(cell), "n": int(change)} for cell, change in widest if is_cell(cell)],
            "marks": [_mark(one) for one in self.marks],
            "reach": bool(self.is_reach),
        }


def _ring(cell: str) -> list[list[float]]:
    return [[round(lat, 6), round(lon, 6)] for lat, lon in h3.cell_to_boundary(cell)]


def _mark(one: Mark) -> dict[str, Any]:
    return {
        "n": int(one.number),
        "lon": float(one.place[0]),
        "lat": float(one.place[1]),
        "shut": bool(one.is_shut),
        "drag": bool(one.can_drag),
        "from": [float(one.origin[0]), float(one.origin[1])] if one.origin else None,
    }


def show(
    meta: Meta, picture: Picture, *, minutes: int, pin: Place | None, aim: int, on_put: Callable[[], None]
) -> None:
    """Draw the map that changes are made on.

    Parameters
    ----------
    pin
        Where the next change is.
    aim
        Counts up whenever the pin comes from elsewhere than the map, which then moves to it.
    on_put
        Called when a pin is put or a place dragged in the map.
    """
    shown = Shown(("assets",), None, minutes, area=None, cell=None, step=1)
    turn = int((st.session_state.get(PUT) or {}).get("turn") or 0)
    state = shown.as_state() | picture.as_state()
    state |= {"pin": [float(pin[0]), float(pin[1])] if pin else None, "aim": int(aim), "turn": turn, "fit": 0}
    label = tr(
        "Map of what would change. Click to put a pin; with keys, the arrows move the map and Enter puts a pin at the "
        "cross in the middle. The tables below show the same figures."
    )
    _draw(meta, state, key=PUT, label=label, height=HEIGHT, on_put=on_put)


def show_beside(meta: Meta, picture: Picture, *, number: int) -> None:
    """Draw a map to look at, the one of a number among those side by side."""
    state = picture.as_state() | {"pin": None, "aim": 0, "turn": 0, "fit": len(picture.cells)}
    label = tr("Map of what would change. The table below shows the same figures.")
    _draw(meta, state, key=f"if_beside_{number}", label=label, height=BESIDE)


def _draw(
    meta: Meta, state: dict[str, Any], *, key: str, label: str, height: int, on_put: Callable[[], None] | None = None
) -> None:
    words = map_phrases.imagined() | (map_phrases.live() if on_put else map_phrases.NO_WORDS)
    empty = skeleton.make(meta, label=label, height=height, words=words)
    if on_put:
        skeleton.OurScript(SCRIPTS, "window.barnraiserLayers", {"colours": theme.palette()}).add_to(empty)
    options = {"colours": theme.palette(), "edits": on_put is not None}
    skeleton.OurScript("if_layer.js", "window.barnraiserIf", options).add_to(empty)
    skeleton.show(empty, key, state, ("pin", "moved", "turn") if on_put else (), on_put)


def put() -> Place | None:
    """Give where the pin was put in the map, if that was the last thing done there."""
    return _place((st.session_state.get(PUT) or {}).get("pin"))


def moved() -> tuple[int, Place] | None:
    """Give the number of the change that was dragged, and where to, if that was the last thing done in the map."""
    told = (st.session_state.get(PUT) or {}).get("moved")
    place = _place(told)
    return (int(told["n"]), place) if told and place else None


def _place(told: Any) -> Place | None:  # noqa: ANN401 - whatever the browser sent
    if not told or "lon" not in told or "lat" not in told:
        return None
    return float(told["lon"]), float(told["lat"])
