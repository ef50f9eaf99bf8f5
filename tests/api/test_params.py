from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InvalidInput

from api.params import decode_cursor, encode_cursor, parse_bbox
from tests.api.conftest import assert_problem

if TYPE_CHECKING:
    from uuid import UUID

    from fastapi.testclient import TestClient

BAD_QUERIES = [
    "/v1/needs?unknown=1", "/v1/needs?sort=id;drop", "/v1/needs?fields=contact", "/v1/needs?group_by=geom",
    "/v1/needs?limit=0", "/v1/needs?limit=-1", "/v1/needs?limit=1_0", "/v1/needs?limit=1e3", "/v1/needs?limit=٣",
    "/v1/needs?limit=", "/v1/needs?limit=1&limit=2", "/v1/needs?category=food&category=water",
    "/v1/needs?category=gold", "/v1/needs?cell=8911", "/v1/needs?cell=%25", "/v1/needs?category=food%00",
    "/v1/needs?role[]=organizer", "/v1/coverage?standard_min=nan", "/v1/coverage?standard_min=inf",
    "/v1/coverage?standard_min=0", "/v1/coverage?standard_min=-5", "/v1/coverage?standard_min=1e3",
    "/v1/coverage?standard_min=241", "/v1/coverage?by=county", "/v1/coverage?mode=plane",
    "/v1/access", "/v1/access?category=gold", "/v1/access?category=food&method=magic", "/v1/access?category=food&k=0",
    "/v1/access?category=food&k=101", "/v1/access?category=food&k=1.5", "/v1/access?category=food&standard_min=0",
    "/v1/access?category=food&standard_min=1e9", "/v1/access?category=food&by=county",
    "/v1/access?category=food&counting=dogs", "/v1/access?category=food&limit=0",
    "/v1/access?category=food&standard_min=0.5", "/v1/coverage/hotspots?rings=0", "/v1/coverage/hotspots?rings=4",
    "/v1/coverage/hotspots?standard_min=nan", "/v1/coverage/hotspots?limit=-1", "/v1/coverage/hotspots?seed=1",
    "/v1/nearest?lon=24.9", "/v1/nearest?lon=nan&lat=60", "/v1/nearest?lon=inf&lat=60", "/v1/nearest?lon=181&lat=60",
    "/v1/nearest?lon=24,9&lat=60", "/v1/nearest?lon=24.9&lat=95", "/v1/nearest?lon=24.9&lat=60&limit=51",
    "/v1/nearest?lon=24.9&lat=60&kind=person", "/v1/nearest?lon=٢٤&lat=60", "/v1/reverse?lon=1e400&lat=1",
    "/v1/reverse?lon=0x10&lat=1", "/v1/reverse?lon= 1&lat=1", "/v1/map/needs?bbox=1,2,3", "/v1/map/needs?bbox=",
    "/v1/map/needs?bbox=nan,60,25,61", "/v1/map/needs?bbox=25,60,24,61", "/v1/map/needs?bbox=24,61,25,60",
    "/v1/map/needs?bbox=24,60,24,61", "/v1/map/needs?bbox=-180,-90,180,90", "/v1/map/needs?bbox=179,60,-179,61",
    "/v1/map/needs?bbox=1,2,3,4,5,6", "/v1/map/assets?bbox=24,60,25,95", "/v1/map/coverage?standard_min=NaN",
    "/ogc/collections/needs/items?crs=http://169.254.169.254/", "/ogc/collections/needs/items?bbox=1e1,2,3,4",
    "/ogc/collections/needs/items?limit=-1", "/ogc/collections/people/items", "/ogc/collections/people",
    "/v1/helpers?language=%27%20OR%201%3D1--", "/v1/assets?kind=", "/v1/assets?bbox=a,b,c,d",
    "/v1/assets?lon=24.9&lat=60.1", "/v1/assets?within_m=500", "/v1/assets?lon=1&lat=1&within_m=0",
    "/v1/assets?search=", "/v1/review?limit=0", "/health/live?x=1", "/v1/meta?tier=admin",
]  # fmt: skip


@pytest.mark.parametrize("path", BAD_QUERIES)
def test_bad_queries_are_refused(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 404, 422), answer.text
    assert_problem(answer, answer.status_code)


def test_a_refusal_never_repeats_what_was_sent(client: TestClient) -> None:
    for path in ("/v1/needs?Secretstreet=1", "/v1/needs?category=Secretstreet", "/v1/needs?limit=Secretstreet"):
        assert "Secretstreet" not in client.get(path).text


def test_a_page_that_is_too_long_is_cut_not_refused(client: TestClient) -> None:
    assert client.get("/v1/needs?limit=100000000000000000000").status_code == 200
    assert client.get("/ogc/collections/needs/items?limit=9999").status_code == 200


@given(st.uuids())
def test_markers_come_back_as_they_were(last: UUID) -> None:
    assert decode_cursor(encode_cursor(last)) == last


@given(st.text(max_size=60))
def test_any_text_is_a_box_or_refused(text: str) -> None:
    try:
        west, south, east, north = parse_bbox(text)
    except InvalidInput:
        return
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
