"""Matches over HTTP and on the command line: their life, their versions, bad input, and what batches answer."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.reasons import Reason, ReasonCode, in_words
from geo.domain.words import MatchStatus, NeedStatus
from geo.store.engine import make_sessions
from geo.store.helpers import get_helper
from geo.store.match_steps import propose_match, step
from geo.store.matches import get_match
from geo.store.needs import get_need

from api.lapsing import lapse, lapsing
from tests.api.conftest import TestClient, assert_problem
from tests.factories import add_helper, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

PATH = "/v1/matches"
ANY = {"If-Match": "*"}


@pytest.fixture
def ids(session: Session) -> dict[str, str]:
    """A need and a helper with room for one."""
    need, helper = add_need(session), add_helper(session, capacity_per_week=1)
    session.commit()
    return {"need_id": str(need.id), "helper_id": str(helper.id)}


def made(client: TestClient, ids: dict[str, str]) -> dict[str, Any]:
    answer = client.post(PATH, json=ids)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"v1"'
    return dict(answer.json())


def test_a_life_over_http(client: TestClient, ids: dict[str, str]) -> None:
    where = f"{PATH}/{made(client, ids)['id']}"
    assert client.get(where).json()["status"] == "proposed"
    for version, (verb, status) in enumerate(
        [("accept", "accepted"), ("start", "under_way"), ("done", "done"), ("confirm", "done")], 1
    ):
        assert_problem(client.post(f"{where}/{verb}"), 428)
        assert_problem(client.post(f"{where}/{verb}", headers={"If-Match": f'"v{version + 1}"'}), 412)
        answer = client.post(f"{where}/{verb}", headers={"If-Match": f'"v{version}"'})
        assert (answer.status_code, answer.json()["status"]) == (200, status)
        assert answer.headers["etag"] == f'"v{version + 1}"'
    assert client.get(f"/v1/needs/{ids['need_id']}").json()["status"] == "met"
    assert [one["to_status"] for one in client.get(f"{where}/events").json()["items"]] == [
        "proposed", "accepted", "under_way", "done", "done",
    ]  # fmt: skip
    assert client.post(f"{where}/undo", headers=ANY).json()["confirmed_at"] is None
    assert assert_problem(client.post(f"{where}/accept", headers=ANY), 409)["type"].endswith("#conflict")


def test_steps_that_do_not_follow_are_conflicts_and_change_nothing(client: TestClient, ids: dict[str, str]) -> None:
    where = f"{PATH}/{made(client, ids)['id']}"
    for verb in ("start", "done", "confirm", "undo"):
        assert_problem(client.post(f"{where}/{verb}", headers=ANY), 409)
    assert_problem(client.post(f"{where}/fail", headers=ANY, json={"reason": "unsafe"}), 409)
    assert client.get(where).json()["version"] == 1
    assert_problem(client.post(PATH, json=ids), 409)
    declined = client.post(f"{where}/decline", headers=ANY, json={"reason": "too_far"}).json()
    assert (declined["status"], declined["reason"]) == ("declined", "too_far")
    assert client.post(f"{where}/undo", headers=ANY).json()["status"] == "proposed"


def test_a_helper_asked_lately_is_asked_again_only_anyway(
    client: TestClient, session: Session, ids: dict[str, str]
) -> None:
    made(client, ids)
    other = {"need_id": str(add_need(session).id), "helper_id": ids["helper_id"]}
    session.commit()
    problem = assert_problem(client.post(PATH, json=other), 409)
    assert problem["type"].endswith("#asked-lately")
    assert "anyway" in problem["detail"]
    assert_problem(client.post(PATH, json=other | {"anyway": "yes"}), 422)
    assert client.post(PATH, json=other | {"anyway": True}).status_code == 201
    noted = session.scalar(text("SELECT count(*) FROM audit WHERE action = 'ask_anyway'"))
    assert noted == 1


@pytest.mark.parametrize(
    "body",
    [
        {}, {"need_id": "x"}, {"helper_id": None}, {"asset_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41"},
        {"answer_within_h": 0}, {"answer_within_h": "4"}, {"answer_within_h": 1e9}, {"status": "done"},
    ],
)  # fmt: skip
def test_a_match_that_makes_no_sense_is_refused(client: TestClient, ids: dict[str, str], body: dict[str, Any]) -> None:
    assert_problem(client.post(PATH, json=(ids | body) if body else {}), 422)
    assert client.get(PATH).json()["items"] == []


@pytest.mark.parametrize("body", [{}, {"reason": "nobody_home"}, {"reason": "because"}, {"reason": None}])
def test_a_decline_wants_a_reason_of_its_own(client: TestClient, ids: dict[str, str], body: dict[str, Any]) -> None:
    where = f"{PATH}/{made(client, ids)['id']}"
    assert_problem(client.post(f"{where}/decline", headers=ANY, json=body), 422)


def test_lists_are_filtered_and_paged(client: TestClient, session: Session) -> None:
    need = add_need(session)
    helpers = [add_helper(session) for _ in range(3)]
    for one in helpers:
        propose_match(session, need.id, helper_id=one.id)
    session.commit()
    first = client.get(PATH, params={"need_id": str(need.id), "limit": 2}).json()
    rest = client.get(PATH, params={"need_id": str(need.id), "limit": 2, "cursor": first["next"]}).json()
    assert [one["helper_id"] for one in first["items"] + rest["items"]] == [str(one.id) for one in helpers]
    assert rest["next"] is None
    assert len(client.get(PATH, params={"helper_id": str(helpers[0].id)}).json()["items"]) == 1
    assert client.get(PATH, params={"status": "done"}).json()["items"] == []
    assert_problem(client.get(PATH, params={"status": "gone"}), 422)
    assert_problem(client.get(f"{PATH}/{new_id()}"), 404)


def test_keeping_apart_over_http(client: TestClient, ids: dict[str, str]) -> None:
    row = client.post("/v1/kept-apart", json=ids).json()
    assert row["helper_id"] == ids["helper_id"]
    assert_problem(client.post("/v1/kept-apart", json=ids), 409)
    assert_problem(client.post(PATH, json=ids), 409)
    answer = client.post(PATH + "/propose", json={}).json()
    assert [one["why"] for one in answer["unmatched"]] == ["kept_apart"]
    assert [one["id"] for one in client.get("/v1/kept-apart").json()["items"]] == [row["id"]]
    assert client.delete(f"/v1/kept-apart/{row['id']}").status_code == 204
    assert_problem(client.delete(f"/v1/kept-apart/{row['id']}"), 404)


def test_proposing_stores_nothing_unless_it_is_kept(client: TestClient, ids: dict[str, str]) -> None:
    seen = client.post(PATH + "/propose", json={"category": "food"}).json()
    assert (len(seen["pairs"]), seen["optimal"], seen["kept"]) == (1, True, False)
    assert seen["pairs"][0] | {"reason": "", "because": []} == {
        **ids, "helper_name": "Aino K.", "travel_min": 1, "match_id": None, "reason": "", "because": [],
    }  # fmt: skip
    because = [Reason(ReasonCode(one["code"]), one["parts"]) for one in seen["pairs"][0]["because"]]
    assert seen["pairs"][0]["reason"] == in_words(because)
    assert sum(seen["balance"][name] for name in seen["balance"] if name != "received") == seen["balance"]["received"]
    assert client.get(PATH).json()["items"] == []
    kept = client.post(PATH + "/propose", json={"keep": True, "answer_within_h": 2.0}).json()
    match_id = kept["pairs"][0]["match_id"]
    assert client.get(f"{PATH}/{match_id}").json()["status"] == "proposed"
    again = client.post(PATH + "/propose", json={}).json()
    assert (again["pairs"], again["unmatched"]) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        {"ring_min": 0.5}, {"ring_min": "30"}, {"most_each": 0}, {"most_each": 1.5}, {"fair_min": -1}, {"keep": "yes"},
        {"start": "2026-03-04T15:00:00Z"}, {"start": "2026-03-04T15:00:00Z", "end": "2026-03-04T15:00:00Z"},
        {"start": "2026-03-04T15:00:00Z", "end": "2026-03-14T15:00:00Z"}, {"need_ids": ["x"]}, {"category": "gold"},
        {"unknown": 1},
    ],
)  # fmt: skip
def test_a_batch_that_makes_no_sense_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert_problem(client.post(PATH + "/propose", json=body), 422)


@pytest.mark.own_db
def test_the_round_writes_down_what_has_lapsed_in_every_network(own_db: Engine) -> None:
    sessions = make_sessions(own_db)
    now = datetime.now(UTC)
    with sessions.begin() as session:
        need, helper = add_need(session), add_helper(session)
        one = propose_match(session, need.id, helper_id=helper.id, now=now - timedelta(days=4))
        step(session, one.id, MatchStatus.ACCEPTED, now=now - timedelta(days=4))

    async def serve() -> None:
        async with lapsing(own_db, every_s=0.05):
            await asyncio.sleep(1.0)

    asyncio.run(serve())
    with sessions.begin() as session:
        stored = session.scalar(text("SELECT status FROM match WHERE id = :id"), {"id": one.id})
        assert (stored, get_need(session, need.id).status) == ("expired", NeedStatus.OPEN)
        assert get_helper(session, helper.id).load == 0
    assert lapse(own_db) == 0


@pytest.mark.own_db
def test_the_commands_list_and_propose(own_db: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from api.cli import app

    with make_sessions(own_db).begin() as session:
        need = add_need(session, HELSINKI)
        add_helper(session, Point(HELSINKI.lon + 0.001, HELSINKI.lat))
    monkeypatch.setenv("BARNRAISER_DATABASE_URL", own_db.url.render_as_string(hide_password=False))
    monkeypatch.setenv("BARNRAISER_HOME", str(tmp_path))
    runner = CliRunner()
    seen = runner.invoke(app, ["matches", "propose", "--json"])
    assert seen.exit_code == 0, seen.output
    assert json.loads(seen.stdout)["pairs"][0]["need_id"] == str(need.id)
    kept = runner.invoke(app, ["matches", "propose", "--keep"])
    assert "the best there is" in kept.stdout
    listed = json.loads(runner.invoke(app, ["matches", "list", "--json", "--status", "proposed"]).stdout)
    assert [one["need_id"] for one in listed["items"]] == [str(need.id)]
    with make_sessions(own_db).begin() as session:
        assert get_match(session, listed["items"][0]["id"]).status is MatchStatus.PROPOSED
