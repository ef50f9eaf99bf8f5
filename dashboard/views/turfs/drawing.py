"""A shape of one's own: drawn on a map, or typed corner by corner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard.translation import tr, trn
from dashboard.turf_words import read_corners
from dashboard.widgets import draw_layer, notice
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.widgets.draw_layer import Corner

CORNERS, SHAPE, TYPED = "drawn_corners", "drawn_shape", "drawn_typed"
MOST: Final = 200
LEAST: Final = 3


@st.fragment
def show(meta: Meta) -> None:
    """Draw the map and the corners to be typed, and nothing else anew after each, so that drawing is quick."""
    with st.container(key="drawn_notice"):
        notice.show()
    corners = st.session_state.setdefault(CORNERS, [])
    draw_layer.show(meta, corners, most=MOST, shape=int(st.session_state.get(SHAPE, 0)), on_put=_put)
    said = tr("Click on the map for each corner of the shape.")
    if corners:
        said = trn("{n} corner", "{n} corners", len(corners))
    with st.container(key="drawn_does", horizontal=True, vertical_alignment="center"):
        st.html(f"<p class='br-note' role='status'>{as_html(said)}</p>")
        st.button(tr("Begin the shape anew"), key="drawn_clear", on_click=_take, args=([],), disabled=not corners)
    # a box that was away comes back empty
    st.session_state.setdefault(TYPED, _written(corners))
    st.text_area(
        tr("Corners, if you would rather type them"),
        key=TYPED,
        on_change=_read,
        placeholder="24.9501, 60.1702",
        help=tr("One a line: longitude, then latitude, in degrees."),
    )


def shape() -> dict[str, Any] | None:
    """Give the shape as GeoJSON (RFC 7946), or nothing while it has too few corners."""
    corners: Sequence[Corner] = st.session_state.get(CORNERS, [])
    if len(corners) < LEAST:
        return None
    return {"type": "Polygon", "coordinates": [[[lon, lat] for lon, lat in (*corners, corners[0])]]}


def clear() -> None:
    """Forget the shape."""
    _take([])


def _put() -> None:
    corners = draw_layer.put()
    st.session_state[CORNERS] = corners
    st.session_state[TYPED] = _written(corners)


def _read() -> None:
    try:
        corners = read_corners(str(st.session_state.get(TYPED) or ""), most=MOST)
    except ValueError as slip:
        notice.refuse(str(slip))
        return
    _take(corners)


def _take(corners: Sequence[Corner]) -> None:
    state = st.session_state
    state[CORNERS], state[TYPED] = list(corners), _written(corners)
    state[SHAPE] = int(state.get(SHAPE, 0)) + 1


def _written(corners: Sequence[Corner]) -> str:
    return "\n".join(f"{lon:.6f}, {lat:.6f}" for lon, lat in corners)
