"""Sentences about gaps: singular and plural, fractions, and the line that adds up."""

from __future__ import annotations

import pytest

from geo.domain.balance import Balance
from geo.domain.gap_words import amount, balance_words, headline, minutes, within


@pytest.mark.parametrize(("value", "words"), [(1, "1"), (0.04, "0"), (2.5, "2.5"), (1234, "1,234"), (0.96, "1")])
def test_counts_keep_one_decimal_where_it_says_something(value: float, words: str) -> None:
    assert amount(value) == words


@pytest.mark.parametrize(("demand", "gap", "begins"), [
    (0, 0, "There is no open food need on the map here."),
    (1, 0, "Every one of the 1 open food need on the map has help within 5 minutes on foot at 17:00."),
    (3, 1, "1 of 3 open food needs finds no help within 5 minutes on foot at 17:00."),
    (3, 2, "2 of 3 open food needs find no help within 5 minutes on foot at 17:00."),
])  # fmt: skip
def test_a_sentence_says_how_it_goes(demand: float, gap: float, begins: str) -> None:
    assert headline(demand, gap, kind="food ", standard_min=5, when=" at 17:00").startswith(begins)


def test_reach_is_said_with_its_way() -> None:
    assert within(1, "bicycle") == "within 1 minute by bicycle"
    assert minutes(0.4) == "under a minute"


def test_the_balance_line_names_every_part() -> None:
    balance = Balance(received=21, located=1, approximate=2, needs_review=3, no_location=4, withheld=5, closed=6)
    said = balance_words(balance, "needs", " everywhere")
    assert said == (
        "21 needs received everywhere = 1 located + 2 approximate + 3 waiting for a place + 4 no location"
        " + 5 withheld + 6 closed"
    )
