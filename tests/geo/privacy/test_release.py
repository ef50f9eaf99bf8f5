from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING
from uuid import UUID

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InvalidInput
from geo.privacy.cells import cell_of, parent_cell
from geo.privacy.public_file import canonical_bytes, file_name, write_release
from geo.privacy.release import NOTHING_YET, Household, ReleaseState, compute_release, total_shown
from geo.privacy.rules import PublicKind, ReleaseRules

from tests.api.rfc7946 import check_collection
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.privacy.release import Release

RULES = ReleaseRules()
BIG = cell_of(HELSINKI, 8)
SMALL = sorted(map(str, h3.cell_to_children(BIG, 9)))
MANY = dict.fromkeys(SMALL, 100)
FOOD, HOME = PublicKind.FOOD, PublicKind.HOME


def people(count: int, *, cell: str = SMALL[0], kind: PublicKind = FOOD, first: int = 0) -> list[Household]:
    return [Household(UUID(int=first + n), cell, frozenset({kind})) for n in range(count)]


def weeks(*counts: int, dwellings: dict[str, int] | None = None) -> list[Release]:
    made, state = [], NOTHING_YET
    for count in counts:
        made.append(compute_release(people(count), MANY if dwellings is None else dwellings, state, RULES))
        state = made[-1].state
    return made


def bands(releases: Sequence[Release]) -> list[list[str]]:
    return [[line.band for line in release.cells] for release in releases]


def test_a_cell_enters_after_two_weeks_and_leaves_at_once() -> None:
    assert bands(weeks(7, 7, 5, 4, 5)) == [[], ["5-9"], ["5-9"], [], []]
    assert bands(weeks(7, 6, 7, 7)) == [[], [], [], ["5-9"]]
    assert bands(weeks(6, 6, 6, 6)) == [[], [], [], []]


def test_five_rows_of_one_household_are_one() -> None:
    same = [Household(UUID(int=1), SMALL[0], frozenset({kind})) for kind in PublicKind for _ in range(9)]
    state = ReleaseState(frozenset((BIG, kind) for kind in PublicKind))
    assert compute_release([*same, *people(3, first=10)], MANY, state, RULES).cells == ()
    shown = compute_release([*same, *people(4, first=10)], MANY, state, RULES).cells
    assert [(line.cell, line.kind, line.band) for line in shown] == [(BIG, FOOD, "5-9")]


@pytest.mark.parametrize(("homes", "count", "shown"), [(49, 8, False), (50, 8, True), (50, 10, True), (50, 11, False)])
def test_a_cell_needs_homes_and_not_too_many_in_need(homes: int, count: int, *, shown: bool) -> None:
    assert bool(weeks(count, count, dwellings={SMALL[1]: homes})[1].cells) is shown
    assert not weeks(count, count, dwellings={})[1].cells


def test_who_needs_only_what_is_sensitive_is_in_no_count() -> None:
    silent = [Household(UUID(int=n), SMALL[0], frozenset()) for n in range(100, 140)]
    state = ReleaseState(frozenset({(BIG, FOOD)}))
    with_them = compute_release([*people(6), *silent], MANY, state, RULES)
    assert with_them == compute_release(people(6), MANY, state, RULES)


def test_too_few_and_none_look_the_same() -> None:
    state = ReleaseState(frozenset({(BIG, FOOD)}))
    few = compute_release([*people(6), *people(4, kind=HOME, first=50)], MANY, state, RULES)
    none = compute_release(people(6), MANY, state, RULES)
    assert write_release(few.cells, RULES, "2026-W47", {}) == write_release(none.cells, RULES, "2026-W47", {})


def test_totals_come_from_the_bands_alone() -> None:
    state = ReleaseState(frozenset({(BIG, FOOD)}))
    totals = {total_shown(compute_release(people(n), MANY, state, RULES).cells, RULES) for n in range(5, 10)}
    assert len(totals) == 1
    (only,) = totals.pop()
    assert (only.kind, only.cells, only.at_least) == (FOOD, 1, 5)


@given(seed=st.integers(0, 50), counts=st.lists(st.integers(0, 25), min_size=3, max_size=3))
def test_the_order_of_the_rows_changes_no_byte(seed: int, counts: list[int]) -> None:
    rows = [h for i, n in enumerate(counts) for h in people(n, cell=SMALL[i], kind=list(PublicKind)[i], first=100 * i)]
    mixed = random.Random(seed).sample(rows, len(rows))  # noqa: S311 - shuffles test data
    state = ReleaseState(frozenset((BIG, kind) for kind in PublicKind))
    one, other = (compute_release(each, MANY, state, RULES) for each in (rows, mixed))
    assert one == other
    assert write_release(one.cells, RULES, "2026-W47", {}) == write_release(other.cells, RULES, "2026-W47", {})


def test_where_in_the_cell_somebody_lives_changes_nothing() -> None:
    state = ReleaseState(frozenset({(BIG, FOOD)}))
    made = [compute_release([*people(6), *people(1, cell=cell, first=90)], MANY, state, RULES) for cell in SMALL]
    assert all(release == made[0] for release in made)


def test_a_cell_coarser_than_the_grid_is_refused() -> None:
    with pytest.raises(InvalidInput):
        compute_release(people(5, cell=parent_cell(BIG, 7)), MANY, NOTHING_YET, RULES)


def test_the_file_is_geojson_that_says_how_it_was_made() -> None:
    release = weeks(12, 12)[1]
    content = write_release(release.cells, RULES, "2026-W47", {BIG: "Fabianinkatu"})
    read = json.loads(content)
    check_collection(read)
    assert read["privacy"] == {"method": "h3-8", "k": 5, "released": "2026-W47"}
    assert read["features"][0]["properties"] == {"cell": BIG, "name": "Fabianinkatu", "kinds": {"food": "10-19"}}
    assert read["totals"] == {"food": {"at_least": 10, "cells": 1}}
    assert canonical_bytes(read) == content
    assert file_name("2026-W47", content).startswith("2026-W47-")
