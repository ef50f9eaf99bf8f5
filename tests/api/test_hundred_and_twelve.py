"""The 112 bad inputs of the threat model, by number: for each the test that sends it, and here those no other sends."""

# ruff: noqa: E501, RUF001 - a table reads best in rows; lookalikes are what is tested

from __future__ import annotations

import ast
import json
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.api import bad_bodies
from tests.api.conftest import assert_problem, carrying, make_need
from tests.api.rfc7946 import parse
from tests.api.test_bad_bodies import check_alive, send
from tests.api.test_records import BODIES, SQUARE
from tests.callers import organizer
from tests.geo.store.test_second_wall import make_network

if TYPE_CHECKING:
    import logging

    from fastapi.testclient import TestClient

    from geo.store.engine import SessionFactory

ROOT = Path(__file__).parent.parent
BODY, POINT, SHAPE, VALUE = (
    f"api/test_bad_bodies.py::{name}"
    for name in (
        "test_bodies_that_nothing_takes",
        "test_places_that_are_none",
        "test_shapes_that_are_none",
        "test_values_that_cannot_be_used",
    )
)
HERE, PARAMS = "api/test_hundred_and_twelve.py", "api/test_params.py::test_bad_queries_are_refused"
WALLS, CHECKS = "api/test_walls.py", "geo/store/test_checks.py"
AREAS = f"{HERE}::test_more_shapes_that_are_none"
TEXTS = f"{HERE}::test_text_is_kept_letter_for_letter_or_refused"
PATHS = f"{HERE}::test_paths_and_methods_that_are_none"
FILES = f"{HERE}::test_no_archive_office_file_or_picture_is_taken"
QUERIES = f"{HERE}::test_more_queries_that_are_none"
COVERED: dict[int, tuple[str, ...]] = {
    1: (BODY, f"{CHECKS}::test_bad_points_are_refused"), 2: (BODY, f"{CHECKS}::test_bad_points_are_refused"), 3: (BODY,),
    4: (POINT, "nan as text"), 5: (POINT, "inf as text"), 6: (f"{HERE}::test_minus_zero_and_nearly_zero",),
    7: (POINT, "denormal"), 8: (POINT, "latitude 95"), 9: (POINT, "longitude 181"), 10: (POINT, "swapped"),
    11: (POINT, "null island"), 12: (POINT, "nearly null island"), 13: (POINT, "Web Mercator metres"), 14: (POINT, "UTM"),
    15: (POINT, "true"), 16: (POINT, "text"), 17: (POINT, "null"), 18: (POINT, "a list"), 19: (SHAPE, "one ordinate"),
    20: (SHAPE, "five ordinates"), 21: ("geo/test_geometry.py::test_height_is_dropped",),
    22: ("geo/test_crs.py::test_refuses_the_poles",), 23: (POINT, "decimal comma"), 24: (POINT, "degrees and minutes"),
    25: (POINT, "other digits"), 26: (QUERIES,), 27: (VALUE, "accuracy below zero", "accuracy of 1e9"),
    28: (VALUE, "count of 2^31"), 29: (VALUE, "count of 2^63"), 30: (VALUE, "count of 10^300"),
    31: (BODY, "a number of 5,000 digits"), 32: (SHAPE, "bow tie"),
    33: (SHAPE, "star of 41", "star of 4,001", f"{CHECKS}::test_bad_areas_are_refused_and_the_server_lives"),
    34: (SHAPE, "unclosed"), 35: (SHAPE, "two points"), 36: (SHAPE, "hole outside"), 37: (SHAPE, "hole like the shell"),
    38: (AREAS,), 39: (f"{HERE}::test_shapes_that_are_odd_and_right",), 40: (AREAS,), 41: (SHAPE, "a line"),
    42: ("geo/test_geometry.py::test_either_direction_is_taken_and_leaves_by_the_right_hand_rule",),
    43: (SHAPE, "across the date line"), 44: (AREAS,), 45: (SHAPE, "the whole world"), 46: (SHAPE, "comb of 20,000"),
    47: (AREAS,), 48: (AREAS,), 49: (SHAPE, "a collection"), 50: (SHAPE, "lower case"), 51: (SHAPE, "unknown type"),
    52: (SHAPE, "a feature"), 53: (AREAS,), 54: (SHAPE, "a crs of its own"),
    55: (SHAPE, "a linked crs", "api/test_no_outside_calls.py::test_no_linked_reference_system_is_fetched"),
    56: ("api/test_bad_bodies.py::test_a_lying_box_is_ignored",), 57: (SHAPE, "null"), 58: (BODY, "EWKT", TEXTS),
    59: (f"{CHECKS}::test_bad_points_are_refused",), 60: (f"{CHECKS}::test_bad_points_are_refused",),
    61: (SHAPE, "hexadecimal WKB"), 62: (BODY, "trailing garbage"), 63: (BODY, "a comment", "single quotes"),
    64: ("geo/test_crs.py::test_a_planar_degree_sort_is_wrong_at_helsinki",), 65: (BODY, "the same key twice"),
    66: (BODY, "arrays 100,000 deep", "objects 100,000 deep"), 67: (BODY, "objects 900 deep"), 68: (AREAS,),
    69: (BODY, "20 MB"), 70: (BODY, "100,000 unknown keys"), 71: (BODY, "NaN"), 72: (BODY, "a NUL"),
    73: (BODY, "a NUL", f"{HERE}::test_nothing_open_is_stored_with_a_nul"), 74: (BODY, "half a surrogate pair"),
    75: (BODY, "no UTF-8"), 76: (BODY, "UTF-16"), 77: (BODY, "a byte order mark"), 78: (BODY, "empty", "a list"),
    79: (f"{WALLS}::test_only_json_is_taken",), 80: (f"{WALLS}::test_compressed_bodies_are_not_taken",), 81: (FILES,),
    82: (FILES,), 83: (f"{WALLS}::test_a_body_that_never_ends_times_out",),
    84: (f"{WALLS}::test_a_length_that_is_no_length_is_refused", f"{HERE}::test_a_body_longer_than_it_says_is_cut_off"),
    85: (f"{WALLS}::test_too_many_headers_are_refused", f"{HERE}::test_a_cookie_of_64_kilobytes_is_answered"),
    86: (VALUE, "nil id", "full id", "id in braces", "id of 9 KB"), 87: (f"{HERE}::test_one_id_in_two_networks_tells_nothing",),
    88: ("api/test_needs.py::test_an_idempotency_key_makes_one_record",),
    89: ("api/test_bad_bodies.py::test_text_of_any_kind_stays_text", "browser/test_scripts.py::test_nothing_runs_on_the_map_in_its_tooltips_or_its_table"),
    90: ("browser/test_scripts.py::test_nothing_runs_in_the_review_queue",),
    91: ("browser/test_scripts.py::test_nothing_runs_on_the_map_in_its_tooltips_or_its_table",),
    92: ("geo/interchange/test_formulas.py::test_no_payload_begins_a_cell_in_any_column",),
    93: (f"{HERE}::test_a_line_cannot_be_written_into_the_log",), 94: (TEXTS,), 95: (TEXTS,), 96: (TEXTS,),
    97: (TEXTS, "api/test_parameters.py::test_every_filter_over_http_gives_what_plain_python_gives"),
    98: ("geo/store/test_filters.py::test_every_filter_gives_what_plain_python_gives",), 99: (f"{HERE}::test_no_search_takes_long",),
    101: (TEXTS,), 102: (f"{HERE}::test_times_that_are_none",), 103: (QUERIES,), 104: (QUERIES,),
    105: ("api/test_parameters.py::test_what_is_no_word_is_refused",), 106: (PARAMS, QUERIES), 107: (PATHS,),
    108: (QUERIES,), 109: (PATHS,), 110: ("api/test_no_outside_calls.py::test_no_text_of_any_body_is_asked_for",),
    111: (
        f"{WALLS}::test_unknown_names_are_turned_away", f"{WALLS}::test_pages_of_other_sites_cannot_write",
        "api/test_rates.py::test_a_thousand_forged_addresses_are_one_address",
    ),
    112: (FILES,),
}  # fmt: skip
NOT_BUILT = {
    100: "no text of a need is public, so nothing warns of a telephone number in one; an asset's description has no warning"
}
CASES = {BODY: bad_bodies.everywhere, POINT: bad_bodies.points, SHAPE: bad_bodies.shapes, VALUE: bad_bodies.values}


