"""Saying why help is named."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geo.analysis.suiting import main_part
from geo.domain.hours import Opening
from geo.domain.reasons import ASSET, HELPER, Reason, ReasonCode
from geo.domain.words import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from geo.domain.records import Asset, Helper


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
    left = helper.capacity_per_week - helper.load - pending
    return (
        _way(minutes, helper.mode),
        *_speech(languages, helper.languages, interprets=helper.interpreter),
        *_hours(opening, HELPER),
        Reason(ReasonCode.ROOM, {"of": HELPER, "count": left}),
        Reason(ReasonCode.LAST_ASKED, {"days": _days_since(helper.last_asked_at, now)}),
    )


def _way(minutes: float, mode: Mode) -> Reason:
    # whole minutes, rounded up, never less than one
    return Reason(ReasonCode.TRAVEL, {"travel_min": max(1, math.ceil(minutes)), "mode": mode.value})


def _speech(asked: Iterable[str], spoken: Iterable[str], *, interprets: bool) -> Iterator[Reason]:
    parts, wanted = {main_part(code) for code in spoken}, list(asked)
    shared = tuple(code for code in wanted if main_part(code) in parts)
    if shared:
        yield Reason(ReasonCode.LANGUAGE, {"languages": shared})
    elif interprets and wanted:
        yield Reason(ReasonCode.INTERPRETER, {})


def _hours(opening: Opening | None, of: str) -> Iterator[Reason]:
    if opening is not None:
        yield Reason(ReasonCode.OPEN if opening is Opening.OPEN else ReasonCode.HOURS_UNKNOWN, {"of": of})


def _days_since(asked_at: datetime | None, now: datetime) -> int | None:
    return None if asked_at is None else max(0, (now - asked_at).days)


def why_asset(
    asset: Asset, *, minutes: float, mode: Mode, languages: Iterable[str] = (), opening: Opening | None = None
) -> tuple[Reason, ...]:
    """Say why this asset suits; ``opening`` tells whether it is open at the time asked for, if one was."""
    reasons = [
        _way(minutes, mode),
        Reason(ReasonCode.KIND, {"kind": asset.kind}),
        *_speech(languages, asset.languages, interprets=asset.interpreter),
        *_hours(opening, ASSET),
    ]
    if asset.capacity_per_week is not None:
        reasons.append(Reason(ReasonCode.ROOM, {"of": ASSET, "count": asset.capacity_per_week}))
    if asset.opening_hours and opening is None:
        reasons.append(Reason(ReasonCode.HOURS_LISTED, {}))
    if mode is Mode.WHEELCHAIR:
        reasons.append(Reason(ReasonCode.STEP_FREE, {"step_free": asset.step_free.value}))
    return tuple(reasons)
