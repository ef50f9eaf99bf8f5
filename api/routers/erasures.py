"""Erasure of a person, at their wish: for good, also after a backup is put back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Body

from geo.domain.principals import Permission
from geo.domain.words import EntryKind, SubjectKind
from geo.errors import Conflict
from geo.store.entries import get_entry
from geo.store.erasure import erase
from geo.store.erasure_log import ErasureLog
from geo.store.exports import remove_exports_naming

from api.access import requires
from api.deps import SessionDep, SettingsDep
from api.schemas.people import ErasedOut, EraseIn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from api.settings import Settings

router = APIRouter(tags=["people"])
Said = Annotated[EraseIn, Body(openapi_examples={"for_good": {"value": {"for_good": True}}})]


@router.post(
    "/v1/needs/{need_id}/erase",
    operation_id="erase_need",
    dependencies=[requires(Permission.ERASE)],
    response_model=ErasedOut,
)
def erase_need(session: SessionDep, settings: SettingsDep, need_id: UUID, sent: Said) -> Mapping[str, int]:  # noqa: ARG001 - that it was said is all
    """Erase a need and everything about the person; only its id stays, so that it never comes back."""
    return _erase(session, settings, SubjectKind.NEED, need_id)


@router.post(
    "/v1/helpers/{helper_id}/erase",
    operation_id="erase_helper",
    dependencies=[requires(Permission.ERASE)],
    response_model=ErasedOut,
)
def erase_helper(session: SessionDep, settings: SettingsDep, helper_id: UUID, sent: Said) -> Mapping[str, int]:  # noqa: ARG001 - likewise
    """Erase a helper and everything about them; only the id stays, so that it never comes back."""
    return _erase(session, settings, SubjectKind.HELPER, helper_id)


@router.post(
    "/v1/entries/{entry_id}/erase",
    operation_id="erase_entry",
    dependencies=[requires(Permission.ERASE)],
    response_model=ErasedOut,
)
def erase_entry(session: SessionDep, settings: SettingsDep, entry_id: UUID, sent: Said) -> Mapping[str, int]:  # noqa: ARG001 - likewise
    """Erase what somebody sent, and whatever was made of it; only ids stay, so that it never comes back."""
    found = get_entry(session, entry_id)
    if found.kind is EntryKind.ASSET:
        raise Conflict("an entry about a place is thrown away, not erased")
    return _erase(session, settings, SubjectKind(found.kind.value), found.record_id or entry_id)


def _erase(session: Session, settings: Settings, kind: SubjectKind, subject_id: UUID) -> Mapping[str, int]:
    log = ErasureLog(settings.home.erased)
    report, erasure = erase(session, kind, subject_id, log=log, now=datetime.now(UTC))
    if erasure is not None:
        remove_exports_naming(settings.home.out, [found for _, found in erasure.buried])
    return report.as_dict()
