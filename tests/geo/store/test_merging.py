"""Two requests made one and two again: nothing is lost, the stricter side wins, and undoing gives back what was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.duplicates import Fact
from geo.domain.ids import new_id
from geo.domain.links import Answer, AskedState
from geo.domain.match import MatchReason
from geo.domain.messages import Recipient, RecipientKind
from geo.domain.place import Location
from geo.domain.words import (
    Access,
    Category,
    ConsentScope,
    LocationState,
    MatchQuality,
    MatchStatus,
    NeedStatus,
    SubjectKind,
    Urgency,
)
from geo.errors import Conflict, InvalidInput
from geo.store import tables
from geo.store.apart import are_apart, keep_apart
from geo.store.board import count_lanes
from geo.store.consents import find_agreed_at, list_consents, withdraw_consent
from geo.store.contacts import find_contact
from geo.store.duplicate_tables import need_merge, need_pair
from geo.store.erasure import erase
from geo.store.erasure_log import ErasureLog
from geo.store.judging import judge_some
from geo.store.locations import get_location
from geo.store.match_steps import propose_match, step
from geo.store.matches import get_match
from geo.store.merges import merged_with, standing_for
from geo.store.merging import merge, say_different
from geo.store.needs import count_balance, count_cells, create_need, delete_need, get_need, update_need
from geo.store.own_needs import answer, get_own_need
from geo.store.preferences import find_preference, stop_contacting
from geo.store.retention import apply_retention
from geo.store.review import list_review
from geo.store.submissions import Entry, receive
from geo.store.unmerging import undo_decision

from tests.factories import add_helper, located
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session


NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PHONE = Contact("Aino", "+358401234567", note="third floor", consent_at=NOW)
LATER = Contact("Aino K.", "+358401234567", note="ring twice", consent_at=NOW)
DIFFERENT = ((Urgency.LOW, (), ("fi",)), (Urgency.HIGH, (Access.NO_CAR,), ("sv", "fi")))
TABLES = (
    "need", "restricted.location_exact", "restricted.contact", "match", "match_event", "kept_apart", "consent",
    "restricted.preference", "restricted.submission", "restricted.need_pair",
)  # fmt: skip
MOVES = {"version", "updated_at", "sealed", "key_id"}


def asked(session: Session, contact: Contact | None = None, **values: Any) -> UUID:
    draft = NeedDraft(**({"category": Category.FOOD} | values))
    return create_need(session, draft, located(HELSINKI), contact).id


def pair_of(session: Session) -> UUID:
    judge_some(session)
    return session.scalars(select(need_pair.c.id).order_by(need_pair.c.bits.desc())).all()[0]


def pair(session: Session, made: list[UUID]) -> UUID:
    """Put two together, however unlikely it is that they are one."""
    judge_some(session)
    values = {"id": new_id(), "earlier_id": made[0], "later_id": made[1], "bits": 14, "parts": {}}
    session.execute(insert(need_pair).values(**values).on_conflict_do_nothing())
    return session.scalars(select(need_pair.c.id)).one()


@pytest.fixture
def two(session: Session) -> tuple[UUID, UUID]:
    return asked(session, PHONE), asked(session, LATER, household_size=4, urgency=Urgency.HIGH)


def picture(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Everything that is kept, without what counts every change."""
    seen = {}
    for table in TABLES:
        rows = [dict(row) for row in session.execute(text("TABLE " + table)).mappings()]
        hidden = MOVES | ({"id"} if table in {"restricted.contact", "restricted.preference"} else set())
        seen[table] = sorted(({k: v for k, v in row.items() if k not in hidden} for row in rows), key=repr)
    needs = session.scalars(select(tables.need.c.id)).all()
    seen["contacts"] = sorted(({"of": one, "is": find_contact(session, "need_id", one)} for one in needs), key=repr)
    return seen


