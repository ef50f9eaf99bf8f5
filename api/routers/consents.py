"""Consents: what a person agreed to, recorded, listed, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response

from geo.domain.principals import Permission
from geo.domain.words import SubjectKind
from geo.errors import NotFound
from geo.privacy.disclosure import disclose
from geo.store.consents import get_consent, list_consents, record_consent, withdraw_consent
from geo.store.needs import get_need

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.idempotency import OnceDep
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.people import CONSENT_EXAMPLES, ConsentIn, ConsentOut, ConsentPage, WithdrawIn

router = APIRouter(tags=["people"])
PATH = "/v1/needs/{need_id}/consents"
Answer = Mapping[str, Any]


@router.get(
    PATH, operation_id="list_consents", dependencies=[requires(Permission.READ_NEEDS)], response_model=ConsentPage
)
def get_consents(session: SessionDep, audience: AudienceDep, need_id: UUID, after: After, limit: Limit = 100) -> Answer:
    """List what a person agreed to, withdrawn consents included."""
    get_need(session, need_id)
    found = list_consents(session, SubjectKind.NEED, need_id, after=after, limit=limit)
    return page(found, limit=limit, audience=audience)


@router.post(
    PATH,
    status_code=201,
    operation_id="record_consent",
    dependencies=[requires(Permission.CHANGE_NEEDS)],
    response_model=ConsentOut,
)
def post_consent(
    session: SessionDep,
    audience: AudienceDep,
    once: OnceDep,
    response: Response,
    need_id: UUID,
    sent: Annotated[ConsentIn, Body(openapi_examples=CONSENT_EXAMPLES)],
) -> Answer:
    """Record what a person agrees to."""
    get_need(session, need_id)
    made, is_new = once.create(
        session, lambda: record_consent(session, SubjectKind.NEED, need_id, sent.to_draft()), get_consent
    )
    response.status_code = 201 if is_new else 200
    return disclose(made, audience)


@router.post(
    PATH + "/{consent_id}/withdraw",
    operation_id="withdraw_consent",
    dependencies=[requires(Permission.CHANGE_NEEDS)],
    response_model=ConsentOut,
)
def post_withdrawal(
    session: SessionDep,
    audience: AudienceDep,
    need_id: UUID,
    consent_id: UUID,
    sent: Annotated[WithdrawIn, Body(openapi_examples={"withdraw": {"value": {"withdraw": True}}})],  # noqa: ARG001 - that it was said is all
) -> Answer:
    """Take a consent back. Without the consent to keep it, a contact is removed at once."""
    found = get_consent(session, consent_id)
    if (found.subject_kind, found.subject_id) != (SubjectKind.NEED, need_id):
        raise NotFound("there is no such consent")
    return disclose(withdraw_consent(session, consent_id, now=datetime.now(UTC)), audience)
