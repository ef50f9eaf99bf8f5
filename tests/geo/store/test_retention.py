from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.ids import new_id
from geo.domain.words import Category, LocationState
from geo.privacy.cells import cell_of, parent_cell
from geo.store import tables
from geo.store.audit import list_audit
from geo.store.contacts import find_contact
from geo.store.engine import make_sessions, transaction
from geo.store.keys import register_keys
from geo.store.needs import count_balance, create_need, get_need, update_need
from geo.store.retention import RetentionReport, apply_retention, count_overdue, retain, retain_everywhere
from geo.store.submissions import Entry, find_payload, receive

from tests.factories import located, waiting
from tests.grid import HELSINKI
from tests.ring import RING

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.domain.place import Location

CLOSED = datetime(2026, 3, 1, tzinfo=UTC)
need, exact = tables.need, tables.location_exact


def day(count: float) -> datetime:
    return CLOSED + timedelta(days=count)


def add(session: Session, place: Location | None = None, closed_at: datetime | None = CLOSED) -> UUID:
    need_id = new_id()
    contact = Contact(name="Aino", phone="+358", consent_at=CLOSED)

    def make() -> UUID:
        return create_need(session, NeedDraft(Category.FOOD, id=need_id), place or located(), contact).id

    receive(session, Entry(need_id, "need", {"name": "Aino"}, b"h" * 32), make)
    if closed_at is not None:
        close(session, need_id, closed_at)
    return need_id


def close(session: Session, need_id: UUID, at: datetime) -> None:
    update_need(session, need_id, {"status": "met"})
    session.execute(update(need).where(need.c.id == need_id).values(closed_at=at))


def kept_of(session: Session, need_id: UUID) -> tuple[bool, bool, bool]:
    place = session.scalar(select(exact.c.id).where(exact.c.need_id == need_id)) is not None
    return place, find_contact(session, "need_id", need_id) is not None, find_payload(session, need_id) is not None


def test_place_goes_first_then_contact_and_entry(session: Session) -> None:
    found = add(session)
    assert apply_retention(session, day(13.9)) == RetentionReport()
    assert kept_of(session, found) == (True, True, True)
    assert apply_retention(session, day(14)) == RetentionReport(places=1)
    assert kept_of(session, found) == (False, True, True)
    assert get_need(session, found).cell == parent_cell(cell_of(HELSINKI), 8)
    assert apply_retention(session, day(29.9)) == RetentionReport()
    assert apply_retention(session, day(30)) == RetentionReport(contacts=1)
    assert kept_of(session, found) == (False, False, False)
    assert apply_retention(session, day(400)) == RetentionReport()
    assert count_balance(session).closed == 1


def test_an_address_that_was_never_placed_goes_as_well(session: Session) -> None:
    found = add(session, waiting("Salaisenkatu 7"))
    assert apply_retention(session, day(14)).places == 1
    assert kept_of(session, found)[0] is False
    assert get_need(session, found).cell is None


def test_what_is_open_keeps_everything(session: Session) -> None:
    found = add(session, closed_at=None)
    assert apply_retention(session, day(10_000)) == RetentionReport()
    assert kept_of(session, found) == (True, True, True)


def test_a_need_opened_again_in_time_keeps_everything(session: Session) -> None:
    found = add(session)
    update_need(session, found, {"status": "open"})
    assert apply_retention(session, day(10_000)) == RetentionReport()
    assert kept_of(session, found) == (True, True, True)
    assert get_need(session, found).location_state is LocationState.LOCATED


@pytest.mark.parametrize("place", [located(), waiting()], ids=["placed", "in the queue"])
def test_a_need_opened_again_too_late_says_that_its_place_is_gone(session: Session, place: Location) -> None:
    found = add(session, place)
    apply_retention(session, day(14))
    reopened = update_need(session, found, {"status": "open"})
    assert (reopened.location_state, reopened.cell, reopened.uncertainty_m) == (LocationState.NONE, None, None)
    assert count_balance(session).no_location == 1


