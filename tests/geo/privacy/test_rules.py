from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from geo.domain.words import Category
from geo.errors import InvalidInput
from geo.privacy.rules import KIND_OF, SENSITIVE, PublicKind, ReleaseRules, public_kinds


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", 0), ("k", 4), ("k", True), ("resolution", 10), ("resolution", 15), ("resolution", 4),
        ("min_dwellings", 49), ("max_share", 0.0), ("max_share", 0.21), ("max_share", float("nan")), ("freeze_h", 71),
        ("coarsen_after_days", -1), ("contact_after_days", 13),
    ],
)  # fmt: skip
def test_rules_that_are_laxer_than_the_defaults_are_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=name):
        replace(ReleaseRules(), **{name: value})


def test_the_defaults_are_those_of_the_decision() -> None:
    rules = ReleaseRules()
    assert (rules.resolution, rules.k, rules.min_dwellings, rules.max_share, rules.freeze_h) == (8, 5, 50, 0.2, 72)
    assert rules.bands == ("5-9", "10-19", "20-49", "50+")
    assert (rules.coarsen_after_days, rules.contact_after_days) == (14, 30)


@pytest.mark.parametrize("k", [5, 7, 10, 40])
def test_no_band_is_narrower_than_k(k: int) -> None:
    rules = ReleaseRules(k=k)
    starts = rules.band_starts
    assert all(high - low >= k for low, high in pairwise(starts))
    assert [rules.band_of(start) for start in starts] == list(rules.bands)
    assert rules.band_of(starts[1] - 1) == rules.bands[0]
    assert [rules.least_of(band) for band in rules.bands] == list(starts)
    with pytest.raises(InvalidInput):
        rules.band_of(k - 1)


def test_sensitive_categories_are_in_no_kind() -> None:
    assert {Category.MEDICINE, Category.SHELTER, Category.PAPERWORK} == SENSITIVE
    assert public_kinds(SENSITIVE) == frozenset()
    assert set(KIND_OF.values()) == set(PublicKind)
    assert public_kinds([Category.COMPANY, Category.CHILDCARE, Category.MEDICINE]) == {PublicKind.HOME}