@given(
    take=st.sets(st.sampled_from(list(Fact))),
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    contacts=st.tuples(st.sampled_from([None, PHONE]), st.sampled_from([None, LATER, Contact(note="dog")])),
    helped=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    strict=st.tuples(st.booleans(), st.booleans()),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_merging_and_undoing_changes_nothing(
    session: Session, take: set[Fact], sizes: tuple[int, int], contacts: tuple[Contact | None, Contact | None],
    helped: tuple[int, int], strict: tuple[bool, bool],
) -> None:  # fmt: skip
    with session.begin_nested() as trial:
        made = [
            asked(session, contact, household_size=size, urgency=urgency, access=access, languages=spoken)
            for contact, size, urgency, access, spoken in zip(
                contacts,
                sizes,
                (Urgency.LOW, Urgency.HIGH),
                ((), (Access.NO_CAR,)),
                (("fi",), ("sv", "fi")),
                strict=True,
            )
        ]
        far = add_helper(session, public_name="Far")
        for one, steps in zip(made, helped, strict=True):
            helper = add_helper(session, capacity_per_week=9)
            asked_for = propose_match(session, one, helper_id=helper.id, now=NOW)
            if steps == 1:
                step(session, asked_for.id, MatchStatus.DECLINED, reason=MatchReason.NO_TIME, now=NOW)
            elif steps == 2:
                step(session, asked_for.id, MatchStatus.ACCEPTED, now=NOW)
        if strict[0]:
            keep_apart(session, far.id, made[1])
        if strict[1]:
            stop_contacting(session, Recipient(RecipientKind.NEED, made[1]))
            stop_contacting(session, Recipient(RecipientKind.NEED, made[0]))
            session.execute(
                text("UPDATE restricted.preference SET is_stopped = false WHERE need_id = :id"), {"id": made[0]}
            )
        found = pair(session, made)
        before, balance = picture(session), count_balance(session)
        try:
            merge(session, found, take, now=NOW)
        except (Conflict, InvalidInput):
            assert helped == (2, 2) or (contacts[1] is None and take & {Fact.CONTACT, Fact.NOTE})
        else:
            assert count_balance(session).received == balance.received
            assert count_balance(session).closed == balance.closed + 1
            assert get_need(session, made[1]).status is NeedStatus.MERGED
            assert standing_for(session, made[1]) == made[0]
            undo_decision(session, found, now=NOW)
            assert picture(session) == before
            assert count_balance(session) == balance
        trial.rollback()


def test_what_is_taken_is_taken_and_the_rest_stays(session: Session, two: tuple[UUID, UUID]) -> None:
    merge(session, pair_of(session), {Fact.HOUSEHOLD_SIZE, Fact.NOTE})
    kept = get_need(session, two[0])
    assert (kept.household_size, kept.urgency) == (4, Urgency.NORMAL)
    contact = find_contact(session, "need_id", two[0])
    assert contact is not None
    assert (contact.name, contact.note) == ("Aino", "third floor\nring twice")
    merged = get_need(session, two[1])
    assert (merged.household_size, merged.status) == (4, NeedStatus.MERGED)


def test_a_merged_request_leaves_every_live_figure_and_comes_back(session: Session, two: tuple[UUID, UUID]) -> None:
    def figures() -> tuple[Any, ...]:
        return count_cells(session), count_lanes(session), count_balance(session)

    assert two
    pair, before = pair_of(session), figures()
    merge(session, pair)
    cells, lanes, balance = figures()
    assert sum(one.count for one in cells) == sum(one.count for one in before[0]) - 1
    assert sum(one.count for one in lanes.values()) == sum(one.count for one in before[1].values()) - 1
    assert balance.located == before[2].located - 1
    undo_decision(session, pair)
    assert figures() == before


def test_a_merged_request_leaves_the_review_queue(session: Session) -> None:
    waits = Location(LocationState.NEEDS_REVIEW, address_typed="Kumpula 3")
    for _ in range(2):
        create_need(session, NeedDraft(Category.FOOD), waits, PHONE)
    pair = pair_of(session)
    merge(session, pair)
    assert len(list_review(session)) == 1
    undo_decision(session, pair)
    assert len(list_review(session)) == 2


def test_matches_go_over_and_come_back_as_they_are_by_then(session: Session, two: tuple[UUID, UUID]) -> None:
    helper = add_helper(session, capacity_per_week=3)
    made = propose_match(session, two[1], helper_id=helper.id)
    pair = pair_of(session)
    merge(session, pair)
    assert get_match(session, made.id).need_id == two[0]
    for then in (MatchStatus.ACCEPTED, MatchStatus.UNDER_WAY, MatchStatus.DONE):
        step(session, made.id, then)
    assert get_need(session, two[0]).status is NeedStatus.MET
    undo_decision(session, pair)
    assert get_match(session, made.id).need_id == two[1]
    assert [get_need(session, one).status for one in two] == [NeedStatus.OPEN, NeedStatus.MET]


def test_what_changed_since_stays(session: Session, two: tuple[UUID, UUID]) -> None:
    pair = pair_of(session)
    merge(session, pair, {Fact.HOUSEHOLD_SIZE, Fact.URGENCY})
    update_need(session, two[0], {"household_size": 7})
    update_need(session, two[0], {"status": "met"})
    undo_decision(session, pair)
    kept = get_need(session, two[0])
    assert (kept.household_size, kept.urgency, kept.status) == (7, Urgency.NORMAL, NeedStatus.MET)
    assert get_need(session, two[1]).status is NeedStatus.OPEN


def test_a_better_place_is_taken_and_given_back(session: Session) -> None:
    first = create_need(
        session, NeedDraft(Category.FOOD), Location(LocationState.NEEDS_REVIEW, address_typed="Kumpula 3"), PHONE
    ).id
    asked(session, LATER)
    pair = pair_of(session)
    merge(session, pair, {Fact.PLACE})
    found = get_need(session, first)
    assert (found.location_state, found.match_quality) == (LocationState.LOCATED, MatchQuality.ROOFTOP)
    assert get_location(session, "need_id", first, found.location_state).point == HELSINKI
    undo_decision(session, pair)
    found = get_need(session, first)
    assert (found.location_state, found.cell) == (LocationState.NEEDS_REVIEW, None)
    assert get_location(session, "need_id", first, found.location_state).address_typed == "Kumpula 3"


def test_the_stricter_side_wins(session: Session, two: tuple[UUID, UUID]) -> None:
    feared = add_helper(session)
    keep_apart(session, feared.id, two[1])
    stop_contacting(session, Recipient(RecipientKind.NEED, two[1]))
    pair = pair_of(session)
    merge(session, pair, {Fact.CONTACT})
    assert are_apart(session, two[0], feared.id)
    assert find_preference(session, Recipient(RecipientKind.NEED, two[0])).is_stopped
    undo_decision(session, pair)
    assert not are_apart(session, two[0], feared.id)
    assert not find_preference(session, Recipient(RecipientKind.NEED, two[0])).is_stopped


def test_a_stop_that_was_said_since_stays(session: Session, two: tuple[UUID, UUID]) -> None:
    stop_contacting(session, Recipient(RecipientKind.NEED, two[1]))
    pair = pair_of(session)
    merge(session, pair)
    answer(session, two[0], Answer.STOP)
    # within one transaction every instant is the same; somebody says it later
    session.execute(text("UPDATE restricted.preference SET updated_at = now() + interval '1 minute'"))
    undo_decision(session, pair)
    assert find_preference(session, Recipient(RecipientKind.NEED, two[0])).is_stopped


def test_nobody_is_brought_to_whom_they_are_kept_apart_from(session: Session, two: tuple[UUID, UUID]) -> None:
    feared = add_helper(session)
    keep_apart(session, feared.id, two[0])
    propose_match(session, two[1], helper_id=feared.id)
    with pytest.raises(Conflict, match="kept apart"):
        merge(session, pair_of(session))


def test_two_that_are_claimed_are_not_merged(session: Session, two: tuple[UUID, UUID]) -> None:
    for one in two:
        helper = add_helper(session, capacity_per_week=2)
        step(session, propose_match(session, one, helper_id=helper.id).id, MatchStatus.ACCEPTED)
    with pytest.raises(Conflict, match="claimed each"):
        merge(session, pair_of(session))


def test_what_is_decided_is_decided_once(session: Session, two: tuple[UUID, UUID]) -> None:
    pair = pair_of(session)
    say_different(session, pair)
    for decide in (lambda: merge(session, pair), lambda: say_different(session, pair)):
        with pytest.raises(Conflict):
            decide()
    undo_decision(session, pair)
    with pytest.raises(Conflict):
        undo_decision(session, pair)
    merge(session, pair)
    with pytest.raises(Conflict):
        update_need(session, two[1], {"status": "open"})
    with pytest.raises(InvalidInput):
        update_need(session, two[0], {"status": "merged"})
    for one in two:
        with pytest.raises(Conflict):
            delete_need(session, one)


def test_three_are_taken_apart_in_the_order_they_were_put_together(session: Session) -> None:
    made = [asked(session, household_size=size) for size in (1, 2, 3)]
    judge_some(session)
    pairs = {(row.earlier_id, row.later_id): row.id for row in session.execute(select(need_pair))}
    last, first = pairs[made[1], made[2]], pairs[made[0], made[1]]
    merge(session, last, {Fact.HOUSEHOLD_SIZE}, now=NOW)
    merge(session, first, {Fact.HOUSEHOLD_SIZE}, now=NOW)
    assert standing_for(session, made[2]) == made[0]
    assert merged_with(session, [made[1]]) == set(made)
    assert get_need(session, made[0]).household_size == 3
    with pytest.raises(Conflict, match="third"):
        undo_decision(session, last)
    undo_decision(session, first)
    undo_decision(session, last)
    assert [get_need(session, one).household_size for one in made] == [1, 2, 3]


def test_the_link_of_either_shows_the_one_request(session: Session, two: tuple[UUID, UUID]) -> None:
    merge(session, pair_of(session))
    assert get_own_need(session, two[1]).state is AskedState.OPEN
    answer(session, two[1], Answer.HELPED)
    assert get_need(session, two[0]).status is NeedStatus.MET
    assert [get_own_need(session, one).state for one in two] == [AskedState.MET, AskedState.MET]


def test_an_entry_that_comes_again_is_answered_as_before(session: Session) -> None:
    asked(session)
    entry = Entry(new_id(), "need", {"category": "food"}, b"1" * 32)
    first = receive(session, entry, lambda: asked(session))
    merge(session, pair_of(session))
    again = receive(session, entry, lambda: asked(session))
    assert (again.record_id, again.is_new) == (first.record_id, False)


def test_erasing_either_erases_both(session: Session, two: tuple[UUID, UUID], tmp_path: Path) -> None:
    merge(session, pair_of(session), {Fact.CONTACT})
    report, _ = erase(session, SubjectKind.NEED, two[1], log=ErasureLog(tmp_path / "erasures"), now=NOW)
    assert report.needs == 2
    for table in (tables.need, tables.contact, need_merge, need_pair):
        assert session.execute(select(table)).all() == []


def test_who_takes_a_consent_back_is_known_by_neither(session: Session, two: tuple[UUID, UUID]) -> None:
    pair = pair_of(session)
    merge(session, pair, {Fact.CONTACT})
    [agreed, *_] = list_consents(session, SubjectKind.NEED, two[1])
    withdraw_consent(session, agreed.id, now=NOW)
    for one in two:
        assert find_contact(session, "need_id", one) is None
        assert find_agreed_at(session, SubjectKind.NEED, one, ConsentScope.KEEP_CONTACT) is None
    assert session.scalars(select(need_merge.c.sealed)).all() == [None]
    with pytest.raises(Conflict, match="faded"):
        undo_decision(session, pair)


def test_what_has_faded_is_kept_nowhere_else(session: Session, two: tuple[UUID, UUID]) -> None:
    merge(session, pair_of(session), now=NOW)
    apply_retention(session, NOW + timedelta(days=5000))
    assert find_contact(session, "need_id", two[1]) is None
    assert session.scalars(select(need_merge.c.sealed)).all() == [None]
