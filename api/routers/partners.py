"""Agreements with partners and the keys issued under them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Response
from shapely.geometry import box

from geo.domain.principals import Permission
from geo.errors import InvalidInput
from geo.geometry import parse_area
from geo.privacy.disclosure import disclose
from geo.privacy.partners import snap_area
from geo.store import agreements
from geo.store.network import get_network

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.access import (
    AGREEMENT_IN_EXAMPLES,
    KEY_IN_EXAMPLES,
    AgreementIn,
    AgreementOut,
    AgreementPage,
    KeyIn,
    KeyPage,
    NewKeyOut,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

router = APIRouter(tags=["people and access"])
PATH: Final = "/v1/agreements"
_MANAGES: Final = [requires(Permission.MANAGE_ACCESS)]
_PROVES: Final = [requires(Permission.MANAGE_ACCESS, proof=True)]


@router.post(PATH, status_code=201, operation_id="make_agreement", dependencies=_PROVES, response_model=AgreementOut)
def post_agreement(
    session: SessionDep,
    audience: AudienceDep,
    sent: Annotated[AgreementIn, Body(openapi_examples=AGREEMENT_IN_EXAMPLES)],
) -> Mapping[str, Any]:
    """Agree with a partner on how closely it may look, where, at what and until when."""
    draft = agreements.AgreementDraft(
        name=sent.name,
        tier=sent.tier,
        cells=_cells(session, sent.area),
        categories=frozenset(sent.categories),
        purpose=sent.purpose,
        expires_at=datetime.now(UTC) + timedelta(days=sent.days),
        fields=sent.fields,
        quota_per_day=sent.quota_per_day,
        organization_id=sent.organization_id,
        is_marked=sent.is_marked,
    )
    return disclose(agreements.make_agreement(session, draft), audience)


def _cells(session: Session, area: dict[str, Any] | None) -> frozenset[str]:
    if area is not None:
        return snap_area(parse_area(area))
    served = get_network(session).bbox
    if served is None:
        raise InvalidInput("name an area: the network does not say which it serves", field="area")
    return snap_area(box(*served))


@router.get(PATH, operation_id="list_agreements", dependencies=_MANAGES, response_model=AgreementPage)
def get_agreements(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Mapping[str, Any]:
    """List the agreements in the order they were made."""
    return page(agreements.list_agreements(session, after=after, limit=limit), limit=limit, audience=audience)


@router.delete(PATH + "/{agreement_id}", status_code=204, operation_id="end_agreement", dependencies=_MANAGES)
def delete_agreement(session: SessionDep, agreement_id: UUID) -> None:
    """End an agreement; its keys open nothing from now on."""
    agreements.end_agreement(session, agreement_id)


@router.post(
    PATH + "/{agreement_id}/keys", status_code=201, operation_id="issue_key", dependencies=_PROVES,
    response_model=NewKeyOut,
)  # fmt: skip
def post_key(
    response: Response,
    session: SessionDep,
    agreement_id: UUID,
    sent: Annotated[KeyIn, Body(openapi_examples=KEY_IN_EXAMPLES)],
) -> Mapping[str, Any]:
    """Issue a key. The one before stays good for a day, so that the partner can change over."""
    response.headers["Cache-Control"] = "no-store"
    token = agreements.issue_key(session, agreement_id, label=sent.label, lasts=timedelta(days=sent.days))
    return {"kid": token.kid, "token": token.text}


@router.get(PATH + "/{agreement_id}/keys", operation_id="list_keys", dependencies=_MANAGES, response_model=KeyPage)
def get_keys(session: SessionDep, audience: AudienceDep, agreement_id: UUID) -> Mapping[str, Any]:
    """List the live keys of an agreement."""
    agreements.get_agreement(session, agreement_id)
    found = agreements.list_keys(session, agreement_id)
    return {"items": [disclose(key, audience) for key in found], "next": None}
