"""The calendar over HTTP: shifts, promises, feeds by a token of their own, and files of other calendars."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.domain.ids import new_id

from api.rates import Limiter
from api.settings import RateSettings
from tests.api.conftest import TestClient, assert_problem
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SOON = datetime.now(UTC).replace(microsecond=0, second=0, minute=0) + timedelta(days=3)
HELPER = {"public_name": "Aino Secretname", "categories": ["food"], "home": {"lon": 24.95, "lat": 60.17}}


def activity_body(**values: Any) -> dict[str, Any]:
    usual = {
        "title": "Community kitchen",
        "schedule": f"DTSTART:{SOON:%Y%m%dT%H%M%SZ}\nDURATION:PT2H",
        "roles": [{"name": "cook", "most": 1}, {"name": "driver", "most": 2}],
        "place": "Parish hall",
    }
    return usual | values


def add(client: TestClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    made = client.post(path, json=body)
    assert made.status_code == 201, made.text
    return dict(made.json())


def shift_of(client: TestClient, **values: Any) -> dict[str, Any]:
    made = add(client, "/v1/activities", activity_body(**values))
    return dict(client.get("/v1/shifts", params={"activity_id": made["id"]}).json()["items"][0])


def feed_of(client: TestClient, **values: Any) -> tuple[str, str]:
    made = add(client, "/v1/calendar-feeds", {"kind": "network"} | values)
    assert made["link"].endswith(f"/v1/calendar.ics?token={made['token']}")
    return made["token"], made["feed"]["id"]


def calendar(client: TestClient, token: str, **headers: str) -> Any:
    return client.get("/v1/calendar.ics", params={"token": token}, headers=headers)


def unfolded(raw: str) -> list[dict[str, str]]:
    """Read a calendar by RFC 5545 §3.1 alone: a second reading, that shares nothing with the library's."""
    assert all(len(line.encode()) <= 75 for line in raw.split("\r\n"))
    events: list[dict[str, str]] = []
    for line in re.sub(r"\r\n[ \t]", "", raw).split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and name != "END":
            events[-1][name] = re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), value)
    return events


def test_an_activity_is_made_read_changed_and_removed(client: TestClient) -> None:
    made = client.post("/v1/activities", json=activity_body())
    assert made.status_code == 201
    where, tag = made.headers["location"], made.headers["etag"]
    assert client.get(where, headers={"If-None-Match": tag}).status_code == 304
    assert_problem(client.patch(where, json={"title": "Kitchen"}), 428)
    changed = client.patch(where, json={"title": "Kitchen", "place": None}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["place"]) == (200, None)
    assert_problem(client.patch(where, json={"title": "Late"}, headers={"If-Match": tag}), 412)
    assert [found["title"] for found in client.get("/v1/activities").json()["items"]] == ["Kitchen"]
    assert client.delete(where, headers={"If-Match": "*"}).status_code == 204
    assert_problem(client.get(where), 404)


