"""What the organizer asks of the map; all of it lives in the URL, in words of ours and none of anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from geo.domain.words import Mode

from dashboard.category_words import CATEGORIES
from dashboard.opening import SLOTS, as_words, name_of, next_start
from dashboard.sentences import ON, minutes, within
from dashboard.translation import tr
from dashboard.widgets.address import understand
from dashboard.widgets.legend import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Area, Meta

STANDARDS: Final = (5, 10, 15, 20, 30)
"""Minutes that planners usually ask about."""

FIRST_LAYERS: Final = ("coverage", "needs")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; ``kind`` is the category in words with a space behind, or empty."""

    category: str | None
    kind: str
    area: Area | None
    minutes: int
    layers: tuple[str, ...]
    mode: str = Mode.WALK.value
    slot: str | None = None
    open_at: str | None = None

    @property
    def limit(self) -> str:
        """Say what counts as within reach."""
        return within(self.minutes, self.mode) + as_words(self.slot)

    def as_words(self) -> dict[str, Any]:
        """Give what is kept of it under a name."""
        said = {"need": self.category, "area": self.area.id if self.area else None, "open": self.slot}
        chosen = {name: word for name, word in said.items() if word}
        return chosen | {"minutes": self.minutes, "mode": self.mode, "layers": list(self.layers)}

    def as_query(self) -> dict[str, Any]:
        """Give what the service is asked."""
        area = self.area.id if self.area else None
        return {
            "category": self.category,
            "area": area,
            "standard_min": self.minutes,
            "mode": self.mode,
            "open_at": self.open_at,
        }


def apply(meta: Meta, areas: tuple[Area, ...], words: Mapping[str, Any]) -> None:
    """Ask what was kept; what is there no longer, such as a part of town, is asked of everywhere."""
    state = st.session_state
    state["need"], state["mode"] = words.get("need", ""), words.get("mode", Mode.WALK.value)
    state["area"] = words["area"] if words.get("area") in {area.id for area in areas} else ""
    minutes = words.get("minutes")
    state["minutes"] = minutes if minutes in _offered(meta) else meta.standard_min
    state["open"] = words["open"] if words.get("open") in SLOTS else ""
    state["layers"] = [name for name in words.get("layers", FIRST_LAYERS) if name in LAYERS]


def _offered(meta: Meta) -> list[int]:
    return sorted({*STANDARDS, meta.standard_min})


def ask(meta: Meta, areas: tuple[Area, ...]) -> Question:
    """Draw the filters and give what they say."""
    by_id = {area.id: area for area in areas}
    with st.container(key="filters"):
        columns = st.columns([1.1, 1.1, 1.15, 0.9, 1], vertical_alignment="bottom")
    with columns[0]:
        category = _choose_category(meta)
    with columns[1]:
        area = _choose_area(by_id)
    with columns[2]:
        minutes = _choose_minutes(meta)
    with columns[3]:
        mode = _choose_mode()
    with columns[4]:
        slot = _choose_slot()
    layers = _choose_layers()
    open_at = next_start(slot, meta.time_zone, datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ") if slot else None
    kind = f"{meta.label(category).lower()} " if category else ""
    return Question(category, kind, by_id.get(area or ""), minutes, layers, mode, slot, open_at)


def _choose_category(meta: Meta) -> str | None:
    options = ["", *(value for value, _ in meta.categories)]
    understand("need", options, lambda value: CATEGORIES.get(value, value))
    chosen: str | None = st.selectbox(
        tr("Kind of need"),
        options,
        format_func=lambda value: meta.label(value) if value else tr("All needs"),
        key="need",
        bind="query-params",
    )
    return chosen or None


def _choose_area(areas: dict[str, Area]) -> str | None:
    names = {"": tr("Everywhere"), **{key: area.name for key, area in areas.items()}}
    chosen: str | None = st.selectbox(
        tr("Part of town"), list(names), format_func=lambda key: names.get(key, key), key="area", bind="query-params"
    )
    return chosen or None


def _choose_minutes(meta: Meta) -> int:
    options = _offered(meta)
    chosen: int | None = st.selectbox(
        tr("Help should be"),
        options,
        index=options.index(meta.standard_min),
        format_func=within_minutes,
        key="minutes",
        bind="query-params",
    )
    return chosen or meta.standard_min


def within_minutes(standard: int) -> str:
    """Name a service standard without its mode."""
    return tr("within {minutes}", minutes=minutes(standard))


def _choose_mode() -> str:
    understand("mode", ON, lambda mode: ON[mode].capitalize())
    chosen: str | None = st.selectbox(
        tr("By way of"),
        list(ON),
        format_func=lambda mode: ON[mode or Mode.WALK.value].capitalize(),
        key="mode",
        bind="query-params",
    )
    return chosen or Mode.WALK.value


def _choose_slot() -> str | None:
    understand("open", SLOTS, name_of)
    chosen: str | None = st.selectbox(
        tr("Open"),
        ["", *SLOTS],
        format_func=name_of,
        key="open",
        bind="query-params",
        help=tr("Counts only the help that is open for an hour from then."),
    )
    return chosen or None


def _choose_layers() -> tuple[str, ...]:
    chosen: list[str] = st.pills(
        tr("Show on the map"),
        list(LAYERS),
        selection_mode="multi",
        default=list(FIRST_LAYERS),
        format_func=lambda name: LAYERS.get(name, name),
        key="layers",
        bind="query-params",
    )
    return tuple(chosen)
