"""Two turfs in the middle of the loaded city, so that there is something to walk, to print and to type in."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Final

from shapely import MultiPolygon

from geo.analysis.turf_cutting import cut_turfs, turfs_for
from geo.crs import circle_around
from geo.domain.turf import TurfDraft
from geo.store.engine import transaction
from geo.store.gazetteer_sources import list_addresses
from geo.store.turf_ground import list_doors_within
from geo.store.turfs import count_turfs, create_turfs, today_here

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

RADIUS_M: Final = 200.0
DOORS_EACH: Final = 40
LASTS: Final = timedelta(days=30)
NOTE: Final = "A made-up round: ask whether anybody needs help, and leave a card where nobody opens."


def make_turfs(sessions: SessionFactory, *, seed: int) -> int:
    """Cut the middle of the city into turfs, unless there are some already.

    Returns
    -------
    int
        How many were made.
    """
    with transaction(sessions) as session:
        return add_turfs(session, seed=seed)


def add_turfs(session: Session, *, seed: int) -> int:
    """Cut the middle of the city into turfs, unless there are some already; tells how many were made."""
    points = [] if count_turfs(session) else [address.point for address in list_addresses(session)]
    if not points:
        return 0
    middle = (median(point.lon for point in points), median(point.lat for point in points))
    ground = MultiPolygon([circle_around(*middle, RADIUS_M, corners=24)])
    doors = list_doors_within(session, ground)
    parts = cut_turfs(doors, ground, turfs_for(len(doors), DOORS_EACH), seed=seed)
    ends_on = today_here(session) + LASTS
    drafts = [TurfDraft(f"Old town {at}", part.geometry, part.doors, ends_on, NOTE) for at, part in enumerate(parts, 1)]
    return len(create_turfs(session, drafts).turfs)
