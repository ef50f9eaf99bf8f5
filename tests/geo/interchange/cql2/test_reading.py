from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.records import Asset
from geo.domain.words import Audience
from geo.errors import InvalidInput
from geo.interchange.cql2.expression import Alike, Compared, Literal
from geo.interchange.cql2.reading import MAX_CHARS, read_json, read_text
from geo.privacy.queryables import list_queryables

KNOWN = list_queryables(Asset, Audience.PARTNER)
SLOWEST_S = 1.0
"""Processor time; a busy machine does not stretch it."""

INJECTIONS = [
    "1=1",
    "' OR '1'='1",
    "name = 'x'; DROP TABLE asset; --",
    "name = 'x' UNION SELECT geom FROM restricted.location_exact",
    "pg_sleep(10) = 1",
    "name = pg_read_file('/etc/passwd')",
    "restricted.contact = 'x'",
    "asset.name = 'x'",
    '"name"" = \'x\' OR ""a" = \'x\'',
    "name = (SELECT 1)",
    "name = $1",
    "name = %(param_1)s",
    "name = :x",
    "exists(name)",
    "name::text = 'x'",
    "name ~ 'x'",
    "name LIKE 'x' ESCAPE 'y'",
    "name = 'x' -- comment",
    "name/**/= 'x'",
    "NOT",
    "is_private",
    "is_private = true",
    "capacity_per_week > 1",
    "network_id = 'x'",
    "geom IS NULL",
    "household_size = 1",
    "S_INTERSECTS(geom, POINT(1 2))",
    "S_INTERSECTS(geometry, POINT EMPTY)",
    "S_INTERSECTS(geometry, POLYGON EMPTY)",
    "S_INTERSECTS(restricted.location_exact.geom, POINT(1 2))",
    "ctid = 'x'",
    "xmin = 1",
    "current_user = 'x'",
    "version = 1e400",
    "version = NaN",
    "name = NULL",
    "NULL",
    "name",
    "geometry",
    "categories",
    "name = 1",
    "version = 'x'",
    "name > TRUE",
    "categories = 'food'",
    "updated_at > '2026-01-01'",
    "assured_on > 5",
    "CASEI(version) = 'x'",
    "CASEI(name, name) = 'x'",
    "T_AFTER(name, DATE('2026-01-01'))",
    "A_CONTAINS(name, ('x'))",
    "S_INTERSECTS(name, POINT(1 2))",
    "S_INTERSECTS(POINT(1 2), POINT(1 2))",
    "S_INTERSECTS(geometry, POINT(200 2))",
    "S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))",
    "S_INTERSECTS(geometry, BBOX(0,5,1,1))",
    "S_INTERSECTS(geometry, POLYGON((0 0,1 1)))",
    "S_BUFFER(geometry, 1)",
    "name LIKE version",
    "name LIKE 'a\\'",
    "version BETWEEN 'a' AND 'b'",
    "version IN ('a')",
    "version IN ()",
    "updated_at = TIMESTAMP('2026-13-01T00:00:00Z')",
    "updated_at = DATE('2026-02-30')",
    "T_DURING(updated_at, INTERVAL('2026-02-02','2026-02-01'))",
    "accenti(name) = 'x'",
]
"""What must be refused, each as no filter of ours: nothing of it may reach the database."""


def refused(text: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidInput) as caught:
        read_text(text, KNOWN)
    assert time.process_time() - started < SLOWEST_S
    for word in ("DROP", "SELECT", "restricted", "passwd"):
        assert word not in str(caught.value)


@pytest.mark.parametrize("text", [text for text in INJECTIONS if text != "1=1"])
def test_what_is_no_filter_of_ours_is_refused(text: str) -> None:
    refused(text)


