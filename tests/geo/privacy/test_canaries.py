"""Canaries are made of what a feed has, look like nothing in it, and are few."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.words import Category, Urgency
from geo.privacy.canaries import (
    LEAST_RECORDS,
    SHORTEST,
    SPREAD_DAYS,
    CanaryDraft,
    Look,
    count_wanted,
    draw_canary,
    look_as_fed,
    look_of,
    names_in,
)
from geo.privacy.cells import cell_of, parent_cell
from geo.privacy.partners import CoarseNeed, coarse_feed, opaque_id, week_of
from geo.privacy.rules import SENSITIVE

from tests.grid import HELSINKI

KEY = b"k" * 32
BANK, CLINIC = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CELLS = sorted(h3.grid_disk(cell_of(HELSINKI), 2))
DWELLINGS = dict.fromkeys(h3.grid_disk(cell_of(HELSINKI), 12), 80)
ALL = frozenset(Category)


def needs(count: int, seed: int = 0) -> list[CoarseNeed]:
    chance = Random(seed)  # noqa: S311 - a feed, not a secret
    return [
        CoarseNeed(
            UUID(int=number + 10), chance.choice(CELLS), chance.choice(sorted(Category)), chance.choice(list(Urgency)),
            NOW - timedelta(days=chance.randrange(60)),
        )
        for number in range(count)
    ]  # fmt: skip


def looks(count: int, seed: int = 0) -> list[Look]:
    found = (look_as_fed(one, DWELLINGS) for one in needs(count, seed))
    return sorted(one for one in found if one is not None)


def draw(
    known: list[Look], number: int = 0, agreement_id: UUID = BANK, *, is_backdated: bool = False
) -> CanaryDraft | None:
    return draw_canary(
        known, key=KEY, agreement_id=agreement_id, number=number, categories=ALL, taken=(), now=NOW,
        is_backdated=is_backdated,
    )  # fmt: skip


def as_need(one: CanaryDraft) -> CoarseNeed:
    return CoarseNeed(one.id, one.cell, one.category, one.urgency, one.received_at)


@given(st.integers(0, 50_000))
def test_no_more_than_one_in_twenty_is_made_up_and_in_large_feeds_about_one_in_a_hundred(records: int) -> None:
    wanted = count_wanted(records)
    assert wanted * 20 <= records
    assert (wanted > 0) == (records >= LEAST_RECORDS)
    assert wanted <= records / 100 + 1


@pytest.mark.parametrize("is_backdated", [True, False])
@given(seed=st.integers(0, 100), number=st.integers(0, 40))
def test_a_canary_is_made_of_parts_of_the_feed_and_looks_like_none_of_it(
    seed: int, number: int, *, is_backdated: bool
) -> None:
    known = looks(60, seed)
    drawn = draw(known, number, is_backdated=is_backdated)
    assert drawn is not None
    look = look_as_fed(as_need(drawn), DWELLINGS)
    assert look is not None
    assert look not in known
    for part in (0, 1, 2):
        assert look[part] in {one[part] for one in known}
    assert look[3] in ({one[3] for one in known} if is_backdated else {week_of(NOW)})
    assert drawn.received_at.weekday() == 0
    assert drawn.received_at.time().isoformat() == "00:00:00"
    assert drawn.category not in SENSITIVE
    assert SHORTEST <= drawn.lasts < SHORTEST + timedelta(days=SPREAD_DAYS)


def test_the_same_number_gives_the_same_canary_and_no_other_partner_gets_it() -> None:
    known = looks(60)
    assert draw(known) == draw(known)
    drawn = {draw(known, number, whose) for number in range(20) for whose in (BANK, CLINIC)}
    assert len({one.id for one in drawn if one is not None}) == 40


def test_a_feed_that_has_every_look_gets_none() -> None:
    assert draw([]) is None
    cell = CELLS[0]
    full = [(cell, "food", band, week_of(NOW)) for band in ("soon", "later")]
    assert draw(full) is None
    none_of_it = draw_canary(
        looks(60), key=KEY, agreement_id=BANK, number=0, categories=SENSITIVE, taken=(), now=NOW, is_backdated=False
    )
    assert none_of_it is None


def test_a_look_that_another_canary_has_is_left_to_it() -> None:
    known = looks(60)
    first = draw(known)
    assert first is not None
    look = look_as_fed(as_need(first), DWELLINGS)
    assert look is not None
    other = draw_canary(
        known, key=KEY, agreement_id=BANK, number=0, categories=ALL, taken={look}, now=NOW, is_backdated=False
    )
    assert other is not None
    assert look_as_fed(as_need(other), DWELLINGS) != look


def test_under_a_coarse_hexagon_the_household_is_somewhere_in_it() -> None:
    coarse = parent_cell(CELLS[0], 8)
    drawn = draw([(coarse, "food", "soon", "2026-W40"), (coarse, "water", "later", "2026-W41")])
    assert drawn is not None
    assert parent_cell(drawn.cell, 8) == coarse
    thin = {str(child): 10 for child in h3.cell_to_children(coarse, 9)}
    look = look_as_fed(as_need(drawn), thin)
    assert look is not None
    assert look[0] == coarse


@given(st.integers(0, 100))
def test_the_feed_gives_a_canary_as_it_gives_a_need(seed: int) -> None:
    real = needs(80, seed)
    drawn = draw(looks(80, seed), seed)
    assert drawn is not None
    given = coarse_feed(
        [*real, as_need(drawn)], DWELLINGS, area=frozenset(CELLS), categories=ALL, key=KEY, partner_id=BANK
    )
    name = opaque_id(KEY, BANK, drawn.id)
    (one,) = (each for each in given if each["id"] == name)
    assert look_of(one) == look_as_fed(as_need(drawn), DWELLINGS)
    assert one.keys() == given[0].keys()


@pytest.mark.parametrize(
    "around", ["{}", "/ogc/collections/needs/items/{}", "id='{}' AND x", '"id":"{}",', "{}-referred", "X={}&Y"]
)
def test_a_name_is_found_in_whatever_stands_around_it(around: str) -> None:
    name = opaque_id(KEY, BANK, UUID(int=7))
    assert names_in(around.format(name)) == {name}
    assert names_in(around.format(name.upper())) == {name}


@pytest.mark.parametrize("text", ["", "a" * 25, "a" * 27, str(UUID(int=7)), "0189" * 7])
def test_what_is_no_name_is_not_found(text: str) -> None:
    assert names_in(text) == frozenset()