@cache
def _functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_no_number_is_missing_and_each_names_a_test_and_a_case_that_are_there() -> None:
    assert set(COVERED) | set(NOT_BUILT) == set(range(1, 113))
    assert not set(COVERED) & set(NOT_BUILT)
    for number, named in COVERED.items():
        known = [name for test, cases in CASES.items() if test in named for name in cases()]
        for one in named:
            path, _, test = one.partition("::")
            assert (test in _functions(path)) if test else one in known, f"{number}: {one}"


# -- what no other test sends ------------------------------------------------------------------------------------

pytestmark = pytest.mark.usefixtures("served")


def area(**geometry: Any) -> dict[str, Any]:
    return BODIES["areas"] | {"slug": f"s{uuid4().hex[:8]}", "geometry": geometry}


def test_minus_zero_and_nearly_zero(client: TestClient) -> None:
    place = {"lon": 24.95, "lat": 60.17, "method": "gps", "accuracy_m": -0.0}
    assert make_need(client, location=place)["uncertainty_m"] == 0.0
    send(client, "POST", "/v1/needs", json={"category": "food", "location": place | {"lon": -0.0}})
    assert "-0.0" not in client.get("/v1/needs").text


def _nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "GeometryCollection", "geometries": []}
    for _ in range(depth):
        found = {"type": "GeometryCollection", "geometries": [found]}
    return found


