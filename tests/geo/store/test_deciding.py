from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text

from geo.domain.place import Candidate, Fault, Location, Point
from geo.domain.words import DecisionKind, LocationState, MatchQuality, ReviewMark, ReviewState, Urgency
from geo.errors import Conflict, GeoError, InvalidInput, NotFound, OutsideServiceArea, StaleVersion
from geo.store import tables
from geo.store.audit import list_audit
from geo.store.deciding import ask_again, choose_candidate, confirm_location, mark_outside, set_pin, undo_decision
from geo.store.engine import make_sessions, transaction
from geo.store.keys import open_keyring, register_keys, rotate_keys
from geo.store.locations import get_location
from geo.store.needs import count_balance, get_need, update_need
from geo.store.retention import apply_retention
from geo.store.review import QueueKey, count_lists, count_review, get_review, key_of, list_decided, list_review
from geo.store.review_tables import review_decision

from tests.factories import add_need, nowhere, waiting
from tests.grid import HELSINKI
from tests.rights import serve_area
from tests.ring import RING

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.domain.records import Need

NEAR = Point(24.951, 60.171)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
need, exact = tables.need, tables.location_exact


def offered() -> tuple[Candidate, ...]:
    door = Candidate(HELSINKI, "Testikatu 1", MatchQuality.ROOFTOP, 15, 88, "osm", (Fault("street.misspelt", 6),))
    return door, Candidate(Point(24.95, 60.18), "Testikatu", MatchQuality.STREET, 150, 60, "osm")


def unlocated(session: Session, typed: str = "Testikattu 1", **values: Any) -> Need:
    return add_need(session, waiting(typed, candidates=offered()), **values)


def everything(session: Session, need_id: UUID) -> tuple[Any, ...]:
    """All that is kept of a need and its place, but for how often and when it was changed."""
    columns = [column for column in need.c if column.name not in ("version", "updated_at")]
    own = session.execute(select(*columns).where(need.c.id == need_id)).one()
    point = (func.ST_AsEWKT(exact.c.geom, 15), exact.c.uncertainty_m, exact.c.address_typed, exact.c.located_at)
    place = session.execute(select(*point, exact.c.candidates).where(exact.c.need_id == need_id)).one_or_none()
    return tuple(own), place and tuple(place)


# -- the order -------------------------------------------------------------------------------------------------------


def test_the_most_urgent_comes_first_then_the_longest_waiting(session: Session) -> None:
    late, early = NOW, NOW - timedelta(days=3)
    order = [
        unlocated(session, urgency=urgency, received_at=at).id
        for urgency in (Urgency.LOW, Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)
        for at in (late, early)
    ]
    assert [item.need.id for item in list_review(session)] == order[::-1]
    ask_again(session, order[-1])
    mark_outside(session, order[-2])
    assert [item.need.id for item in list_review(session)] == [*order[:-2][::-1], order[-1]]
    assert [item.need.id for item in list_review(session, state=ReviewState.OUTSIDE_AREA)] == [order[-2]]
    assert [item.state for item in list_review(session, state=ReviewState.ASK_AGAIN)] == [ReviewState.ASK_AGAIN]
    counts = count_lists(session)
    assert (counts.waiting, counts.ask_again, counts.outside_area, counts.decided_today) == (6, 1, 1, 2)
    assert count_review(session) == 7


def test_what_is_closed_withheld_or_placed_is_not_in_the_queue(session: Session) -> None:
    closed = unlocated(session)
    update_need(session, closed.id, {"status": "met"})
    unlocated(session, withheld=True)
    add_need(session)
    add_need(session, None)
    pending = add_need(session, Location(LocationState.PENDING, address_typed="x"))
    assert [item.need.id for item in list_review(session)] == [pending.id]
    with pytest.raises(NotFound):
        get_review(session, closed.id)
    update_need(session, closed.id, {"status": "open"})
    assert get_review(session, closed.id).need.id == closed.id


@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_give_every_need_once_while_others_are_decided(session: Session, size: int) -> None:
    urgencies = list(Urgency)
    made = [
        unlocated(session, urgency=urgencies[n % 4], received_at=NOW - timedelta(minutes=n % 3)).id for n in range(17)
    ]
    whole = [item.need.id for item in list_review(session)]
    assert sorted(whole) == sorted(made)
    seen: list[UUID] = []
    after: QueueKey | None = None
    while page := list_review(session, after=after, limit=size):
        seen += [item.need.id for item in page]
        after = key_of(page[-1])
        if len(seen) < len(whole) - size:
            # whoever is placed meanwhile moves nobody else
            set_pin(session, page[-1].need.id, NEAR)
    assert seen == whole


