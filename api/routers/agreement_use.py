"""How an agreement is used, and what its partner sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from geo.domain.principals import Permission
from geo.domain.turf import Paper
from geo.errors import NotFound, SignInNeeded
from geo.interchange.geojson import MEDIA_TYPE, feature_collection
from geo.interchange.sharing_sheet import write_sharing_sheet
from geo.privacy.disclosure import disclose
from geo.store.agreement_use import get_use, list_days, preview_features
from geo.store.agreements import get_agreement
from geo.store.audit import record
from geo.store.canaries import list_canaries, list_hits
from geo.store.engine import transaction

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, SessionDep, SessionsDep, acting_for
from api.params import Limit
from api.schemas.access import AgreementUseOut, CanaryList
from api.sharing import make_sharing_sheet
from api.sheets import find_fonts

if TYPE_CHECKING:
    from geo.domain.principals import Agreement

router = APIRouter(tags=["people and access"])
PATH: Final = "/v1/agreements/{agreement_id}"
_MANAGES: Final = [requires(Permission.MANAGE_ACCESS)]
_PROVES: Final = [requires(Permission.MANAGE_ACCESS, proof=True)]
PDF: Final = "application/pdf"
_SHEET: Final = {"content": {PDF: {}}, "description": "A data-sharing sheet"}
_MAX_LANGUAGE: Final = 35
_GEOJSON: Final = {"content": {MEDIA_TYPE: {}}, "description": "GeoJSON (RFC 7946)"}


@router.get(PATH + "/use", operation_id="get_agreement_use", dependencies=_MANAGES, response_model=AgreementUseOut)
def get_used(session: SessionDep, audience: AudienceDep, agreement_id: UUID) -> Mapping[str, Any]:
    """Tell how an agreement is used: quota, when a key was last seen, what was drawn by day, hits of canaries."""
    use = disclose(get_use(session, agreement_id), audience)
    days = [disclose(one, audience) for one in list_days(session, agreement_id)]
    return use | {"days": days, "hits": [disclose(one, audience) for one in list_hits(session, agreement_id)]}


@router.get(PATH + "/canaries", operation_id="list_canaries", dependencies=_PROVES, response_model=CanaryList)
def get_canaries(
    response: Response, session: SessionDep, audience: AudienceDep, agreement_id: UUID
) -> Mapping[str, Any]:
    """List the needs in a partner's feed that nobody has; the look is noted."""
    response.headers["Cache-Control"] = "no-store"
    get_agreement(session, agreement_id)
    found = list_canaries(session, agreement_id)
    record(session, "list", "canary", [one.id for one in found])
    return {"items": [disclose(one, audience) for one in found]}


@router.get(
    PATH + "/preview", operation_id="preview_agreement", dependencies=_PROVES, response_class=Response,
    responses={200: _GEOJSON},
)  # fmt: skip
def get_preview(sessions: SessionsDep, principal: PrincipalDep, agreement_id: UUID, limit: Limit = 100) -> Response:
    """See the needs as a partner's key gives them now, in its order and under its ids; the look is noted.

    ``numberMatched`` counts all of them. Nothing is drawn from the partner's quota.
    """
    if principal.network is None:
        raise SignInNeeded
    with transaction(sessions, acting_for(principal)) as session:
        agreement = _running(get_agreement(session, agreement_id))
        record(session, "preview", "agreement", [agreement_id])
    # after it, in a transaction of its own: what follows has the partner's rights and no others
    found = preview_features(sessions, principal.network, agreement)
    shown = found[:limit]
    content = feature_collection(shown, links=[], numberReturned=len(shown), numberMatched=len(found))
    # written as the feed is written
    raw = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(raw, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _running(agreement: Agreement) -> Agreement:
    if agreement.ended_at is not None:
        raise NotFound("there is no such agreement")
    return agreement


@router.get(
    PATH + "/sheet.pdf", operation_id="get_agreement_sheet", dependencies=_MANAGES, response_class=Response,
    responses={200: _SHEET},
)  # fmt: skip
def get_sheet(
    session: SessionDep,
    audience: AudienceDep,
    agreement_id: UUID,
    language: Annotated[
        str | None,
        Query(max_length=_MAX_LANGUAGE, description="the language it is in; the network's own when left out"),
    ] = None,
    paper: Annotated[Paper, Query(description="the size of the paper")] = Paper.A4,
) -> Response:
    """Print what is agreed with a partner, in words to be read and signed."""
    sheet = make_sharing_sheet(session, get_agreement(session, agreement_id), audience, language)
    raw = write_sharing_sheet(sheet, paper=paper, fonts=find_fonts())
    headers = {"Content-Disposition": 'inline; filename="agreement.pdf"', "Cache-Control": "private, no-store"}
    return Response(raw, media_type=PDF, headers=headers)
