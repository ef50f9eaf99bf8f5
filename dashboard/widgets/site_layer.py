"""The map of gaps with proposed places on it, by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import map_phrases
from dashboard.translation import tr
from dashboard.widgets import live_layer, skeleton, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.answers import Meta
    from dashboard.plan_answers import Site
    from dashboard.widgets.live_layer import Shown

HEIGHT: Final = 560
PICKED: Final = "site_picked"


def show(meta: Meta, shown: Shown, sites: Sequence[Site], *, chosen: int | None, on_pick: Callable[[], None]) -> None:
    """Draw the map; ``on_pick`` is called when somebody chooses a place in it, ``chosen`` counts from 0."""
    label = tr("Map of gaps and proposed places, by number. The list beside it shows the same figures.")
    empty = skeleton.make(meta, label=label, height=HEIGHT, words=map_phrases.sites())
    skeleton.OurScript(live_layer.SCRIPTS, "window.barnraiserLayers", {"colours": theme.palette()}).add_to(empty)
    skeleton.OurScript("site_layer.js", "window.barnraiserSites", {}).add_to(empty)
    # numbers alone pass through the map's maker; the words stand beside it, in the list
    marks: list[dict[str, Any]] = [
        {"n": n + 1, "lon": float(one.lon), "lat": float(one.lat), "helps": int(one.newly_served), "on": n == chosen}
        for n, one in enumerate(sites)
    ]
    skeleton.show(empty, PICKED, shown.as_state() | {"sites": marks}, ("site", "turn"), on_pick)


def picked() -> int | None:
    """Give which place was chosen in the map, from 0, if that was the last thing done there."""
    number = (st.session_state.get(PICKED) or {}).get("site")
    return int(number) - 1 if number else None