def test_the_same_request_makes_one_activity_and_one_promise(client: TestClient) -> None:
    key = {"Idempotency-Key": str(new_id())}
    first, again = (client.post("/v1/activities", json=activity_body(), headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    shift = client.get("/v1/shifts").json()["items"][0]
    helper = add(client, "/v1/helpers", HELPER)
    key = {"Idempotency-Key": str(new_id())}
    body = {"helper_id": helper["id"], "role": "cook"}
    answers = [client.post(f"/v1/shifts/{shift['id']}/sign-ups", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]


def test_shifts_come_in_pages_by_when_they_begin(client: TestClient) -> None:
    for hours in (5, 1, 3):
        start = SOON + timedelta(hours=hours)
        add(client, "/v1/activities", activity_body(schedule=f"DTSTART:{start:%Y%m%dT%H%M%SZ}\nDURATION:PT1H"))
    first = client.get("/v1/shifts", params={"limit": 2}).json()
    second = client.get("/v1/shifts", params={"limit": 2, "cursor": first["next"]}).json()
    starts = [found["starts_at"] for found in (*first["items"], *second["items"])]
    assert starts == sorted(starts)
    assert len(starts) == 3
    assert second["next"] is None
    assert first["items"][0]["roles"][0] == {"name": "cook", "most": 1, "taken": 0}


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/v1/shifts", {"start": "yesterday"}),
        ("/v1/shifts", {"start": "2026-01-01T00:00:00Z", "end": "2025-12-01T00:00:00Z"}),
        ("/v1/shifts", {"start": "2026-01-01T00:00:00Z", "end": "2028-01-01T00:00:00Z"}),
        ("/v1/shifts", {"start": "2026-01-01T00:00"}),
        ("/v1/shifts", {"cursor": "OTk5OTk5OTk5OTk5IHh4"}),
        ("/v1/shifts", {"activity_id": "me"}),
        ("/v1/sign-ups", {"helper_id": "me"}),
        ("/v1/calendar.ics", {}),
        ("/v1/calendar.ics", {"token": "x" * 101}),
    ],
)
def test_a_bad_question_gets_an_answer(client: TestClient, path: str, params: dict[str, str]) -> None:
    answer = client.get(path, params=params)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "wrong",
    [
        {"roles": []},
        {"roles": [{"name": "cook", "most": 0}]},
        {"roles": [{"name": "cook", "most": 1}, {"name": "cook", "most": 2}]},
        {"roles": [{"name": "a\nb", "most": 1}]},
        {"schedule": "DTSTART:20260101T000000Z"},
        {"time_zone": "Mars/Base"},
        {"title": ""},
        {"asset_id": str(new_id())},
        {"unknown": 1},
    ],
)
def test_a_bad_activity_gets_an_answer(client: TestClient, wrong: dict[str, Any]) -> None:
    assert_problem(client.post("/v1/activities", json=activity_body(**wrong)), 422)


def test_a_full_role_and_a_second_booking_are_refused_in_words_that_name_nobody(client: TestClient) -> None:
    shift, other = shift_of(client), shift_of(client)
    one, two = (add(client, "/v1/helpers", HELPER | {"public_name": name})["id"] for name in ("Aino S", "Brita S"))
    where = f"/v1/shifts/{shift['id']}/sign-ups"
    made = add(client, where, {"helper_id": one, "role": "cook"})
    full = assert_problem(client.post(where, json={"helper_id": two, "role": "cook"}), 409)
    assert "full" in full["detail"]
    twice = client.post(f"/v1/shifts/{other['id']}/sign-ups", json={"helper_id": one, "role": "cook"})
    assert "elsewhere" in assert_problem(twice, 409)["detail"]
    for answer in (full, twice.json()):
        assert not any(secret in str(answer) for secret in ("Aino", "Brita", one, two))
    assert_problem(client.post(where, json={"helper_id": two, "role": "captain"}), 422)
    assert_problem(client.post(where, json={"helper_id": str(new_id()), "role": "driver"}), 404)
    mine = f"/v1/sign-ups/{made['id']}"
    early = client.patch(mine, json={"state": "no_show"}, headers={"If-Match": '"v1"'})
    assert "yet to begin" in assert_problem(early, 409)["detail"]
    assert client.patch(mine, json={"state": "cancelled"}, headers={"If-Match": '"v1"'}).json()["state"] == "cancelled"
    add(client, where, {"helper_id": two, "role": "cook"})
    listed = client.get("/v1/sign-ups", params={"shift_id": shift["id"]}).json()["items"]
    assert [found["state"] for found in listed] == ["cancelled", "signed_up"]


