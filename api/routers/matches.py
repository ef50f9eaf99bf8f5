"""Matches: proposed one by one or all at once, answered, begun, done, confirmed, and taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Response

from geo.domain.match import COOL_DOWN
from geo.domain.principals import Permission
from geo.domain.words import MatchStatus
from geo.privacy.disclosure import disclose
from geo.store.apart import allow_again, keep_apart, list_apart
from geo.store.match_steps import confirm, propose_match, step, undo
from geo.store.matches import MatchFilter, get_match, list_events, list_matches
from geo.store.proposing import list_waiting, propose_matches
from geo.store.telling import tell_step

from api.access import requires
from api.deps import AudienceDep, OriginDep, SessionDep, TravelDep
from api.etags import ExpectedVersion, tag_record
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.matches import (
    APART_EXAMPLES,
    DECLINE_EXAMPLES,
    FAIL_EXAMPLES,
    MATCH_EXAMPLES,
    PROPOSE_EXAMPLES,
    ApartIn,
    DeclineIn,
    FailIn,
    KeptApartOut,
    KeptApartPage,
    MatchEvents,
    MatchIn,
    MatchOut,
    MatchPage,
    ProposalOut,
    ProposeIn,
    WaitingNeeds,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.match import Match, MatchReason
    from geo.domain.proposing import ProposalReport
    from geo.domain.words import Audience

router = APIRouter(tags=["matches"])
PATH = "/v1/matches"
ONE = PATH + "/{match_id}"
Answer = Mapping[str, Any]
READS, CHANGES = [requires(Permission.READ_NEEDS)], [requires(Permission.CHANGE_NEEDS)]


def _wanted(
    need_id: UUID | None = None,
    helper_id: UUID | None = None,
    asset_id: UUID | None = None,
    status: MatchStatus | None = None,
) -> MatchFilter:
    return MatchFilter(need_id, helper_id, asset_id, status)


Wanted = Annotated[MatchFilter, Depends(_wanted)]


def _show(match: Match, audience: Audience, response: Response) -> Answer:
    return tag_record(response, disclose(match, audience))


def _take(
    session: Session,
    match_id: UUID,
    then: MatchStatus,
    origin: str,
    version: int | None,
    reason: MatchReason | None = None,
) -> Match:
    """Take a step, and queue what it is told by."""
    now = datetime.now(UTC)
    made = step(session, match_id, then, reason=reason, expected_version=version, now=now)
    tell_step(session, made, origin=origin, now=now)
    return made


@router.post(PATH, status_code=201, operation_id="create_match", dependencies=CHANGES, response_model=MatchOut)
def post_match(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    sent: Annotated[MatchIn, Body(openapi_examples=MATCH_EXAMPLES)],
) -> Answer:
    """Propose one helper or asset for one need; it waits for an answer. Who was asked in the last 12 hours is not."""
    made = propose_match(
        session, sent.need_id, helper_id=sent.helper_id, asset_id=sent.asset_id,
        answer_within=timedelta(hours=sent.answer_within_h), cool_down=COOL_DOWN, anyway=sent.anyway,
    )  # fmt: skip
    response.headers["Location"] = f"{PATH}/{made.id}"
    return _show(made, audience, response)


@router.get(PATH, operation_id="list_matches", dependencies=READS, response_model=MatchPage)
def get_matches(session: SessionDep, audience: AudienceDep, after: After, where: Wanted, limit: Limit = 100) -> Answer:
    """List matches in the order in which they were made, each as it stands now."""
    return page(list_matches(session, where=where, after=after, limit=limit), limit=limit, audience=audience)


@router.post(PATH + "/propose", operation_id="propose_matches", dependencies=CHANGES, response_model=ProposalOut)
def post_propose(
    session: SessionDep,
    travel: TravelDep,
    audience: AudienceDep,
    sent: Annotated[ProposeIn, Body(openapi_examples=PROPOSE_EXAMPLES)],
) -> Answer:
    """Choose whom to ask about all open needs; nobody is assigned, and nothing is stored unless `keep` is true."""
    return show_proposals(propose_matches(session, sent.asked(), model=travel), audience)


@router.get(PATH + "/waiting", operation_id="list_waiting_needs", dependencies=READS, response_model=WaitingNeeds)
def get_waiting(session: SessionDep, audience: AudienceDep) -> Answer:
    """List the open needs that need an organizer, 1000 at most: nobody answers, or help failed for a grave reason."""
    return {"items": [disclose(one, audience) for one in list_waiting(session)]}


@router.get(ONE, operation_id="get_match", dependencies=READS, response_model=MatchOut)
def get_one_match(session: SessionDep, audience: AudienceDep, response: Response, match_id: UUID) -> Answer:
    """Read one match as it stands now: what has lapsed is `expired`."""
    return _show(get_match(session, match_id), audience, response)


@router.get(ONE + "/events", operation_id="list_match_events", dependencies=READS, response_model=MatchEvents)
def get_events(session: SessionDep, audience: AudienceDep, match_id: UUID) -> Answer:
    """List the steps of a match."""
    return {"items": [disclose(one, audience) for one in list_events(session, match_id)]}


@router.post(ONE + "/accept", operation_id="accept_match", dependencies=CHANGES, response_model=MatchOut)
def post_accept(
    session: SessionDep,
    audience: AudienceDep,
    origin: OriginDep,
    response: Response,
    match_id: UUID,
    version: ExpectedVersion,
) -> Answer:
    """Claim the need: nobody else can, and the claim lapses after 48 hours unless help begins."""
    return _show(_take(session, match_id, MatchStatus.ACCEPTED, origin, version), audience, response)


@router.post(ONE + "/decline", operation_id="decline_match", dependencies=CHANGES, response_model=MatchOut)
def post_decline(
    session: SessionDep,
    audience: AudienceDep,
    origin: OriginDep,
    response: Response,
    match_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[DeclineIn, Body(openapi_examples=DECLINE_EXAMPLES)],
) -> Answer:
    """Say no to a proposal, with the reason."""
    made = _take(session, match_id, MatchStatus.DECLINED, origin, version, sent.reason)
    return _show(made, audience, response)


@router.post(ONE + "/withdraw", operation_id="withdraw_match", dependencies=CHANGES, response_model=MatchOut)
def post_withdraw(
    session: SessionDep,
    audience: AudienceDep,
    origin: OriginDep,
    response: Response,
    match_id: UUID,
    version: ExpectedVersion,
) -> Answer:
    """Take a question back that waits for its answer; nobody has refused by it, and it can be asked again."""
    return _show(_take(session, match_id, MatchStatus.WITHDRAWN, origin, version), audience, response)


@router.post(ONE + "/start", operation_id="start_match", dependencies=CHANGES, response_model=MatchOut)
def post_start(
    session: SessionDep,
    audience: AudienceDep,
    origin: OriginDep,
    response: Response,
    match_id: UUID,
    version: ExpectedVersion,
) -> Answer:
    """Begin to help."""
    return _show(_take(session, match_id, MatchStatus.UNDER_WAY, origin, version), audience, response)


@router.post(ONE + "/done", operation_id="finish_match", dependencies=CHANGES, response_model=MatchOut)
def post_done(
    session: SessionDep,
    audience: AudienceDep,
    origin: OriginDep,
    response: Response,
    match_id: UUID,
    version: ExpectedVersion,
) -> Answer:
    """Say that help was given; the need is met."""
    return _show(_take(session, match_id, MatchStatus.DONE, origin, version), audience, response)


@router.post(ONE + "/fail", operation_id="fail_match", dependencies=CHANGES, response_model=MatchOut)
def post_fail(
    session: SessionDep,
    audience: AudienceDep,
    origin: OriginDep,
    response: Response,
    match_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[FailIn, Body(openapi_examples=FAIL_EXAMPLES)],
) -> Answer:
    """Say that help did not come about, with the reason; the need is open again."""
    made = _take(session, match_id, MatchStatus.FAILED, origin, version, sent.reason)
    return _show(made, audience, response)


@router.post(ONE + "/confirm", operation_id="confirm_match", dependencies=CHANGES, response_model=MatchOut)
def post_confirm(
    session: SessionDep, audience: AudienceDep, response: Response, match_id: UUID, version: ExpectedVersion
) -> Answer:
    """Note that the person helped says that help came."""
    return _show(confirm(session, match_id, expected_version=version), audience, response)


@router.post(ONE + "/undo", operation_id="undo_match", dependencies=CHANGES, response_model=MatchOut)
def post_undo(
    session: SessionDep, audience: AudienceDep, response: Response, match_id: UUID, version: ExpectedVersion
) -> Answer:
    """Take the last step back, within 15 minutes."""
    return _show(undo(session, match_id, expected_version=version), audience, response)


@router.post(
    "/v1/kept-apart", status_code=201, operation_id="keep_apart", dependencies=CHANGES, response_model=KeptApartOut
)
def post_apart(
    session: SessionDep, audience: AudienceDep, sent: Annotated[ApartIn, Body(openapi_examples=APART_EXAMPLES)]
) -> Answer:
    """Never bring a helper and the household of a need together again; no reason is asked."""
    return disclose(keep_apart(session, sent.helper_id, sent.need_id), audience)


@router.get("/v1/kept-apart", operation_id="list_kept_apart", dependencies=READS, response_model=KeptApartPage)
def get_apart(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Answer:
    """List who is never brought together."""
    return page(list_apart(session, after=after, limit=limit), limit=limit, audience=audience)


@router.delete("/v1/kept-apart/{apart_id}", status_code=204, operation_id="allow_together", dependencies=CHANGES)
def delete_apart(session: SessionDep, apart_id: UUID) -> None:
    """Let a helper and a household be brought together again."""
    allow_again(session, apart_id)


def show_proposals(report: ProposalReport, audience: Audience) -> dict[str, Any]:
    """Write a batch of proposals with the balance line."""
    return {
        "pairs": [disclose(pair, audience) for pair in report.pairs],
        "unmatched": [disclose(one, audience) for one in report.unmatched],
        "unmatched_by_reason": dict(Counter(one.why.value for one in report.unmatched)),
        "objective": report.objective,
        "bound": report.bound,
        "gap": report.gap,
        "optimal": report.is_optimal,
        "helper_count": report.helper_count,
        "kept": report.is_kept,
        "taken_meanwhile": report.taken_meanwhile,
        "travel_model": report.travel_model.as_dict(),
        "balance": report.balance.as_dict(),
    }
