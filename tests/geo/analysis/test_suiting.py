"""Which help suits which need, against the rule said need by need and place by place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.analysis import suiting
from geo.analysis.suiting import CATEGORIES, Asks, Offers, Wants, find_lack, find_suiting, suits_of
from geo.domain.words import Category, StepFree
from geo.errors import InvalidInput

FOOD, COMPANY = Category.FOOD, Category.COMPANY
Need = tuple[Category, tuple[str, ...], bool]


def as_wants(needs: list[Need]) -> Wants:
    return Wants(
        np.array([CATEGORIES.index(category) for category, *_ in needs], dtype=np.int64),
        [",".join(languages) for _, languages, _ in needs],
        np.array([wheelchair for *_, wheelchair in needs], dtype=bool),
    )


def table(needs: list[Need], offers: list[Offers], usual: tuple[str, ...] = ()) -> tuple[Any, Any]:
    found = find_suiting(as_wants(needs), offers, usual=usual)
    rows, columns = found.need_kind[:, None], found.place_kind
    return found.suits.sure[rows, columns], found.suits.best[rows, columns]


def suits(need: Need, offer: Offers, usual: tuple[str, ...]) -> tuple[bool, bool]:
    """Say the rule in words."""
    category, asked, wheelchair = need
    spoken = {code[:2] for code in offer.languages} or {code[:2] for code in usual}
    talks = offer.interpreter or not asked or not spoken or bool({code[:2] for code in asked} & spoken)
    fits = category in offer.categories and talks
    if not wheelchair or offer.step_free is None:
        return fits and offer.surely_open, fits
    sure = fits and offer.step_free in ("yes", "limited")
    return sure and offer.surely_open, fits and offer.step_free != "no"


codes = st.lists(st.sampled_from(["fi", "sv", "ar", "pt-BR", "pt"]), max_size=3, unique=True).map(tuple)
category = st.sampled_from([FOOD, COMPANY])
some_needs = st.lists(st.tuples(category, codes, st.booleans()), max_size=12)
some_offers = st.lists(
    st.builds(
        Offers,
        st.frozensets(category, min_size=1),
        codes,
        st.booleans(),
        st.none() | st.sampled_from(list(StepFree)),
        st.booleans(),
    ),
    max_size=8,
)


@given(some_needs, some_offers, codes)
def test_says_for_each_pair_what_the_rule_says(needs: list[Need], offers: list[Offers], usual: tuple[str, ...]) -> None:
    sure, best = table(needs, offers, usual)
    assert sure.shape == best.shape == (len(needs), len(offers))
    for i, need in enumerate(needs):
        for j, offer in enumerate(offers):
            assert (bool(sure[i, j]), bool(best[i, j])) == suits(need, offer, usual)


@given(some_needs, some_offers)
def test_single_needs_and_places_are_compared_alike(needs: list[Need], offers: list[Offers]) -> None:
    sure, best = table(needs, offers)
    found = suits_of([Asks(*need) for need in needs], offers)
    assert (found.sure == sure).all()
    assert (found.best == best).all()
    assert found.sure.shape == (len(needs), len(offers))


@given(some_needs, some_offers, codes)
def test_kinds_are_as_few_as_they_can_be_told_apart_by_their_traits(
    needs: list[Need], offers: list[Offers], usual: tuple[str, ...]
) -> None:
    found = find_suiting(as_wants(needs), offers, usual=usual)
    traits = {(c, frozenset(code[:2] for code in languages), w) for c, languages, w in needs}
    assert len(found.suits.sure) == len(traits) == len(set(found.need_kind.tolist()))
    again = find_suiting(as_wants(needs[::-1]), offers, usual=usual)
    assert again.need_kind[::-1].tolist() == found.need_kind.tolist()


@given(some_needs, some_offers, codes)
def test_what_is_lacking_is_what_the_rule_says(needs: list[Need], offers: list[Offers], usual: tuple[str, ...]) -> None:
    lack = find_lack(as_wants(needs), offers, usual=usual)
    for i, (wanted, languages, wheelchair) in enumerate(needs):
        of_category = [offer for offer in offers if wanted in offer.categories]
        speaking = [offer for offer in of_category if suits((wanted, languages, False), offer, usual)[1]]
        ways_in = (None, StepFree.YES, StepFree.LIMITED)
        getting_in = [offer for offer in speaking if not wheelchair or offer.step_free in ways_in]
        assert lack.language[i] == (bool(of_category) and not speaking)
        assert lack.way_in[i] == (bool(speaking) and not getting_in)


def test_a_place_that_names_no_language_speaks_the_networks() -> None:
    arabic: list[Need] = [(FOOD, ("ar",), False)]
    place = [Offers(frozenset({FOOD}))]
    assert not table(arabic, place, ("fi", "sv"))[1].any()
    assert table(arabic, place, ("fi", "ar"))[0].all()
    # where nobody has said anything, nobody is turned away
    assert table(arabic, place)[0].all()


def test_steps_that_are_not_known_suit_at_best() -> None:
    sure, best = table([(FOOD, (), True)], [Offers(frozenset({FOOD}), step_free=StepFree.UNKNOWN)])
    assert (sure.any(), best.all()) == (False, True)


def test_a_table_too_large_to_compare_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    needs: list[Need] = [(FOOD, (code,), False) for code in ("fi", "sv", "ar")]
    monkeypatch.setattr(suiting, "MAX_PAIRS", 5)
    with pytest.raises(InvalidInput):
        table(needs, [Offers(frozenset({FOOD})), Offers(frozenset({COMPANY}))])


def test_a_million_needs_are_a_handful_of_kinds() -> None:
    n, spoken = 1_000_000, ["", "fi", "fi,en", "ar", "so,fi"]
    rng = np.random.default_rng(0)
    wants = Wants(rng.integers(0, 10, n), [spoken[i] for i in rng.integers(0, 5, n)], rng.random(n) < 0.06)
    found = find_suiting(wants, [Offers(frozenset({FOOD}), ("fi",))])
    assert found.suits.sure.shape == (100, 1)
