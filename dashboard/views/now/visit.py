"""Since when the first page tells what has changed: since one was last here, or since so many days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import streamlit as st

from geo.domain.now import LONGEST_BACK

from dashboard.client import ApiTrouble
from dashboard.now_words import AGO, here, news, news_since_here
from dashboard.translation import number, tr, without_year

if TYPE_CHECKING:
    from geo.domain.now import NeedFlow

    from dashboard.answers import Meta
    from dashboard.client import Client

VISIT: Final = "visit"
DAYS: Final = {"day": 1, "days": 3, "week": 7}
KEPT: Final = "now_visit"
AGAIN: Final = timedelta(minutes=10)
"""So long it is remembered that somebody is here before it is noted anew."""
_MARGIN: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Since:
    """Since when, how that is called, and what is said of it."""

    at: datetime
    ago: str
    visit: str = ""
    note: str = ""

    def tell(self, flow: NeedFlow) -> str:
        """Say in a sentence or two what has changed."""
        told = news_since_here(flow, self.visit) if self.visit else news(flow, self.ago)
        return f"{told} {self.note}".strip()


def choose(api: Client, meta: Meta) -> Since:
    """Draw the choice, and give what is chosen: the last visit, where there was one."""
    now, before = datetime.now(UTC), _last_visit(api)
    offered = [*([VISIT] if before else []), *DAYS]
    chosen: str | None = st.segmented_control(
        tr("What has changed since"), offered, default=offered[0], required=True, key="now_ago", wrap=True,
        format_func=lambda one: tr("my last visit") if one == VISIT else AGO[one],
    )  # fmt: skip
    if before and (chosen or offered[0]) == VISIT:
        return _since_here(before, now, ZoneInfo(meta.time_zone))
    days = DAYS.get(chosen or "", DAYS["day"])
    first = "" if before else tr("From your next visit on, this page tells what has changed since you were here.")
    return Since(now - timedelta(days=days), AGO[chosen or "day"], note=first)


def _since_here(before: datetime, now: datetime, zone: ZoneInfo) -> Since:
    earliest = now - LONGEST_BACK + _MARGIN
    at = max(before, earliest)
    note = tr("What is longer ago than {n} days is not told.", n=number(LONGEST_BACK.days)) if before < earliest else ""
    local = before.astimezone(zone)
    return Since(at, without_year(at.astimezone(zone)), here(local, now.astimezone(zone)), note)


def _last_visit(api: Client) -> datetime | None:
    kept: tuple[datetime, datetime | None] | None = st.session_state.get(KEPT)
    now = datetime.now(UTC)
    if kept is None or now - kept[0] > AGAIN:
        try:
            kept = now, api.note_visit()
        except ApiTrouble:
            # what is told does not hang on it; another look notes it
            return kept[1] if kept else None
        st.session_state[KEPT] = kept
    return kept[1]
