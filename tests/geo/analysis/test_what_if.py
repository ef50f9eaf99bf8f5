"""The difference of two outcomes in words."""

from __future__ import annotations

import pytest

from geo.analysis.what_if import say_change
from geo.domain.what_if import ChangedRow
from geo.domain.words import Category


def row(label: str, before: int, after: int) -> ChangedRow:
    return ChangedRow(label.lower(), label, Category.FOOD, 9, before, after)


@pytest.mark.parametrize(
    ("actions", "rows", "sentence"),
    [
        ([], [], "Nothing is changed."),
        (["closing A"], [], "Closing A leaves as many needs without help as now."),
        (["closing A"], [row("Kallio", 0, 9), row("Punavuori", 2, 5)],
         "Closing A leaves 12 more needs without help, 9 of them in Kallio."),
        (["closing A"], [row("Kallio", 0, 2)], "Closing A leaves 2 more needs without help, all of them in Kallio."),
        (["closing A"], [row("Kallio", 0, 1)], "Closing A leaves 1 more need without help, in Kallio."),
        (["moving A"], [row("Kallio", 2, 0), row("Punavuori", 2, 3)],
         "Moving A gives help to 1 more need, in Kallio."),
        (["moving A"], [row("Kallio", 2, 0), row("Punavuori", 1, 3)],
         "Moving A leaves as many needs without help as now; 2 needs in other places would be without help instead."),
        (["closing A", "moving B"], [row("Kallio", 4, 0)],
         "Closing A and moving B gives help to 4 more needs, all of them in Kallio."),
        (["closing A", "closing B", "closing C", "closing D", "closing E"], [],
         "Closing A, closing B, closing C and 2 other changes leaves as many needs without help as now."),
    ],
)  # fmt: skip
def test_a_change_is_one_sentence(actions: list[str], rows: list[ChangedRow], sentence: str) -> None:
    assert say_change(actions, rows) == sentence
