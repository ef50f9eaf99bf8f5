"""Saying in words why help is named."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geo.analysis.suiting import main_part
from geo.domain.hours import Opening
from geo.domain.languages import language_name
from geo.domain.nearest import Reason
from geo.domain.words import MODE_WORDS, Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from geo.domain.records import Asset, Helper


def minutes_word(minutes: float, mode: Mode) -> str:
    """Say a travel time: whole minutes, rounded up, never less than one."""
    return f"about {max(1, math.ceil(minutes))} min {MODE_WORDS[mode]}"


def helper_reasons(helper: Helper, *, minutes: float, languages: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Say why this helper suits, in words alone; see :func:`why_helper`."""
    return tuple(reason.words for reason in why_helper(helper, minutes=minutes, languages=languages, now=now))


def why_helper(
    helper: Helper,
    *,
    minutes: float,
    languages: Iterable[str],
    now: datetime,
    pending: int = 0,
    opening: Opening | None = None,
) -> tuple[Reason, ...]:
    """Say why this helper suits.

    Parameters
    ----------
    minutes
        Travel time by the helper's own mode.
    languages
        What the household speaks, ISO 639-1; empty when nobody has said.
    now
        An aware instant, for "asked so many days ago".
    pending
        How many needs the helper has been asked about and not answered yet; they take room.
    opening
        Whether the helper is free at the time asked for; nothing where none was.
    """
    return (
        Reason("travel", minutes_word(minutes, helper.mode)),
        *_speech(languages, helper.languages, interprets=helper.interpreter),
        *_hours(opening, "has not said when"),
        Reason("room", f"has room for {helper.capacity_per_week - helper.load - pending} more this week"),
        Reason("last_asked", _asked_word(helper.last_asked_at, now)),
    )


def _speech(asked: Iterable[str], spoken: Iterable[str], *, interprets: bool) -> Iterator[Reason]:
    parts, wanted = {main_part(code) for code in spoken}, list(asked)
    shared = [language_name(code) for code in wanted if main_part(code) in parts]
    if shared:
        yield Reason("language", f"speaks {' and '.join(shared)}")
    elif interprets and wanted:
        yield Reason("interpreter", "comes with an interpreter")


def _hours(opening: Opening | None, unknown: str) -> Iterator[Reason]:
    if opening is Opening.OPEN:
        yield Reason("open", "free at that time" if unknown.startswith("has") else "open at that time")
    elif opening is not None:
        yield Reason("hours_unknown", unknown)


def _asked_word(asked_at: datetime | None, now: datetime) -> str:
    if asked_at is None:
        return "not asked yet"
    days = max(0, (now - asked_at).days)
    return {0: "last asked today", 1: "last asked yesterday"}.get(days, f"last asked {days} days ago")


def asset_reasons(asset: Asset, *, minutes: float, mode: Mode) -> tuple[str, ...]:
    """Say why this asset suits, in words alone; see :func:`why_asset`."""
    return tuple(reason.words for reason in why_asset(asset, minutes=minutes, mode=mode))


def why_asset(
    asset: Asset, *, minutes: float, mode: Mode, languages: Iterable[str] = (), opening: Opening | None = None
) -> tuple[Reason, ...]:
    """Say why this asset suits; ``opening`` tells whether it is open at the time asked for, if one was."""
    reasons = [
        Reason("travel", minutes_word(minutes, mode)),
        Reason("kind", asset.kind.replace("_", " ")),
        *_speech(languages, asset.languages, interprets=asset.interpreter),
        *_hours(opening, "hours not known"),
    ]
    if asset.capacity_per_week is not None:
        reasons.append(Reason("room", f"takes up to {asset.capacity_per_week} a week"))
    if asset.opening_hours and opening is None:
        reasons.append(Reason("hours_listed", "has opening hours listed"))
    if mode is Mode.WHEELCHAIR:
        reasons.append(Reason("step_free", f"step-free: {asset.step_free.value}"))
    return tuple(reasons)
