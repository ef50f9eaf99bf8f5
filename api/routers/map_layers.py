"""Layers made for the map: what its script draws, bounded, with no record behind a cell."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from geo.domain.place import Point
from geo.domain.principals import Permission
from geo.domain.words import AssetStatus, Category
from geo.interchange.geojson import MEDIA_TYPE, feature, feature_collection
from geo.privacy.cells import cell_polygon
from geo.privacy.disclosure import disclose
from geo.store import helpers
from geo.store.assets import AssetFilter, list_assets
from geo.store.coverage import find_figures
from geo.store.engine import APP_ROLE, Acting, transaction
from geo.store.map_cells import find_counted, has_more_places
from geo.store.needs import CellCount, count_cells
from geo.store.tile_counts import fold_changes

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, ReckoningDep, SessionDep, SessionsDep
from api.etags import respond_once
from api.params import MAX_LIMIT, Bbox, Box
from api.questions import QuestionDep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from geo.domain.coverage import CoverageRow
    from geo.domain.records import Asset
    from geo.domain.words import Audience
    from geo.store.coverage import Figures
    from geo.store.coverage_ground import InView
    from geo.store.map_cells import CountedCells

router = APIRouter(tags=["map"])
Most = Annotated[
    int | None,
    Query(ge=50, le=2000, description="draw larger hexagons with counts where there would be more features than this"),
]
MAX_FEATURES: Final = 5000
_GEOJSON: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "GeoJSON (RFC 7946)", "content": {MEDIA_TYPE: {"example": feature_collection([])}}}
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a layer, by whom; ``counting`` brings counts up to date."""

    session: Session
    counting: Callable[[], object]
    audience: Audience
    bbox: Bbox | None
    category: Category | None
    most: int | None


Drawn = tuple["Iterator[dict[str, Any]]", bool]


def _answer(request: Request, features: Iterable[dict[str, Any]], *, cut: bool = False) -> Response:
    kept: list[dict[str, Any]] = []
    truncated = cut
    for found in features:
        if len(kept) == MAX_FEATURES:
            truncated = True
            break
        kept.append(found)
    return respond_once(request, feature_collection(kept, truncated=truncated), media_type=MEDIA_TYPE)


def _counting(sessions: SessionsDep, principal: PrincipalDep) -> Callable[[], None]:
    """Give what brings counts up to date, in a transaction of its own that nobody waits for longer than it takes."""

    def count() -> None:
        with transaction(sessions, Acting(principal.network, APP_ROLE, None, "tiles")) as session:
            fold_changes(session)

    return count


CountingDep = Annotated[Any, Depends(_counting)]


def _larger(found: CountedCells, audience: Audience, category: Category | None) -> Iterator[dict[str, Any]]:
    """Draw hexagons with how much of what was asked for each has; how much of a category presses is not counted."""
    for one in found.cells:
        shown = disclose(one, audience)
        count = shown["count"] if category is None else shown[category.value]
        pressing = {"pressing": shown["pressing"]} if category is None and "pressing" in shown else {}
        yield feature(
            None, cell_polygon(one.cell), {"cell": one.cell, "count": count, "level": found.level, **pressing}
        )


def _cells(counted: Iterable[tuple[str, dict[str, Any]]], box: Bbox | None) -> Iterator[dict[str, Any]]:
    """Draw cells; several rows of one cell share its polygon."""
    drawn: dict[str, Any] = {}
    for cell, properties in counted:
        if cell not in drawn:
            drawn[cell] = cell_polygon(cell)
        if box is None or box.holds(*drawn[cell].bounds):
            yield feature(None, drawn[cell], {"cell": cell, **properties})


@router.get(
    "/v1/map/needs",
    operation_id="get_map_needs",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_class=Response,
    responses=_GEOJSON,
)
def get_map_needs(
    request: Request,
    session: SessionDep,
    counting: CountingDep,
    audience: AudienceDep,
    bbox: Box,
    category: Category | None = None,
    most: Most = None,
) -> Response:
    """Give open needs as cells with their count by urgency; where there are too many, as larger hexagons."""
    asked = Asked(session, counting, audience, bbox, category, most)
    features, is_cut = needs_features(asked)
    return _answer(request, features, cut=is_cut)


def needs_features(asked: Asked) -> Drawn:
    """Draw open needs, and tell whether some had no place."""
    session, bbox, category = asked.session, asked.bbox, asked.category
    if asked.most is None:
        return _cells(_by_cell(count_cells(session, category=category)), bbox), False
    asked.counting()
    found = find_counted(session, "needs", bbox, category=category, most=asked.most)
    if not found.is_finest:
        return _larger(found, asked.audience, category), found.is_cut
    cells = [one.cell for one in found.cells]
    return _cells(_by_cell(count_cells(session, category=category, cells=cells)), bbox), False


