"""What a partner does with the needs referred to it: list its own, look at one, answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Response

from geo.domain.principals import Agreement, Permission
from geo.domain.referrals import ReferralState
from geo.errors import NotPermitted
from geo.privacy.disclosure import disclose
from geo.store.referral_answers import answer_referral, get_own_referral, list_own_referrals, look_at_referral

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, SessionDep
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.referrals import (
    REFERRAL_ANSWER_EXAMPLES,
    OwnReferralOut,
    OwnReferralPage,
    ReferralAnswer,
    ReferredFeature,
)

router = APIRouter(tags=["referrals"])
PATH: Final = "/v1/partner/referrals"
_ANSWERS: Final = [requires(Permission.ANSWER_REFERRALS)]


def _agreement(principal: PrincipalDep) -> Agreement:
    if principal.agreement is None:
        raise NotPermitted
    return principal.agreement


@router.get(PATH, operation_id="list_own_referrals", dependencies=_ANSWERS, response_model=OwnReferralPage)
def get_referrals(
    session: SessionDep,
    principal: PrincipalDep,
    audience: AudienceDep,
    *,
    state: ReferralState | None = None,
    after: After,
    limit: Limit = 100,
) -> Mapping[str, Any]:
    """List one's own referrals in the order they were made. Where a need is, is shown one by one."""
    found = list_own_referrals(session, _agreement(principal), state=state, after=after, limit=limit)
    return page(found, limit=limit, audience=audience)


@router.get(
    PATH + "/{referral_id}", operation_id="get_own_referral", dependencies=_ANSWERS, response_model=OwnReferralOut
)
def get_referral(
    session: SessionDep, principal: PrincipalDep, audience: AudienceDep, referral_id: UUID
) -> Mapping[str, Any]:
    """Read one of one's own referrals."""
    return disclose(get_own_referral(session, _agreement(principal), referral_id), audience)


@router.get(
    PATH + "/{referral_id}/need", operation_id="look_at_referral", dependencies=_ANSWERS, response_model=ReferredFeature
)
def get_need(response: Response, session: SessionDep, principal: PrincipalDep, referral_id: UUID) -> Mapping[str, Any]:
    """Look at the need behind a referral, its exact place included, while it runs; each look is noted."""
    response.headers["Cache-Control"] = "no-store"
    return look_at_referral(session, _agreement(principal), referral_id)


@router.post(
    PATH + "/{referral_id}/answer", operation_id="answer_referral", dependencies=_ANSWERS, response_model=OwnReferralOut
)
def post_answer(
    session: SessionDep,
    principal: PrincipalDep,
    audience: AudienceDep,
    referral_id: UUID,
    sent: Annotated[ReferralAnswer, Body(openapi_examples=REFERRAL_ANSWER_EXAMPLES)],
) -> Mapping[str, Any]:
    """Answer a referral. Every answer but ``accepted`` ends the sight of the need; the same again changes nothing."""
    said = ReferralState(sent.outcome)
    answered = answer_referral(session, _agreement(principal), referral_id, said, reason=sent.reason)
    return disclose(answered, audience)
