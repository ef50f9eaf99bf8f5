"""Rounds of drivers over HTTP and on the command line: planned, kept, printed and driven; and bad input."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from geo.domain.drafts import Contact
from geo.domain.ids import new_id
from geo.domain.place import Location, Point
from geo.domain.words import LocationState, MatchQuality, Vehicle
from geo.store.audit import list_audit
from geo.store.contacts import store_contact
from geo.store.engine import make_sessions

from api.round_sheet import SHEET_POLICY
from tests.api.conftest import TestClient, assert_problem
from tests.factories import add_asset, add_helper, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

PATH = "/v1/rounds"
ANY = {"If-Match": "*"}
SOON = (datetime.now(UTC) + timedelta(hours=2)).replace(microsecond=0)


def near(step_east: int) -> Point:
    return Point(HELSINKI.lon + 0.01 * step_east, HELSINKI.lat)


@pytest.fixture
def ids(session: Session) -> dict[str, Any]:
    """A driver with room, a pantry, three households."""
    driver = add_helper(session, vehicle=Vehicle.CAR, capacity_per_week=20)
    found = {
        "driver": str(driver.id),
        "pantry": str(add_asset(session, near(0)).id),
        "needs": [str(add_need(session, near(at)).id) for at in (3, 1, 2)],
    }
    session.commit()
    return found


def body_of(ids: dict[str, Any], **values: Any) -> dict[str, Any]:
    stops = [{"asset_id": ids["pantry"]}, *({"need_id": one} for one in ids["needs"])]
    return {"helper_id": ids["driver"], "from_at": SOON.isoformat(), "stops": stops} | values


def made(client: TestClient, ids: dict[str, Any], **values: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=body_of(ids, **values))
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"v1"'
    assert answer.headers["location"] == f"{PATH}/{answer.json()['id']}"
    return dict(answer.json())


def plan_of(ids: dict[str, Any], **driver: Any) -> dict[str, Any]:
    who = {"helper_id": ids["driver"], "from_at": SOON.isoformat(), "until_at": (SOON + timedelta(hours=3)).isoformat()}
    return {"stops": [{"need_id": one} for one in ids["needs"]], "drivers": [who | driver]}


def test_a_plan_is_kept_as_it_comes_and_driven_to_its_end(client: TestClient, ids: dict[str, Any]) -> None:
    answer = client.post(f"{PATH}/plan", json=plan_of(ids, start_asset_id=ids["pantry"], ends="last_stop"))
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert (plan["optimal"], plan["gap"], plan["unserved"]) == (True, 0.0, [])
    assert plan["travel_model"]["name"] == "straight_line"
    (planned,) = plan["rounds"]
    assert [one["need_id"] for one in planned["stops"]] == [ids["needs"][at] for at in (1, 2, 0)]
    assert client.get(PATH).json()["items"] == []
    answer = client.post(PATH, json=planned["keep"])
    assert answer.status_code == 201, answer.text
    whole = answer.json()
    where = f"{PATH}/{whole['id']}"
    times = ("travel_min", "arrive_at", "begin_at", "leave_at")
    for kept, stop in zip(whole["stops"], planned["stops"], strict=True):
        assert [kept[name] for name in times] == [stop[name] for name in times]
    assert {one["outcome"] for one in whole["stops"]} == {"waiting"}

    assert_problem(client.post(f"{where}/give"), 428)
    assert_problem(client.post(f"{where}/give", headers={"If-Match": '"v2"'}), 412)
    assert client.post(f"{where}/give", headers={"If-Match": '"v1"'}).json()["state"] == "given"
    assert client.post(f"{where}/start", headers=ANY).json()["state"] == "under_way"
    stops = [one["id"] for one in whole["stops"]]
    assert_problem(client.post(f"{where}/finish", headers=ANY), 409)
    assert_problem(client.post(f"{where}/stops/{stops[0]}/done"), 428)
    for stop in stops[:2]:
        assert client.post(f"{where}/stops/{stop}/done", headers=ANY).status_code == 200
    assert_problem(client.post(f"{where}/stops/{stops[2]}/fail", headers=ANY, json={}), 422)
    failed = client.post(f"{where}/stops/{stops[2]}/fail", headers=ANY, json={"reason": "nobody_home"}).json()
    assert [(one["outcome"], one["reason"]) for one in failed["stops"]] == [
        ("done", None), ("done", None), ("failed", "nobody_home"),
    ]  # fmt: skip
    done = client.post(f"{where}/finish", headers=ANY)
    assert (done.json()["state"], done.headers["etag"]) == ("done", '"v7"')
    statuses = [client.get(f"/v1/needs/{one['need_id']}").json()["status"] for one in whole["stops"]]
    assert statuses == ["met", "met", "open"]
    assert_problem(client.delete(where, headers=ANY), 409)


def test_stops_are_put_in_order_dropped_and_found_by_code(client: TestClient, ids: dict[str, Any]) -> None:
    whole = made(client, ids)
    where, stops = f"{PATH}/{whole['id']}", [one["id"] for one in whole["stops"]]
    assert_problem(client.patch(where, json={"stop_ids": stops}), 428)
    answer = client.patch(where, headers={"If-Match": '"v1"'}, json={"stop_ids": [stops[0], stops[2], stops[1]]})
    assert [one["id"] for one in answer.json()["stops"]] == [stops[0], stops[2], stops[1]]
    assert answer.headers["etag"] == '"v2"'
    code = whole["stops"][1]["code"]
    for typed in (code, code.lower(), f"{code[:3]} {code[3:]}"):
        assert client.get(f"{PATH}/codes/{typed}").json()["id"] == stops[1]
    slip = code[:2] + ("3" if code[2] == "2" else "2") + code[3:]
    assert_problem(client.get(f"{PATH}/codes/{slip}"), 422)
    # dropped by the order above
    assert_problem(client.get(f"{PATH}/codes/{whole['stops'][3]['code']}"), 404)
    for body in ({}, {"stop_ids": []}, {"stop_ids": ["x"]}, {"stop_ids": [stops[0], stops[0]]}, {"stops": stops}):
        assert_problem(client.patch(where, headers=ANY, json=body), 422)
    assert_problem(client.patch(where, headers=ANY, json={"stop_ids": [str(new_id())]}), 404)
    assert client.delete(where, headers=ANY).status_code == 204
    assert_problem(client.get(where), 404)


def test_rounds_are_listed_and_filtered(client: TestClient, ids: dict[str, Any]) -> None:
    whole = made(client, ids)
    (one,) = client.get(PATH, params={"helper_id": ids["driver"], "state": "planned"}).json()["items"]
    assert one == {name: value for name, value in whole.items() if name != "stops"}
    assert client.get(PATH, params={"state": "done"}).json()["items"] == []
    assert client.get(PATH, params={"helper_id": str(new_id())}).json()["items"] == []
    assert_problem(client.get(PATH, params={"state": "gone"}), 422)
    assert client.get(f"{PATH}/{whole['id']}").json() == whole


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"stops": []}, 422), ({"stops": [{}]}, 422), ({"from_at": "soon"}, 422), ({"ends": "nowhere"}, 422),
        ({"helper_id": "x"}, 422), ({"mode": "boat"}, 422), ({"state": "done"}, 422),
        ({"stops": [{"need_id": str(new_id())}]}, 404), ({"helper_id": str(new_id())}, 404),
        ({"start_asset_id": str(new_id())}, 404),
        ({"stops": [{"need_id": str(new_id()), "asset_id": str(new_id())}]}, 422),
        ({"stops": [{"asset_id": str(new_id()), "service_min": 1e9}]}, 422),
        ({"stops": [{"asset_id": str(new_id()), "demand": 1.5}]}, 422),
    ],
)  # fmt: skip
def test_a_round_that_makes_no_sense_is_refused(
    client: TestClient, ids: dict[str, Any], change: dict[str, Any], status: int
) -> None:
    assert_problem(client.post(PATH, json=body_of(ids) | change), status)
    assert client.get(PATH).json()["items"] == []
    assert client.get("/v1/matches").json()["items"] == []


def test_a_plan_that_makes_no_sense_is_refused(client: TestClient, ids: dict[str, Any]) -> None:
    good = plan_of(ids)
    driver, stop = good["drivers"][0], good["stops"][0]
    days = (SOON + timedelta(days=2)).isoformat()
    for change, status in (
        ({"stops": []}, 422), ({"drivers": []}, 422), ({"stops": [stop, stop]}, 422),
        ({"drivers": [driver, driver]}, 422), ({"seed": -1}, 422), ({"drivers": [driver | {"until_at": days}]}, 422),
        ({"drivers": [driver | {"until_at": driver["from_at"]}]}, 422),
        ({"drivers": [driver | {"capacity": -1}]}, 422), ({"stops": [stop] * 201}, 422),
        ({"stops": [stop | {"earliest_at": days, "latest_at": driver["from_at"]}]}, 422),
        ({"stops": [{"need_id": str(new_id())}]}, 404), ({"drivers": [driver | {"helper_id": str(new_id())}]}, 404),
    ):  # fmt: skip
        assert_problem(client.post(f"{PATH}/plan", json=good | change), status)


def test_what_a_plan_leaves_out_has_its_reason(client: TestClient, ids: dict[str, Any]) -> None:
    plan = client.post(f"{PATH}/plan", json=plan_of(ids, capacity=1)).json()
    assert plan["unserved_by_reason"] == {"no_room": 2}
    assert len(plan["unserved"]) + len(plan["rounds"][0]["stops"]) == 3


# -- the sheet -------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What of a page a browser would act upon, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_sheet_has_what_a_driver_needs_and_is_a_reveal(client: TestClient, ids: dict[str, Any]) -> None:
    whole = made(client, ids)
    answer = client.get(f"{PATH}/{whole['id']}/sheet")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == SHEET_POLICY
    assert "default-src 'none'" in SHEET_POLICY
    sheet = Page(answer.text)
    assert sheet.tags.count("li") == 4
    assert sheet.text.count("Testikatu 1") == 3
    for one in whole["stops"]:
        assert f"{one['code'][:3]} {one['code'][3:]}" in sheet.text
    links = [value for tag, name, value in sheet.attributes if (tag, name) == ("a", "href")]
    assert links == [f"geo:{point.lat:.5f},{point.lon:.5f}" for point in map(near, (0, 3, 1, 2))]
    # one QR code a stop, and none of a place unless that is asked for
    assert sheet.tags.count("svg") == 4
    with_places = Page(client.get(f"{PATH}/{whole['id']}/sheet", params={"map_codes": True}).text)
    assert with_places.tags.count("svg") == 8
    noted = client.get("/v1/audit", params={"action": "reveal"}).json()["items"]
    assert [(entry["object_kind"], sorted(entry["object_ids"])) for entry in noted] == [
        ("need", sorted(ids["needs"]))
    ] * 2
    assert "contact_phone" not in noted[0]["fields"]
    assert_problem(client.get(f"{PATH}/{new_id()}/sheet"), 404)
    assert_problem(client.get(f"{PATH}/{whole['id']}/sheet", params={"contacts": "maybe"}), 422)


def test_nobody_else_reads_a_sheet(client: TestClient, ids: dict[str, Any], callers: dict[str, TestClient]) -> None:
    where = f"{PATH}/{made(client, ids)['id']}/sheet"
    for name, status in (("device", 404), ("coarse_partner", 404), ("anonymous", 401), ("foreign_organizer", 404)):
        assert_problem(callers[name].get(where), status)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "</style><svg onload=alert(1)>",
    "javascript:x' onmouseover='alert(1)",
    "&lt;b&gt; & \u202etxt.exe",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_stays_text_on_the_sheet(client: TestClient, session: Session, text: str) -> None:
    driver = add_helper(session, vehicle=Vehicle.CAR, capacity_per_week=20, public_name=text)
    pantry = add_asset(session, near(0), name=text, address=text)
    place = Location(LocationState.LOCATED, MatchQuality.ROOFTOP, near(1), 80.0, text)
    need = add_need(session, place, languages=("fi",), household_size=3)
    store_contact(session, "need_id", need.id, Contact(name=text, phone=text))
    session.commit()
    ids = {"driver": str(driver.id), "pantry": str(pantry.id), "needs": [str(need.id)]}
    whole = made(client, ids)
    html = client.get(f"{PATH}/{whole['id']}/sheet", params={"contacts": True}).text
    sheet = Page(html)
    plain = Page(client.get(f"{PATH}/{made_plain(client, session)}/sheet", params={"contacts": True}).text)
    assert set(sheet.tags) <= set(plain.tags) | {"p"}
    assert not {"script", "img", "iframe"} & set(sheet.tags)
    assert {name for _, name, _ in sheet.attributes if name.startswith("on")} == set()
    assert {value[:4] for tag, name, value in sheet.attributes if name in ("href", "src") and value} == {"geo:"}
    body = html.split("</head>")[1]
    # the driver, the asset's address, the household's address, name and number
    assert unescape(re.sub(r"<[^>]*>", "", body)).count(text) == 5
    assert "known to about 80 m" in sheet.text
    assert "speaks Finnish" in sheet.text


def made_plain(client: TestClient, session: Session) -> str:
    driver = add_helper(session, vehicle=Vehicle.CAR, capacity_per_week=20)
    need = add_need(session, near(1))
    pantry = add_asset(session, near(0))
    session.commit()
    ids = {"driver": str(driver.id), "pantry": str(pantry.id), "needs": [str(need.id)]}
    return str(made(client, ids)["id"])


# -- the commands ----------------------------------------------------------------------------------------------


@pytest.mark.own_db
def test_the_commands_plan_list_and_print(own_db: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from api.cli import app

    with make_sessions(own_db).begin() as session:
        drivers = [str(add_helper(session, vehicle=Vehicle.CAR, capacity_per_week=9).id) for _ in range(2)]
        needs = {str(add_need(session, near(at)).id) for at in (1, 2, 3)}
    monkeypatch.setenv("BARNRAISER_DATABASE_URL", own_db.url.render_as_string(hide_password=False))
    monkeypatch.setenv("BARNRAISER_HOME", str(tmp_path))
    runner = CliRunner()
    hours = ["--from", f"{SOON:%Y-%m-%dT%H:%M}+0000", "--until", f"{SOON + timedelta(hours=3):%Y-%m-%dT%H:%M}+0000"]
    who = [part for one in drivers for part in ("--helper", one)]
    seen = runner.invoke(app, ["rounds", "plan", *who, *hours, "--json", "--category", "food"])
    assert seen.exit_code == 0, seen.output
    plan = json.loads(seen.stdout)
    assert {stop["need_id"] for one in plan["rounds"] for stop in one["stops"]} == needs
    assert plan["kept"] == []
    kept = runner.invoke(app, ["rounds", "plan", *who, *hours, "--keep", "--capacity", "2"])
    assert kept.exit_code == 0, kept.output
    assert "the best there is" in kept.stdout
    assert kept.stdout.count("kept: ") == 2
    none = runner.invoke(app, ["rounds", "plan", *who, *hours])
    assert (none.exit_code, none.stdout) == (1, "")
    listed = json.loads(runner.invoke(app, ["rounds", "list", "--json", "--state", "planned"]).stdout)["items"]
    assert sum(one["stop_count"] for one in listed) == 3
    assert "2 rounds" in runner.invoke(app, ["rounds", "list"]).stdout
    out = tmp_path / "sheet.html"
    printed = runner.invoke(app, ["rounds", "sheet", listed[0]["id"], "--out", str(out), "--map-codes"])
    assert printed.exit_code == 0, printed.output
    assert out.stat().st_mode & 0o777 == 0o600
    assert "Testikatu 1" in Page(out.read_text("utf-8")).text
    with make_sessions(own_db)() as session:
        assert next(one.action for one in list_audit(session)) == "reveal"
