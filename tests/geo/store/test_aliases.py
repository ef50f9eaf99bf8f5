from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text

from geo.domain.place import Candidate, Location, Point, location_from_geocode
from geo.domain.words import Decision, LocationState, MatchQuality, SubjectKind
from geo.errors import NotFound
from geo.store.aliases import NO_LABEL, find_aliases, forget_alias, is_specific, list_aliases, normal_form
from geo.store.audit import list_audit
from geo.store.deciding import ask_again, choose_candidate, mark_outside, set_pin, undo_decision
from geo.store.engine import DEFAULT_NETWORK, DEVICE_ROLE, Acting, make_sessions, transaction
from geo.store.erasure import erase
from geo.store.erasure_log import ErasureLog
from geo.store.geocoding import HouseGeocoder
from geo.store.keys import open_keyring, register_keys, rotate_keys
from geo.store.needs import delete_need
from geo.store.review_tables import address_alias

from tests.dumps import dump_text
from tests.factories import add_need, waiting
from tests.grid import HELSINKI
from tests.ring import RING

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.records import Need
    from geo.store.engine import SessionFactory

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NEAR = Point(24.951, 60.171)
TYPED = "Canarykuja 7 B 12"


def offered() -> tuple[Candidate, ...]:
    door = Candidate(HELSINKI, "Testikatu 1, 00100 Helsinki", MatchQuality.ROOFTOP, 15, 88, "osm")
    return door, Candidate(Point(24.95, 60.18), "Testikatu", MatchQuality.STREET, 150, 60, "osm")


def pinned(session: Session, typed: str = TYPED, at: Point = NEAR, *, remember: bool = True) -> Need:
    found = add_need(session, waiting(typed, candidates=offered()))
    set_pin(session, found.id, at, remember=remember)
    return found


def answer(session: Session, typed: str = TYPED) -> Candidate | None:
    result = HouseGeocoder(session).geocode(typed)
    return result.best if result.decision is Decision.ACCEPT else None


