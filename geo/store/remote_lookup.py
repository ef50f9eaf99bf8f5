"""Asking outside about one need: what must be so before, what is noted, and what becomes of the answer.

No transaction is open while somebody outside is asked. What was so before is looked at again in the transaction that
notes the question, right before it leaves; and once more when the answer is stored.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from shapely import intersects_xy
from sqlalchemy import func, select

from geo.domain.outside import Outcome, OutsideBar, OutsideReport, OutsideView
from geo.domain.place import Fault
from geo.domain.words import CLOSED_STATUSES, ConsentScope, LocationState, SubjectKind
from geo.errors import NotFound, OutsideFailed, OutsideNotAllowed, OutsideTooSoon, StaleVersion
from geo.geocode.remote.endpoint import parse_endpoint
from geo.geocode.remote.pinned import PinnedFetcher
from geo.geocode.remote.question import make_question
from geo.store.audit import record
from geo.store.consents import find_agreed_at
from geo.store.engine import transaction
from geo.store.gazetteer import StoredGazetteer
from geo.store.locations import MAX_CANDIDATES, get_location, store_location
from geo.store.needs import get_need, need
from geo.store.remote_cache import Kept, find_kept, keep_answer, question_hash
from geo.store.remote_service import find_service
from geo.store.rows import update_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.outside import OutsideService
    from geo.domain.place import Candidate, Location
    from geo.domain.records import Need
    from geo.geocode.remote.endpoint import Reach
    from geo.geocode.remote.question import Question
    from geo.store.engine import Acting, SessionFactory

    Ask = Callable[[OutsideService, Question, Reach], Sequence[Candidate]]

REMOTE: Final = "remote:"
ACTION: Final = "remote_geocode"
MOST_WAIT_MS: Final = 2_000
"""How long somebody waits here for their turn; whoever would wait longer is told when to come back."""
ROOM_OUTSIDE: Final = 2
"""Places among the five that answers from outside get, however many our own gazetteer offers."""
_OUTSIDE_AREA: Final = Fault("outside_service_area", 40)
_WAITS: Final = frozenset({LocationState.NEEDS_REVIEW, LocationState.PENDING})
_REASONS: Final = {
    OutsideBar.HOST: "whoever runs this host does not permit asking outside (BARNRAISER_REMOTE_GEOCODING)",
    OutsideBar.NETWORK: "this network allows no outside address service; an admin may",
    OutsideBar.PLACED: "this need does not wait for a place",
    OutsideBar.CONSENT: "the person has not agreed to remote_geocoding",
    OutsideBar.ADDRESS: "no street with a house number was typed, and nothing else may leave",
}


@dataclass(frozen=True, slots=True)
class _Errand:
    """All that one question takes."""

    need: Need
    service: OutsideService
    question: Question
    asked: bytes


def ask_service(service: OutsideService, question: Question, reach: Reach) -> Sequence[Candidate]:
    """Ask over the network; see :class:`geo.geocode.remote.services.RemoteGeocoder`."""
    # read only where somebody asks: a host that never does never loads it
    from geo.geocode.remote.services import RemoteGeocoder

    return RemoteGeocoder(service, PinnedFetcher(parse_endpoint(service.endpoint, reach), reach)).ask(question)


def view_outside(session: Session, need_id: UUID, reach: Reach) -> OutsideView:
    """Tell how asking outside about a need stands; the line that would leave is shown only where nothing is in the way.

    What is shown of an address is noted as a reveal.

    Raises
    ------
    NotFound
        If there is no such need.
    """
    found = get_need(session, need_id)
    service = find_service(session)
    bar, question = _look(session, found, service, reach)
    if bar in (OutsideBar.HOST, OutsideBar.NETWORK) or service is None:
        return OutsideView(need_id, None, None, bar)
    host = parse_endpoint(service.endpoint, replace(reach, loopback=True)).netloc
    if question is None:
        return OutsideView(need_id, service.provider, host, bar)
    record(session, "reveal", need.name, [need_id], ("address_typed",))
    return OutsideView(need_id, service.provider, host, None, question.text)


def _look(
    session: Session, found: Need, service: OutsideService | None, reach: Reach
) -> tuple[OutsideBar | None, Question | None]:
    if not reach.is_on:
        return OutsideBar.HOST, None
    if service is None:
        return OutsideBar.NETWORK, None
    if found.location_state not in _WAITS or found.status in CLOSED_STATUSES or found.withheld:
        return OutsideBar.PLACED, None
    if find_agreed_at(session, SubjectKind.NEED, found.id, ConsentScope.REMOTE_GEOCODING) is None:
        return OutsideBar.CONSENT, None
    typed = get_location(session, "need_id", found.id, found.location_state).address_typed
    question = make_question(typed) if typed else None
    return (None, question) if question else (OutsideBar.ADDRESS, None)


def ask_outside(
    sessions: SessionFactory,
    acting: Acting | None,
    need_id: UUID,
    reach: Reach,
    *,
    expected_version: int | None = None,
    ask: Ask = ask_service,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> OutsideReport:
    """Look up what was typed for a need at the service its network allows, and offer the answers to a reviewer.

    The need stays in the review queue: no answer from outside is ever accepted without a person.

    Parameters
    ----------
    sessions, acting
        Where transactions come from, and for whom they run; for whom the factory was made when None.
    reach
        What the operator of this host permits.
    expected_version
        The version of the need that was looked at.
    ask, pause, clock
        How a service is asked, time is passed and told.

    Returns
    -------
    OutsideReport
        With the outcome; a failure is one too, and was noted like every other.

    Raises
    ------
    NotFound, StaleVersion
        If there is no such need, or it has changed: before, or while the answer came.
    OutsideNotAllowed
        If host, network or person have not agreed, nothing waits, or nothing of the address may leave.
    OutsideTooSoon
        If the service may not be asked again yet.
    """
    with transaction(sessions, acting) as session:
        errand = _plan(session, need_id, reach, expected_version)
        kept = find_kept(session, errand.asked, now=clock())
        if kept is not None:
            return _finish(session, errand, kept, is_cached=True)
    with transaction(sessions, acting) as session:
        wait_ms = take_turn(session, errand.service, reach)
    if wait_ms < 0:
        raise OutsideTooSoon(math.ceil(-wait_ms / 1000))
    if wait_ms:
        pause(wait_ms / 1000)
    with transaction(sessions, acting) as session:
        errand = _plan(session, need_id, reach, errand.need.version)
        # on the disk before anything leaves: a program that is killed now has still told
        record(session, ACTION, need.name, [need_id], (errand.service.provider.value, "asked"))
    try:
        found = tuple(ask(errand.service, errand.question, reach))
        kept = Kept(Outcome.FOUND if found else Outcome.NONE, found)
    except OutsideFailed:
        kept = Kept(Outcome.FAILED)
    return _store(sessions, acting, errand, kept, clock())


def take_turn(session: Session, service: OutsideService, reach: Reach, *, most_wait_ms: int = MOST_WAIT_MS) -> int:
    """Take the next turn at a service's host, which all processes and networks of this installation share.

    Returns
    -------
    int
        Milliseconds until the turn; below zero when none was taken, and then how long until one is free.
    """
    host = parse_endpoint(service.endpoint, reach).netloc
    # a tenth on top: the turn is taken here, and the question leaves a little later
    gap_ms = math.ceil(service.gap_ms * 1.1)
    # the function of the database names the host's row; nothing of the question is in it
    return int(session.execute(select(func.restricted.take_turn(host, gap_ms, most_wait_ms))).scalar_one())


def _plan(session: Session, need_id: UUID, reach: Reach, version: int | None) -> _Errand:
    found = get_need(session, need_id)
    if version is not None and found.version != version:
        raise StaleVersion
    service = find_service(session)
    bar, question = _look(session, found, service, reach)
    if bar is not None or service is None or question is None:
        raise OutsideNotAllowed(_REASONS[bar or OutsideBar.NETWORK])
    return _Errand(found, service, question, question_hash(session, service, question))


def _store(
    sessions: SessionFactory, acting: Acting | None, errand: _Errand, kept: Kept, now: datetime
) -> OutsideReport:
    """Keep what came back, unless the need is gone or the person has taken their word back meanwhile."""
    changed: StaleVersion | NotFound | None = None
    with transaction(sessions, acting) as session:
        try:
            session.execute(select(need.c.id).where(need.c.id == errand.need.id).with_for_update())
            _plan_again(session, errand)
            keep_answer(session, errand.asked, kept, errand.service, now=now)
            report = _finish(session, errand, kept, is_cached=False)
        except (StaleVersion, NotFound) as error:
            changed = error
            _note(session, errand, kept, is_cached=False)
    if changed is not None:
        raise changed
    return report


def _plan_again(session: Session, errand: _Errand) -> None:
    found = get_need(session, errand.need.id)
    agreed = find_agreed_at(session, SubjectKind.NEED, found.id, ConsentScope.REMOTE_GEOCODING)
    if agreed is None or found.version != errand.need.version or find_service(session) is None:
        raise StaleVersion


def _finish(session: Session, errand: _Errand, kept: Kept, *, is_cached: bool) -> OutsideReport:
    report = OutsideReport(
        errand.need.id, errand.service.provider, kept.outcome, len(kept.candidates), is_cached=is_cached
    )
    if not kept.candidates:
        _note(session, errand, kept, is_cached=is_cached)
        return report
    before = get_location(session, "need_id", errand.need.id, errand.need.location_state)
    fields = _fields(errand, kept, is_cached=is_cached)
    update_row(session, need, errand.need.id, {}, expected_version=errand.need.version, action=ACTION, also=fields)
    store_location(session, "need_id", errand.need.id, _with(session, before, kept.candidates))
    return report


def _with(session: Session, before: Location, found: Sequence[Candidate]) -> Location:
    """Put what was found behind our own candidates, in place of what was found outside before."""
    area = StoredGazetteer(session).service_area()
    checked = [c if area is None or intersects_xy(area, c.point.lon, c.point.lat) else _outside_area(c) for c in found]
    ours = [c for c in before.candidates if not c.source.startswith(REMOTE)]
    kept = ours[: MAX_CANDIDATES - min(ROOM_OUTSIDE, len(checked))]
    return replace(before, candidates=tuple([*kept, *checked][:MAX_CANDIDATES]))


def _outside_area(candidate: Candidate) -> Candidate:
    faults = (*candidate.faults, _OUTSIDE_AREA)
    return replace(candidate, faults=faults, score=max(0, candidate.score - _OUTSIDE_AREA.penalty))


def _note(session: Session, errand: _Errand, kept: Kept, *, is_cached: bool) -> None:
    record(session, ACTION, need.name, [errand.need.id], _fields(errand, kept, is_cached=is_cached))


def _fields(errand: _Errand, kept: Kept, *, is_cached: bool) -> tuple[str, ...]:
    """Say in words of the audit who was asked and how it came out; never what was asked or answered."""
    told = f"found_{len(kept.candidates)}" if kept.candidates else kept.outcome.value
    return (errand.service.provider.value, told, *(("cached",) if is_cached else ()))
