"""Needs referred to a partner's service: handed over, followed, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body

from geo.domain.consent import ConsentDraft
from geo.domain.principals import Permission
from geo.domain.referrals import ReferralState
from geo.domain.words import ConsentScope, SubjectKind
from geo.privacy.disclosure import disclose
from geo.store.agreements import get_agreement
from geo.store.consents import record_consent
from geo.store.needs import get_need
from geo.store.referrals import (
    ReferralFilter,
    count_referrals,
    end_referral,
    get_referral,
    list_referral_events,
    list_referrals,
    refer,
    undo_referral,
)

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.referrals import REFERRAL_IN_EXAMPLES, ReferralEvents, ReferralIn, ReferralOut, ReferralPage

router = APIRouter(tags=["referrals"])
PATH: Final = "/v1/referrals"
_READS: Final = [requires(Permission.READ_NEEDS)]
_MANAGES: Final = [requires(Permission.MANAGE_ACCESS)]
_PROVES: Final = [requires(Permission.MANAGE_ACCESS, proof=True)]


@router.post(
    "/v1/agreements/{agreement_id}/referrals", status_code=201, operation_id="refer_need", dependencies=_PROVES,
    response_model=ReferralOut,
)  # fmt: skip
def post_referral(
    session: SessionDep,
    audience: AudienceDep,
    agreement_id: UUID,
    sent: Annotated[ReferralIn, Body(openapi_examples=REFERRAL_IN_EXAMPLES)],
) -> Mapping[str, Any]:
    """Hand one need to a partner, its exact place included; that the person agreed is recorded, now or before."""
    get_agreement(session, agreement_id)
    if sent.consent is not None:
        get_need(session, sent.need_id)
        agreed = ConsentDraft(what=ConsentScope.SHARE_WITH_PARTNER, how=sent.consent)
        record_consent(session, SubjectKind.NEED, sent.need_id, agreed)
    expires_at = datetime.now(UTC) + timedelta(days=sent.days)
    made = refer(session, sent.need_id, agreement_id, asset_id=sent.asset_id, expires_at=expires_at)
    return disclose(get_referral(session, made), audience)


@router.get(PATH, operation_id="list_referrals", dependencies=_READS, response_model=ReferralPage)
def get_referrals(
    session: SessionDep,
    audience: AudienceDep,
    *,
    state: ReferralState | None = None,
    need_id: UUID | None = None,
    agreement_id: UUID | None = None,
    after: After,
    limit: Limit = 100,
) -> Mapping[str, Any]:
    """List referrals in the order they were made, and count them by how they stand."""
    where = ReferralFilter(state, need_id, agreement_id)
    found = list_referrals(session, where=where, after=after, limit=limit)
    return page(found, limit=limit, audience=audience) | {"counts": count_referrals(session)}


@router.get(PATH + "/{referral_id}", operation_id="get_referral", dependencies=_READS, response_model=ReferralOut)
def get_one(session: SessionDep, audience: AudienceDep, referral_id: UUID) -> Mapping[str, Any]:
    """Read one referral."""
    return disclose(get_referral(session, referral_id), audience)


@router.get(
    PATH + "/{referral_id}/events", operation_id="list_referral_events", dependencies=_READS,
    response_model=ReferralEvents,
)  # fmt: skip
def get_events(session: SessionDep, audience: AudienceDep, referral_id: UUID) -> Mapping[str, Any]:
    """List the steps of a referral, the first first."""
    return {"items": [disclose(one, audience) for one in list_referral_events(session, referral_id)]}


@router.delete(PATH + "/{referral_id}", status_code=204, operation_id="end_referral", dependencies=_MANAGES)
def delete_referral(session: SessionDep, referral_id: UUID) -> None:
    """Take a referral back: the partner no longer has the need."""
    end_referral(session, referral_id)


@router.post(
    PATH + "/{referral_id}/undo", operation_id="undo_referral", dependencies=_PROVES, response_model=ReferralOut
)
def post_undo(session: SessionDep, audience: AudienceDep, referral_id: UUID) -> Mapping[str, Any]:
    """Take the last step back, an answer of the partner or one's own taking back; the need follows."""
    return disclose(undo_referral(session, referral_id), audience)
