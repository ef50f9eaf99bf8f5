"""The review queue: addresses that wait for a person, the ways to give them a place, and to take that back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response
from pydantic import BeforeValidator

from geo.domain.place import Point
from geo.domain.principals import Permission
from geo.domain.words import ReviewState
from geo.privacy.disclosure import disclose
from geo.store.aliases import forget_alias, list_aliases, note_labels
from geo.store.deciding import (
    PIN_UNCERTAINTY_M,
    ask_again,
    choose_candidate,
    confirm_location,
    mark_outside,
    set_pin,
    undo_decision,
)
from geo.store.reveals import note_review
from geo.store.review import RANKS, QueueKey, count_lists, count_review, key_of, list_decided, list_review

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.etags import VersionIfGiven, tag_record
from api.params import After, RawCursor, decode_text, encode_text
from api.problems import BAD_CURSOR, Problem
from api.routers.paging import page
from api.schemas.needs import NeedOut
from api.schemas.review import CHOICE_EXAMPLES, AliasPage, LocationChoice, ReviewPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geo.domain.records import DecidedItem, Need, ReviewItem

router = APIRouter(tags=["review"])
MOST: Final = 50
_DECIDED_RANK: Final = 99
_KEY: Final = re.compile(r"(\d{1,2})\.(\d{1,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def _at_most(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"[+-]?[0-9]{1,40}", value):
            raise ValueError("must be a whole number")
        return min(int(value), MOST)
    return value


ReviewLimit = Annotated[
    int,
    BeforeValidator(_at_most),
    Query(ge=1, description=f"how many at most; more than {MOST} is cut down to {MOST}", examples=[20]),
]
WhichList = Annotated[
    ReviewState | None,
    Query(description="one list; without it what waits, and behind it what is to be asked", examples=["waiting"]),
]


@router.get(
    "/v1/review", operation_id="list_review", dependencies=[requires(Permission.REVIEW)], response_model=ReviewPage
)
def get_review(
    session: SessionDep,
    audience: AudienceDep,
    *,
    state: WhichList = None,
    cursor: RawCursor = None,
    limit: ReviewLimit = MOST,
) -> Mapping[str, Any]:
    """List needs whose address waits, the most urgent first and then the longest waiting; or what was decided lately.

    What was typed is shown, and noted as a reveal.
    """
    after = _read_key(cursor, state)
    found: Sequence[ReviewItem | DecidedItem]
    following = None
    if state is ReviewState.DECIDED:
        decided = list_decided(session, after=after, limit=limit)
        found = decided
        if len(decided) == limit:
            following = _write_key(QueueKey(_DECIDED_RANK, decided[-1].decided_at, decided[-1].id))
    else:
        queue = list_review(session, state=state, after=after, limit=limit)
        found = queue
        if len(queue) == limit:
            following = _write_key(key_of(queue[-1]))
    note_review(session, found)
    counts = asdict(count_lists(session))
    items = [disclose(item, audience) for item in found]
    return {"items": items, "next": following, "count": count_review(session, state), "counts": counts}


def _write_key(key: QueueKey) -> str:
    return encode_text(f"{key.rank}.{(key.at - _EPOCH) // _MICROSECOND}.{key.id}")


def _read_key(cursor: str | None, state: ReviewState | None) -> QueueKey | None:
    """Read where the page before ended; the marker of another list is none of this one."""
    written = decode_text(cursor, _KEY)
    if written is None:
        return None
    rank, micros, last = written.split(".")
    least, most = (_DECIDED_RANK, _DECIDED_RANK) if state is ReviewState.DECIDED else RANKS[state]
    try:
        key = QueueKey(int(rank), _EPOCH + int(micros) * _MICROSECOND, UUID(last))
    except (OverflowError, ValueError):
        raise Problem(BAD_CURSOR) from None
    if not least <= key.rank <= most:
        raise Problem(BAD_CURSOR)
    return key


@router.post(
    "/v1/needs/{need_id}/location",
    operation_id="locate_need",
    dependencies=[requires(Permission.REVIEW)],
    response_model=NeedOut,
)
def post_location(
    session: SessionDep,
    audience: AudienceDep,
    response: Response,
    need_id: UUID,
    version: VersionIfGiven,
    sent: Annotated[LocationChoice, Body(openapi_examples=CHOICE_EXAMPLES)],
) -> Mapping[str, Any]:
    """Decide where a need is: a pin, one of the places offered, a yes, or that it cannot be said yet."""
    need = _decide(session, need_id, sent, version)
    return tag_record(response, disclose(need, audience))


def _decide(session: Session, need_id: UUID, sent: LocationChoice, version: int | None) -> Need:
    remember = sent.remember is not False
    if sent.candidate is not None:
        return choose_candidate(session, need_id, sent.candidate, expected_version=version, remember=remember)
    if sent.point is not None:
        uncertainty_m = PIN_UNCERTAINTY_M if sent.uncertainty_m is None else sent.uncertainty_m
        point = Point(sent.point.lon, sent.point.lat)
        how: dict[str, Any] = {"uncertainty_m": uncertainty_m, "remember": remember}
        return set_pin(session, need_id, point, expected_version=version, **how)
    if sent.ask_again is not None:
        return ask_again(session, need_id, note=sent.note, expected_version=version)
    decide = mark_outside if sent.outside_area is not None else confirm_location
    return decide(session, need_id, expected_version=version)


@router.post(
    "/v1/needs/{need_id}/location/undo",
    operation_id="undo_location",
    dependencies=[requires(Permission.REVIEW)],
    response_model=NeedOut,
)
def post_undo(
    session: SessionDep, audience: AudienceDep, response: Response, need_id: UUID, version: VersionIfGiven
) -> Mapping[str, Any]:
    """Take back the last decision about where a need is; it is as it was before, and nothing is remembered of it."""
    need = undo_decision(session, need_id, expected_version=version)
    return tag_record(response, disclose(need, audience))


@router.get(
    "/v1/aliases", operation_id="list_aliases", dependencies=[requires(Permission.REVIEW)], response_model=AliasPage
)
def get_aliases(
    session: SessionDep, audience: AudienceDep, after: After, limit: ReviewLimit = MOST
) -> Mapping[str, Any]:
    """List the decisions that are remembered for the text they were made for, the newest first."""
    found = list_aliases(session, after=after, limit=limit)
    note_labels(session, found)
    return page(found, limit=limit, audience=audience)


@router.delete(
    "/v1/aliases/{alias_id}", operation_id="forget_alias", dependencies=[requires(Permission.REVIEW)], status_code=204
)
def delete_alias(session: SessionDep, alias_id: UUID) -> None:
    """Forget what is remembered for a text; needs stay where they were placed."""
    forget_alias(session, alias_id)
