"""The part of a map that folium builds: an empty Leaflet map, its base map, and room for our own layer.

Nothing that a person wrote ever passes through here: folium compiles what it is given as a template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import folium
from branca.element import MacroElement
from folium.template import Template
from streamlit_folium import st_folium

from dashboard import map_phrases
from dashboard.map_phrases import NO_WORDS, Words
from dashboard.widgets import theme
from dashboard.widgets.assets_local import LEAFLET_CSS, LEAFLET_JS, PROTOMAPS_JS, install

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.answers import Meta

WHOLE_WORLD: Final = (0.0, 25.0)
MOST_LAT: Final = 85.0
LEAST_ZOOM: Final = 3.0
MOST_ZOOM: Final = 19.0
_VIEW: Final = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,12})?),(-?[0-9]{1,2}(?:\.[0-9]{1,12})?),([0-9]{1,2}(?:\.[0-9])?)")
_TILES: Final = re.compile(r"/tiles/[a-z0-9_-]+\.pmtiles")


class Skeleton(folium.Map):
    """A map that asks for Leaflet from this host and for nothing else."""

    def __init__(self, lon: float, lat: float, zoom: float, *, height_px: int) -> None:
        super().__init__(location=(lat, lon), tiles=None, maxZoom=MOST_ZOOM, minZoom=LEAST_ZOOM, zoomSnap=0.5)
        self.height_px = height_px
        self.options["zoom"] = zoom
        self.default_js = [("leaflet", LEAFLET_JS), ("protomaps", PROTOMAPS_JS)]
        self.default_css = [("leaflet_css", LEAFLET_CSS)]


class OurScript(MacroElement):
    """Our own scripts, the last of them run once with options that are all numbers, colours and fixed words."""

    _template = Template(
        "{% macro script(this, kwargs) %}{{ this.code }}\n"
        "{{ this.call }}({{ this._parent.get_name() }}, {{ this.options|tojson }});{% endmacro %}"
    )

    def __init__(self, files: str | tuple[str, ...], call: str, options: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types
        self._name = "OurScript"
        self.code = "\n".join(theme.script(file) for file in ((files,) if isinstance(files, str) else files))
        self.call = call
        self.options = options


class _State(MacroElement):
    _template = Template(
        "{% macro script(this, kwargs) %}window.barnraiser.show({{ this.state|tojson }});{% endmacro %}"
    )

    def __init__(self, state: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types
        self._name = "State"
        self.state = state


def view_of(meta: Meta, at: str | None) -> tuple[float, float, float]:
    """Give longitude, latitude and zoom: from an address like ``24.95,60.17,15`` or from where the network is."""
    parts = _VIEW.fullmatch(at or "")
    if parts:
        lon, lat, zoom = map(float, parts.groups())
        # beyond these the projection has no place, and no map has pictures
        return max(-180.0, min(180.0, lon)), max(-MOST_LAT, min(MOST_LAT, lat)), max(LEAST_ZOOM, min(MOST_ZOOM, zoom))
    lon, lat = meta.centre or WHOLE_WORLD
    return lon, lat, 14 if meta.centre else 2


def make(meta: Meta, at: str | None = None, *, label: str, height: int, words: Words = NO_WORDS) -> Skeleton:
    """Build an empty map over the network's home with the local base map, when there is one.

    Parameters
    ----------
    label
        What the map is, for whoever hears it.
    words
        What its scripts say besides: fixed words of ours, in the language of the page.
    """
    empty = Skeleton(*view_of(meta, at), height_px=height)
    tiles = meta.basemap if meta.basemap and _TILES.fullmatch(meta.basemap) else None
    fit = list(meta.bbox) if meta.bbox and not _VIEW.fullmatch(at or "") else None
    options = {
        "url": tiles,
        "colours": theme.palette(),
        "fit": fit,
        "css": theme.script("map.css"),
        "label": label,
        "height": height,
        "words": (map_phrases.shared() | words).as_options(),
    }
    OurScript(("say.js", "basemap.js"), "window.barnraiserBase", options).add_to(empty)
    return empty


def show(
    skeleton: Skeleton,
    key: str,
    state: dict[str, Any],
    returned: Sequence[str] = (),
    on_change: Callable[[], None] | None = None,
) -> None:
    """Draw a map in the page; a change of its state reaches a map that stays as it is.

    Parameters
    ----------
    state
        What the layers should show: numbers and fixed words.
    returned
        The parts of what is done in the map that the page is told, under ``key`` in the session's state.
    on_change
        Called when one of them changes.
    """
    install()
    group = folium.FeatureGroup(name="state")
    _State(state).add_to(group)
    st_folium(
        skeleton,
        key=key,
        height=skeleton.height_px,
        use_container_width=True,
        returned_objects=list(returned),
        feature_group_to_add=group,
        on_change=on_change,
    )