def test_a_page_and_the_counts_are_served_by_the_index_of_the_queue(session: Session) -> None:
    statements: list[str] = []
    connection = session.connection()

    @event.listens_for(connection, "before_cursor_execute", retval=True)
    def explain(_c: object, _cur: object, sql: str, params: object, _ctx: object, _many: object) -> tuple[str, object]:
        if "review_rank" in sql and not sql.startswith("EXPLAIN"):
            found = connection.exec_driver_sql(f"EXPLAIN {sql}", params)  # type: ignore[arg-type]
            statements.append("\n".join(row[0] for row in found))
        return sql, params

    for setting in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
        session.execute(text(f"SET LOCAL {setting} = off"))
    item = unlocated(session)
    list_review(session, after=QueueKey(0, NOW, item.id), state=ReviewState.WAITING)
    count_lists(session)
    event.remove(connection, "before_cursor_execute", explain)
    pages = [found for found in statements if "ix_need_review" in found]
    assert len(pages) == len(statements) == 2, statements
    assert "Sort" not in statements[0].split("ix_need_review")[0], statements[0]
    assert "ROW(" in statements[0], statements[0]


# -- deciding and taking it back -------------------------------------------------------------------------------------


def test_what_is_to_be_asked_is_kept_sealed_and_stays_counted(session: Session) -> None:
    found = unlocated(session)
    asked = ask_again(session, found.id, note="Which stair has Aino?", expected_version=1)
    assert (asked.location_state, asked.review_mark) == (LocationState.NEEDS_REVIEW, ReviewMark.ASK_AGAIN)
    assert count_balance(session).needs_review == 1
    (item,) = list_review(session)
    assert (item.note, item.state) == ("Which stair has Aino?", ReviewState.ASK_AGAIN)
    stored = bytes(session.scalar(select(review_decision.c.sealed)) or b"")
    assert b"Aino" not in stored
    session.commit()
    assert "Aino" not in str(list_audit(session))
    with pytest.raises(InvalidInput):
        ask_again(session, found.id, note="x" * 201)


def test_what_lies_outside_is_counted_and_has_a_list_of_its_own(session: Session) -> None:
    found = unlocated(session)
    assert mark_outside(session, found.id).review_mark is ReviewMark.OUTSIDE_AREA
    assert list_review(session) == []
    assert count_balance(session).needs_review == 1
    placed = set_pin(session, found.id, NEAR)
    assert (placed.review_mark, placed.location_state) == (None, LocationState.CONFIRMED)
    assert count_review(session, ReviewState.OUTSIDE_AREA) == 0


def test_only_what_waits_can_be_marked(session: Session) -> None:
    for place in (HELSINKI, None):
        found = add_need(session, place)
        for mark in (ask_again, mark_outside):
            with pytest.raises(Conflict, match="does not wait"):
                mark(session, found.id)
    assert count_lists(session).decided_today == 0


def test_a_decision_keeps_who_and_when_and_is_listed_until_it_is_taken_back(session: Session) -> None:
    found = unlocated(session)
    choose_candidate(session, found.id, 0)
    session.commit()
    (item,) = list_decided(session)
    assert (item.kind, item.need.id, item.can_undo) == (DecisionKind.CANDIDATE, found.id, True)
    assert item.address_typed == "Testikattu 1"
    confirm_location(session, found.id)
    assert [one.kind for one in list_decided(session)] == [DecisionKind.CONFIRM]
    undo_decision(session, found.id)
    assert [one.kind for one in list_decided(session)] == [DecisionKind.CANDIDATE]
    assert count_lists(session).decided_today == 1
    undo_decision(session, found.id)
    assert list_decided(session) == []
    assert count_lists(session).decided_today == 0
    assert len(session.execute(select(review_decision.c.decided_at, review_decision.c.undone_at)).all()) == 2
    with pytest.raises(Conflict, match="no decision"):
        undo_decision(session, found.id)


def test_decisions_come_in_pages_the_newest_first(session: Session) -> None:
    made = [unlocated(session).id for _ in range(7)]
    for one in made:
        set_pin(session, one, NEAR)
    seen: list[UUID] = []
    after: QueueKey | None = None
    while page := list_decided(session, after=after, limit=3):
        seen += [item.need.id for item in page]
        after = QueueKey(0, page[-1].decided_at, page[-1].id)
    assert seen == made[::-1]


def test_taking_back_a_stale_version_changes_nothing(session: Session) -> None:
    found = unlocated(session)
    set_pin(session, found.id, NEAR)
    before = everything(session, found.id)
    with pytest.raises(StaleVersion):
        undo_decision(session, found.id, expected_version=1)
    assert everything(session, found.id) == before
    assert undo_decision(session, found.id, expected_version=2).version == 3


def test_a_pin_outside_the_area_leaves_nothing_half_written(session: Session) -> None:
    serve_area(session, (24.80, 60.10, 25.10, 60.30))
    found = unlocated(session)
    before = everything(session, found.id)
    with pytest.raises(OutsideServiceArea), session.begin_nested():
        set_pin(session, found.id, Point(10.0, 50.0), remember=True)
    assert everything(session, found.id) == before
    assert list_decided(session) == []


def test_what_fades_takes_along_what_decisions_kept_of_it(session: Session) -> None:
    found = unlocated(session)
    ask_again(session, found.id, note="Which stair?")
    set_pin(session, found.id, NEAR, remember=True)
    update_need(session, found.id, {"status": "met"})
    session.commit()
    assert apply_retention(session, datetime.now(UTC) + timedelta(days=15)).places == 1
    kept = session.execute(select(review_decision.c.before, review_decision.c.sealed, review_decision.c.kind)).all()
    assert sorted(kept) == [(None, None, "ask_again"), (None, None, "pin")]
    assert session.scalar(select(func.count()).select_from(text("restricted.address_alias"))) == 0
    with pytest.raises(Conflict, match="no decision"):
        undo_decision(session, found.id)


