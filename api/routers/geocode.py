"""Addresses looked up in this host's own gazetteer: one, while it is typed, and back from a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body

from geo.domain.place import Point
from geo.domain.principals import Permission
from geo.store.gazetteer import LocalGeocoder
from geo.store.geocoding import HouseGeocoder
from geo.store.reverse import LocalReverse
from geo.store.suggest import LocalSuggester

from api.access import PrincipalDep, requires
from api.batching.work import show_nearby, show_parsed
from api.deps import SessionDep
from api.params import Place
from api.schemas.geocode import (
    GEOCODE_EXAMPLES,
    SUGGEST_EXAMPLES,
    GeocodeIn,
    GeocodeOut,
    ReverseOut,
    SuggestIn,
    SuggestOut,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.domain.place import Candidate, GeocodeResult

router = APIRouter(tags=["geocoding"])


@router.post(
    "/v1/geocode", operation_id="geocode", dependencies=[requires(Permission.GEOCODE)], response_model=GeocodeOut
)
def post_geocode(
    session: SessionDep, principal: PrincipalDep, sent: Annotated[GeocodeIn, Body(openapi_examples=GEOCODE_EXAMPLES)]
) -> Mapping[str, Any]:
    """Look one address up; nothing leaves this host. Reviewers are shown what was decided for the same text."""
    parsed = {"parsed": show_parsed(sent.text)}
    if not principal.may(Permission.REVIEW):
        # what was decided for a text tells where somebody lives
        return show_result(LocalGeocoder(session).geocode(sent.text)) | parsed
    house = HouseGeocoder(session)
    result = house.geocode(sent.text)
    house.note_reveals()
    return show_result(result) | parsed


@router.post(
    "/v1/geocode/suggest",
    operation_id="suggest",
    dependencies=[requires(Permission.GEOCODE)],
    response_model=SuggestOut,
)
def post_suggest(
    session: SessionDep, sent: Annotated[SuggestIn, Body(openapi_examples=SUGGEST_EXAMPLES)]
) -> Mapping[str, Any]:
    """Say what may be meant by what is typed so far: streets, then their doors, crossings, places and postcodes."""
    near = None if sent.near is None else Point(sent.near.lon, sent.near.lat)
    found = LocalSuggester(session).suggest(sent.q, near, sent.limit)
    shown = [
        {"label": one.label, "kind": one.kind.value, "lon": round(one.point.lon, 6), "lat": round(one.point.lat, 6)}
        for one in found
    ]
    return {"suggestions": shown}


@router.get(
    "/v1/reverse", operation_id="reverse", dependencies=[requires(Permission.GEOCODE)], response_model=ReverseOut
)
def get_reverse(session: SessionDep, place: Place) -> Mapping[str, Any]:
    """Name a place: by the door within 60 m, else the crossing within 25 m, else the street within 250 m."""
    return show_nearby(LocalReverse(session).find(place))


def show_result(result: GeocodeResult) -> dict[str, Any]:
    """Write a geocoder's answer."""
    return {"decision": result.decision.value, "candidates": [_candidate(found) for found in result.candidates]}


def _candidate(found: Candidate) -> dict[str, Any]:
    return {
        "label": found.label,
        "lon": round(found.point.lon, 6),
        "lat": round(found.point.lat, 6),
        "match_quality": found.match_quality.value,
        "uncertainty_m": round(found.uncertainty_m, 1),
        "score": found.score,
        "confidence": round(found.score / 100, 2),
        "faults": [fault.name for fault in found.faults],
        "source": found.source,
    }