def test_a_feed_shows_roles_places_and_times_and_no_person(client: TestClient, anonymous: TestClient) -> None:
    shift = shift_of(client, title="Kitchen; with, commas\\ and ünïcode " + "å" * 80)
    helper = add(client, "/v1/helpers", HELPER)
    add(client, f"/v1/shifts/{shift['id']}/sign-ups", {"helper_id": helper["id"], "role": "cook"})
    shift_of(client, title="Of others", roles=[{"name": "cook", "most": 1}])
    answer = calendar(anonymous, feed_of(client)[0])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    events = {event["SUMMARY"]: event for event in unfolded(answer.text)}
    shown = events[shift["title"]]
    assert shown["DTSTART"] == f"{SOON:%Y%m%dT%H%M%SZ}"
    assert shown["DTEND"] == f"{SOON + timedelta(hours=2):%Y%m%dT%H%M%SZ}"
    assert (shown["LOCATION"], shown["DESCRIPTION"]) == ("Parish hall", "cook 1 of 1, driver 0 of 2")
    own = unfolded(calendar(anonymous, feed_of(client, kind="helper", subject_id=helper["id"])[0]).text)
    assert [event["DESCRIPTION"] for event in own] == ["cook"]
    for secret in ("Aino", "Secretname", helper["id"], "24.95"):
        assert secret not in answer.text
    again = calendar(anonymous, feed_of(client)[0], **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_place_at_a_home_is_never_shown_in_a_feed(client: TestClient, anonymous: TestClient) -> None:
    common = {"kind": "pantry", "categories": ["food"], "address": "Kotikatu 7"}
    home = add(client, "/v1/assets", common | {"name": "At the Virtanens", "is_private": True})
    hall = add(client, "/v1/assets", common | {"name": "Hall"})
    for asset, place in ((home, None), (hall, "Upstairs")):
        shift_of(client, asset_id=asset["id"], place=place)
    named = client.post("/v1/activities", json=activity_body(asset_id=home["id"], place="Kotikatu 7 B"))
    assert_problem(named, 422)
    kept = client.get("/v1/activities").json()["items"][0]
    where, anyhow = f"/v1/activities/{kept['id']}", {"If-Match": "*"}
    assert_problem(client.patch(where, json={"place": "Kotikatu 7 B"}, headers=anyhow), 422)
    private, public = (
        calendar(anonymous, feed_of(client, kind="asset", subject_id=asset["id"])[0]).text for asset in (home, hall)
    )
    assert [len(unfolded(raw)) for raw in (private, public)] == [1, 1]
    assert "LOCATION" not in unfolded(private)[0]
    assert "Virtanen" not in private
    assert unfolded(public)[0]["LOCATION"] == "Hall, Kotikatu 7"


def test_a_feeds_token_opens_its_feed_and_nothing_else(client: TestClient, anonymous: TestClient) -> None:
    token, feed = feed_of(client)
    assert calendar(anonymous, token).status_code == 200
    for carried in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"__Host-sid={token}"}):
        assert_problem(anonymous.get("/v1/shifts", headers=carried), 401)
    for where in (f"/v1/shifts?token={token}", f"/health/live?token={token}", f"/v1/shifts/{token}"):
        assert_problem(client.get(where), 401)
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "calfeed_", "nothing", f" {token}"):
        assert_problem(calendar(anonymous, wrong), 404)
    session_token = client.headers["authorization"].removeprefix("Bearer ")
    assert_problem(calendar(anonymous, session_token), 401)
    assert client.delete(f"/v1/calendar-feeds/{feed}").status_code == 204
    assert_problem(calendar(anonymous, token), 404)
    assert client.get("/v1/calendar-feeds").json()["items"][0]["revoked_at"]
    assert_problem(client.delete(f"/v1/calendar-feeds/{new_id()}"), 404)


