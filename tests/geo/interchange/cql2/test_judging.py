from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.domain.records import Asset
from geo.domain.words import Audience
from geo.interchange.cql2.judging import is_like, judge
from geo.interchange.cql2.reading import read_json, read_text
from geo.privacy.queryables import list_queryables

from tests.geo.interchange.cql2.oracle import DAYS, FILTERS, INSTANTS, NUMBERS, TEXTS, WORDS, Drawn, pattern_of

EXPRESSIONS = 20_000 if os.environ.get("BARNRAISER_FULL") else 400
KNOWN = list_queryables(Asset, Audience.ORGANIZER)


def maybe(values: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


POINTS = st.tuples(st.sampled_from([24.925, 24.93, 24.94, 24.95]), st.sampled_from([60.163, 60.167, 60.18]))
FEATURES = st.builds(
    lambda told, lists, point: {
        "type": "Feature",
        "id": "00000000-0000-7000-8000-000000000000",
        "geometry": None if point is None else {"type": "Point", "coordinates": list(point)},
        "properties": {name: value for name, value in (told | lists).items() if value is not None},
    },
    st.fixed_dictionaries(
        {name: maybe(values) for name, values in (TEXTS | NUMBERS).items()}
        | {"assured_on": maybe([day.isoformat() for day in DAYS["assured_on"]])}
        | {"updated_at": maybe([at.isoformat().replace("+00:00", "Z") for at in INSTANTS["updated_at"]])}
        | {"interpreter": maybe([True, False]), "is_private": maybe([True, False]), "address": maybe(["Katu 1"])}
    ),
    st.fixed_dictionaries({name: st.lists(st.sampled_from(values), unique=True) for name, values in WORDS.items()}),
    st.none() | POINTS,
)


@settings(max_examples=EXPRESSIONS)
@given(FILTERS, st.lists(FEATURES, min_size=1, max_size=5))
def test_every_filter_means_what_the_standard_says(drawn: Drawn, found: list[dict[str, Any]]) -> None:
    tree, oracle = drawn
    condition = read_json(json.dumps(tree), KNOWN)
    assert [judge(condition, one) for one in found] == [oracle(one) for one in found]


@given(st.text(alphabet="ab%_\\ä", max_size=12), st.text(alphabet="abä%_\\\n", max_size=12))
def test_patterns_mean_what_a_regular_expression_means(like: str, text: str) -> None:
    if not re.sub(r"\\\\", "", like).endswith("\\"):
        assert is_like(text, like) == (pattern_of(like).fullmatch(text) is not None)


def test_a_pattern_of_many_stars_takes_no_longer_than_its_length() -> None:
    assert not is_like("a" * 2000, "%a" * 99 + "%b")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("name = 'it''s'", {"op": "=", "args": [{"property": "name"}, "it's"]}),
        ("name NOT IN ('a','b')", {"op": "not", "args": [{"op": "in", "args": [{"property": "name"}, ["a", "b"]]}]}),
        ("version BETWEEN 1 AND 2", {"op": "between", "args": [{"property": "version"}, 1, 2]}),
        (
            "interpreter AND NOT is_private",
            {"op": "and", "args": [{"property": "interpreter"}, {"op": "not", "args": [{"property": "is_private"}]}]},
        ),
        ("A_OVERLAPS(categories, ('food'))", {"op": "a_overlaps", "args": [{"property": "categories"}, ["food"]]}),
        (
            "T_AFTER(updated_at, DATE('2026-03-01'))",
            {"op": "t_after", "args": [{"property": "updated_at"}, {"date": "2026-03-01"}]},
        ),
        (
            "CASEI(name) LIKE CASEI('A%')",
            {"op": "like", "args": [{"op": "casei", "args": [{"property": "name"}]}, {"op": "casei", "args": ["A%"]}]},
        ),
        (
            "S_INTERSECTS(geometry, POINT(24.9 60.1))",
            {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [24.9, 60.1]}]},
        ),
        ("description IS NOT NULL", {"op": "not", "args": [{"op": "isNull", "args": [{"property": "description"}]}]}),
        (
            "capacity_per_week * 2 > 10",
            {"op": ">", "args": [{"op": "*", "args": [{"property": "capacity_per_week"}, 2]}, 10]},
        ),
    ],
)
def test_text_and_json_are_one_language(text: str, same: Any) -> None:
    assert read_text(text, KNOWN) == read_json(json.dumps(same), KNOWN)