def test_a_marked_need_that_faded_can_be_opened_again(session: Session) -> None:
    found = unlocated(session)
    mark_outside(session, found.id)
    update_need(session, found.id, {"status": "met"})
    apply_retention(session, datetime.now(UTC) + timedelta(days=15))
    again = update_need(session, found.id, {"status": "open"})
    assert (again.location_state, again.review_mark) == (LocationState.NONE, None)


STARTS = {
    "waits": lambda: waiting("Testikattu 1", candidates=offered()),
    "pending": lambda: Location(LocationState.PENDING, address_typed="Testikatu 1"),
    "nowhere": nowhere,
    "located": lambda: Location(LocationState.LOCATED, MatchQuality.ROOFTOP, HELSINKI, 5.0, "Testikatu 1", offered()),
}
STEPS = {
    "pin": lambda s, n: set_pin(s, n, NEAR, remember=True),
    "far": lambda s, n: set_pin(s, n, Point(24.99, 60.2), uncertainty_m=400.0),
    "first": lambda s, n: choose_candidate(s, n, 0, remember=True),
    "street": lambda s, n: choose_candidate(s, n, 1, remember=True),
    "confirm": confirm_location,
    "ask": lambda s, n: ask_again(s, n, note="Which stair?"),
    "outside": mark_outside,
    "undo": undo_decision,
}


@given(start=st.sampled_from(sorted(STARTS)), steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_decisions_keep_the_balance_and_taking_all_back_leaves_all_as_it_was(
    connection: Connection, start: str, steps: list[str]
) -> None:
    with connection.begin_nested() as outer, make_sessions(connection, keys=RING)() as session:
        found = add_need(session, STARTS[start]())
        before, version, standing = everything(session, found.id), found.version, 0
        for step in steps:
            try:
                with session.begin_nested():
                    after = STEPS[step](session, found.id)
            except GeoError:
                after = get_need(session, found.id)
                assert after.version == version
            else:
                assert after.version == version + 1
                standing += -1 if step == "undo" else 1
            version = after.version
            balance = count_balance(session)
            assert balance.received == 1
            assert balance.needs_review == sum(
                count_review(session, state)
                for state in (ReviewState.WAITING, ReviewState.ASK_AGAIN, ReviewState.OUTSIDE_AREA)
            )
        for _ in range(standing):
            undo_decision(session, found.id)
        assert everything(session, found.id) == before
        with pytest.raises(Conflict):
            undo_decision(session, found.id)
        assert session.scalar(select(func.count()).select_from(text("restricted.address_alias"))) == 0
        session.close()
        outer.rollback()


@pytest.mark.own_db
def test_of_two_who_decide_at_once_one_wins(own_db: Engine) -> None:
    register_keys(own_db, RING)
    sessions = make_sessions(own_db, keys=RING)
    for number in range(8):
        with transaction(sessions) as session:
            found = add_need(session, waiting(f"Testikattu {number}", candidates=offered())).id
        ready = Barrier(2)

        def decide(how: str, found: UUID = found, ready: Barrier = ready) -> str:
            ready.wait()
            try:
                with transaction(sessions) as session:
                    if how == "pin":
                        set_pin(session, found, NEAR, expected_version=1, remember=True)
                    else:
                        choose_candidate(session, found, 0, expected_version=1, remember=True)
            except StaleVersion:
                return "stale"
            return how

        with ThreadPoolExecutor(2) as pool:
            outcome = sorted(pool.map(decide, ("pin", "candidate")))
        assert outcome[-1] == "stale" or outcome == ["pin", "stale"]
        assert outcome.count("stale") == 1
        with sessions() as session:
            assert get_need(session, found).version == 2
            (item,) = [one for one in list_decided(session) if one.need.id == found]
            assert [item.kind.value] == [one for one in outcome if one != "stale"]


@pytest.mark.own_db
def test_notes_outlive_a_rotation_of_the_keys(own_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = open_keyring(own_db, path, now=NOW)
    with transaction(make_sessions(own_db, keys=ring)) as session:
        found = unlocated(session)
        ask_again(session, found.id, note="Which stair?")
    report = rotate_keys(own_db, path, now=NOW + timedelta(days=90))
    assert (report.resealed, report.left) == (1, ())
    with make_sessions(own_db, keys=ring)() as session:
        assert [item.note for item in list_review(session)] == ["Which stair?"]


def test_candidates_and_the_text_stay_whatever_is_decided(session: Session) -> None:
    found = unlocated(session)
    for step in ("first", "undo", "ask", "pin", "undo", "outside"):
        STEPS[step](session, found.id)
        kept = get_location(session, "need_id", found.id, get_need(session, found.id).location_state)
        assert (kept.address_typed, kept.candidates) == ("Testikattu 1", offered())
