"""Ranking the nearest suitable help, and saying why in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geo.domain.languages import language_name
from geo.domain.words import MODE_WORDS, Mode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from geo.domain.records import Asset, Helper


def minutes_word(minutes: float, mode: Mode) -> str:
    """Say a travel time: whole minutes, rounded up, never less than one."""
    return f"about {max(1, math.ceil(minutes))} min {MODE_WORDS[mode]}"


def helper_reasons(helper: Helper, *, minutes: float, languages: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Say why this helper suits.

    Parameters
    ----------
    minutes
        Travel time by the helper's own mode.
    languages
        What the household speaks, ISO 639-1; empty when nobody has said.
    now
        An aware instant, for "asked so many days ago".
    """
    shared = [language_name(code) for code in languages if code in helper.languages]
    room = helper.capacity_per_week - helper.load
    reasons = [minutes_word(minutes, helper.mode)]
    if shared:
        reasons.append(f"speaks {' and '.join(shared)}")
    reasons.append(f"has room for {room} more this week")
    reasons.append(_asked_word(helper.last_asked_at, now))
    return tuple(reasons)


def _asked_word(asked_at: datetime | None, now: datetime) -> str:
    if asked_at is None:
        return "not asked yet"
    days = max(0, (now - asked_at).days)
    return {0: "last asked today", 1: "last asked yesterday"}.get(days, f"last asked {days} days ago")


def asset_reasons(asset: Asset, *, minutes: float, mode: Mode) -> tuple[str, ...]:
    """Say why this asset suits."""
    reasons = [minutes_word(minutes, mode), asset.kind.replace("_", " ")]
    if asset.capacity_per_week is not None:
        reasons.append(f"takes up to {asset.capacity_per_week} a week")
    if asset.opening_hours:
        reasons.append("has opening hours listed")
    if mode is Mode.WHEELCHAIR:
        reasons.append(f"step-free: {asset.step_free.value}")
    return tuple(reasons)
