"""Submissions: a phone's queue, each entry received exactly once under the id the phone gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Request

from geo.domain.principals import Permission, PrincipalKind
from geo.domain.words import EntryChannel
from geo.errors import Conflict, GeoError
from geo.store.submissions import Entry, list_own, receive

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, SessionDep
from api.idempotency import hash_body
from api.locating import store_need
from api.params import After, Limit
from api.problems import DOMAIN_PROBLEMS, VALIDATION, lookup, respond
from api.routers.one_by_one import read_each, reject, show_result
from api.routers.paging import page
from api.schemas.submissions import SUBMISSION_EXAMPLES, EntryIn, EntryOut, ReceivedPage, SubmissionIn, SubmissionOut

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

router = APIRouter(tags=["submissions"])
_SERVER_ERRORS = 500


@router.post(
    "/v1/submissions",
    operation_id="submit",
    dependencies=[requires(Permission.SUBMIT)],
    response_model=SubmissionOut,
    response_model_exclude_unset=True,
)
def post_submissions(
    request: Request,
    session: SessionDep,
    principal: PrincipalDep,
    sent: Annotated[SubmissionIn, Body(openapi_examples=SUBMISSION_EXAMPLES)],
) -> Any:  # noqa: ANN401 - the answer, or a problem that carries it
    """Receive entries one by one; sending them again changes nothing and gives the same answer."""
    checked = read_each(sent.entries, EntryIn, EntryOut)
    results: list[EntryOut | None] = [found if isinstance(found, EntryOut) else None for found in checked]
    waiting = [(entry, index) for index, entry in enumerate(checked) if isinstance(entry, EntryIn)]
    # two phones with the same entries in another order would otherwise wait for each other
    channel = EntryChannel.DOOR if principal.kind is PrincipalKind.DEVICE else EntryChannel.HOTLINE
    for entry, index in sorted(waiting, key=lambda pair: pair[0].id):
        results[index] = _receive(session, index, entry, sent.entries[index], channel)
    answer = {"results": [show_result(result) for result in results if result]}
    if all(result is None or result.status == "rejected" for result in results):
        return respond(VALIDATION, request.url.path, detail="no entry could be kept", extra=answer)
    return answer


@router.get(
    "/v1/submissions",
    operation_id="list_own_submissions",
    dependencies=[requires(Permission.READ_OWN)],
    response_model=ReceivedPage,
)
def get_own_submissions(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Any:  # noqa: ANN401 - as above
    """List what this phone has handed in during the last three days: that it came, and nothing that became of it."""
    return page(list_own(session, after=after, limit=limit), limit=limit, audience=audience)


def _receive(session: Session, index: int, entry: EntryIn, raw: dict[str, Any], channel: EntryChannel) -> EntryOut:
    kept = Entry(entry.id, entry.kind, raw, hash_body(raw), entry.device_at)
    try:
        with session.begin_nested():
            receipt = receive(
                session,
                kept,
                lambda: store_need(session, entry.body, need_id=entry.id, source="canvass").id,
                channel=channel,
            )
    except GeoError as error:
        kind = lookup(error)
        if kind.status >= _SERVER_ERRORS:
            raise
        where = "/id" if isinstance(error, Conflict) else f"/body/{error.field or ''}".rstrip("/")
        fault = {"pointer": f"/body/entries/{index}{where}", "reason": str(error)}
        code = DOMAIN_PROBLEMS[Conflict].status if isinstance(error, Conflict) else kind.status
        return reject(EntryOut, entry.id, code, [fault])
    if receipt.is_new:
        return EntryOut(id=entry.id, status="created", code=201, record_id=receipt.record_id)
    return EntryOut(id=entry.id, status="already_received", code=200, record_id=receipt.record_id)
