"""What the organizer asks of the map: kind of need, part of town, minutes and layers; all of it lives in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import h3
import streamlit as st
from shapely.geometry import Point, shape

from dashboard.sentences import within
from dashboard.widgets.legend import LAYERS

if TYPE_CHECKING:
    from dashboard.answers import Area, Gap, Meta

STANDARDS: Final = (5, 10, 15, 20, 30)
"""Minutes on foot that planners usually ask about."""

FIRST_LAYERS: Final = ("coverage", "needs")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; ``kind`` is the category in words with a space behind, or empty."""

    category: str | None
    kind: str
    area: Area | None
    minutes: int
    layers: tuple[str, ...]

    def keep(self, rows: tuple[Gap, ...]) -> tuple[Gap, ...]:
        """Leave out the cells whose middle is outside the part of town asked about."""
        if self.area is None:
            return rows
        outline = shape(self.area.geometry)
        return tuple(row for row in rows if outline.covers(_middle(row.key)))


def ask(meta: Meta, areas: tuple[Area, ...]) -> Question:
    """Draw the filters and give what they say."""
    by_id = {area.id: area for area in areas}
    with st.container(key="filters"):
        columns = st.columns([1.15, 1.15, 1, 2.1], vertical_alignment="bottom")
    with columns[0]:
        category = _choose_category(meta)
    with columns[1]:
        area = _choose_area(by_id)
    with columns[2]:
        minutes = _choose_minutes(meta)
    with columns[3]:
        layers = _choose_layers()
    kind = f"{meta.label(category).lower()} " if category else ""
    return Question(category, kind, by_id.get(area or ""), minutes, layers)


def _choose_category(meta: Meta) -> str | None:
    options = ["", *(value for value, _ in meta.categories)]
    chosen: str | None = st.selectbox(
        "Kind of need",
        options,
        format_func=lambda value: meta.label(value) if value else "All needs",
        key="need",
        bind="query-params",
    )
    return chosen or None


def _choose_area(areas: dict[str, Area]) -> str | None:
    names = {"": "Everywhere", **{key: area.name for key, area in areas.items()}}
    chosen: str | None = st.selectbox(
        "Part of town", list(names), format_func=lambda key: names.get(key, key), key="area", bind="query-params"
    )
    return chosen or None


def _choose_minutes(meta: Meta) -> int:
    options = sorted({*STANDARDS, meta.standard_min})
    chosen: int | None = st.selectbox(
        "Help should be",
        options,
        index=options.index(meta.standard_min),
        format_func=within,
        key="minutes",
        bind="query-params",
    )
    return chosen or meta.standard_min


def _choose_layers() -> tuple[str, ...]:
    chosen: list[str] = st.pills(
        "Show on the map",
        list(LAYERS),
        selection_mode="multi",
        default=list(FIRST_LAYERS),
        format_func=lambda name: LAYERS.get(name, name),
        key="layers",
        bind="query-params",
    )
    return tuple(chosen)


def _middle(cell: str) -> Point:
    lat, lon = h3.cell_to_latlng(cell)
    return Point(lon, lat)