def _deep(depth: int) -> bytes:
    geometry = b'{"type": "Polygon", "coordinates": ' + b"[" * depth + b"]" * depth + b"}"
    return b'{"slug": "s", "name": "n", "kind": "k", "geometry": ' + geometry + b"}"


MORE_SHAPES: dict[str, Any] = {
    "100,000 holes": {"type": "Polygon", "coordinates": [SQUARE[0]] * 100_000},
    "a spike": {"type": "Polygon", "coordinates": [[[24.9, 60.1], [25, 60.1], [24.95, 60.1], [24.9, 60.1]]]},
    "a line of 200,000": {"type": "LineString", "coordinates": [[24.9, 60.1]] * 200_000},
    "round the pole": {"type": "Polygon", "coordinates": [[[-180, 80], [0, 80], [180, 80], [0, 90], [-180, 80]]]},
    "collections 10 deep": _nested(10),
    "collections 200 deep": _nested(200),
    "100,000 features": {"type": "FeatureCollection", "features": [{"type": "Feature"}] * 100_000},
}


@pytest.mark.parametrize("name", MORE_SHAPES)
def test_more_shapes_that_are_none(client: TestClient, name: str) -> None:
    send(client, "POST", "/v1/areas", json=area(**MORE_SHAPES[name]))
    send(client, "POST", "/v1/areas", content=_deep(5000))
    check_alive(client, received=0)


def test_shapes_that_are_odd_and_right(client: TestClient) -> None:
    ring = SQUARE[0]
    twice = {"type": "Polygon", "coordinates": [[ring[0], ring[0], *ring[1:]]]}
    assert client.post("/v1/areas", json=area(**twice)).status_code in (201, 422)
    check_alive(client, received=0)


