"""Changing an agreement while it runs: looked at first, then saved, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Response

from geo.domain.agreements import AgreementChange
from geo.domain.principals import Permission
from geo.geometry import parse_area
from geo.privacy.disclosure import disclose
from geo.privacy.partners import snap_area
from geo.store.agreement_edits import change_agreement, compare_agreement, undo_agreement_change
from geo.store.agreements import get_agreement

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import ExpectedVersion, tag_record
from api.schemas.access import AgreementOut
from api.schemas.agreements import AGREEMENT_CHANGE_EXAMPLES, AgreementChangeIn, AgreementDifferenceOut

router = APIRouter(tags=["people and access"])
PATH: Final = "/v1/agreements/{agreement_id}"
_MANAGES: Final = [requires(Permission.MANAGE_ACCESS)]
_PROVES: Final = [requires(Permission.MANAGE_ACCESS, proof=True)]
SentChange = Annotated[AgreementChangeIn, Body(openapi_examples=AGREEMENT_CHANGE_EXAMPLES)]


@router.get(PATH, operation_id="get_agreement", dependencies=_MANAGES, response_model=AgreementOut)
def get_one(session: SessionDep, audience: AudienceDep, response: Response, agreement_id: UUID) -> Mapping[str, Any]:
    """Read an agreement, with the tag it is changed by."""
    return tag_record(response, disclose(get_agreement(session, agreement_id), audience))


@router.post(
    PATH + "/difference", operation_id="compare_agreement", dependencies=_MANAGES, response_model=AgreementDifferenceOut
)
def post_difference(
    session: SessionDep, audience: AudienceDep, agreement_id: UUID, sent: SentChange
) -> Mapping[str, Any]:
    """Tell what a change would make of an agreement and of what its partner sees; nothing is changed."""
    return disclose(compare_agreement(session, agreement_id, _change(sent)), audience)


@router.patch(PATH, operation_id="change_agreement", dependencies=_PROVES, response_model=AgreementOut)
def patch_agreement(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    agreement_id: UUID,
    version: ExpectedVersion,
    sent: SentChange,
) -> Mapping[str, Any]:
    """Change an agreement that has not changed since it was read; the next request is answered by the new terms."""
    changed = change_agreement(session, agreement_id, _change(sent), expected_version=version)
    return tag_record(response, disclose(changed, audience))


@router.post(PATH + "/undo", operation_id="undo_agreement_change", dependencies=_PROVES, response_model=AgreementOut)
def post_undo(session: SessionDep, audience: AudienceDep, response: Response, agreement_id: UUID) -> Mapping[str, Any]:
    """Take the last change of an agreement back."""
    return tag_record(response, disclose(undo_agreement_change(session, agreement_id), audience))


def _change(sent: AgreementChangeIn) -> AgreementChange:
    return AgreementChange(
        cells=None if sent.area is None else snap_area(parse_area(sent.area)),
        categories=None if sent.categories is None else frozenset(sent.categories),
        fields=sent.fields,
        purpose=sent.purpose,
        quota_per_day=sent.quota_per_day,
        expires_at=None if sent.days is None else datetime.now(UTC) + timedelta(days=sent.days),
        is_marked=sent.is_marked,
    )
