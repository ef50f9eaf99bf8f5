"""The change feed over HTTP: cursors, tags, quotas and what each caller hears."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import h3
import pytest

from geo.privacy.cells import cell_of
from geo.store.dwellings import replace_dwellings
from geo.store.needs import update_need

from api.params import decode_text, encode_text
from tests.api.conftest import SERVICE_AREA, assert_problem, carrying
from tests.callers import partner
from tests.factories import add_need
from tests.grid import HELSINKI
from tests.rights import operator, serve_area

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

PATH = "/v1/changes"
NEAR = frozenset(map(str, h3.grid_disk(cell_of(HELSINKI), 3)))


@pytest.fixture
def town(session: Session) -> Session:
    serve_area(session, SERVICE_AREA)
    with operator(session):
        replace_dwellings(session, dict.fromkeys(map(str, h3.grid_disk(cell_of(HELSINKI), 6)), 90))
    session.commit()
    return session


def pull(client: TestClient, cursor: str | None = None, **query: Any) -> dict[str, Any]:
    given = {"collection": "needs"} | query | ({} if cursor is None else {"cursor": cursor})
    answer = client.get(PATH, params=given)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_partner_hears_what_came_and_that_it_went(
    town: Session, anonymous: TestClient, sessions: SessionFactory
) -> None:
    _, token = partner(sessions, NEAR)
    client = carrying(anonymous, token)
    first = pull(client)
    assert (first["changes"], first["has_more"]) == ([], False)
    made = add_need(town)
    town.commit()
    (came,) = (second := pull(client, first["next"]))["changes"]
    assert came["feature"]["properties"].keys() == {"cell", "kind", "urgency", "week"}
    assert str(made.id) not in str(second)
    answer = client.get(PATH, params={"collection": "needs", "cursor": second["next"]})
    unchanged = client.get(
        PATH,
        params={"collection": "needs", "cursor": second["next"]},
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert (answer.json()["changes"], unchanged.status_code) == ([], 304)
    update_need(town, made.id, {"status": "met"})
    town.commit()
    assert pull(client, second["next"])["changes"] == [{"id": came["id"], "feature": None, "gone": "gone"}]


def test_what_is_told_counts_against_the_quota(town: Session, anonymous: TestClient, sessions: SessionFactory) -> None:
    add_need(town)
    town.commit()
    _, token = partner(sessions, NEAR, quota_per_day=1)
    client = carrying(anonymous, token)
    pull(client)
    assert_problem(client.get(PATH, params={"collection": "needs"}), 429)


def test_staff_reads_everything_first(client: TestClient, town: Session) -> None:
    made = {str(add_need(town).id) for _ in range(3)}
    town.commit()
    page, told = pull(client, limit=2), list[str]()
    for _ in range(3):
        told += [each["id"] for each in page["changes"]]
        page = pull(client, page["next"], limit=2)
    assert set(told) == made


@pytest.mark.parametrize("cursor", ["", "x", "bC4xLjEuMQ", "cC4xLjE", "ly4uLg", "a" * 200, "%00"])
def test_a_cursor_that_is_none_of_ours_is_refused(client: TestClient, cursor: str) -> None:
    answer = client.get(PATH, params={"collection": "needs", "cursor": cursor})
    assert answer.status_code in (400, 410, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_cursor_of_somebody_else_opens_nothing(
    client: TestClient, town: Session, anonymous: TestClient, sessions: SessionFactory
) -> None:
    add_need(town)
    town.commit()
    (_, first), (_, second) = partner(sessions, NEAR, name="A"), partner(sessions, NEAR, name="B", quota_per_day=9)
    one, other = carrying(anonymous, first), carrying(anonymous, second)
    of_staff, own, theirs = pull(client)["next"], pull(one)["next"], pull(other)["next"]
    # staff reads by another order than partners do
    for reader, cursor in ((one, of_staff), (other, of_staff), (client, own)):
        assert_problem(reader.get(PATH, params={"collection": "needs", "cursor": cursor}), 422)
    # a place in another's list is a place in one's own, and what is told there is one's own
    assert pull(other, own)["changes"] == pull(other, theirs)["changes"] == []
    (told,) = pull(other, encode_text("p.0.0"))["changes"]
    (listed,) = other.get("/ogc/collections/needs/items").json()["features"]
    assert told["id"] == listed["id"] != pull(one, encode_text("p.0.0"))["changes"][0]["id"]


@pytest.mark.parametrize("kind", ["s", "l", "p"])
@pytest.mark.parametrize("number", ["9" * 18, "9" * 19, "9" * 20, "9" * 40, "-1", "00", "1e3", "0x1"])
def test_a_number_that_no_cursor_has_is_refused(client: TestClient, kind: str, number: str) -> None:
    real = decode_text(pull(client)["next"], re.compile(".+")).split(".")
    for place in range(1, len(real)):
        made_up = ".".join((kind, *real[1:place], number, *real[place + 1 :]))
        answer = client.get(PATH, params={"collection": "assets", "cursor": encode_text(made_up)})
        assert answer.status_code in (200, 400, 410, 422), (made_up, answer.text)
        assert answer.status_code == 200 or answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["", "?collection=homes", "?collection=needs&x=1", "?collection=coverage"])
def test_what_cannot_be_followed_is_refused(client: TestClient, query: str) -> None:
    assert_problem(client.get(PATH + query), 422)


def test_a_position_that_is_forgotten_is_410(client: TestClient) -> None:
    # a position of another cluster
    assert_problem(client.get(PATH, params={"collection": "needs", "cursor": "bC4xLjEuMQ"}), 410)