@pytest.mark.parametrize("noun", ["needs", "assets", "helpers", "organizations", "areas", "submissions"])
def test_nothing_open_is_stored_with_a_nul(client: TestClient, noun: str) -> None:
    raw = b'{"id": "\\u0000", "name": "a\\u0000b", "entries": [{"id": "\\u0000", "body": {"x": "\\u0000"}}]}'
    send(client, "POST", f"/v1/{noun}", content=raw)
    check_alive(client, received=0)


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("application/zip", b"PK\x03\x04"), ("application/gzip", b"\x1f\x8b\x08"), ("image/jpeg", b"\xff\xd8\xff"),
        ("image/svg+xml", b"<svg onload=alert(1)>"), ("application/xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///">]>'),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04"),
        ("application/vnd.google-earth.kml+xml", b"<kml/>"), ("application/gpx+xml", b"<gpx/>"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../x"\r\n\r\n'),
    ],
)  # fmt: skip
def test_no_archive_office_file_or_picture_is_taken(client: TestClient, kind: str, start: bytes) -> None:
    for path in ("/v1/needs", "/v1/assets", "/v1/submissions", "/v1/geocode/batch", "/v1/areas"):
        # a batch of addresses may be a workbook, and what is none is not read as one
        is_table = path.endswith("batch") and kind.endswith("spreadsheetml.sheet")
        assert_problem(
            client.post(path, content=start + b"x" * 100, headers={"content-type": kind}), 400 if is_table else 415
        )
        assert client.post(path, content=start, headers={"content-type": "application/json"}).status_code in (400, 415)


def test_a_body_longer_than_it_says_is_cut_off(client: TestClient) -> None:
    for headers in ({"content-length": "2"}, {"content-length": "999999999"}):
        answer = client.post("/v1/needs", content=b"{}" * 50, headers={"content-type": "application/json"} | headers)
        assert 400 <= answer.status_code < 500
    check_alive(client, received=0)


def test_a_cookie_of_64_kilobytes_is_answered(client: TestClient) -> None:
    assert client.get("/v1/needs", headers={"Cookie": f"a={'x' * 65_536}"}).status_code < 500


def test_one_id_in_two_networks_tells_nothing(client: TestClient, sessions: SessionFactory) -> None:
    with sessions() as session:
        network = make_network(session)
        session.commit()
    other = carrying(client, organizer(sessions, "bertta", network=network))
    key = {"Idempotency-Key": str(uuid4())}
    assert client.post("/v1/needs", json={"category": "food"}, headers=key).status_code == 201
    assert other.post("/v1/needs", json={"category": "water"}, headers=key).status_code == 201
    assert client.get("/v1/balance").json()["received"] == other.get("/v1/balance").json()["received"] == 1


TEXT_CASES = [
    "\u202egnp.exe", "a\u200bb", "Rеd Сross", "😀" * 20, "𝔸stral", "' OR 1=1--", '"; DROP TABLE need; --', "%' ESCAPE '",
    "%", "_", "\\", "NULL", "None", "undefined", "null", "NaN", "0", "SRID=3857;POINT(1 1)", "${jndi:ldap://x/a}", "../../x",
]  # fmt: skip


def test_text_is_kept_letter_for_letter_or_refused(client: TestClient) -> None:
    for number, text in enumerate(TEXT_CASES):
        made = client.post("/v1/assets", json=BODIES["assets"] | {"name": text, "kind": f"k{number}"})
        assert made.status_code == 201, ascii(text)
        assert client.get(made.headers["location"]).json()["name"] == text
        found = client.get("/v1/assets", params={"kind": text}).json()["items"]
        assert found == [], ascii(text)
    for text in ("", "   ", "a" + "\u0301" * 10_000, "\n", "\x1b[2J", "x" * 201):
        send(client, "POST", "/v1/assets", json=BODIES["assets"] | {"name": text})
    check_alive(client, received=0)


def test_a_line_cannot_be_written_into_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    log: logging.LogRecord
    forged = "x\r\n2026-01-01 INFO organizer signed in"
    send(client, "POST", "/v1/assets", json=BODIES["assets"] | {"name": forged})
    client.get("/v1/needs", params={"category": forged})
    client.get("/v1/needs", headers={"User-Agent": "x signed in", "X-Request-Id": "signed in"})
    for log in caplog.records:
        assert "signed in" not in log.getMessage() or log.name.startswith("httpx")


