"""Records as GeoJSON features for feeds and exports: disclosed for the audience, then given the shape it may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from geo.domain.coverage import CoverageRow
from geo.domain.place import Point
from geo.errors import InvalidInput
from geo.interchange.geojson import feature
from geo.privacy.cells import cell_polygon
from geo.privacy.disclosure import disclose, may_have, may_see
from geo.store.assets import list_assets
from geo.store.coverage import Question, compute_coverage
from geo.store.needs import list_needs
from geo.store.public_coverage import list_public_coverage
from geo.store.rows import MAX_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from geo.domain.records import Area, Asset, Need
    from geo.domain.travel import TravelModel
    from geo.domain.words import Audience
    from geo.privacy.public_coverage import PublicCoverageRow
    from geo.privacy.release import ShownCell

Feed = Literal["needs", "assets", "coverage"]
FEEDS: tuple[Feed, ...] = ("needs", "assets", "coverage")


def need_feature(need: Need, audience: Audience) -> dict[str, Any]:
    """Draw a need as its cell; one without a place, or withheld, has no geometry but is still there.

    Raises
    ------
    NotPermitted
        If the audience may not have single needs.
    """
    shown = disclose(need, audience)
    if need.withheld:
        shown["cell"] = None
    cell = shown.get("cell")
    return feature(shown.pop("id"), None if cell is None else cell_polygon(cell), shown)


def asset_feature(asset: Asset, audience: Audience) -> dict[str, Any]:
    """Draw an asset: a public place as its point, one at a private home as its cell."""
    shown = disclose(asset, audience)
    lon, lat, cell = shown.pop("lon", None), shown.pop("lat", None), shown.get("cell")
    if lon is not None and lat is not None:
        return feature(shown.pop("id"), Point(lon, lat), shown)
    return feature(shown.pop("id"), None if cell is None else cell_polygon(cell), shown)


def area_feature(area: Area, audience: Audience) -> dict[str, Any]:
    """Draw an area."""
    shown = disclose(area, audience)
    del shown["geometry"]
    return feature(shown.pop("id"), area.geometry, shown)


def shown_cell_feature(cell: ShownCell, audience: Audience) -> dict[str, Any]:
    """Draw a hexagon of the newest release with what it says of one kind; its id is the two together."""
    return feature(f"{cell.cell}.{cell.kind.value}", cell_polygon(cell.cell), disclose(cell, audience))


def coverage_feature(row: CoverageRow, audience: Audience) -> dict[str, Any]:
    """Draw a cell's coverage of one category; its id is the two together."""
    shown = disclose(row, audience)
    return feature(f"{row.key}.{row.category.value}", cell_polygon(row.key), shown)


def public_coverage_feature(row: PublicCoverageRow, audience: Audience) -> dict[str, Any]:
    """Draw a hexagon of the release with the public places near it; its id is the cell and the kind."""
    return feature(f"{row.cell}.{row.kind.value}", cell_polygon(row.cell), disclose(row, audience))


def export_features(
    session: Session, feed: Feed, audience: Audience, *, model: TravelModel, standard_min: float
) -> Iterator[dict[str, Any]]:
    """Give every feature of a feed, page by page.

    Coverage of single needs is for those who may have it; everybody else is given what follows from the weekly release
    and the public places, whatever needs there are now.

    Raises
    ------
    InvalidInput
        If there is no such feed.
    NotPermitted
        If the audience may not have it.
    """
    if feed == "needs":
        return (need_feature(need, audience) for need in _pages(session, list_needs))
    if feed == "assets":
        return (asset_feature(a, audience) for a in _pages(session, list_assets) if may_see(a, audience))
    if feed == "coverage" and not may_have(CoverageRow, audience):
        public = list_public_coverage(session, standard_min=standard_min)
        return (public_coverage_feature(row, audience) for row in public)
    if feed == "coverage":
        report = compute_coverage(session, Question(model, standard_min))
        return (coverage_feature(row, audience) for row in report.rows)
    raise InvalidInput(f"choose one of {', '.join(FEEDS)}", field="feed")


def _pages(session: Session, read: Callable[..., Sequence[Any]]) -> Iterator[Any]:
    after = None
    while page := read(session, after=after, limit=MAX_LIMIT):
        yield from page
        after = page[-1].id
