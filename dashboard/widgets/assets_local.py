"""Only this host's copies of scripts and styles reach the browser; anything else is refused before it is asked for."""

from __future__ import annotations

import re
from typing import Any, Final

import streamlit_folium

LEAFLET_JS: Final = "/static/leaflet/leaflet.js"
LEAFLET_CSS: Final = "/static/leaflet/leaflet.css"
PROTOMAPS_JS: Final = "/static/protomaps/protomaps-leaflet.js"
LOCAL: Final = frozenset({LEAFLET_JS, LEAFLET_CSS, PROTOMAPS_JS})
_VIEWPORT: Final = re.compile(r"<meta name=.viewport.[^>]*>", re.DOTALL)

_component = streamlit_folium._component_func  # noqa: SLF001 - the one place every map passes; there is no public one


class NotLocal(LookupError):
    """A map asked for a script or style that this host has no copy of."""


def check(links: list[str]) -> list[str]:
    """Let local links through, each once.

    Raises
    ------
    NotLocal
        When a link is not one of ours: better no map than a request to somebody else's server.
    """
    for link in links:
        if link not in LOCAL:
            raise NotLocal(f"no local copy of {link}")
    return list(dict.fromkeys(links))


def _only_local(**given: Any) -> Any:  # noqa: ANN401 - the component's own arguments
    given["js_links"] = check(given["js_links"])
    given["css_links"] = check(given["css_links"])
    # folium's viewport tag forbids pinch zoom, which people with weak sight need.
    given["header"] = _VIEWPORT.sub("", given["header"])
    return _component(**given)


def install() -> None:
    """Put the check in front of every map; calling it again changes nothing."""
    streamlit_folium._component_func = _only_local  # noqa: SLF001 - see above
