"""Coverage for everybody: from the newest weekly release, never from what needs there are now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from geo.analysis.travel import StraightLineTravel, check_standard
from geo.domain.words import Mode
from geo.privacy.public_coverage import PublicPlace, cover_publicly
from geo.privacy.public_file import is_public_place
from geo.privacy.rules import public_kinds
from geo.store.assets import list_assets
from geo.store.releases import list_shown
from geo.store.rows import MAX_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geo.privacy.public_coverage import PublicCoverageRow


def list_public_coverage(session: Session, *, standard_min: float) -> list[PublicCoverageRow]:
    """List what everybody may know of coverage, on foot; nothing before the first release shows anything.

    Minutes are those of the straight line, whatever streets are loaded: the middle of a hexagon is at no door.

    Raises
    ------
    InvalidInput
        For a standard out of bounds.
    """
    check_standard(standard_min)
    model = StraightLineTravel()
    return cover_publicly(
        list_shown(session),
        list(_places(session)),
        minutes=partial(model.minutes, mode=Mode.WALK),
        standard_min=standard_min,
        travel_model=model.info.name,
    )


def _places(session: Session) -> Iterator[PublicPlace]:
    after = None
    while page := list_assets(session, after=after, limit=MAX_LIMIT):
        for asset in page:
            if is_public_place(asset) and asset.point is not None:
                yield PublicPlace(asset.point.lon, asset.point.lat, public_kinds(asset.categories))
        after = page[-1].id
