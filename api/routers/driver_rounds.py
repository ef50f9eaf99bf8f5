"""Rounds of drivers: planned, kept, put in order, printed, and driven stop by stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Response
from fastapi import Path as InPath

from geo.domain.driver_rounds import RoundState, StopOutcome
from geo.domain.principals import Permission
from geo.domain.stop_codes import read_code
from geo.errors import NotFound
from geo.privacy.disclosure import disclose
from geo.store.driver_rounds import RoundFilter, find_stop, get_round, list_rounds, list_stops, withdraw_round
from geo.store.helpers import get_helper
from geo.store.network import get_network
from geo.store.round_keeping import keep_round, order_stops
from geo.store.round_planning import plan_rounds
from geo.store.round_sheet import read_sheet
from geo.store.round_steps import settle_stop, step_round

from api.access import requires
from api.deps import AudienceDep, OriginDep, SessionDep, TravelDep
from api.etags import ExpectedVersion, tag_record
from api.params import After, Limit
from api.round_sheet import SHEET_POLICY, draw_sheet
from api.routers.paging import page
from api.schemas.driver_rounds import (
    ORDER_EXAMPLES,
    PLAN_EXAMPLES,
    ROUND_EXAMPLES,
    DriverRoundPage,
    RoundIn,
    RoundOrder,
    RoundsPlanIn,
    RoundsPlanOut,
    RoundStopOut,
    WholeRoundOut,
)
from api.schemas.matches import FAIL_EXAMPLES, FailIn

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.driver_rounds import DriverRound, PlannedRound, RoundsPlan
    from geo.domain.words import Audience

router = APIRouter(tags=["rounds"])
PATH: Final = "/v1/rounds"
ONE: Final = PATH + "/{round_id}"
STOP: Final = ONE + "/stops/{stop_id}"
Answer = Mapping[str, Any]
READS, CHANGES = [requires(Permission.READ_NEEDS)], [requires(Permission.CHANGE_NEEDS)]
_KEPT: Final = ("helper_id", "from_at", "mode", "start_asset_id", "ends")
_KEPT_OF_STOP: Final = ("need_id", "demand", "service_min", "earliest_at", "latest_at")


def _wanted(helper_id: UUID | None = None, state: RoundState | None = None) -> RoundFilter:
    return RoundFilter(helper_id, state)


Wanted = Annotated[RoundFilter, Depends(_wanted)]
Code = Annotated[str, InPath(max_length=20, description="as it stands on the sheet", examples=["K7X2MP"])]
WithContacts = Annotated[bool, Query(description="name and telephone number too, where they are kept")]
WithPlaces = Annotated[bool, Query(description="a second QR code for each stop, which opens its place in a map app")]


def show_round(session: Session, found: DriverRound, audience: Audience, now: datetime) -> dict[str, Any]:
    """Write a round with its stops."""
    stops = [disclose(one, audience) for one in list_stops(session, found.id, now)]
    return disclose(found, audience) | {"stops": stops}


def _answer(session: Session, found: DriverRound, audience: Audience, response: Response) -> Answer:
    return tag_record(response, show_round(session, found, audience, datetime.now(UTC)))


@router.post(PATH + "/plan", operation_id="plan_rounds", dependencies=CHANGES, response_model=RoundsPlanOut)
def post_plan(
    session: SessionDep,
    travel: TravelDep,
    audience: AudienceDep,
    sent: Annotated[RoundsPlanIn, Body(openapi_examples=PLAN_EXAMPLES)],
) -> Answer:
    """Split needs among drivers and put each one's stops in order; nothing is stored, and nobody is asked."""
    return show_plan(plan_rounds(session, sent.asked(), model=travel), audience)


def show_plan(plan: RoundsPlan, audience: Audience) -> dict[str, Any]:
    """Write a plan, every stop accounted for."""
    return {
        "rounds": [_show_planned(one, audience) for one in plan.rounds],
        "unserved": [disclose(one, audience) for one in plan.unserved],
        "unserved_by_reason": dict(Counter(one.why.value for one in plan.unserved)),
        "travel_min": plan.travel_min,
        "bound_min": plan.bound_min,
        "gap": plan.gap,
        "optimal": plan.is_optimal,
        "travel_model": plan.travel_model.as_dict(),
    }


def _show_planned(one: PlannedRound, audience: Audience) -> dict[str, Any]:
    shown, stops = disclose(one, audience), [disclose(stop, audience) for stop in one.stops]
    keep = {name: shown[name] for name in _KEPT}
    kept_stops = [{name: stop[name] for name in _KEPT_OF_STOP} for stop in stops]
    return shown | {"stops": stops, "keep": keep | {"stops": kept_stops}}


@router.post(PATH, status_code=201, operation_id="create_round", dependencies=CHANGES, response_model=WholeRoundOut)
def post_round(
    session: SessionDep,
    travel: TravelDep,
    audience: AudienceDep,
    response: Response,
    sent: Annotated[RoundIn, Body(openapi_examples=ROUND_EXAMPLES)],
) -> Answer:
    """Keep a round; its times follow from the order. What its driver was not asked about yet is proposed to them."""
    made = keep_round(session, sent.draft(), model=travel)
    response.headers["Location"] = f"{PATH}/{made.id}"
    return _answer(session, made, audience, response)


@router.get(PATH, operation_id="list_rounds", dependencies=READS, response_model=DriverRoundPage)
def get_rounds(session: SessionDep, audience: AudienceDep, after: After, where: Wanted, limit: Limit = 100) -> Answer:
    """List rounds in the order in which they were made, of one driver or state where that is given."""
    return page(list_rounds(session, where=where, after=after, limit=limit), limit=limit, audience=audience)


