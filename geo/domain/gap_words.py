"""Gaps in plain words: the same sentences, classes and balance line wherever they are shown, on a page or on paper."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo.domain.balance import Balance

HALF_A_NEED: Final = 0.05
"""Shares of a need below this are not worth a decimal."""
ON: Final = {"walk": "on foot", "wheelchair": "by wheelchair", "bicycle": "by bicycle", "car": "by car"}
CLASSES: Final = 5
"""Colours of the scale."""
BALANCE_PARTS: Final = (
    ("located", "located"),
    ("approximate", "approximate"),
    ("needs_review", "waiting for a place"),
    ("no_location", "no location"),
    ("withheld", "withheld"),
    ("closed", "closed"),
)
_NICE: Final = (1, 2, 3, 4, 5, 10, 20, 25, 50)


def amount(value: float) -> str:
    """Write a count; expected counts may be fractions, which keep one decimal."""
    whole = round(value)
    return f"{whole:,}" if abs(value - whole) < HALF_A_NEED else f"{value:,.1f}"


def plural(value: float, one: str, many: str) -> str:
    """Write a count with its noun."""
    text = amount(value)
    return f"{text} {one if text == '1' else many}"


def minutes(value: float) -> str:
    """Write a travel time as people say it."""
    return "under a minute" if value < 1 else plural(round(value), "minute", "minutes")


def within(standard_min: float, mode: str = "walk") -> str:
    """Name the service standard."""
    return f"within {minutes(standard_min)} {ON.get(mode, mode)}"


def headline(demand: float, gap: float, *, kind: str, standard_min: float, mode: str = "walk", when: str = "") -> str:
    """Say in one sentence how the whole network, or the part asked about, is doing; ``when`` is like `` on Monday``."""
    where = within(standard_min, mode) + when
    if demand < HALF_A_NEED:
        return f"There is no open {kind}need on the map here. Nothing to reach, nothing missed."
    if gap < HALF_A_NEED:
        return (
            f"Every one of the {plural(demand, f'open {kind}need', f'open {kind}needs')} on the map has help {where}."
        )
    verb = "finds" if amount(gap) == "1" else "find"
    return f"{amount(gap)} of {plural(demand, f'open {kind}need', f'open {kind}needs')} {verb} no help {where}."


def step_of(gaps: Iterable[float]) -> int:
    """Choose how many needs one colour stands for, so that five colours reach the largest gap."""
    wanted = max([*gaps, 0.0]) / CLASSES
    for scale in (1, 100, 10_000):
        for nice in _NICE:
            if nice * scale >= wanted:
                return nice * scale
    return math.ceil(wanted)


def class_of(gap: float, step: int) -> int | None:
    """Tell which colour a gap has, from 0; none where nobody is left out."""
    if gap < HALF_A_NEED:
        return None
    return min(CLASSES - 1, max(0, math.ceil(gap / step - 0.001) - 1))


def classes(step: int) -> list[str]:
    """Name the five colours by the needs they stand for."""
    closed = [f"{i * step + 1}\u2013{(i + 1) * step}" if step > 1 else str(i + 1) for i in range(CLASSES - 1)]
    return [*closed, f"{(CLASSES - 1) * step + 1}+"]


def balance_words(balance: Balance, of: str, where: str = "") -> str:
    """Write the balance line as one sentence; ``of`` names what is counted, like ``food needs``."""
    counts = balance.as_dict()
    parts = " + ".join(f"{amount(counts[name])} {words}" for name, words in BALANCE_PARTS)
    return f"{amount(balance.received)} {of} received{where} = {parts}"
