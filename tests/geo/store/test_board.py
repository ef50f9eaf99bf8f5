"""The board against the plain rule, whatever became of the needs, and the figures it shares with the balance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo.domain.board import DONE_DAYS, STANDS, Lane, lane_of
from geo.domain.match import ANSWER_WITHIN, MatchReason
from geo.domain.words import URGENCY_RANK, Category, MatchStatus, NeedStatus, Urgency
from geo.errors import GeoError, NotFound
from geo.store.board import count_lanes, list_board, list_matches_of_helper, list_matches_of_need
from geo.store.match_steps import propose_match, step
from geo.store.matches import MatchFilter, list_matches
from geo.store.needs import count_balance, get_need, list_needs, update_need

from tests.factories import add_asset, add_helper, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.records import Need

NOW = datetime.now(UTC)
FARTHEST = (MatchStatus.UNDER_WAY, MatchStatus.ACCEPTED, MatchStatus.PROPOSED)


def a_town(session: Session, seed: int) -> None:
    """Needs and helpers who were asked, said yes or no, began, ended, and let it lapse, at random."""
    rng = np.random.default_rng(seed)
    helpers = [add_helper(session, public_name=f"H{n}", capacity_per_week=9) for n in range(6)]
    asset = add_asset(session)
    for number in range(24):
        need = add_need(
            session,
            None if number % 7 == 0 else HELSINKI,
            category=(Category.FOOD, Category.WATER)[number % 2],
            urgency=list(Urgency)[int(rng.integers(4))],
            withheld=number % 11 == 0,
            received_at=NOW - timedelta(hours=int(rng.integers(1, 500))),
        )
        for _ in range(int(rng.integers(0, 3))):
            side = {"helper_id": helpers[int(rng.integers(6))].id} if rng.random() < 0.8 else {"asset_id": asset.id}
            _live(session, need, side, rng)
        if rng.random() < 0.2:
            status = (NeedStatus.MET, NeedStatus.WITHDRAWN, NeedStatus.IN_PROGRESS, NeedStatus.OPEN)[rng.integers(4)]
            update_need(session, need.id, {"status": status.value})


def _live(session: Session, need: Need, side: dict[str, object], rng: np.random.Generator) -> None:
    try:
        one = propose_match(session, need.id, **side, now=NOW - timedelta(hours=int(rng.integers(0, 40))))  # type: ignore[arg-type]
        for then, reason in (
            (MatchStatus.ACCEPTED, None),
            (MatchStatus.UNDER_WAY, None),
            (MatchStatus.DONE, None) if rng.random() < 0.5 else (MatchStatus.FAILED, MatchReason.OTHER),
        ):
            if rng.random() < 0.4:
                return
            one = step(session, one.id, then, reason=reason, now=NOW - timedelta(hours=1))
    except GeoError:
        return


@pytest.mark.parametrize("seed", range(4))
def test_each_need_is_in_the_lane_the_rule_says_and_in_no_other(session: Session, seed: int) -> None:
    a_town(session, seed)
    found = {lane: list_board(session, lane, limit=1000, now=NOW) for lane in Lane}
    where = {card.need.id: lane for lane, cards in found.items() for card in cards}
    expected = {}
    for need in list_needs(session, limit=1000):
        if need.withheld or need.status in (NeedStatus.WITHDRAWN, NeedStatus.EXPIRED):
            continue
        states = {one.status for one in list_matches(session, where=MatchFilter(need_id=need.id), now=NOW)}
        expected[need.id] = lane_of(need.status, next((status for status in FARTHEST if status in states), None))
    assert where == expected
    assert sum(map(len, found.values())) == len(where)
    counts = count_lanes(session, now=NOW)
    assert {lane: one.count for lane, one in counts.items()} == {lane: len(cards) for lane, cards in found.items()}
    for lane, cards in found.items():
        urgent = [card for card in cards if URGENCY_RANK[card.need.urgency] < 2]
        assert counts[lane].pressing == len(urgent)
        assert counts[lane].oldest_at == min((card.need.received_at for card in cards), default=None)
        for card in cards:
            assert card.lane is lane
            assert card.match is None or card.match.status is STANDS[lane]
            assert (card.who is None) == (card.match is None)


@pytest.mark.parametrize("category", [None, Category.FOOD])
def test_the_open_lanes_add_up_to_the_balance(session: Session, category: Category | None) -> None:
    a_town(session, 7)
    balance = count_balance(session, category=category)
    counts = count_lanes(session, category=category, now=NOW)
    is_open = sum(one.count for lane, one in counts.items() if lane is not Lane.DONE)
    assert is_open == balance.received - balance.withheld - balance.closed
    assert is_open > 0


def test_the_most_urgent_comes_first_and_of_those_the_longest_waiting(session: Session) -> None:
    a_town(session, 3)
    needs = [card.need for card in list_board(session, Lane.WAITING, now=NOW)]
    assert needs == sorted(needs, key=lambda need: (URGENCY_RANK[need.urgency], need.received_at, need.id))
    assert len(list_board(session, Lane.WAITING, limit=2, now=NOW)) == 2
    assert list_board(session, Lane.WAITING, limit=2, now=NOW) == list_board(session, Lane.WAITING, now=NOW)[:2]


def test_a_question_that_lapsed_lets_its_need_wait_again(session: Session) -> None:
    need, one, other = add_need(session), add_helper(session), add_helper(session, public_name="Bea")
    propose_match(session, need.id, helper_id=one.id, now=NOW)
    propose_match(session, need.id, helper_id=other.id, now=NOW + timedelta(minutes=1))
    (card,) = list_board(session, Lane.ASKED, now=NOW + timedelta(minutes=2))
    assert (card.who, card.asked) == ("Bea", 2)
    (card,) = list_board(session, Lane.WAITING, now=NOW + ANSWER_WITHIN + timedelta(minutes=2))
    assert (card.need.id, card.match, card.asked) == (need.id, None, 0)


def test_what_is_done_leaves_the_board_after_a_while(session: Session) -> None:
    need = add_need(session)
    update_need(session, need.id, {"status": "met"})
    closed_at = get_need(session, need.id).closed_at
    assert closed_at is not None
    assert len(list_board(session, Lane.DONE, now=closed_at + timedelta(days=DONE_DAYS - 1))) == 1
    assert not list_board(session, Lane.DONE, now=closed_at + timedelta(days=DONE_DAYS + 1))


def test_a_need_that_was_opened_again_waits_without_its_old_match(session: Session) -> None:
    need, helper = add_need(session), add_helper(session)
    one = propose_match(session, need.id, helper_id=helper.id)
    for then in (MatchStatus.ACCEPTED, MatchStatus.UNDER_WAY, MatchStatus.DONE):
        step(session, one.id, then)
    (card,) = list_board(session, Lane.DONE)
    assert (card.who, card.match is None) == ("Aino K.", False)
    update_need(session, need.id, {"status": "open"})
    (card,) = list_board(session, Lane.WAITING)
    assert (card.who, card.match) == (None, None)


def test_matches_of_one_need_or_helper_come_newest_first(session: Session) -> None:
    helper, needs = add_helper(session), [add_need(session), add_need(session, category=Category.WATER)]
    made = [propose_match(session, need.id, helper_id=helper.id) for need in needs]
    place = propose_match(session, needs[0].id, asset_id=add_asset(session).id)
    of_helper = list_matches_of_helper(session, helper.id)
    assert {one.match.id for one in of_helper} == {one.id for one in made}
    assert {(one.match.need_id, one.need.category) for one in of_helper} == {(n.id, n.category) for n in needs}
    of_need = list_matches_of_need(session, needs[0].id)
    assert {(one.match.id, one.who) for one in of_need} == {(made[0].id, "Aino K."), (place.id, "Corner pantry")}
    assert len(list_matches_of_helper(session, helper.id, limit=1)) == 1
    for asked in (list_matches_of_need, list_matches_of_helper):
        with pytest.raises(NotFound):
            asked(session, made[0].id)
