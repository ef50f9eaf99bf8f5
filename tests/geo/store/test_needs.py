from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.ids import new_id
from geo.domain.place import Candidate, Fault, Location, Point
from geo.domain.words import Category, LocationState, MatchQuality
from geo.errors import Conflict, InvalidInput, NotFound, StaleVersion
from geo.privacy.cells import cell_of
from geo.store import tables
from geo.store.contacts import find_contact
from geo.store.deciding import choose_candidate, confirm_location, set_pin
from geo.store.needs import (
    NeedFilter,
    count_balance,
    count_cells,
    create_need,
    delete_need,
    get_need,
    list_needs,
    update_need,
)
from geo.store.review import count_review, list_review

from tests.factories import add_need, located, waiting
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def test_the_exact_place_and_the_contact_go_to_the_restricted_tables(session: Session) -> None:
    contact = Contact(name="Nobody Real", phone="+358 0", note="third floor", consent_at=datetime.now(UTC))
    need = create_need(session, NeedDraft(Category.FOOD), located(), contact)
    assert need.cell == cell_of(HELSINKI)
    exact = tables.location_exact
    lon = session.scalar(select(func.ST_X(exact.c.geom)).where(exact.c.need_id == need.id))
    assert lon == pytest.approx(HELSINKI.lon)
    assert find_contact(session, "need_id", need.id) == contact


def test_every_need_is_counted_once(session: Session) -> None:
    add_need(session)
    add_need(session, Location(LocationState.APPROXIMATE, MatchQuality.STREET, HELSINKI, 200.0))
    add_need(session, waiting())
    add_need(session, Location(LocationState.PENDING, address_typed="x"))
    add_need(session, None)
    add_need(session, withheld=True)
    closed = add_need(session, None, withheld=True)
    update_need(session, closed.id, {"status": "met"})
    balance = count_balance(session)
    assert balance.as_dict() == {
        "received": 7, "located": 1, "approximate": 1, "needs_review": 2, "no_location": 1, "withheld": 1, "closed": 1,
    }  # fmt: skip
    assert count_balance(session, category=Category.WATER).received == 0
    assert count_review(session) == 2
    assert sum(c.count for c in count_cells(session)) == balance.mapped


def test_closing_stamps_and_reopening_clears(session: Session) -> None:
    need = add_need(session)
    met = update_need(session, need.id, {"status": "met"})
    assert met.closed_at is not None
    assert update_need(session, need.id, {"status": "open"}).closed_at is None


def test_a_stale_change_is_refused_and_nothing_changes(session: Session) -> None:
    need = add_need(session)
    update_need(session, need.id, {"household_size": 4}, expected_version=1)
    with pytest.raises(StaleVersion):
        update_need(session, need.id, {"household_size": 5}, expected_version=1)
    found = get_need(session, need.id)
    assert (found.household_size, found.version) == (4, 2)


def test_what_is_not_there_is_not_found(session: Session) -> None:
    for call in (get_need, delete_need):
        with pytest.raises(NotFound):
            call(session, new_id())
    with pytest.raises(NotFound):
        update_need(session, new_id(), {"status": "met"})


def test_the_same_id_twice_is_a_conflict(session: Session) -> None:
    need = add_need(session)
    with pytest.raises(Conflict), session.begin_nested():
        add_need(session, id=need.id)


def test_pages_by_key_give_every_need_once(session: Session) -> None:
    ids = [add_need(session).id for _ in range(7)]
    add_need(session, category=Category.WATER)
    seen, after = [], None
    while page := list_needs(session, where=NeedFilter(category=Category.FOOD), after=after, limit=3):
        seen += [n.id for n in page]
        after = seen[-1]
    assert seen == ids


def test_a_page_is_served_by_the_primary_key(session: Session) -> None:
    # a table without rows is scanned and sorted whichever index there is
    session.execute(text("SET LOCAL enable_seqscan = off"))
    session.execute(text("SET LOCAL enable_sort = off"))
    session.execute(text("SET LOCAL enable_bitmapscan = off"))
    query = "EXPLAIN SELECT id FROM need WHERE network_id = current_network() AND (id) > (:a) ORDER BY id LIMIT 10"
    plan = "\n".join(session.scalars(text(query), {"a": new_id()}))
    assert "pk_need" in plan or "uq_need" in plan


def test_deleting_takes_the_exact_place_along(session: Session) -> None:
    need = add_need(session)
    delete_need(session, need.id, expected_version=1)
    count = select(func.count()).select_from(tables.location_exact)
    assert session.scalar(count.where(tables.location_exact.c.need_id == need.id)) == 0


def offered() -> tuple[Candidate, ...]:
    rooftop = Candidate(HELSINKI, "Testikatu 1", MatchQuality.ROOFTOP, 15, 88, "osm", (Fault("street_fuzzy", 12),))
    street = Candidate(Point(24.95, 60.18), "Testikatu", MatchQuality.STREET, 150, 60, "osm")
    return rooftop, street


def test_the_queue_shows_what_was_typed_and_offered(session: Session) -> None:
    add_need(session, waiting("Testikattu 1", candidates=offered()))
    (item,) = list_review(session)
    assert item.address_typed == "Testikattu 1"
    assert [(c.label, c.faults) for c in item.candidates] == [("Testikatu 1", ("street_fuzzy",)), ("Testikatu", ())]


def test_a_pin_places_a_need_and_takes_it_out_of_the_queue(session: Session) -> None:
    need = add_need(session, waiting())
    placed = set_pin(session, need.id, HELSINKI, expected_version=1)
    assert (placed.location_state, placed.match_quality) == (LocationState.CONFIRMED, MatchQuality.MANUAL)
    assert placed.cell == cell_of(HELSINKI)
    assert count_review(session) == 0
    with pytest.raises(StaleVersion):
        set_pin(session, need.id, HELSINKI, expected_version=1)


@pytest.mark.parametrize(("index", "state"), [(0, LocationState.CONFIRMED), (1, LocationState.APPROXIMATE)])
def test_a_candidate_can_be_chosen(session: Session, index: int, state: LocationState) -> None:
    need = add_need(session, waiting(candidates=offered()))
    assert choose_candidate(session, need.id, index).location_state is state
    with pytest.raises(InvalidInput):
        choose_candidate(session, need.id, 2)


def test_a_place_can_be_confirmed_only_where_there_is_one(session: Session) -> None:
    with pytest.raises(Conflict):
        confirm_location(session, add_need(session, waiting()).id)
    confirmed = confirm_location(session, add_need(session).id)
    assert (confirmed.location_state, confirmed.match_quality) == (LocationState.CONFIRMED, MatchQuality.ROOFTOP)


def test_the_clock_is_aware(session: Session) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert add_need(session, received_at=yesterday).received_at == yesterday
