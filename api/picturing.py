"""Pictures of the map put together: what the map itself is given, the ground under it, and the sentence over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from geo.crs import metres_per_degree, metric_crs
from geo.domain.gap_words import headline, step_of, within
from geo.domain.words import CATEGORY_LABELS
from geo.errors import InvalidInput
from geo.interchange.base_map import read_base_map
from geo.interchange.map_picture import FORMS, MapPicture
from geo.interchange.picture_layers import add_up, keep_within
from geo.privacy.disclosure import disclose
from geo.store.areas import get_area
from geo.store.coverage import compute_coverage, find_figures
from geo.store.gazetteer_sources import find_bounds, list_sources
from geo.store.network import get_network
from geo.store.turf_ground import list_streets_within

from api.params import Bbox
from api.routers.map_layers import (
    Asked,
    assets_features,
    coverage_features,
    helpers_features,
    needs_features,
    row_features,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.hours import Window
    from geo.domain.records import Area
    from geo.domain.words import Audience, Category
    from geo.interchange.map_picture import PictureSize
    from geo.store.coverage import Figures, Question
    from geo.store.live_coverage import LiveCoverages
    from geo.store.network import Network

LAYERS: Final = ("coverage", "needs", "helpers", "assets")
FIRST_LAYERS: Final = ("coverage", "needs")
MOST_DEG: Final = 2.0
"""A picture is of a town or a county: of more nothing could be read on it."""
LEAST_DEG: Final = 0.0005
_MAP_SHARES: Final = (0.4, 0.85)
_WIDE_SHARE: Final = 0.92


@dataclass(frozen=True, slots=True)
class AskedPicture:
    """What a picture is to show."""

    question: Question
    box: Bbox | None
    layers: tuple[str, ...]
    category: Category | None
    area_id: UUID | None
    size: PictureSize


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a picture is drawn from, for whom; ``tiles`` is the file of the base map."""

    session: Session
    live: LiveCoverages | None
    counting: Callable[[], object]
    audience: Audience
    tiles: Path


def parse_layers(text: str | None) -> tuple[str, ...]:
    """Read names of layers with commas between; none is a map of the ground alone.

    Raises
    ------
    InvalidInput
        If one is no layer.
    """
    if text is None:
        return FIRST_LAYERS
    asked = {name for name in text.split(",") if name}
    if not asked <= set(LAYERS):
        raise InvalidInput(f"layers are {', '.join(LAYERS)}, with commas between", field="layers")
    return tuple(name for name in LAYERS if name in asked)


def make_picture(drawing: Drawing, asked: AskedPicture) -> MapPicture:
    """Put a picture together.

    Raises
    ------
    InvalidInput
        If the box is too wide, or none was given and nobody knows where the network is.
    UnsupportedCrs
        If the box is near a pole.
    NotFound
        If the area is not one of the network's.
    NotPermitted
        If the audience may not have a layer.
    """
    session, question = drawing.session, asked.question
    network = get_network(session)
    box = _box(session, asked.box, network)
    # before anything is read: near a pole nothing can be drawn
    metric_crs([box[0], box[2]], [box[1], box[3]])
    area = None if asked.area_id is None else get_area(session, asked.area_id)
    shown_area = {} if area is None else disclose(area, drawing.audience)
    figures = find_figures(session, question, live=drawing.live)
    report = compute_coverage(session, question, category=asked.category, figures=figures)
    seen = seen_box(box, asked.size)
    layers, is_cut = _layers(drawing, asked, seen, figures)
    rows = keep_within(row_features(report.rows, drawing.audience), area.geometry if area else None)
    cells = add_up(rows)
    kind = f"{CATEGORY_LABELS[asked.category].lower()} " if asked.category else ""
    when = _when(question.window, network)
    standard_min, mode = question.standard_min, question.mode.value
    demand, gap = sum(cell.demand for cell in cells), sum(cell.gap for cell in cells)
    return MapPicture(
        title=headline(demand, gap, kind=kind, standard_min=standard_min, mode=mode, when=when),
        network=network.name,
        where=shown_area.get("name"),
        box=box,
        layers=layers,
        balance=report.balance,
        made_at=datetime.now(UTC).replace(second=0, microsecond=0).astimezone(network.zone),
        zone=network.time_zone,
        limit=within(standard_min, mode) + when,
        kind=kind,
        step=step_of(cell.gap for cell in [*cells, *add_up(layers.get("coverage", ()))]),
        travel_note=report.travel_model.note,
        attribution=", ".join(dict.fromkeys(source.attribution for source in list_sources(session))),
        outline=_outline(area),
        streets=[(street.name, street.line) for street in list_streets_within(session, seen)],
        base=read_base_map(drawing.tiles, seen),
        is_cut=is_cut,
    )


def seen_box(box: Bbox, size: PictureSize) -> Bbox:
    """Give a box that surely holds what the map on a paper shows when it shows all of another."""
    form = FORMS[size]
    west, south, east, north = box
    east_m, north_m = metres_per_degree((south + north) / 2)
    wide_m, high_m = (east - west) * east_m, (north - south) * north_m
    least, most = (share * form.height_mm / (_WIDE_SHARE * form.width_mm) for share in _MAP_SHARES)
    half_lon = max(wide_m, high_m / least) / east_m * 0.51
    half_lat = max(high_m, wide_m * most) / north_m * 0.51
    lon, lat = (west + east) / 2, (south + north) / 2
    return Bbox(
        (max(lon - half_lon, -180.0), max(lat - half_lat, -90.0), min(lon + half_lon, 180.0), min(lat + half_lat, 90.0))
    )


def _box(session: Session, asked: Bbox | None, network: Network) -> Bbox:
    found = asked or find_bounds(session) or network.bbox
    if found is None:
        raise InvalidInput("say which box to draw: nobody knows yet where the network is", field="bbox")
    west, south, east, north = found
    if asked and (east - west > MOST_DEG or north - south > MOST_DEG):
        raise InvalidInput(f"a picture may span {MOST_DEG:g} degrees", field="bbox")
    lon, lat = (west + east) / 2, (south + north) / 2
    half_lon, half_lat = (max(min(span, MOST_DEG), LEAST_DEG) / 2 for span in (east - west, north - south))
    return Bbox((lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat))


def _layers(
    drawing: Drawing, asked: AskedPicture, seen: Bbox, figures: Figures
) -> tuple[dict[str, Sequence[dict[str, Any]]], bool]:
    most = FORMS[asked.size].most_cells
    wanted = Asked(drawing.session, drawing.counting, drawing.audience, seen, asked.category, most)
    draw: dict[str, Callable[[], tuple[Any, bool]]] = {
        "coverage": lambda: (coverage_features(figures, drawing.audience, seen, asked.category, most), False),
        "needs": lambda: needs_features(wanted),
        "helpers": lambda: (helpers_features(drawing.session, seen, asked.category), False),
        "assets": lambda: assets_features(wanted),
    }
    drawn = {name: draw[name]() for name in asked.layers}
    return {name: list(features) for name, (features, _) in drawn.items()}, any(cut for _, cut in drawn.values())


def _outline(area: Area | None) -> Any:  # noqa: ANN401 - a MultiPolygon of a library without types
    return None if area is None else area.geometry


def _when(window: Window | None, network: Network) -> str:
    if window is None:
        return ""
    here = window.start.astimezone(network.zone)
    return f" at {here:%H:%M} on {here:%A} {here.day} {here:%B}"
