"""How many canaries a feed has, what they look like, and how one is known again. Pure.

A canary is a row that is given to one partner alone, so that a copy tells whose it is: the trap streets of map makers,
and the honeytokens of Spitzner (2003). Nothing here is chance: an HMAC chooses, so that nobody without the key can tell
a canary from a need, and the same feed gets the same one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import h3

from geo.domain.words import CELL_RESOLUTION, Urgency
from geo.privacy.partners import UrgencyBand, coarse_cell, urgency_band, week_of
from geo.privacy.rules import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from geo.domain.words import Category
    from geo.privacy.partners import CoarseNeed

LEAST_RECORDS: Final = 20
"""A feed of fewer needs has no canary: one of them would be more than one in twenty."""
RECORDS_EACH: Final = 100
SHORTEST, SPREAD_DAYS = timedelta(days=14), 57
TRIES: Final = 64
NAME: Final = re.compile(r"(?<![a-z0-9])[a-z2-7]{26}(?![a-z0-9])")
"""How a partner's own id for a need is written, wherever it stands."""
_URGENCY: Final = {UrgencyBand.SOON.value: Urgency.HIGH, UrgencyBand.LATER.value: Urgency.NORMAL}
_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})")

Look = tuple[str, str, str, str]
"""What a need of the coarse tier shows beside its id: cell, kind, urgency and week."""


@dataclass(frozen=True, slots=True)
class CanaryDraft:
    """A canary as it is drawn up: a look that no need of the feed has."""

    id: UUID
    cell: str
    category: Category
    urgency: Urgency
    received_at: datetime
    lasts: timedelta


def count_wanted(records: int) -> int:
    """Say how many canaries a feed of so many needs has: one for each hundred begun, none below twenty."""
    return 0 if records < LEAST_RECORDS else -(-records // RECORDS_EACH)


def look_of(properties: Mapping[str, object]) -> Look:
    """Give the look of a need of the coarse tier; what it lacks is empty."""
    cell, kind, urgency, week = (str(properties.get(name) or "") for name in ("cell", "kind", "urgency", "week"))
    return cell, kind, urgency, week


def look_as_fed(need: CoarseNeed, dwellings: Mapping[str, int]) -> Look | None:
    """Give the look a need has in a feed of the coarse tier; none where no feed tells it."""
    shown, kind = coarse_cell(need.cell, dwellings), KIND_OF.get(need.category)
    if shown is None or kind is None:
        return None
    return shown, kind.value, urgency_band(need.urgency).value, week_of(need.received_at)


def draw_canary(
    looks: Sequence[Look],
    *,
    key: bytes,
    agreement_id: UUID,
    number: int,
    categories: Collection[Category],
    taken: Collection[Look],
    now: datetime,
    is_backdated: bool,
) -> CanaryDraft | None:
    """Draw up a canary out of parts that needs of the feed have, together as none has them.

    Parameters
    ----------
    looks
        Of the needs of the feed; each part of the canary's look is one of these, its week only where it is backdated.
    key
        Chooses; at least 32 bytes.
    number
        Which of the agreement's canaries it is.
    categories
        The agreed ones.
    taken
        Looks that it must not have, beside those of the feed: those of other canaries.
    is_backdated
        Whether its week is one of the feed's own, for a feed that nobody has read yet; this week otherwise.

    Returns
    -------
    CanaryDraft or None
        ``None`` where every look that was tried is one of the feed's, or no category can be told at all.
    """
    known = {*looks, *taken}
    kinds = {look[1] for look in looks}
    tellable = sorted(one for one in categories if one in KIND_OF and KIND_OF[one].value in kinds)
    if not looks or not tellable:
        return None
    for drawn in _draws(key, agreement_id, number):
        cell, kind = looks[drawn[0] % len(looks)][0], looks[drawn[1] % len(looks)][1]
        band, week = looks[drawn[2] % len(looks)][2], looks[drawn[3] % len(looks)][3]
        began = _week_began(week) if is_backdated else None
        since = began or _monday(now)
        fitting = [one for one in tellable if KIND_OF[one].value == kind]
        if not fitting or (cell, kind, band, week_of(since)) in known:
            continue
        return CanaryDraft(
            id=_id(key, agreement_id, drawn[5]),
            cell=_household_cell(cell, drawn[4]),
            category=fitting[drawn[4] % len(fitting)],
            urgency=_URGENCY.get(band, Urgency.NORMAL),
            received_at=since,
            lasts=SHORTEST + timedelta(days=drawn[5] % SPREAD_DAYS),
        )
    return None


def _draws(key: bytes, agreement_id: UUID, number: int) -> Iterator[tuple[int, ...]]:
    for attempt in range(TRIES):
        told = b"canary1" + agreement_id.bytes + number.to_bytes(8) + attempt.to_bytes(8)
        drawn = hmac.new(key, told, hashlib.sha384).digest()
        yield tuple(int.from_bytes(drawn[at : at + 8]) for at in range(0, 48, 8))


def _id(key: bytes, agreement_id: UUID, drawn: int) -> UUID:
    return UUID(bytes=hmac.digest(key, b"id" + agreement_id.bytes + drawn.to_bytes(8), "sha256")[:16], version=4)


def _household_cell(cell: str, drawn: int) -> str:
    """Choose the household's cell under the one that is drawn."""
    if h3.get_resolution(cell) == CELL_RESOLUTION:
        return cell
    children = sorted(map(str, h3.cell_to_children(cell, CELL_RESOLUTION)))
    return children[drawn % len(children)]


def _week_began(week: str) -> datetime | None:
    found = _WEEK.fullmatch(week)
    if found is None:
        return None
    year, number = int(found[1]), int(found[2])
    day = datetime.fromisocalendar(year, number, 1)
    return day.replace(tzinfo=UTC)


def _monday(now: datetime) -> datetime:
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def names_in(text: str) -> frozenset[str]:
    """Find what is written as a partner's own id of a need, in whatever stands around it."""
    return frozenset(NAME.findall(text.lower()))
