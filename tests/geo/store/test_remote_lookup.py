"""Asking outside about a need: only with three yeses, at the provider's pace, and with nothing of it in the open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select, text, update

from geo.domain.consent import ConsentDraft
from geo.domain.drafts import NeedDraft
from geo.domain.ids import new_id
from geo.domain.outside import Outcome, OutsideBar, OutsideService
from geo.domain.place import Candidate, Fault, Location, Point
from geo.domain.words import (
    Category,
    ConsentScope,
    ConsentWay,
    LocationState,
    MatchQuality,
    RemoteProvider,
    SubjectKind,
)
from geo.errors import InvalidInput, NotFound, OutsideFailed, OutsideNotAllowed, OutsideTooSoon, StaleVersion
from geo.geocode.remote.endpoint import Reach
from geo.store import remote_cache
from geo.store.audit import list_audit
from geo.store.consents import record_consent, withdraw_consent
from geo.store.deciding import choose_candidate
from geo.store.engine import DEFAULT_NETWORK, make_sessions, transaction
from geo.store.keys import open_keyring, register_keys, rotate_keys
from geo.store.locations import get_location
from geo.store.needs import create_need, get_need, update_need
from geo.store.people_tables import field_key
from geo.store.remote_lookup import ask_outside, take_turn, view_outside
from geo.store.remote_service import allow_service, find_service, forbid_service
from geo.store.remote_tables import geocode_cache
from geo.store.retention import retain
from geo.store.review import list_review

from tests.geo.store.test_second_wall import make_network
from tests.rights import operator, serve_area
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.geocode.remote.question import Question
    from geo.store.engine import SessionFactory

TYPED = "Kanarialinnunkatu 12 A 5, 00170 Helsinki, Matti Meikäläinen"
SERVICE = OutsideService(RemoteProvider.NOMINATIM, "http://127.0.0.1:8088", 1000, "fi", "Helsinki")
REACH = Reach(is_on=True, loopback=True)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def outside(lon: float = 24.95, *, label: str = "Kanarialinnunkatu 12, Helsinki") -> Candidate:
    faults = (Fault("remote.unverified", 20),)
    return Candidate(Point(lon, 60.17), label, MatchQuality.PARCEL, 30.0, 80, "remote:nominatim", faults)


class World:
    """What is outside: answers what it is told to, and remembers what it was asked."""

    def __init__(self, *answers: Candidate) -> None:
        self.answers: Sequence[Candidate] | Exception = answers
        self.asked: list[str] = []
        self.waited: list[float] = []
        self.meanwhile: Callable[[], Any] = lambda: None
        self.now = NOW

    def ask(self, _service: OutsideService, question: Question, _reach: Reach) -> Sequence[Candidate]:
        self.asked.append(question.text)
        self.meanwhile()
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers

    def look_up(self, sessions: SessionFactory, need_id: UUID, reach: Reach = REACH, **more: Any) -> Any:
        how = {"ask": self.ask, "pause": self.waited.append, "clock": lambda: self.now}
        return ask_outside(sessions, None, need_id, reach, **(how | more))


def waiting(session: Session, typed: str | None = TYPED, ours: int = 1) -> UUID:
    candidates = tuple(
        Candidate(Point(24.94 + n / 1000, 60.17), f"Ours {n}", MatchQuality.ROOFTOP, 5.0, 70 - n, "osm")
        for n in range(ours)
    )
    location = Location(LocationState.NEEDS_REVIEW, address_typed=typed, candidates=candidates)
    return create_need(session, NeedDraft(Category.FOOD), location).id


def agree(session: Session, need_id: UUID) -> UUID:
    draft = ConsentDraft(ConsentScope.REMOTE_GEOCODING, ConsentWay.SPOKEN)
    return record_consent(session, SubjectKind.NEED, need_id, draft).id


@pytest.fixture
def ready(session: Session) -> UUID:
    """A need that waits, in a network that allows a service, of a person who agreed."""
    allow_service(session, SERVICE, REACH)
    need_id = waiting(session)
    agree(session, need_id)
    session.commit()
    return need_id


def told(session: Session) -> list[tuple[str, ...]]:
    return [entry.fields for entry in list_audit(session, action="remote_geocode")][::-1]


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


BARS: dict[OutsideBar, Callable[[Session, UUID], Any]] = {
    OutsideBar.NETWORK: lambda session, _: forbid_service(session),
    OutsideBar.PLACED: lambda session, need_id: update_need(session, need_id, {"status": "met"}),
    OutsideBar.CONSENT: lambda session, need_id: withdraw_consent(session, _consent(session, need_id), now=NOW),
    OutsideBar.ADDRESS: lambda session, need_id: session.execute(
        text("UPDATE restricted.location_exact SET address_typed = 'PO Box 12' WHERE need_id = :id"), {"id": need_id}
    ),
}


def _consent(session: Session, need_id: UUID) -> UUID:
    found: UUID = session.scalar(text("SELECT id FROM consent WHERE subject_id = :id"), {"id": need_id})  # type: ignore[assignment]
    return found


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


def test_the_same_question_is_answered_from_what_was_kept(
    session: Session, sessions: SessionFactory, ready: UUID
) -> None:
    world = World(outside())
    world.look_up(sessions, ready)
    again = world.look_up(sessions, ready)
    assert (again.found, again.is_cached, len(world.asked)) == (1, True, 1)
    assert told(session)[-1] == ("cached", "found_1", "nominatim")
    assert get_location(session, "need_id", ready, LocationState.NEEDS_REVIEW).candidates[-1] == outside()
    world.now = NOW + timedelta(days=30, seconds=1)
    assert not world.look_up(sessions, ready).is_cached


@pytest.mark.parametrize(
    ("answers", "good_for"),
    [((), timedelta(days=3)), (OutsideFailed("timeout"), timedelta(minutes=5))],
    ids=["none", "failed"],
)
def test_that_there_was_no_answer_is_kept_for_a_shorter_while(
    session: Session, sessions: SessionFactory, ready: UUID, answers: Any, good_for: timedelta
) -> None:
    world = World()
    world.answers = answers
    assert world.look_up(sessions, ready).outcome in (Outcome.NONE, Outcome.FAILED)
    world.now = NOW + good_for - timedelta(seconds=1)
    assert world.look_up(sessions, ready).is_cached
    world.now = NOW + good_for + timedelta(seconds=1)
    world.look_up(sessions, ready)
    assert len(world.asked) == 2
    assert get_need(session, ready).version == 1


def test_nothing_is_kept_where_a_network_says_so(session: Session, sessions: SessionFactory, ready: UUID) -> None:
    allow_service(session, replace(SERVICE, keep_days=0, keep_none_days=0), REACH)
    session.commit()
    World(outside()).look_up(sessions, ready)
    assert session.scalar(select(func.count()).select_from(geocode_cache)) == 0


def test_what_is_kept_lies_there_sealed_under_a_hash_of_the_networks_own(
    session: Session, sessions: SessionFactory, connection: Connection, ready: UUID
) -> None:
    World(outside()).look_up(sessions, ready)
    row = session.execute(select(geocode_cache)).mappings().one()
    shown = " ".join(str(bytes(v) if isinstance(v, memoryview) else v) for v in row.values())
    assert not any(word in shown for word in ("Kanaria", "24.95", "60.17", "nominatim", "8088"))
    assert remote_cache.question_hash(session, SERVICE, _question()) == bytes(row["query_hash"])
    other = make_network(session)
    session.commit()
    with make_sessions(connection, network=other, keys=RING)() as theirs:
        assert remote_cache.question_hash(theirs, SERVICE, _question()) != bytes(row["query_hash"])
        assert remote_cache.find_kept(theirs, bytes(row["query_hash"]), now=NOW) is None


def _question() -> Question:
    from geo.geocode.remote.question import make_question

    made = make_question(TYPED)
    assert made is not None
    return made


def test_another_service_or_town_is_another_question(session: Session) -> None:
    hashes = {
        remote_cache.question_hash(session, service, _question())
        for service in (
            SERVICE, replace(SERVICE, provider=RemoteProvider.PHOTON), replace(SERVICE, endpoint="http://127.0.0.1:9"),
            replace(SERVICE, town="Espoo"), replace(SERVICE, country="se"),
        )
    }  # fmt: skip
    assert len(hashes) == 5


def test_kept_answers_go_with_their_key(session: Session, sessions: SessionFactory, ready: UUID) -> None:
    World(outside()).look_up(sessions, ready)
    with operator(session):
        session.execute(insert(field_key).values(id="kold", made_at=NOW))
        session.execute(update(geocode_cache).values(key_id="kold"))
        session.execute(text("DELETE FROM restricted.field_key WHERE id = 'kold'"))
    assert session.scalar(select(func.count()).select_from(geocode_cache)) == 0


@pytest.mark.own_db
def test_a_rotation_of_keys_needs_no_step_for_them(own_db: Engine, tmp_path: Path) -> None:
    ring = open_keyring(own_db, tmp_path / "keys.json", now=NOW)
    register_keys(own_db, ring)
    sessions = make_sessions(own_db, keys=ring)
    with transaction(sessions) as session:
        remote_cache.keep_answer(session, b"h" * 32, remote_cache.Kept(Outcome.NONE), SERVICE, now=NOW)
    report = rotate_keys(own_db, tmp_path / "keys.json", now=NOW)
    assert report.left == ()
    with transaction(sessions) as session:
        assert session.scalar(select(func.count()).select_from(geocode_cache)) == 0
        # a server that runs meanwhile reads the file again, and seals with the new one
        remote_cache.keep_answer(session, b"h" * 32, remote_cache.Kept(Outcome.NONE), SERVICE, now=NOW)
        assert remote_cache.find_kept(session, b"h" * 32, now=NOW) == remote_cache.Kept(Outcome.NONE)


@pytest.mark.parametrize("how", ["withdrawn", "forbidden", "another service", "past its date", "altered"])
def test_kept_answers_go_when_their_reason_goes(
    session: Session, sessions: SessionFactory, ready: UUID, how: str
) -> None:
    World(outside()).look_up(sessions, ready)
    if how == "withdrawn":
        withdraw_consent(session, _consent(session, ready), now=NOW)
    elif how == "forbidden":
        forbid_service(session)
    elif how == "another service":
        allow_service(session, replace(SERVICE, endpoint="http://127.0.0.1:8099"), REACH)
    elif how == "past its date":
        session.commit()
        retain(sessions, NOW + timedelta(days=31))
    else:
        session.execute(update(geocode_cache).values(sealed=b"what somebody else wrote"))
        session.commit()
        assert World(outside()).look_up(sessions, ready).is_cached is False
        return
    assert session.scalar(select(func.count()).select_from(geocode_cache)) == 0


def test_a_network_keeps_so_many_answers_and_the_oldest_leave(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_cache, "MOST_ROWS", 3)
    for n in range(6):
        kept = remote_cache.Kept(Outcome.NONE)
        remote_cache.keep_answer(session, bytes([n]) * 32, kept, SERVICE, now=NOW + timedelta(minutes=n))
    left = sorted(bytes(found)[0] for found in session.scalars(select(geocode_cache.c.query_hash)))
    assert left == [3, 4, 5]


@pytest.mark.parametrize("how", ["withdrawn", "changed", "removed", "forbidden"])
def test_an_answer_that_comes_too_late_is_thrown_away(
    session: Session, sessions: SessionFactory, ready: UUID, how: str
) -> None:
    world = World(outside())

    def meanwhile() -> None:
        if how == "withdrawn":
            withdraw_consent(session, _consent(session, ready), now=NOW)
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


def test_the_pace_is_kept_and_whoever_would_wait_too_long_is_told_when(
    session: Session, sessions: SessionFactory
) -> None:
    allow_service(session, replace(SERVICE, gap_ms=1500), REACH)
    needs = [waiting(session, f"Kanarialinnunkatu {n}") for n in range(1, 4)]
    for need_id in needs:
        agree(session, need_id)
    session.commit()
    world = World(outside())
    world.look_up(sessions, needs[0])
    world.look_up(sessions, needs[1])
    assert len(world.waited) == 1
    assert 0 < world.waited[0] <= 1.65
    with pytest.raises(OutsideTooSoon) as caught:
        world.look_up(sessions, needs[2])
    assert 2 <= caught.value.wait_s <= 4
    assert len(world.asked) == 2
    assert told(session).count(("asked", "nominatim")) == 2


def test_two_networks_share_one_pace_and_two_hosts_have_their_own(session: Session, connection: Connection) -> None:
    other = make_network(session)
    assert take_turn(session, SERVICE, REACH, most_wait_ms=0) == 0
    session.commit()
    with make_sessions(connection, network=other, keys=RING)() as theirs:
        assert take_turn(theirs, SERVICE, REACH, most_wait_ms=0) < 0
        photon = replace(SERVICE, provider=RemoteProvider.PHOTON, endpoint="http://127.0.0.1:8088/photon")
        assert take_turn(theirs, photon, REACH, most_wait_ms=0) < 0
        assert take_turn(theirs, replace(SERVICE, endpoint="http://127.0.0.1:8089"), REACH, most_wait_ms=0) == 0


@pytest.mark.own_db
def test_many_processes_at_once_get_turns_apart_from_each_other(own_db: Engine) -> None:
    from concurrent.futures import ThreadPoolExecutor

    sessions = make_sessions(own_db, keys=RING)
    call = text("SELECT restricted.take_turn('geo.example.org', 1000, 3500), extract(epoch FROM clock_timestamp())")

    def take(_: int) -> tuple[int, float]:
        with transaction(sessions) as session:
            wait, at = session.execute(call).one()
        return wait, float(at) + wait / 1000

    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(take, range(24)))
    taken = sorted(at for wait, at in turns if wait >= 0)
    assert 4 <= len(taken) <= 6
    assert all(later - earlier > 0.9 for earlier, later in pairwise(taken))
    assert all(wait <= 3501 for wait, _ in turns)


def test_no_request_reads_or_sets_the_pace_past_its_function(session: Session) -> None:
    with pytest.raises(Exception, match="permission denied"):
        session.execute(text("SELECT * FROM restricted.remote_pace"))
    session.rollback()
    assert session.scalar(text("SELECT restricted.take_turn('x', 0, 0)")) == 0
    # nobody is faster than ten a second, whatever is asked for
    waits = [session.scalar(text("SELECT restricted.take_turn('x', 0, 60000)")) or 0 for _ in range(10)]
    assert waits[-1] > 800


def test_a_service_is_allowed_changed_and_forbidden_and_each_is_noted(session: Session) -> None:
    assert find_service(session) is None
    allowed = allow_service(session, replace(SERVICE, endpoint="http://127.0.0.1:8088/"), REACH)
    assert allowed.endpoint == "http://127.0.0.1:8088"
    allow_service(session, replace(SERVICE, provider=RemoteProvider.PELIAS), REACH)
    forbid_service(session)
    forbid_service(session)
    session.commit()
    assert find_service(session) is None
    entries = [(e.action, e.object_kind, e.fields) for e in list_audit(session)][::-1]
    assert entries == [
        ("allow", "remote_service", ("nominatim",)),
        ("allow", "remote_service", ("pelias",)),
        ("forbid", "remote_service", ("pelias",)),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://10.0.0.1"}, {"endpoint": "https://user@geo.example.org"}, {"country": "FIN"},
        {"country": "FI"}, {"town": ""}, {"town": "a\nb"}, {"town": "x" * 101}, {"gap_ms": 99}, {"gap_ms": 60_001},
        {"keep_days": 91}, {"keep_none_days": -1},
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(session: Session, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        allow_service(session, replace(SERVICE, **change), REACH)


def test_another_network_has_its_own_say(session: Session, connection: Connection, ready: UUID) -> None:
    other = make_network(session)
    session.commit()
    with make_sessions(connection, network=other, keys=RING)() as theirs:
        assert find_service(theirs) is None
        with pytest.raises(NotFound):
            view_outside(theirs, ready, REACH)
        forbid_service(theirs)
        theirs.commit()
    assert find_service(session) is not None
    assert other != DEFAULT_NETWORK
