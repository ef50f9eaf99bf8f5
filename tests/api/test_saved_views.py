"""Saved views: known words alone, one's own unseen by others, shared ones everybody's, and a hundred of each."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.domain.principals import NetworkRole
from geo.domain.saved_views import KNOWN, MOST_VIEWS, ViewPage, check_words
from geo.errors import InvalidInput
from geo.store.saved_views import prune_views

from tests.api.conftest import assert_problem, carrying
from tests.callers import organizer
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

    from tests.api.conftest import TestClient

PATH = "/v1/views"
BOARD: dict[str, Any] = {"page": "board", "name": "Food", "words": {"lane": "waiting", "kind": "food"}}
MANY = """
    INSERT INTO saved_view (id, page, name, words, made_by)
    SELECT gen_random_uuid(), page, n::text, words, made_by FROM saved_view, generate_series(1, :more) n
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture
def other(anonymous: TestClient, sessions: SessionFactory) -> TestClient:
    """Another organizer of the same network."""
    return carrying(anonymous, organizer(sessions, "mirja", role=NetworkRole.ORGANIZER))


def keep(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=BOARD | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def names(client: TestClient, **query: str) -> list[str]:
    return [one["name"] for one in client.get(PATH, params=query).raise_for_status().json()["items"]]


def change(client: TestClient, view: dict[str, Any], **body: Any) -> Any:
    return client.patch(f"{PATH}/{view['id']}", json=body, headers={"If-Match": f'"v{view["version"]}"'})


def test_a_view_is_kept_found_renamed_and_removed(client: TestClient) -> None:
    made = keep(client)
    assert (made["words"], made["is_mine"], made["is_shared"]) == (BOARD["words"], True, False)
    assert client.get(f"{PATH}/{made['id']}").json() == made
    assert (names(client, page="board"), names(client, page="map")) == (["Food"], [])
    renamed = change(client, made, name="Food by the harbour").json()
    assert names(client) == ["Food by the harbour"]
    assert_problem(change(client, made, name="Too late"), 412)
    gone = client.delete(f"{PATH}/{made['id']}", headers={"If-Match": f'"v{renamed["version"]}"'})
    assert gone.status_code == 204
    assert names(client) == []
    assert [one["action"] for one in client.get("/v1/audit").json()["items"][:3]] == ["delete", "update", "create"]


def test_what_is_ones_own_is_nobody_elses_to_see_or_to_touch(client: TestClient, other: TestClient) -> None:
    made = keep(client)
    assert names(other) == []
    assert_problem(other.get(f"{PATH}/{made['id']}"), 404)
    assert_problem(change(other, made, name="Mine now"), 404)
    assert_problem(other.delete(f"{PATH}/{made['id']}", headers={"If-Match": "*"}), 404)
    keep(other)
    assert (names(client), names(other)) == (["Food"], ["Food"])


def test_a_shared_view_is_everybodys_and_only_its_maker_takes_it_back(client: TestClient, other: TestClient) -> None:
    made = keep(client, is_shared=True)
    assert names(other) == ["Food"]
    assert_problem(other.post(PATH, json=BOARD | {"is_shared": True}), 409)
    assert_problem(change(other, made, is_shared=False), 409)
    renamed = change(other, made, name="Food, all of it").json()
    assert (renamed["is_mine"], names(client)) == (False, ["Food, all of it"])
    change(client, renamed, is_shared=False).raise_for_status()
    assert names(other) == []


@pytest.mark.parametrize(
    "body",
    [
        {"words": {"lane": "nowhere"}}, {"words": {"near": "Liisankatu 3"}}, {"words": {"kind": "Aino"}},
        {"page": "map", "words": {"minutes": 0}}, {"page": "map", "words": {"minutes": True}},
        {"page": "map", "words": {"area": "x"}}, {"page": "map", "words": {"layers": ["coverage", "coverage"]}},
        {"page": "map", "words": {"layers": "coverage"}}, {"page": "map", "words": {"open": "Monday 8:00"}},
        {"page": "assets", "words": {"search": "pantry"}}, {"page": "now"}, {"name": ""}, {"name": "x" * 81},
        {"name": "a\nb"}, {"words": []}, {"words": {"lane": {"a": 1}}}, {"words": {"kind": ["food"]}}, {"more": 1},
    ],
)  # fmt: skip
def test_only_words_of_the_page_are_kept(client: TestClient, body: dict[str, Any]) -> None:
    refused = assert_problem(client.post(PATH, json=BOARD | body), 422)
    assert "Liisankatu" not in str(refused)
    assert names(client) == []


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("board", {}), ("assets", {"list": "All", "kind": "water"}),
        ("map", {"need": "food", "area": str(new_id()), "minutes": 240, "mode": "car", "open": "Friday 17:00",
                 "layers": ["needs", "coverage"]}),
    ],
)  # fmt: skip
def test_every_page_keeps_what_it_can_show(client: TestClient, page: str, words: dict[str, Any]) -> None:
    assert keep(client, page=page, words=words)["words"] == words


@given(page=st.sampled_from(ViewPage), words=st.dictionaries(st.text(max_size=9), JSON, max_size=4), value=JSON)
def test_whatever_is_sent_passes_unchanged_or_is_refused(page: ViewPage, words: dict[str, Any], value: Any) -> None:
    for sent in (words, {next(iter(KNOWN[page])): value}, dict.fromkeys(KNOWN[page], value)):
        with suppress(InvalidInput):
            assert check_words(page, sent) == sent


def test_nobody_keeps_more_than_a_hundred(client: TestClient, session: Session, other: TestClient) -> None:
    made = keep(client, name="0")
    with operator(session):
        session.execute(text(MANY), {"more": MOST_VIEWS - 1})
    session.commit()
    assert_problem(client.post(PATH, json=BOARD | {"name": "one more"}), 409)
    assert len(names(client)) == MOST_VIEWS
    keep(other)
    keep(client, name="shared", is_shared=True)
    assert client.get(f"{PATH}/{made['id']}").status_code == 200


def test_what_somebody_kept_for_themselves_goes_when_they_have_left(
    client: TestClient, session: Session, other: TestClient
) -> None:
    keep(client)
    keep(other, name="Mirja's own")
    keep(other, name="For all", is_shared=True)
    people = client.get("/v1/people").json()["items"]
    person = next(one for one in people if one["login"] == "mirja")
    assert client.delete(f"/v1/people/{person['id']}").status_code == 204
    with operator(session):
        assert prune_views(session) == 1
        assert prune_views(session) == 0
        left = set(session.scalars(text("SELECT name FROM saved_view")))
    assert left == {"Food", "For all"}