# -- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hämeentie 5", "  hameentie,  5. "),
        ("Main St. #12", "main st 12"),
        ("MAIN\u200b ST\t12", "Main St 12"),
        ("5½ Main St", "5 1/2 main st"),
        ("12\u201314 Main St", "12-14 Main St"),
        ("\uff2d\uff21\uff29\uff2e \uff33\uff34 \uff11\uff12", "main st 12"),
        ("Κηφισίας 10", "κηφισιας 10"),
    ],
)
def test_spellings_that_mean_the_same_are_one_text(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Main St 12", "Main St 21"),
        ("Main St 12/3", "Main St 123"),
        ("12-14 Main St", "12 14 Main St"),
        ("5½ Main St", "51/2 Main St"),
        ("Main St 12 A", "Main St 12 B"),
        ("12 Main St", "Main St 12"),
        ("улица 5", "вулиця 5"),
    ],
)
def test_texts_that_may_mean_two_places_stay_two(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@given(st.text(max_size=700))
@example("½" * 600)
def test_a_normal_form_is_its_own_normal_form(typed: str) -> None:
    form = normal_form(typed)
    assert normal_form(form)[:400] == form[:400]
    assert isinstance(is_specific(typed), bool)


@pytest.mark.parametrize(
    "typed", ["Main St 12", "12 Main", "Liisankatu12", "Blue house behind church", "Main St 12-14", "12b Main St"]
)
def test_a_house_number_or_two_words_name_one_place(typed: str) -> None:
    assert is_specific(typed)


@pytest.mark.parametrize("typed", ["", "home", "12", "12 14", "00100 Helsinki", "00100", "...", "PO 00101"])
def test_one_word_a_number_or_a_postcode_names_none(typed: str) -> None:
    assert not is_specific(typed)


def test_a_pin_within_a_street_that_was_typed_whole_answers_for_nobody_else(session: Session) -> None:
    assert not is_specific("Pitkä Testikatu", offered())
    found = pinned(session, "Pitkä Testikatu")
    assert answer(session, "Pitkä Testikatu") is None
    undo_decision(session, found.id)
    choose_candidate(session, found.id, 0, remember=True)
    assert answer(session, "Pitkä Testikatu") is None
    undo_decision(session, found.id)
    choose_candidate(session, found.id, 1, remember=True)
    street = answer(session, "Pitkä Testikatu")
    assert street is not None
    assert street.match_quality is MatchQuality.STREET


# -- what is remembered ----------------------------------------------------------------------------------------------


def test_the_next_need_with_the_same_text_is_placed_the_same_way(session: Session) -> None:
    pinned(session)
    place = answer(session, "canarykuja 7 b  12")
    assert place == Candidate(NEAR, NO_LABEL, MatchQuality.MANUAL, 15.0, 100, "decision")
    stored = location_from_geocode(TYPED, HouseGeocoder(session).geocode(TYPED))
    assert (stored.state, stored.point) == (LocationState.LOCATED, NEAR)
    assert answer(session, "Canarykuja 7 B 13") is None


def test_a_chosen_place_keeps_its_quality_and_its_name_in_the_register(session: Session) -> None:
    found = add_need(session, waiting("Testikattu 1", candidates=offered()))
    choose_candidate(session, found.id, 0, remember=True)
    place = answer(session, "Testikattu 1")
    assert place is not None
    assert (place.label, place.match_quality) == ("Testikatu 1, 00100 Helsinki", MatchQuality.ROOFTOP)


def test_for_one_need_only_nothing_is_remembered(session: Session) -> None:
    pinned(session, remember=False)
    other = add_need(session, waiting("Testikatu 99"))
    ask_again(session, other.id, note="Which stair?")
    mark_outside(session, other.id)
    assert list_aliases(session) == []


def test_taking_back_brings_back_what_was_remembered_before(session: Session) -> None:
    pinned(session)
    second = pinned(session, TYPED.lower(), HELSINKI)
    assert [one.point for one in (answer(session),) if one] == [HELSINKI]
    assert len(list_aliases(session)) == 1
    undo_decision(session, second.id)
    assert [one.point for one in (answer(session),) if one] == [NEAR]


def test_a_batch_asks_once_and_keeps_its_order(session: Session) -> None:
    pinned(session)
    asked: list[str] = []

    def note(_c: object, _cur: object, sql: str, *_rest: object) -> None:
        asked.append(sql)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    texts = ["Nokatu 1", TYPED, "Nokatu 2", TYPED.upper(), TYPED, ""]
    results = HouseGeocoder(session).geocode_many(texts)
    event.remove(connection, "before_cursor_execute", note)
    assert [result.decision is Decision.ACCEPT for result in results] == [False, True, False, True, True, False]
    assert sum("find_aliases" in sql for sql in asked) == 1


def test_a_lookup_is_served_by_the_index_of_texts(session: Session) -> None:
    pinned(session)
    session.execute(text("SET LOCAL enable_seqscan = off"))
    session.execute(text("SET LOCAL enable_bitmapscan = off"))
    query = (
        "EXPLAIN SELECT DISTINCT ON (text_hash) id FROM restricted.address_alias WHERE network_id = current_network() "
        "AND text_hash = ANY (:hashes) ORDER BY text_hash, id DESC"
    )
    assert "ix_address_alias_text" in "\n".join(session.scalars(text(query), {"hashes": [b"h" * 32]}))


def test_aliases_are_listed_without_text_and_point_and_can_be_forgotten(session: Session) -> None:
    pinned(session)
    pinned(session, TYPED.upper())
    (one,) = list_aliases(session)
    assert (one.label, one.match_quality, one.uncertainty_m) == (None, MatchQuality.MANUAL, 15.0)
    assert not hasattr(one, "point")
    forget_alias(session, one.id)
    assert (list_aliases(session), answer(session)) == ([], None)
    with pytest.raises(NotFound):
        forget_alias(session, one.id)
    session.commit()
    assert ("delete", "address_alias") in [(e.action, e.object_kind) for e in list_audit(session)]


def test_pages_of_aliases_give_each_once(session: Session) -> None:
    for number in range(7):
        pinned(session, f"Canarykuja {number}")
    seen = []
    after = None
    while page := list_aliases(session, after=after, limit=3):
        seen += [one.id for one in page]
        after = page[-1].id
    assert len(set(seen)) == len(seen) == 7


# -- who may know ----------------------------------------------------------------------------------------------------


def test_a_phone_is_answered_by_hash_and_reads_no_alias(session: Session, sessions: SessionFactory) -> None:
    pinned(session)
    session.commit()
    with transaction(sessions, Acting(DEFAULT_NETWORK, DEVICE_ROLE)) as phone:
        assert set(find_aliases(phone, [TYPED])) == {TYPED}
    for table in ("address_alias", "review_decision"):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction(sessions, Acting(DEFAULT_NETWORK, DEVICE_ROLE)) as phone,
        ):
            phone.execute(text(f"SELECT * FROM restricted.{table}"))  # noqa: S608 - names above