def test_no_search_takes_long(client: TestClient) -> None:
    for bomb in ("(a+)+$" + "a" * 200, "a" * 300, "1" * 300, "-" * 300, "ä" * 300, "12 " * 100, "%_" * 150):
        started = time.process_time()
        assert client.post("/v1/geocode", json={"q": bomb[:300]}).status_code < 500
        assert client.get("/v1/assets", params={"kind": bomb[:60]}).status_code < 500
        assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "instant",
    [
        "0000-00-00T00:00:00Z", "9999-12-31T00:00:00Z", "2027-02-29T00:00:00Z", "2026-01-01T00:00:00+99:99", 1767225600000,
        "1767225600", "2026-01-01", "2026-01-01T00:00:00", "1999-12-31T23:59:59Z", "NaT", "", "now",
    ],
)  # fmt: skip
def test_times_that_are_none(client: TestClient, instant: Any) -> None:
    entry = {"id": str(uuid4()), "kind": "need", "body": {"category": "food"}, "device_at": instant}
    answer = client.post("/v1/submissions", json={"entries": [entry]})
    assert_problem(answer, 422)


@pytest.mark.parametrize(
    "query",
    [
        "limit=1_0", "limit=-1", "limit=0", "offset=-1", "limit=1.5", "limit=٣", "cursor=%00", "cursor=%FF",
        "limit=1&limit=2", "network=1&network=2", "role[]=organizer", "limit[]=1", "LIMIT=1", "limit", "=1", "&&&x",
        "category=%ed%a0%80", "category=%C3%28", "cell=%00",
    ],
)  # fmt: skip
def test_more_queries_that_are_none(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/needs?{query}")
    assert 400 <= answer.status_code < 500, answer.text
    assert client.get("/v1/needs", params={"limit": 10**20}).status_code == 200
    for box in ("1,2,3", "NaN,1,2,3", "25,60,24,61", "170,10,-170,20", "24,60,24,60", "-180,-90,180,90", "1e1,2,3,4"):
        assert_problem(client.get("/v1/assets", params={"bbox": box}), 422)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/needs/-1", "/v1/needs/0", "/v1/needs/2147483648", "/v1/needs/100000000000000000000", "/v1/needs/1e3",
        "/v1/needs/00000000-0000-0000-0000-000000000000", "/v1/needs/%2e%2e%2fassets", "/V1/NEEDS",
        "/v1/needs/%252e%252e", "/v1//needs", "/v1/needs/", "/v1/needs;x=1", "/v1/needs%00", "/v1/needs/%F0%9F%98%80",
        "/.env", "/.git/config", "/static/..%2f..%2fpyproject.toml", f"/{'a' * 8000}",
    ],
)  # fmt: skip
def test_paths_and_methods_that_are_none(client: TestClient, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert 300 <= answer.status_code < 500
    assert "evil.example" not in answer.headers.get("location", "")
    if answer.status_code >= 400:
        parse(answer.text)
    for method in ("TRACE", "CONNECT", "PROPFIND", "FOO", "PUT"):
        assert client.request(method, "/v1/needs").status_code in (400, 405, 415)
    override = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE", "X-HTTP-Method": "DELETE"}
    need = make_need(client)["id"]
    assert client.get(f"/v1/needs/{need}", headers=override).status_code == 200
    assert client.get(f"/v1/needs/{need}").status_code == 200


def test_ids_of_what_is_gone_and_of_nobody_look_alike(client: TestClient) -> None:
    need = make_need(client)["id"]
    client.delete(f"/v1/needs/{need}", headers={"If-Match": "*"})
    gone, random = client.get(f"/v1/needs/{need}"), client.get(f"/v1/needs/{uuid4()}")
    assert json.dumps(gone.json() | {"instance": ""}) == json.dumps(random.json() | {"instance": ""})
    assert gone.status_code == random.status_code == 404
