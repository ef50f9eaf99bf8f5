"""Entries that phones seal: handed in, listed with what became of each, opened for a reason, let in or thrown away."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Body, Depends, Query, Request, Response

from geo.domain.entries import ENTRY_FORM, TO_DECIDE
from geo.domain.principals import Permission
from geo.domain.words import EntryChannel, EntryKind, EntryState
from geo.errors import Conflict, NotFound, SignInNeeded
from geo.privacy.disclosure import disclose
from geo.privacy.entry_box import EntryKey
from geo.store.engine import keys_of
from geo.store.entries import Box, EntryFilter, count_entries, count_quarantined, get_entry, hand_in, list_entries
from geo.store.entry_deciding import discard, hide_photo, keep_photo, refuse, release, reveal_entry, undo_decision
from geo.store.network import get_network

from api.access import PrincipalDep, requires
from api.canvass.correcting import correct_entry, look_at
from api.canvass.taking_in import take_in
from api.deps import AudienceDep, SessionDep, SessionsDep
from api.params import After, Limit
from api.problems import DOMAIN_PROBLEMS, TOO_MANY, VALIDATION, Problem, respond
from api.routers.one_by_one import read_each, reject, show_result
from api.routers.paging import page
from api.routers.session import LimiterDep
from api.schemas.audit import LOOK_EXAMPLES, LookIn
from api.schemas.entries import (
    CORRECTION_EXAMPLES,
    HAND_IN_EXAMPLES,
    REFUSE_EXAMPLES,
    ArrivalOut,
    ArrivalsOut,
    CorrectionIn,
    EntryKeyOut,
    EntryPage,
    EntryStatusOut,
    HandedIn,
    RefuseIn,
    SealedIn,
    TypedOut,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

router = APIRouter(tags=["submissions"])
PATH: Final = "/v1/entries"
_AS_PHOTO: Final = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'inline; filename="photo.jpg"',
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
MOST_QUARANTINED: Final = 2_000
"""Entries an ended phone may still hand in; whoever found it must not fill the disk."""
_LOOKS: Final = [requires(Permission.REVIEW)]
Answer = Mapping[str, Any]
Newest = Annotated[bool, Query(description="the last that came first, instead of by id")]


def _wanted(
    *,
    state: EntryState | None = None,
    to_decide: Annotated[bool, Query(description="those that wait for an organizer alone")] = False,
    kind: EntryKind | None = None,
    channel: EntryChannel | None = None,
) -> EntryFilter:
    states = TO_DECIDE if to_decide else () if state is None else (state,)
    return EntryFilter(states, kind, channel)


Wanted = Annotated[EntryFilter, Depends(_wanted)]


@router.get(
    f"{PATH}/key", operation_id="get_entry_key", dependencies=[requires(Permission.SUBMIT)], response_model=EntryKeyOut
)
def get_key(session: SessionDep, principal: PrincipalDep, response: Response) -> Answer:
    """Tell a phone to which key it seals its entries."""
    response.headers["Cache-Control"] = "no-store"
    found = get_network(session)
    key = EntryKey(keys_of(session), found.id)
    return {
        "network": found.name,
        "key": key.name,
        "public": b64encode(key.public).decode(),
        "form": ENTRY_FORM,
        "expires_at": principal.expires_at,
    }


@router.post(
    PATH,
    operation_id="hand_in",
    dependencies=[requires(Permission.HAND_IN)],
    response_model=ArrivalsOut,
    response_model_exclude_unset=True,
)
def post_entries(
    request: Request,
    session: SessionDep,
    sessions: SessionsDep,
    principal: PrincipalDep,
    limiter: LimiterDep,
    later: BackgroundTasks,
    sent: Annotated[HandedIn, Body(openapi_examples=HAND_IN_EXAMPLES)],
) -> Any:  # noqa: ANN401 - the answer, or a problem that carries it
    """Receive sealed entries one by one; sending them again changes nothing and gives the same answer.

    A phone that was ended is answered alike; what it hands in waits in quarantine.
    """
    if principal.network is None:
        raise SignInNeeded
    if principal.is_ended:
        limiter.check_ended(str(principal.credential))
    if principal.is_ended and count_quarantined(session) + len(sent.entries) > MOST_QUARANTINED:
        raise Problem(TOO_MANY, "try again tomorrow", headers={"Retry-After": "86400"})
    checked = read_each(sent.entries, SealedIn, ArrivalOut)
    results: list[ArrivalOut | None] = [found if isinstance(found, ArrivalOut) else None for found in checked]
    waiting = [(entry, index) for index, entry in enumerate(checked) if isinstance(entry, SealedIn)]
    # two phones with the same entries in another order would otherwise wait for each other
    for entry, index in sorted(waiting, key=lambda pair: pair[0].id):
        results[index] = _receive(session, index, entry, quarantined=principal.is_ended)
    answer = {"results": [show_result(result) for result in results if result]}
    if all(result is None or result.status == "rejected" for result in results):
        return respond(VALIDATION, request.url.path, detail="no entry could be kept", extra=answer)
    fresh = [result.id for result in results if result and result.id and result.status == "received"]
    if fresh and not principal.is_ended:
        # the phone has its answer by then, and what is not taken in now is so by the next round
        later.add_task(take_in, sessions, principal.network, among=fresh)
    return answer


def _receive(session: Session, index: int, entry: SealedIn, *, quarantined: bool) -> ArrivalOut:
    try:
        with session.begin_nested():
            is_new = hand_in(session, Box(entry.id, entry.kind, entry.content), quarantined=quarantined)
    except Conflict as error:
        fault = {"pointer": f"/body/entries/{index}/id", "reason": str(error)}
        return reject(ArrivalOut, entry.id, DOMAIN_PROBLEMS[Conflict].status, [fault])
    if is_new:
        return ArrivalOut(id=entry.id, status="received", code=201)
    return ArrivalOut(id=entry.id, status="already_received", code=200)


@router.get(PATH, operation_id="list_entries", dependencies=_LOOKS, response_model=EntryPage)
def get_entries(
    session: SessionDep,
    audience: AudienceDep,
    after: After,
    where: Wanted,
    limit: Limit = 100,
    *,
    newest: Newest = False,
) -> Answer:
    """List what has come in, and what has become of each entry."""
    listed = list_entries(session, where=where, after=after, limit=limit, newest_first=newest)
    found = page(listed, limit=limit, audience=audience)
    return {**found, "counts": count_entries(session)}


@router.get(PATH + "/{entry_id}", operation_id="get_entry", dependencies=_LOOKS, response_model=EntryStatusOut)
def get_one(session: SessionDep, audience: AudienceDep, entry_id: UUID) -> Answer:
    """Tell what has become of one entry."""
    return disclose(get_entry(session, entry_id), audience)


@router.post(
    PATH + "/{entry_id}/typed",
    operation_id="reveal_entry",
    dependencies=[requires(Permission.REVEAL)],
    response_model=TypedOut,
)
def post_typed(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    entry_id: UUID,
    sent: Annotated[LookIn, Body(openapi_examples=LOOK_EXAMPLES)],
) -> Answer:
    """Show what was typed at the door, in quarantine too. That somebody looked is in the audit before the answer."""
    response.headers["Cache-Control"] = "no-store"
    return disclose(look_at(session, get_network(session).id, entry_id, sent.reason), audience)


@router.post(
    PATH + "/{entry_id}/photo",
    operation_id="reveal_photo",
    dependencies=[requires(Permission.REVEAL)],
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def post_photo(
    session: SessionDep, entry_id: UUID, sent: Annotated[LookIn, Body(openapi_examples=LOOK_EXAMPLES)]
) -> Response:
    """Show the photo that came with an entry; noted like what was typed."""
    photo = reveal_entry(session, entry_id, reason=sent.reason).photo
    if photo is None:
        raise NotFound("there is no photo with this entry")
    return Response(photo, media_type="image/jpeg", headers=_AS_PHOTO)


@router.delete(
    PATH + "/{entry_id}/photo", operation_id="hide_photo", dependencies=_LOOKS, response_model=EntryStatusOut
)
def delete_photo(session: SessionDep, audience: AudienceDep, entry_id: UUID) -> Answer:
    """Take a photo away; for a quarter of an hour it can be had back, then it is gone for good."""
    return disclose(hide_photo(session, entry_id), audience)


@router.post(
    PATH + "/{entry_id}/photo/keep", operation_id="keep_photo", dependencies=_LOOKS, response_model=EntryStatusOut
)
def post_keep_photo(session: SessionDep, audience: AudienceDep, entry_id: UUID) -> Answer:
    """Have a photo back that was taken away a moment ago."""
    return disclose(keep_photo(session, entry_id), audience)


@router.post(
    PATH + "/{entry_id}/refuse", operation_id="refuse_entry", dependencies=_LOOKS, response_model=EntryStatusOut
)
def post_refuse(
    session: SessionDep,
    audience: AudienceDep,
    entry_id: UUID,
    sent: Annotated[RefuseIn, Body(openapi_examples=REFUSE_EXAMPLES)],
) -> Answer:
    """Say that an entry is not to become a record, and why; it can be taken back as long as it is kept."""
    return disclose(refuse(session, entry_id, sent.reason), audience)


@router.post(PATH + "/{entry_id}/undo", operation_id="undo_entry", dependencies=_LOOKS, response_model=EntryStatusOut)
def post_undo(session: SessionDep, audience: AudienceDep, entry_id: UUID) -> Answer:
    """Take the last decision back: a refusal while it is kept, a correction within 15 minutes."""
    return disclose(undo_decision(session, entry_id), audience)


@router.post(
    PATH + "/{entry_id}/release", operation_id="release_entry", dependencies=_LOOKS, response_model=EntryStatusOut
)
def post_release(
    session: SessionDep,
    sessions: SessionsDep,
    principal: PrincipalDep,
    audience: AudienceDep,
    later: BackgroundTasks,
    entry_id: UUID,
) -> Answer:
    """Let an entry of an ended phone out of quarantine; it is then taken in like any other."""
    released = release(session, entry_id)
    if principal.network is not None:
        later.add_task(take_in, sessions, principal.network, among=[entry_id])
    return disclose(released, audience)


@router.post(
    PATH + "/{entry_id}/discard", operation_id="discard_entry", dependencies=_LOOKS, response_model=EntryStatusOut
)
def post_discard(session: SessionDep, audience: AudienceDep, entry_id: UUID) -> Answer:
    """Throw away an entry that never became a record; it does not come again."""
    return disclose(discard(session, entry_id), audience)


@router.put(
    PATH + "/{entry_id}/correction", operation_id="correct_entry", dependencies=_LOOKS, response_model=EntryStatusOut
)
def put_correction(
    session: SessionDep,
    audience: AudienceDep,
    entry_id: UUID,
    sent: Annotated[CorrectionIn, Body(openapi_examples=CORRECTION_EXAMPLES)],
) -> Answer:
    """Say what an entry that is held should have said; what was typed stays beside it."""
    return disclose(correct_entry(session, entry_id, sent), audience)
