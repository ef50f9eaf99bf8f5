"""Asking outside about a need: only with three yeses, at the provider's pace, and with nothing of it in the open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from geo.domain.consent import ConsentDraft
from geo.domain.ids import new_id
from geo.domain.outside import Outcome, OutsideBar
from geo.domain.words import ConsentScope, ConsentWay, LocationState, MatchQuality, SubjectKind
from geo.errors import NotFound, OutsideNotAllowed, StaleVersion
from geo.geocode.remote.endpoint import Reach
from geo.store.audit import list_audit
from geo.store.consents import record_consent, withdraw_consent
from geo.store.deciding import choose_candidate
from geo.store.engine import make_sessions, transaction
from geo.store.keys import register_keys
from geo.store.locations import get_location
from geo.store.needs import get_need, update_need
from geo.store.remote_lookup import view_outside
from geo.store.remote_service import allow_service, forbid_service
from geo.store.remote_tables import geocode_cache
from geo.store.review import list_review

from tests.rights import serve_area
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

from tests.geo.store.outside_world import NOW, REACH, SERVICE, TYPED, World, agree, consent_of, outside, told, waiting

BARS: dict[OutsideBar, Callable[[Session, UUID], Any]] = {
    OutsideBar.NETWORK: lambda session, _: forbid_service(session),
    OutsideBar.PLACED: lambda session, need_id: update_need(session, need_id, {"status": "met"}),
    OutsideBar.CONSENT: lambda session, need_id: withdraw_consent(session, consent_of(session, need_id), now=NOW),
    OutsideBar.ADDRESS: lambda session, need_id: session.execute(
        text("UPDATE restricted.location_exact SET address_typed = 'PO Box 12' WHERE need_id = :id"), {"id": need_id}
    ),
}


def test_answers_are_offered_behind_ours_and_a_person_decides(
    session: Session, sessions: SessionFactory, ready: UUID
) -> None:
    world = World(outside(), outside(24.96))
    report = world.look_up(sessions, ready)
    assert (report.outcome, report.found, report.is_cached) == (Outcome.FOUND, 2, False)
    assert world.asked == ["Kanarialinnunkatu 12, 00170"]
    found = get_need(session, ready)
    assert (found.location_state, found.cell, found.version) == (LocationState.NEEDS_REVIEW, None, 2)
    kept = get_location(session, "need_id", ready, found.location_state)
    assert [c.source for c in kept.candidates] == ["osm", "remote:nominatim", "remote:nominatim"]
    assert kept.address_typed == TYPED
    (item,) = list_review(session)
    assert [o.faults for o in item.candidates] == [(), ("remote.unverified",), ("remote.unverified",)]
    placed = choose_candidate(session, ready, 1)
    assert (placed.location_state, placed.match_quality) == (LocationState.CONFIRMED, MatchQuality.PARCEL)


def test_there_are_never_more_than_five_and_ours_come_first(session: Session, sessions: SessionFactory) -> None:
    allow_service(session, SERVICE, REACH)
    need_id = waiting(session, ours=5)
    agree(session, need_id)
    session.commit()
    for _ in range(2):
        World(*(outside(24.95 + n / 1000) for n in range(4))).look_up(sessions, need_id)
        kept = get_location(session, "need_id", need_id, LocationState.NEEDS_REVIEW).candidates
        assert [c.label for c in kept[:3]] == ["Ours 0", "Ours 1", "Ours 2"]
        assert [c.source for c in kept[3:]] == ["remote:nominatim"] * 2


def test_an_answer_outside_the_area_served_says_so(session: Session, sessions: SessionFactory, ready: UUID) -> None:
    serve_area(session, (24.80, 60.10, 25.10, 60.30))
    session.commit()
    World(outside(10.0)).look_up(sessions, ready)
    kept = get_location(session, "need_id", ready, LocationState.NEEDS_REVIEW).candidates[-1]
    assert ([f.name for f in kept.faults], kept.score) == (["remote.unverified", "outside_service_area"], 40)


@pytest.mark.parametrize("bar", [OutsideBar.HOST, *BARS])
def test_without_every_yes_nobody_is_asked(
    session: Session, sessions: SessionFactory, ready: UUID, bar: OutsideBar
) -> None:
    reach = Reach() if bar is OutsideBar.HOST else REACH
    if bar in BARS:
        BARS[bar](session, ready)
        session.commit()
    view = view_outside(session, ready, reach)
    assert (view.bar, view.line, view.is_ready) == (bar, None, False)
    world = World(outside())
    with pytest.raises(OutsideNotAllowed):
        world.look_up(sessions, ready, reach)
    assert world.asked == []
    assert told(session) == []


def test_a_need_that_never_agreed_is_not_asked_about_because_another_did(
    session: Session, sessions: SessionFactory, ready: UUID
) -> None:
    other = waiting(session)
    draft = ConsentDraft(ConsentScope.SHARE_WITH_PARTNER, ConsentWay.SPOKEN)
    record_consent(session, SubjectKind.NEED, other, draft)
    session.commit()
    assert ready != other
    with pytest.raises(OutsideNotAllowed):
        World().look_up(sessions, other)
    with pytest.raises(NotFound):
        World().look_up(sessions, new_id())


def test_a_person_who_agreed_is_shown_what_would_leave_and_that_is_noted(session: Session, ready: UUID) -> None:
    view = view_outside(session, ready, REACH)
    assert (view.is_ready, view.line, view.host) == (True, "Kanarialinnunkatu 12, 00170", "127.0.0.1:8088")
    session.commit()
    (entry,) = list_audit(session, action="reveal")
    assert (entry.object_ids, entry.fields) == ((ready,), ("address_typed",))


def test_the_question_is_noted_before_it_leaves_and_then_how_it_came_out(
    session: Session, sessions: SessionFactory, ready: UUID
) -> None:
    world = World(outside())
    seen: list[Any] = []
    world.meanwhile = lambda: seen.append(told(session))
    world.look_up(sessions, ready)
    assert seen == [[("asked", "nominatim")]]
    assert told(session) == [("asked", "nominatim"), ("found_1", "nominatim")]
    world.answers = ()
    other = waiting(session, "Tyhjäkatu 9")
    agree(session, other)
    session.commit()
    world.look_up(sessions, other)
    assert told(session)[2:] == [("asked", "nominatim"), ("nominatim", "none")]


@pytest.mark.own_db
def test_no_transaction_is_open_while_somebody_is_asked(own_db: Engine) -> None:
    register_keys(own_db, RING)
    sessions = make_sessions(own_db, keys=RING)
    with transaction(sessions) as session:
        allow_service(session, SERVICE, REACH)
        need_id = waiting(session)
        agree(session, need_id)
    world, open_now = World(outside()), []

    def look() -> None:
        with own_db.connect() as connection:
            busy = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
            )
            open_now.append(connection.scalar(busy))

    world.meanwhile = look
    assert world.look_up(sessions, need_id).found == 1
    assert open_now == [0]


@pytest.mark.parametrize("how", ["withdrawn", "changed", "removed", "forbidden"])
def test_an_answer_that_comes_too_late_is_thrown_away(
    session: Session, sessions: SessionFactory, ready: UUID, how: str
) -> None:
    world = World(outside())

    def meanwhile() -> None:
        if how == "withdrawn":
            withdraw_consent(session, consent_of(session, ready), now=NOW)
        elif how == "changed":
            update_need(session, ready, {"household_size": 3})
        elif how == "removed":
            session.execute(text("DELETE FROM need WHERE id = :id"), {"id": ready})
        else:
            forbid_service(session)
        session.commit()

    world.meanwhile = meanwhile
    with pytest.raises((StaleVersion, NotFound)):
        world.look_up(sessions, ready)
    assert session.scalar(select(func.count()).select_from(geocode_cache)) == 0
    kept = get_location(session, "need_id", ready, LocationState.NEEDS_REVIEW).candidates
    assert not any(c.source.startswith("remote:") for c in kept)
    assert told(session) == [("asked", "nominatim"), ("found_1", "nominatim")]


def test_a_version_that_is_not_the_one_looked_at_is_refused(sessions: SessionFactory, ready: UUID) -> None:
    world = World(outside())
    with pytest.raises(StaleVersion):
        world.look_up(sessions, ready, expected_version=7)
    assert world.asked == []
