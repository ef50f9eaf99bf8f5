"""What this network is: its name, area, words, sources and how travel is reckoned."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from geo.domain.principals import Permission
from geo.domain.words import CATEGORY_LABELS
from geo.privacy.allow_list import STAFF
from geo.store.gazetteer_sources import find_bounds, list_sources
from geo.store.made_up import holds_made_up
from geo.store.network import get_network

from api.access import requires
from api.deps import AudienceDep, SessionDep, SettingsDep, TravelDep
from api.problems import DOMAIN_PROBLEMS, OTHER_PROBLEMS
from api.schemas.meta import MetaOut, ProblemOut
from api.statics import BASEMAP, BASEMAP_URL

if TYPE_CHECKING:
    from pathlib import Path

router = APIRouter(tags=["meta"])


@router.get("/v1/meta", operation_id="get_meta", dependencies=[requires(Permission.READ_TOWN)], response_model=MetaOut)
def get_meta(session: SessionDep, settings: SettingsDep, travel: TravelDep, audience: AudienceDep) -> dict[str, Any]:
    """Describe the network and what its figures rest on."""
    network = get_network(session)
    box = find_bounds(session) or network.bbox
    return {
        "network": network.name,
        "version": version("barnraiser"),
        "bbox": box,
        "centre": None if box is None else ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2),
        "categories": [{"value": word.value, "label": label} for word, label in CATEGORY_LABELS.items()],
        "sources": [
            {"name": source.name, "licence": source.licence, "attribution": source.attribution}
            for source in list_sources(session)
        ],
        "travel_model": travel.info.as_dict(),
        "standard_min": network.standard_min or settings.demo.standard_min,
        "time_zone": network.time_zone,
        "basemap": _basemap(settings.home.tiles),
        "audience": audience.value,
        "holds_made_up": audience in STAFF and holds_made_up(session),
    }


def _basemap(tiles: Path) -> str | None:
    return BASEMAP_URL if (tiles / BASEMAP).is_file() else None


@router.get(
    "/problems", operation_id="list_problems", dependencies=[requires(Permission.OPEN)], response_model=list[ProblemOut]
)
def list_problems() -> list[dict[str, Any]]:
    """List every kind of problem an answer may name as its type."""
    kinds = {(kind.slug, kind.status): kind for kind in (*DOMAIN_PROBLEMS.values(), *OTHER_PROBLEMS)}
    return [{"slug": kind.slug, "status": kind.status, "title": kind.title} for _, kind in sorted(kinds.items())]