@router.get(PATH + "/codes/{code}", operation_id="find_stop", dependencies=READS, response_model=RoundStopOut)
def get_stop_by_code(session: SessionDep, audience: AudienceDep, code: Code) -> Answer:
    """Find the stop whose code somebody reads out; spaces and small letters do not matter, a slip is noticed."""
    found = find_stop(session, read_code(code), datetime.now(UTC))
    if found is None:
        raise NotFound("there is no such stop")
    return disclose(found, audience)


@router.get(ONE, operation_id="get_round", dependencies=READS, response_model=WholeRoundOut)
def get_one_round(session: SessionDep, audience: AudienceDep, response: Response, round_id: UUID) -> Answer:
    """Read one round with its stops, each as it stands now."""
    return _answer(session, get_round(session, round_id), audience, response)


@router.patch(ONE, operation_id="order_round", dependencies=CHANGES, response_model=WholeRoundOut)
def patch_round(
    session: SessionDep,
    travel: TravelDep,
    audience: AudienceDep,
    response: Response,
    round_id: UUID,
    version: ExpectedVersion,
    sent: Annotated[RoundOrder, Body(openapi_examples=ORDER_EXAMPLES)],
) -> Answer:
    """Put the stops into another order before the driver sets out; one that is not named any more is dropped."""
    made = order_stops(session, round_id, sent.stop_ids, model=travel, expected_version=version)
    return _answer(session, made, audience, response)


@router.delete(ONE, status_code=204, operation_id="withdraw_round", dependencies=CHANGES)
def delete_round(session: SessionDep, round_id: UUID, version: ExpectedVersion) -> None:
    """Take a round back before the driver sets out; what was promised to the households stays promised."""
    withdraw_round(session, round_id, expected_version=version)


@router.post(ONE + "/give", operation_id="give_round", dependencies=CHANGES, response_model=WholeRoundOut)
def post_give(
    session: SessionDep, audience: AudienceDep, origin: OriginDep, response: Response, round_id: UUID,
    version: ExpectedVersion,
) -> Answer:  # fmt: skip
    """Note that the driver has said yes; every match of the round is accepted with it."""
    made = step_round(session, round_id, RoundState.GIVEN, origin=origin, expected_version=version)
    return _answer(session, made, audience, response)


@router.post(ONE + "/start", operation_id="start_round", dependencies=CHANGES, response_model=WholeRoundOut)
def post_start(
    session: SessionDep, audience: AudienceDep, origin: OriginDep, response: Response, round_id: UUID,
    version: ExpectedVersion,
) -> Answer:  # fmt: skip
    """Note that the driver sets out; help begins for every household of the round."""
    made = step_round(session, round_id, RoundState.UNDER_WAY, origin=origin, expected_version=version)
    return _answer(session, made, audience, response)


@router.post(ONE + "/finish", operation_id="finish_round", dependencies=CHANGES, response_model=WholeRoundOut)
def post_finish(
    session: SessionDep, audience: AudienceDep, origin: OriginDep, response: Response, round_id: UUID,
    version: ExpectedVersion,
) -> Answer:  # fmt: skip
    """End a round; every stop has its outcome before."""
    made = step_round(session, round_id, RoundState.DONE, origin=origin, expected_version=version)
    return _answer(session, made, audience, response)


@router.post(STOP + "/done", operation_id="finish_stop", dependencies=CHANGES, response_model=WholeRoundOut)
def post_stop_done(
    session: SessionDep, audience: AudienceDep, origin: OriginDep, response: Response, round_id: UUID,
    stop_id: UUID, version: ExpectedVersion,
) -> Answer:  # fmt: skip
    """Say that help was given at a stop; its match is done and its need met."""
    made = settle_stop(session, round_id, stop_id, StopOutcome.DONE, origin=origin, expected_version=version)
    return _answer(session, made, audience, response)


@router.post(STOP + "/fail", operation_id="fail_stop", dependencies=CHANGES, response_model=WholeRoundOut)
def post_stop_fail(
    session: SessionDep, audience: AudienceDep, origin: OriginDep, response: Response, round_id: UUID,
    stop_id: UUID, version: ExpectedVersion, sent: Annotated[FailIn, Body(openapi_examples=FAIL_EXAMPLES)],
) -> Answer:  # fmt: skip
    """Say that help did not come about at a stop, with the reason; its need is open again."""
    made = settle_stop(
        session, round_id, stop_id, StopOutcome.FAILED, origin=origin, reason=sent.reason, expected_version=version
    )
    return _answer(session, made, audience, response)


@router.get(
    ONE + "/sheet", operation_id="get_round_sheet", dependencies=[requires(Permission.REVEAL)], response_class=Response
)
def get_sheet(
    session: SessionDep,
    audience: AudienceDep,
    round_id: UUID,
    *,
    contacts: WithContacts = False,
    map_codes: WithPlaces = False,
) -> Response:
    """Give the driver's sheet to print: exact places, a code and room for an outcome at each stop.

    It is in the audit before the answer is sent. A link to a stop's place opens the reader's own map app; until it is
    tapped, nothing leaves.
    """
    content = show_sheet(session, round_id, audience, contacts=contacts, map_codes=map_codes)
    headers = {"Content-Security-Policy": SHEET_POLICY, "Cache-Control": "no-store"}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


def show_sheet(session: Session, round_id: UUID, audience: Audience, *, contacts: bool, map_codes: bool) -> str:
    """Write a round's sheet as HTML."""
    found = get_round(session, round_id)
    driver = disclose(get_helper(session, found.helper_id), audience)["public_name"]
    stops = [
        disclose(one, audience) for one in read_sheet(session, round_id, with_contacts=contacts, now=datetime.now(UTC))
    ]
    return draw_sheet(disclose(found, audience), stops, driver, get_network(session).zone, map_codes=map_codes)