def test_each_need_has_one_audit_entry_for_each_step(session: Session) -> None:
    found = [add(session) for _ in range(3)]
    apply_retention(session, day(40))
    apply_retention(session, day(40))
    session.commit()
    faded = {"fade_place", "remove_contact"}
    noted = [(one.object_ids[0], one.action) for one in list_audit(session) if one.action in faded]
    assert sorted(noted) == sorted((n, action) for n in found for action in ("fade_place", "remove_contact"))


def test_batches_are_bounded_and_finish_the_work(session: Session) -> None:
    for _ in range(5):
        add(session)
    assert apply_retention(session, day(30), limit=2) == RetentionReport(2, 2)
    assert count_overdue(session, day(30)) == RetentionReport(3, 3)
    apply_retention(session, day(30), limit=2)
    assert apply_retention(session, day(30), limit=2) == RetentionReport(1, 1)
    assert count_overdue(session, day(30)).is_done


@pytest.mark.own_db
def test_every_network_has_its_round(own_db: Engine) -> None:
    register_keys(own_db, RING)
    other = new_id()
    with transaction(make_sessions(own_db, role=None)) as session:
        session.execute(tables.network.insert().values(id=other, slug="other", name="Other"))
    for network in (None, other):
        chosen: dict[str, Any] = {} if network is None else {"network": network}
        with transaction(make_sessions(own_db, keys=RING, **chosen)) as session:
            for _ in range(120):
                add(session)
    assert retain_everywhere(own_db, day(30), stop=lambda: True) == RetentionReport()
    assert retain_everywhere(own_db, day(30)) == RetentionReport(240, 240)
    assert retain_everywhere(own_db, day(30)) == RetentionReport()
    with make_sessions(own_db, role=None)() as session:
        assert session.scalar(select(func.count()).select_from(tables.contact)) == 0


@pytest.mark.own_db
def test_a_need_being_opened_this_moment_is_left_for_the_next_round(own_db: Engine) -> None:
    register_keys(own_db, RING)
    sessions = make_sessions(own_db, keys=RING)
    with transaction(sessions) as session:
        found = add(session)
    with transaction(sessions) as opening:
        update_need(opening, found, {"status": "open"})
        assert retain(sessions, day(30)) == RetentionReport()
    assert retain(sessions, day(30)) == RetentionReport()
    with sessions() as session:
        assert kept_of(session, found) == (True, True, True)


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "add waiting", "close", "open", "wait", "retain"]), st.integers(0, 40)),
    max_size=25,
)


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happened_nothing_is_kept_past_its_date_or_lost_before(
    connection: Connection, steps: list[tuple[str, int]]
) -> None:
    now, known = CLOSED, dict[Any, tuple[datetime | None, datetime | None]]()
    with make_sessions(connection, keys=RING)() as session:
        for step, number in steps:
            now = _step(session, step, number, now, known)
        apply_retention(session, now, limit=1000)
        assert count_overdue(session, now).is_done
        for found, (closed_at, earliest) in known.items():
            place, contact, entry = kept_of(session, found)
            due = closed_at is not None and closed_at <= now - timedelta(days=14)
            gone = due or (earliest is not None)
            assert place is not gone
            late = closed_at is not None and closed_at <= now - timedelta(days=30)
            assert not (late and (contact or entry))
            assert contact is entry
        balance = count_balance(session)
        assert balance.received == len(known)


def _step(session: Session, step: str, number: int, now: datetime, known: dict[Any, Any]) -> datetime:
    if step.startswith("add"):
        known[add(session, waiting() if "waiting" in step else None, None)] = (None, None)
    elif step == "wait":
        return now + timedelta(days=number)
    elif step == "retain":
        apply_retention(session, now, limit=1000)
        for found, (closed_at, faded) in known.items():
            if closed_at is not None and closed_at <= now - timedelta(days=14):
                known[found] = (closed_at, faded or now)
    elif known:
        found = list(known)[number % len(known)]
        closed_at, faded = known[found]
        if step == "close" and closed_at is None:
            close(session, found, now)
            known[found] = (now, faded)
        elif step == "open" and closed_at is not None:
            update_need(session, found, {"status": "open"})
            known[found] = (None, faded)
    return now
