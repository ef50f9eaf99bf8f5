"""Which assets the page shows: by a part of what is said of them, by kind of help, and near an address or postcode."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.sentences import metres, sure
from dashboard.translation import tr
from dashboard.widgets.plain import as_label

if TYPE_CHECKING:
    from dashboard.answers import Candidate, Meta
    from dashboard.client import Client

SEARCH, KIND, NEAR, WITHIN, FOUND, SPOT = (
    f"asset_{name}" for name in ("search", "kind", "near", "within", "found", "spot")
)
STEPS_M: Final = (250, 500, 1000, 2000, 5000, 10_000)
MOST_SPOTS: Final = 5
"""Places that one text may mean, as far as they are offered."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is asked for: the filters of the API, and the place that they are measured from."""

    wanted: dict[str, str | float] = field(default_factory=dict)
    spot: Candidate | None = None
    within_m: float = 0.0

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.wanted)


def show(api: Client, meta: Meta) -> Shown:
    """Draw the fields, and give what they ask for."""
    with st.container(key="asset_filters"):
        words, kinds, place, reach = st.columns([1.4, 1, 1.6, 0.8], vertical_alignment="bottom")
        search = str(words.text_input(tr("Named"), key=SEARCH, max_chars=100, placeholder=tr("pantry")) or "").strip()
        labels = dict(meta.categories)
        kind = kinds.selectbox(tr("Helps with"), [None, *labels], key=KIND, format_func=lambda one: _kind(one, labels))
        near = str(place.text_input(tr("Near an address or postcode"), key=NEAR, max_chars=300) or "").strip()
        within_m = reach.selectbox(tr("Within"), STEPS_M, index=2, key=WITHIN, format_func=metres)
        spot = _spot(api, near) if near else None
    asked = {"search": search or None, "category": kind}
    wanted: dict[str, str | float] = {name: value for name, value in asked.items() if value}
    if spot is None:
        return Shown(wanted)
    return Shown(wanted | {"lon": spot.lon, "lat": spot.lat, "within_m": within_m}, spot, within_m)


def _kind(one: str | None, labels: dict[str, str]) -> str:
    return tr("Anything") if one is None else labels.get(one, one)


def _spot(api: Client, near: str) -> Candidate | None:
    """Find which place is meant; where several may be, the likeliest, until another is chosen."""
    found = _found(api, near)
    if not found:
        st.warning(tr("Nothing is known by that address or postcode, so the list is not narrowed by it."))
        return None
    chosen = found[0]
    if len(found) > 1:
        names = [f"{one.label} ({sure(one)})" for one in found]
        at = st.selectbox(tr("Which is meant"), range(len(found)), key=f"{SPOT}_{near}", format_func=names.__getitem__)
        chosen = found[at or 0]
    else:
        st.caption(as_label(tr("Measured from {place}: {sure}.", place=chosen.label, sure=sure(chosen))))
    return chosen


def _found(api: Client, near: str) -> tuple[Candidate, ...]:
    # asked once for each text, not at each press of another button
    kept = st.session_state.get(FOUND)
    if kept is None or kept[0] != near:
        kept = near, api.find_spots(near)[:MOST_SPOTS]
        st.session_state[FOUND] = kept
    found: tuple[Candidate, ...] = kept[1]
    return found


def clear() -> None:
    """Show everything again."""
    state = st.session_state
    state[SEARCH], state[NEAR], state[KIND] = "", "", None