def test_a_feeds_token_is_kept_nowhere(
    client: TestClient, anonymous: TestClient, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    token, _ = feed_of(client)
    with caplog.at_level(logging.DEBUG):
        calendar(anonymous, token)
        calendar(anonymous, token + "x")
    # the client of the tests itself tells what it asks
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not any(token in line for line in ours)
    assert token not in client.get("/metrics").text
    assert token not in client.get("/v1/calendar-feeds").text
    with operator(session):
        rows = session.scalars(text("SELECT t::text FROM access.calendar_feed t")).all()
        rows = [*rows, *session.scalars(text("SELECT t::text FROM audit t"))]
    assert rows
    assert not any(token in row or token.encode().hex() in row for row in rows)


@pytest.mark.parametrize(
    "body",
    [{"kind": "helper"}, {"kind": "network", "subject_id": str(new_id())}, {"kind": "team"}, {"kind": "asset", "x": 1}],
)
def test_a_feed_of_nobody_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert_problem(client.post("/v1/calendar-feeds", json=body), 422)
    assert_problem(client.post("/v1/calendar-feeds", json={"kind": "helper", "subject_id": str(new_id())}), 404)


def test_a_calendar_is_taken_over_event_by_event(client: TestClient) -> None:
    good = (
        f"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:{SOON:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nSUMMARY:Sorting\r\nEND:VEVENT\r\n"
    )
    bad = "BEGIN:VEVENT\r\nUID:2\r\nDTSTART:whenever\r\nEND:VEVENT\r\n"
    file = f"BEGIN:VCALENDAR\r\n{bad}{good}END:VCALENDAR\r\n"
    first = client.post("/v1/calendar/import", json={"ics": file}).json()
    assert (first["created"], [found["line"] for found in first["skipped"]]) == (1, [2])
    second = client.post("/v1/calendar/import", json={"ics": file}).json()
    assert (second["created"], second["unchanged"]) == (0, 1)
    moved = client.post("/v1/calendar/import", json={"ics": file.replace("PT1H", "PT3H")}).json()
    assert moved["changed"] == 1
    shifts = client.get("/v1/shifts").json()["items"]
    assert [found["title"] for found in shifts] == ["Sorting"]
    assert shifts[0]["ends_at"] == f"{SOON + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"
    assert_problem(client.post("/v1/calendar/import", json={"ics": "hello"}), 422)


def test_other_networks_reach_nothing_of_a_calendar(callers: dict[str, TestClient]) -> None:
    mine, theirs = callers["organizer"], callers["foreign_organizer"]
    shift = shift_of(mine)
    helper = add(mine, "/v1/helpers", HELPER)
    made = add(mine, f"/v1/shifts/{shift['id']}/sign-ups", {"helper_id": helper["id"], "role": "cook"})
    _, feed = feed_of(mine)
    for path in ("/v1/activities", "/v1/shifts", "/v1/sign-ups", "/v1/calendar-feeds"):
        assert theirs.get(path).json()["items"] == []
    own = add(theirs, "/v1/helpers", HELPER)
    for answer in (
        theirs.get(f"/v1/activities/{shift['activity_id']}"),
        theirs.get(f"/v1/shifts/{shift['id']}"),
        theirs.get(f"/v1/sign-ups/{made['id']}"),
        theirs.patch(f"/v1/sign-ups/{made['id']}", json={"state": "cancelled"}, headers={"If-Match": "*"}),
        theirs.post(f"/v1/shifts/{shift['id']}/sign-ups", json={"helper_id": own["id"], "role": "driver"}),
        theirs.post("/v1/calendar-feeds", json={"kind": "helper", "subject_id": helper["id"]}),
        theirs.delete(f"/v1/calendar-feeds/{feed}"),
    ):
        assert_problem(answer, 404)
    assert unfolded(calendar(callers["anonymous"], feed_of(theirs)[0]).text) == []


def test_a_feed_is_asked_for_as_often_as_other_feeds_and_no_more() -> None:
    limiter = Limiter(RateSettings(feeds_per_min=2, reads_per_min=1000), clock=lambda: 1000.0)
    asked = {"path": "/v1/calendar.ics", "method": "GET", "credential": None, "peer": "192.0.2.1"}
    assert [limiter.wait_for(**asked) > 0 for _ in range(3)] == [False, False, True]