def test_what_is_always_true_says_nothing_more_than_no_filter() -> None:
    assert read_text("1=1", KNOWN) is not None


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000,
        "(" * 40 + "version=1" + ")" * 40,
        "(" * 11 + "x y" + ")" * 11,
        "NOT " * 1_000 + "TRUE",
        " AND ".join(["version=1"] * 500),
        "version=" + "+".join(["1"] * 2_000),
        "version=" + "-(" * 11 + "1" + ")" * 11,
        "name = '" + "x" * 1_000_000 + "'",
        "name LIKE '" + "%a" * 500 + "'",
        "version IN (" + ",".join(["1"] * 1_500) + ")",
        "CASEI(" * 300 + "name" + ")" * 300 + "='x'",
        "(" * 10 + "x y" + ")" * 10,
        "a" * 1_000_000,
        "S_INTERSECTS(geometry, LINESTRING(" + ",".join(["1 2"] * 700) + "))",
        ")" * 20 + "(" * 20,
        "'" * 999,
        '"' * 999,
    ],
)
def test_what_is_too_much_is_refused_at_once(text: str) -> None:
    refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"op":"not","args":[' * 3_000 + "true" + "]}" * 3_000,
        '{"op":"not","args":[' * 30 + "true" + "]}" * 30,
        "x" * 1_000_000,
        "",
        "{}",
        "[]",
        "null",
        "1",
        '"a"',
        '{"op":"and"}',
        '{"op":1,"args":[]}',
        '{"op":"=","args":{}}',
        '{"op":"=","args":[1]}',
        '{"op":"=","args":[1,2,3]}',
        '{"op":"=","args":[{"property":["name"]},"x"]}',
        '{"op":"=","args":[{"property":"name","x":1},"x"]}',
        '{"op":"=","args":[{"property":"version"},NaN]}',
        '{"op":"=","args":[{"property":"version"},1e999]}',
        '{"op":"=","args":[{"property":"name"},"a\\u0000"]}',
        '{"op":"=","args":[{"property":"name"},"\\ud800"]}',
        '{"op":"in","args":[{"property":"name"},"x"]}',
        '{"op":"in","args":[{"property":"name"},[]]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[1]}]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":"1,2"}]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[]]}]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[1,2,3]}]}',
        '{"op":"t_after","args":[{"property":"updated_at"},{"interval":5}]}',
        '{"op":"t_after","args":[{"property":"updated_at"},{"timestamp":5}]}',
        '{"op":"a_contains","args":[["x"],[1]]}',
        '{"op":"like","args":[{"property":"name"},{"op":"casei","args":[1]}]}',
    ],
)
def test_json_that_is_no_filter_of_ours_is_refused(text: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidInput):
        read_json(text, KNOWN)
    assert time.process_time() - started < SLOWEST_S


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["name", "geometry", "and", "=", "in"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["op", "args", "property", "interval", "date", "bbox", "type", "coordinates"]), inner
        )
        | st.builds(
            lambda name, args: {"op": name, "args": args},
            st.sampled_from(["=", "s_within", "like", "t_during", "in", "not"]),
            st.lists(inner, max_size=3),
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_any_json_is_a_filter_or_refused(tree: Any) -> None:
    try:
        read_json(json.dumps(tree), KNOWN)
    except InvalidInput:
        return


PIECES = [
    "(",
    ")",
    "name",
    "version",
    "=",
    "<",
    "AND",
    "OR",
    "NOT",
    "'x'",
    "1",
    ",",
    "IN",
    "LIKE",
    "BETWEEN",
    "S_INTERSECTS",
    "geometry",
    "POINT(1 2)",
    "BBOX(1,2,3,4)",
    "IS NULL",
    "CASEI",
    "DATE('2026-01-01')",
    "+",
    "-",
    "INTERVAL",
    "'",
    '"',
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join) | st.text(max_size=60))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    started = time.process_time()
    with suppress(InvalidInput):
        read_text(text, KNOWN)
    assert time.process_time() - started < SLOWEST_S


def test_only_names_of_the_list_are_taken() -> None:
    assert len("name = 'x'") < MAX_CHARS
    for hidden in ("is_private", "capacity_per_week", "network_id", "geom"):
        assert hidden not in {one.name for one in KNOWN}


def test_a_quote_inside_a_text_is_written_in_two_ways() -> None:
    found = {read_text(text, KNOWN) for text in (r"name = 'it\'s (('", "name = 'it''s (('")}
    assert [one.right.value for one in found if isinstance(one, Compared) and isinstance(one.right, Literal)] == [
        "it's (("
    ]
    assert isinstance(read_text(r"name LIKE 'a\%'", KNOWN), Alike)
    for text in (r"name = \'a\'", "name = 'a" + r"\'" * 2000):
        with pytest.raises(InvalidInput):
            read_text(text, KNOWN)
