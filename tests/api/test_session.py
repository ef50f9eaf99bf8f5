"""Signing in, out and over: what opens a session, what ends it, and what it takes to do more."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from starlette.responses import PlainTextResponse

from geo.domain.ids import new_id
from geo.domain.links import PAGES
from geo.domain.principals import CredentialKind
from geo.privacy.tokens import mint
from geo.store.accounts import change_role, find_member, invite, new_link, remove, welcome
from geo.store.credentials import issue
from geo.store.engine import transaction

from api.access import COOKIE
from api.page_guard import PageGuard
from tests.api.conftest import assert_problem, carrying
from tests.callers import PASSWORD, SIGNING_IN, acting, bearing, organizer, welcomed
from tests.rights import operator

if TYPE_CHECKING:
    from fastapi import FastAPI
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

PATH = "/v1/session"
WRONG = "not this password"


def sign_in(client: TestClient, login: str = "aino", password: str = PASSWORD, **more: Any) -> Any:
    return client.post(PATH, json={"login": login, "password": password, **more})


def with_cookie(client: TestClient, answer: Any) -> TestClient:
    """The same application, called by a browser that holds the cookie of an answer."""
    value = answer.headers["set-cookie"].partition(";")[0]
    other = carrying(client, mint(CredentialKind.SESSION))
    other.headers = {"Cookie": value}  # type: ignore[assignment] # httpx takes any mapping
    return other


def test_a_session_is_a_cookie_that_only_this_host_gets(anonymous: TestClient, sessions: SessionFactory) -> None:
    welcomed(sessions)
    answer = sign_in(anonymous, " AINO ")
    assert answer.status_code == 200, answer.text
    kept = answer.headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}=brs_")
    for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert word in kept
    assert "Domain" not in kept
    assert "brs_" not in answer.text
    assert answer.json()["role"] == "admin"
    assert with_cookie(anonymous, answer).get("/v1/needs").status_code == 200


@pytest.mark.parametrize(("login", "password"), [("aino", WRONG), ("nobody", PASSWORD), ("aino", PASSWORD + "x")])
def test_what_does_not_fit_is_refused_alike(
    anonymous: TestClient, sessions: SessionFactory, login: str, password: str
) -> None:
    welcomed(sessions)
    problem = assert_problem(sign_in(anonymous, login, password), 401)
    assert problem["type"].endswith("#sign-in-refused")
    assert problem["detail"] == "This name and password do not go together."


def test_signing_out_ends_the_session_wherever_its_cookie_is(anonymous: TestClient, sessions: SessionFactory) -> None:
    welcomed(sessions)
    browser = with_cookie(anonymous, sign_in(anonymous))
    assert browser.delete(PATH).status_code == 204
    assert_problem(browser.get("/v1/needs"), 401)
    assert browser.get(PATH).json()["kind"] == "public"


def test_a_link_lets_in_once(anonymous: TestClient, sessions: SessionFactory) -> None:
    with transaction(sessions) as session:
        _, link = invite(session, "mirja", "Mirja")
    short = anonymous.post(f"{PATH}/accept", json={"password": "short"}, headers=bearing(link))
    assert_problem(short, 422)
    first = anonymous.post(f"{PATH}/accept", json={"password": PASSWORD, "name": "Mirja K."}, headers=bearing(link))
    assert first.status_code == 200, first.text
    assert first.json()["name"] == "Mirja K."
    again = anonymous.post(f"{PATH}/accept", json={"password": PASSWORD}, headers=bearing(link))
    assert_problem(again, 401)


def test_a_link_cannot_replace_the_password_of_an_account_of_another_network(
    anonymous: TestClient, sessions: SessionFactory, session: Session
) -> None:
    other = make_network(session)
    session.commit()
    welcomed(sessions, "aino")
    with transaction(sessions, acting(other)) as there:
        _, link = invite(there, "aino", "Somebody")
    taken = anonymous.post(f"{PATH}/accept", json={"password": WRONG}, headers=bearing(link))
    assert_problem(taken, 401)
    answer = anonymous.post(f"{PATH}/accept", json={"password": PASSWORD}, headers=bearing(link))
    assert answer.json()["network"] == str(other)
    assert answer.json()["name"] == "Aino"
    assert len(answer.json()["networks"]) == 2


def test_an_admin_cannot_renew_the_link_of_somebody_who_has_another_network(
    client: TestClient, sessions: SessionFactory, session: Session
) -> None:
    other = make_network(session)
    session.commit()
    with transaction(sessions) as here:
        person_id, _ = invite(here, "shared", "Shared")
    with transaction(sessions, acting(other)) as there:
        invite(there, "shared", "Shared")
    assert_problem(client.post(f"/v1/people/{person_id}/link"), 409)


def test_going_over_to_another_network_shows_that_one_alone(
    anonymous: TestClient, sessions: SessionFactory, session: Session
) -> None:
    other = make_network(session)
    session.commit()
    welcomed(sessions)
    with transaction(sessions, acting(other)) as there:
        invite(there, "aino", "Aino")
    browser = with_cookie(anonymous, sign_in(anonymous))
    assert browser.post("/v1/needs", json={"category": "food"}).status_code == 201
    moved = browser.post(f"{PATH}/network", json={"network": str(other)})
    assert moved.status_code == 200, moved.text
    assert_problem(browser.get("/v1/needs"), 401)
    there_now = with_cookie(anonymous, moved)
    assert there_now.get("/v1/needs").json()["items"] == []
    assert_problem(there_now.post(f"{PATH}/network", json={"network": str(new_id())}), 401)


def make_network(session: Session) -> Any:
    network = new_id()
    with operator(session):
        session.execute(
            text("INSERT INTO network (id, slug, name) VALUES (:id, :slug, 'Other')"),
            {"id": network, "slug": f"n-{network}"},
        )
    return network


def test_one_time_codes_are_asked_for_once_they_are_set_up(anonymous: TestClient, sessions: SessionFactory) -> None:
    welcomed(sessions)
    browser = with_cookie(anonymous, sign_in(anonymous))
    offer = browser.get(f"{PATH}/totp").json()
    assert offer["qr_svg"].startswith("<svg")
    app = pyotp.TOTP(offer["secret"])
    assert_problem(browser.put(f"{PATH}/totp", json={"secret": offer["secret"], "code": "000000"}), 401)
    before = time.time() - 30
    settled = browser.put(f"{PATH}/totp", json={"secret": offer["secret"], "code": app.at(before)})
    assert settled.status_code == 204, settled.text
    assert browser.get(PATH).json()["has_totp"] is True
    assert assert_problem(sign_in(anonymous), 401)["type"].endswith("#code-needed")
    code = app.now()
    assert sign_in(anonymous, code=code).status_code == 200
    # a code that was seen over a shoulder is no longer good
    assert_problem(sign_in(anonymous, code=code), 401)
    assert sign_in(anonymous, password=WRONG, code=app.at(time.time() + 30)).status_code == 401
    assert browser.delete(f"{PATH}/totp").status_code == 204
    assert sign_in(anonymous).status_code == 200


def test_a_network_may_ask_for_codes_before_anything_else(
    anonymous: TestClient, sessions: SessionFactory, session: Session
) -> None:
    with operator(session):
        session.execute(text("UPDATE network SET requires_totp = true"))
    session.commit()
    welcomed(sessions)
    browser = with_cookie(anonymous, sign_in(anonymous))
    assert browser.get(PATH).json()["needs_totp"] is True
    assert_problem(browser.get("/v1/needs"), 404)
    offer = browser.get(f"{PATH}/totp").json()
    browser.put(f"{PATH}/totp", json={"secret": offer["secret"], "code": pyotp.TOTP(offer["secret"]).now()})
    assert browser.get("/v1/needs").status_code == 200


def test_who_has_yet_to_set_up_codes_gets_to_the_pages_where_they_do(
    anonymous: TestClient, sessions: SessionFactory, session: Session
) -> None:
    with operator(session):
        session.execute(text("UPDATE network SET requires_totp = true"))
    session.commit()
    welcomed(sessions)
    value = sign_in(anonymous).headers["set-cookie"].partition(";")[0]
    door = TestClient(PageGuard(PlainTextResponse("a page"), sessions=sessions, path="/dash"), follow_redirects=False)
    assert door.get("/dash/access", headers={"Cookie": value}).text == "a page"
    assert door.get("/dash/access").headers["location"] == "/enter?next=/dash/access"


@pytest.mark.parametrize(
    "path", ["/enter", "/hotline", "/partner", "/canvass/", "/canvass/enrol", *PAGES.values()], ids=str
)
def test_a_page_for_people_opens_whatever_its_address_has_got_added(anonymous: TestClient, path: str) -> None:
    plain, added = anonymous.get(path), anonymous.get(f"{path}?next=/dash/access&fbclid=x&fbclid=y")
    assert (added.status_code, added.content) == (200, plain.content)
    assert added.headers["content-type"].startswith("text/html")


def test_whoever_is_not_signed_in_is_led_to_a_page_that_opens(
    anonymous: TestClient, app: FastAPI, sessions: SessionFactory
) -> None:
    guarded = TestClient(PageGuard(app, sessions=sessions, path="/dash"))
    guarded.portal = anonymous.portal
    door = guarded.get("/dash/access")
    assert (door.status_code, door.url.path, door.url.query) == (200, "/enter", b"next=/dash/access")
    assert "Name you sign in with" in door.text


def test_what_is_dangerous_wants_the_password_again(
    anonymous: TestClient, sessions: SessionFactory, session: Session
) -> None:
    welcomed(sessions)
    browser = with_cookie(anonymous, sign_in(anonymous))
    with operator(session):
        session.execute(text("UPDATE access.credential SET fresh_at = now() - interval '6 minutes'"))
    session.commit()
    body = {"login": "new", "name": "New"}
    assert assert_problem(browser.post("/v1/people", json=body), 401)["type"].endswith("#proof-needed")
    assert_problem(browser.post(f"{PATH}/proof", json={"password": WRONG}), 401)
    assert browser.post(f"{PATH}/proof", json={"password": PASSWORD}).status_code == 204
    assert browser.post("/v1/people", json=body).status_code == 201


def test_a_new_password_ends_the_other_sessions(anonymous: TestClient, sessions: SessionFactory) -> None:
    welcomed(sessions)
    here, there = (with_cookie(anonymous, sign_in(anonymous)) for _ in range(2))
    assert here.put(f"{PATH}/password", json={"password": "another long password"}).status_code == 204
    assert here.get("/v1/needs").status_code == 200
    assert_problem(there.get("/v1/needs"), 401)
    assert sign_in(anonymous).status_code == 401
    assert sign_in(anonymous, password="another long password").status_code == 200  # noqa: S106 - made up


def test_a_session_ends_when_it_is_idle_or_old(client: TestClient, session: Session) -> None:
    assert client.get("/v1/needs").status_code == 200
    idle = "UPDATE access.credential SET last_seen_at = now() - interval '31 minutes'"
    old = "UPDATE access.credential SET last_seen_at = now(), expires_at = now()"
    for change in (idle, old):
        with operator(session):
            session.execute(text(change))
        session.commit()
        assert_problem(client.get("/v1/needs"), 401)


def test_a_script_acts_as_its_owner_and_cannot_change_the_account(client: TestClient, anonymous: TestClient) -> None:
    made = client.post("/v1/keys", json={"label": "nightly", "days": 7}).json()
    script = carrying(anonymous, mint(CredentialKind.SCRIPT))
    script.headers["Authorization"] = f"Bearer {made['token']}"
    assert script.get("/v1/needs").status_code == 200
    assert_problem(script.put(f"{PATH}/password", json={"password": PASSWORD}), 401)
    assert_problem(script.post(f"{PATH}/proof", json={"password": PASSWORD}), 404)
    listed = client.get("/v1/keys", params={"kind": "script"}).json()["items"]
    assert [key["kid"] for key in listed] == [made["kid"]]
    assert client.delete(f"/v1/keys/{listed[0]['id']}").status_code == 204
    assert_problem(script.get("/v1/needs"), 401)


def test_whoever_leaves_is_out_at_once(client: TestClient, anonymous: TestClient, sessions: SessionFactory) -> None:
    other = carrying(anonymous, organizer(sessions, "mirja"))
    assert other.get("/v1/needs").status_code == 200
    person = next(p for p in client.get("/v1/people").json()["items"] if p["login"] == "mirja")
    assert client.delete(f"/v1/people/{person['id']}").status_code == 204
    assert_problem(other.get("/v1/needs"), 401)


def test_somebody_stays_who_decides(client: TestClient, session: Session) -> None:
    aino = find_member(session, "aino")
    assert aino is not None
    assert_problem(client.delete(f"/v1/people/{aino.id}"), 409)
    assert_problem(client.patch(f"/v1/people/{aino.id}", json={"role": "organizer"}), 409)


def test_only_admins_decide_who_belongs_here(anonymous: TestClient, sessions: SessionFactory) -> None:
    from geo.domain.principals import NetworkRole

    plain = carrying(anonymous, organizer(sessions, "plain", NetworkRole.ORGANIZER))
    assert plain.get("/v1/people").status_code == 200
    assert_problem(plain.post("/v1/people", json={"login": "x", "name": "X"}), 404)


def test_a_phone_is_enrolled_once_and_ended_at_once(client: TestClient, anonymous: TestClient) -> None:
    made = client.post("/v1/devices", json={"label": "Turf 3"}).json()
    code = {"Authorization": f"Bearer {made['token']}"}
    assert "#bre_" in made["link"]
    token = anonymous.post("/v1/devices/enrol", headers=code).json()["token"]
    assert_problem(anonymous.post("/v1/devices/enrol", headers=code), 401)
    phone = {"Authorization": f"Bearer {token}"}
    entry = {"entries": [{"id": str(new_id()), "kind": "need", "body": {"category": "food"}}]}
    assert anonymous.post("/v1/submissions", json=entry, headers=phone).status_code == 200
    assert client.get("/v1/devices").json()["items"][0]["enrolled_at"] is not None
    assert client.delete(f"/v1/devices/{made['device']['id']}").status_code == 204
    assert_problem(anonymous.post("/v1/submissions", json=entry, headers=phone), 401)


def test_an_old_code_enrols_nobody(anonymous: TestClient, client: TestClient, session: Session) -> None:
    made = client.post("/v1/devices", json={"label": "late"}).json()
    with operator(session):
        session.execute(text("UPDATE access.credential SET expires_at = now() WHERE kind = 'enrolment'"))
    session.commit()
    assert_problem(anonymous.post("/v1/devices/enrol", headers={"Authorization": f"Bearer {made['token']}"}), 401)


@pytest.mark.parametrize("path", ["/v1/needs?key={}", "/v1/needs/{}", "/v1/meta?x={}", "/ogc?token={}"])
def test_a_secret_in_an_address_never_opens_anything(client: TestClient, sessions: SessionFactory, path: str) -> None:
    token = organizer(sessions, "other").text
    assert_problem(client.get(path.format(token)), 401)


def test_only_good_forms_are_read(anonymous: TestClient, sessions: SessionFactory) -> None:
    good = organizer(sessions).text
    for header in (good, f"Basic {good}", f"Bearer {good}x", f"Bearer {good[:-1]}", "Bearer ", f"Bearer {good} {good}"):
        assert_problem(anonymous.get("/v1/needs", headers={"Authorization": header}), 401)
    assert anonymous.get("/v1/needs", headers={"Authorization": f"bearer {good}"}).status_code == 200


def test_the_first_start_gives_a_link_until_somebody_has_come_in(anonymous: TestClient, session: Session) -> None:
    with operator(session):
        first = welcome(session)
        second = welcome(session)
    session.commit()
    assert first is not None
    assert second is not None
    assert_problem(anonymous.post(f"{PATH}/accept", json={"password": PASSWORD}, headers=bearing(first)), 401)
    answer = anonymous.post(f"{PATH}/accept", json={"password": PASSWORD}, headers=bearing(second))
    assert answer.json()["role"] == "admin"
    with operator(session):
        assert welcome(session) is None


def test_secrets_are_kept_as_keyed_hashes_alone(sessions: SessionFactory, session: Session) -> None:
    token = organizer(sessions)
    with operator(session):
        dump = session.execute(text("SELECT credential::text FROM access.credential")).scalars().all()
    secret = token.text.removeprefix(f"brs_{token.kid}_")[:43]
    assert len(secret) == 43
    assert dump
    assert not any(secret in row or token.text in row for row in dump)
    assert repr(token).find(secret) == -1


def test_requests_cannot_read_what_secrets_are_checked_against(sessions: SessionFactory, session: Session) -> None:
    organizer(sessions)
    for query in ("SELECT fingerprint FROM access.credential", "SELECT password_hash FROM access.person"):
        with pytest.raises(Exception, match="permission denied"), session.begin_nested():
            session.execute(text(query))


def test_whoever_signs_people_in_reads_nothing_they_asked_for(sessions: SessionFactory) -> None:
    for table in ("need", "helper", "restricted.contact", "restricted.location_exact", "audit"):
        with pytest.raises(Exception, match="permission denied"), transaction(sessions, SIGNING_IN) as session:
            session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - names above


def test_the_store_says_no_in_words(sessions: SessionFactory) -> None:
    from geo.domain.principals import NetworkRole
    from geo.errors import Conflict, NotFound

    with transaction(sessions) as session:
        invite(session, "eka", "Eka", NetworkRole.ADMIN)
        with pytest.raises(Conflict):
            invite(session, "EKA", "Eka")
        for call in (lambda: new_link(session, new_id()), lambda: change_role(session, new_id(), NetworkRole.ADMIN)):
            with pytest.raises(NotFound):
                call()
        with pytest.raises(NotFound):
            remove(session, new_id())
        issue(session, CredentialKind.MONITOR, timedelta(days=1))


def test_useless_secrets_are_forgotten_after_a_month(session: Session, sessions: SessionFactory) -> None:
    from datetime import UTC, datetime

    from geo.store.credentials import forget_old, list_credentials

    organizer(sessions)
    with operator(session):
        before = len(list_credentials(session, live_only=False))
        assert forget_old(session, now=datetime.now(UTC) + timedelta(days=20)) == 0
        assert forget_old(session, now=datetime.now(UTC) + timedelta(days=40)) == before
        assert list_credentials(session, live_only=False) == []