def _by_cell(counts: Sequence[CellCount]) -> Iterator[tuple[str, dict[str, Any]]]:
    by_urgency: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for found in counts:
        by_urgency[found.cell][found.urgency.value] += found.count
    for cell in sorted(by_urgency):
        total = sum(by_urgency[cell].values())
        label = f"{total} open {'need' if total == 1 else 'needs'}"
        yield cell, {"count": total, "by_urgency": dict(by_urgency[cell]), "label": label}


@router.get(
    "/v1/map/helpers",
    operation_id="get_map_helpers",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_class=Response,
    responses=_GEOJSON,
)
def get_map_helpers(request: Request, session: SessionDep, bbox: Box, category: Category | None = None) -> Response:
    """Give active helpers as cells with their count."""
    return _answer(request, helpers_features(session, bbox, category))


def helpers_features(session: Session, bbox: Bbox | None, category: Category | None) -> Iterator[dict[str, Any]]:
    """Draw active helpers."""
    counts = helpers.count_cells(session, category=category)
    return _cells(((cell, {"count": counts[cell]}) for cell in sorted(counts)), bbox)


@router.get(
    "/v1/map/assets",
    operation_id="get_map_assets",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_class=Response,
    responses=_GEOJSON,
)
def get_map_assets(
    request: Request,
    session: SessionDep,
    counting: CountingDep,
    audience: AudienceDep,
    bbox: Box,
    category: Category | None = None,
    most: Most = None,
) -> Response:
    """Give active public assets as points; where there are too many, as hexagons with their count."""
    features, is_cut = assets_features(Asked(session, counting, audience, bbox, category, most))
    return _answer(request, features, cut=is_cut)


def assets_features(asked: Asked) -> Drawn:
    """Draw places that help, and tell whether some had no place."""
    session, bbox, category = asked.session, asked.bbox, asked.category
    if asked.most is not None and has_more_places(session, bbox, category=category, most=asked.most):
        asked.counting()
        found = find_counted(session, "assets", bbox, category=category, most=asked.most)
        return _larger(found, asked.audience, category), found.is_cut
    where = AssetFilter(category=category, status=AssetStatus.ACTIVE, bbox=bbox)
    shown = (disclose(asset, asked.audience) for asset in _public(session, where))
    return (_asset(asset) for asset in shown), False


def _public(session: Session, where: AssetFilter) -> Iterator[Asset]:
    after, read = None, 0
    while read <= MAX_FEATURES:
        found = list_assets(session, where=where, after=after, limit=MAX_LIMIT)
        yield from (asset for asset in found if asset.point is not None and not asset.is_private)
        if len(found) < MAX_LIMIT:
            return
        after, read = found[-1].id, read + len(found)


def _asset(shown: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "name", "kind", "categories", "step_free", "opening_hours")
    return feature(shown["id"], Point(shown["lon"], shown["lat"]), {name: shown[name] for name in names})


@router.get(
    "/v1/map/coverage",
    operation_id="get_map_coverage",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_class=Response,
    responses=_GEOJSON,
)
def get_map_coverage(
    request: Request,
    session: SessionDep,
    reckoning: ReckoningDep,
    audience: AudienceDep,
    question: QuestionDep,
    bbox: Box,
    category: Category | None = None,
    most: Most = None,
) -> Response:
    """Give coverage as cells, one feature for each cell and category; where there are too many, as larger hexagons."""
    figures = find_figures(session, question, live=reckoning.live)
    return _answer(request, coverage_features(figures, audience, bbox, category, most))


def coverage_features(
    figures: Figures, audience: Audience, bbox: Bbox | None, category: Category | None, most: int | None
) -> Iterator[dict[str, Any]]:
    """Draw coverage where it is looked at: its cells, or larger hexagons where there are too many."""
    seen = figures.ground.look(bbox, category=category, most=most)
    return row_features(seen.rows, audience) if seen.level is None else _larger_coverage(seen, audience)


def row_features(rows: Iterable[CoverageRow], audience: Audience) -> Iterator[dict[str, Any]]:
    """Draw rows of coverage as cells."""
    names = ("label", "category", "demand", "covered", "gap", "coverage", "out_of_reach", "why")
    shown = (disclose(row, audience) for row in rows)
    return _cells(((row["key"], {name: row[name] for name in names}) for row in shown), None)


def _larger_coverage(seen: InView, audience: Audience) -> Iterator[dict[str, Any]]:
    for one in seen.cells:
        yield feature(None, cell_polygon(one.cell), {**disclose(one, audience), "level": seen.level})