def test_another_network_and_a_session_without_keys_know_nothing(session: Session) -> None:
    from tests.geo.store.test_second_wall import make_network

    pinned(session)
    other = make_network(session)
    session.flush()
    with make_sessions(session.connection(), network=other, keys=RING)() as stranger:
        assert find_aliases(stranger, [TYPED]) == {}
        assert list_aliases(stranger) == []
    with make_sessions(session.connection())() as keyless:
        assert find_aliases(keyless, [TYPED]) == {}


@pytest.mark.own_db
def test_the_text_is_in_no_dump_and_a_rotation_keeps_what_is_remembered(own_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = open_keyring(own_db, path, now=NOW)
    with transaction(make_sessions(own_db, keys=ring)) as session:
        found = pinned(session)
        # the typed address of a need is no secret of this table; it goes, so that the scan sees the alias alone
        session.execute(text("UPDATE restricted.location_exact SET address_typed = NULL"))
        hashed = bytes(session.scalars(select(address_alias.c.text_hash)).one())
    content = dump_text(own_db)
    assert b"anarykuja" not in content
    assert hashed.hex().encode() in content
    assert found is not None
    rotate_keys(own_db, path, now=NOW + timedelta(days=90))
    reopened = open_keyring(own_db, path, now=NOW)
    with make_sessions(own_db, keys=reopened)() as session:
        assert set(find_aliases(session, [TYPED])) == {TYPED}


# -- the person who is forgotten -------------------------------------------------------------------------------------


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(address_alias)) or 0


def test_an_erased_need_takes_along_what_came_from_it_alone(session: Session, tmp_path: Path) -> None:
    log = ErasureLog(tmp_path / "erased.jsonl")
    first, second = pinned(session), pinned(session, TYPED, HELSINKI)
    lone = pinned(session, "Canarykuja 9")
    erase(session, SubjectKind.NEED, second.id, log=log, now=NOW)
    assert [one.point for one in (answer(session),) if one] == [NEAR]
    erase(session, SubjectKind.NEED, lone.id, log=log, now=NOW)
    assert answer(session, "Canarykuja 9") is None
    assert count(session) == 1
    delete_need(session, first.id)
    assert count(session) == 0


@pytest.mark.own_db
def test_an_erasure_without_keys_takes_aliases_along_too(own_db: Engine, tmp_path: Path) -> None:
    register_keys(own_db, RING)
    with transaction(make_sessions(own_db, keys=RING)) as session:
        found = pinned(session).id
    with transaction(make_sessions(own_db, role=None)) as session:
        erase(session, SubjectKind.NEED, found, log=ErasureLog(tmp_path / "erased.jsonl"), now=NOW)
    with make_sessions(own_db, keys=RING)() as session:
        assert count(session) == 0


def test_an_accepted_answer_is_a_whole_location(session: Session) -> None:
    pinned(session)
    located = location_from_geocode(TYPED, HouseGeocoder(session).geocode(TYPED))
    assert isinstance(located, Location)
    assert located.match_quality is MatchQuality.MANUAL
