"""Links without sign-in over HTTP: made by organizers, followed by whoever holds one, and good for nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.domain.calendar import ActivityDraft
from geo.domain.hours import Window
from geo.domain.ids import new_id
from geo.domain.links import PAGES, LinkKind
from geo.domain.match import MatchReason
from geo.domain.messages import Preference, Recipient, RecipientKind
from geo.domain.words import MatchStatus, NeedStatus
from geo.privacy.link_tokens import PAGE_TOKENS
from geo.store.activities import create_activity
from geo.store.links import make_link
from geo.store.match_steps import propose_match, step
from geo.store.matches import get_match, list_events
from geo.store.needs import get_need, update_need
from geo.store.preferences import set_preference
from geo.store.shifts import list_shifts
from geo.store.sign_ups import add_sign_up

from api.app import create_app
from api.link_views import all_words, language_of
from api.settings import RateSettings, Settings
from tests.api.conftest import TestClient, assert_problem
from tests.factories import add_helper, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

FOLLOWED = "/v1/links/followed"
HELP, NEED, SHIFT = f"{FOLLOWED}/help", f"{FOLLOWED}/need", f"{FOLLOWED}/shift"


class Case:
    """A need with an address, a helper asked about it, and a link for each of the two."""

    def __init__(self, session: Session) -> None:
        self.need = add_need(session, languages=("fi", "ar"))
        self.helper = add_helper(session, languages=("en",))
        self.match = propose_match(session, self.need.id, helper_id=self.helper.id, travel_min=12.3)
        self.help = bearer(make_link(session, LinkKind.HELP, self.match.id)[1])
        self.asked = bearer(make_link(session, LinkKind.NEED, self.need.id)[1])
        session.commit()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def case(session: Session) -> Case:
    return Case(session)


def do(client: TestClient, case: Case, name: str, reason: str | None = None) -> dict[str, Any]:
    body = {"step": name} | ({} if reason is None else {"reason": reason})
    answer = client.post(HELP, headers=case.help, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def names(view: dict[str, Any]) -> list[str]:
    return [one["name"] for one in view["actions"]]


def test_a_helper_goes_all_the_way_and_sees_the_address_only_in_between(
    anonymous: TestClient, client: TestClient, case: Case, session: Session
) -> None:
    place = f"{HELP}/place"
    seen = anonymous.get(HELP, headers=case.help)
    assert seen.headers["cache-control"] == "no-store"
    view = seen.json()
    assert (view["state"], names(view), view["place"]) == ("asked", ["accept", "decline"], False)
    assert "Testikatu" not in seen.text
    assert_problem(anonymous.post(place, headers=case.help, json={"show": True}), 409)
    accepted = do(anonymous, case, "accept")
    assert (accepted["state"], names(accepted), accepted["place"]) == ("accepted", ["start", "fail"], True)
    assert "Testikatu" not in json.dumps(accepted)
    shown = anonymous.post(place, headers=case.help, json={"show": True}).json()
    assert (shown["address"], shown["lon"], shown["lat"]) == ("Testikatu 1", HELSINKI.lon, HELSINKI.lat)
    assert shown["map"] == f"geo:{HELSINKI.lat},{HELSINKI.lon}?q={HELSINKI.lat},{HELSINKI.lon}"
    assert do(anonymous, case, "start")["state"] == "under_way"
    assert anonymous.post(place, headers=case.help, json={"show": True}).status_code == 200
    done = do(anonymous, case, "done")
    assert (done["state"], done["facts"], done["actions"], done["place"]) == ("done", [], [], False)
    assert_problem(anonymous.post(place, headers=case.help, json={"show": True}), 409)
    assert get_need(session, case.need.id).status is NeedStatus.MET
    entries = client.get("/v1/audit", params={"limit": 200}).json()["items"]
    by_link = [one for one in entries if one["actor_kind"] == "helper_by_link"]
    assert [one["action"] for one in by_link if one["object_kind"] == "match"][::-1] in (
        ["accept", "start", "done"], ["done", "start", "accept"],
    )  # fmt: skip
    reveals = [one for one in by_link if one["action"] == "reveal"]
    assert [one["object_ids"] for one in reveals] == [[str(case.need.id)]] * 2
    assert all("address_typed" in one["fields"] for one in reveals)


def test_where_no_place_is_known_none_is_offered(anonymous: TestClient, session: Session) -> None:
    match = propose_match(session, add_need(session, None).id, helper_id=add_helper(session).id)
    headers = bearer(make_link(session, LinkKind.HELP, match.id)[1])
    session.commit()
    view = anonymous.post(HELP, headers=headers, json={"step": "accept"}).json()
    assert (view["state"], view["place"]) == ("accepted", False)
    assert_problem(anonymous.post(f"{HELP}/place", headers=headers, json={"show": True}), 404)


def test_the_steps_are_the_links_own_in_the_history(anonymous: TestClient, case: Case, session: Session) -> None:
    do(anonymous, case, "accept")
    session.expire_all()
    last = list_events(session, case.match.id)[-1]
    link = session.scalar(text("SELECT id FROM access.link WHERE kind = 'help'"))
    assert (last.to_status, last.actor) == (MatchStatus.ACCEPTED, link)


def test_a_no_has_a_reason_and_is_taken_well(anonymous: TestClient, case: Case, session: Session) -> None:
    view = anonymous.get(HELP, headers=case.help).json()
    decline = next(one for one in view["actions"] if one["name"] == "decline")
    assert {one["name"] for one in decline["choices"]} == {"no_time", "not_for_me", "too_far", "unsafe", "other"}
    assert_problem(anonymous.post(HELP, headers=case.help, json={"step": "decline"}), 422)
    assert do(anonymous, case, "decline", "no_time")["state"] == "declined"
    assert get_match(session, case.match.id).reason is MatchReason.NO_TIME


@pytest.mark.parametrize("wanted", ["start", "done", "fail"])
def test_a_step_that_does_not_follow_is_a_conflict(anonymous: TestClient, case: Case, wanted: str) -> None:
    body = {"step": wanted} | ({"reason": "other"} if wanted == "fail" else {})
    assert_problem(anonymous.post(HELP, headers=case.help, json=body), 409)
    assert anonymous.get(HELP, headers=case.help).json()["state"] == "asked"


def test_what_somebody_else_took_is_gone_and_tells_nothing(anonymous: TestClient, case: Case, session: Session) -> None:
    other = propose_match(session, case.need.id, helper_id=add_helper(session).id)
    step(session, other.id, MatchStatus.ACCEPTED)
    session.commit()
    view = anonymous.get(HELP, headers=case.help).json()
    assert (view["state"], view["facts"], view["actions"]) == ("gone", [], [])
    assert_problem(anonymous.post(HELP, headers=case.help, json={"step": "accept"}), 409)


def test_whoever_asked_says_that_help_came(anonymous: TestClient, case: Case, session: Session) -> None:
    view = anonymous.get(NEED, headers=case.asked).json()
    assert (view["language"], view["state"]) == ("fi", "open")
    assert names(view) == ["still", "helped", "not_any_more", "stop"]
    for name in ("accept", "start", "done"):
        do(anonymous, case, name)
    assert anonymous.get(NEED, headers=case.asked).json()["state"] == "done"
    for _ in range(2):
        said = anonymous.post(NEED, headers=case.asked, json={"answer": "helped"})
        assert (said.status_code, said.json()["state"]) == (200, "met")
    assert get_match(session, case.match.id).confirmed_at is not None
    assert_problem(anonymous.post(NEED, headers=case.asked, json={"answer": "not_any_more"}), 409)


def test_what_a_helper_calls_done_is_open_again_when_it_is_still_needed(
    anonymous: TestClient, case: Case, session: Session
) -> None:
    for name in ("accept", "start", "done"):
        do(anonymous, case, name)
    assert anonymous.post(NEED, headers=case.asked, json={"answer": "still"}).json()["state"] == "open"
    assert get_need(session, case.need.id).status is NeedStatus.OPEN


def test_not_any_more_closes_it_and_releases_the_helper(anonymous: TestClient, case: Case, session: Session) -> None:
    do(anonymous, case, "accept")
    for _ in range(2):
        said = anonymous.post(NEED, headers=case.asked, json={"answer": "not_any_more"}).json()
        assert (said["state"], names(said)) == ("closed", ["stop"])
    session.expire_all()
    assert get_need(session, case.need.id).status is NeedStatus.WITHDRAWN
    ended = get_match(session, case.match.id)
    assert (ended.status, ended.reason) == (MatchStatus.FAILED, MatchReason.NOT_WANTED)


def test_stop_holds_for_the_whole_household(
    anonymous: TestClient, client: TestClient, case: Case, session: Session
) -> None:
    also = add_need(session, household_id=case.need.id)
    session.commit()
    said = anonymous.post(NEED, headers=case.asked, json={"answer": "stop"}).json()
    assert "stop" not in names(said)
    kept = client.get(f"/v1/needs/{case.need.id}/preference").json()
    assert kept["is_stopped"] is True
    assert client.get(f"/v1/needs/{also.id}/preference").json()["is_stopped"] is True


@pytest.mark.parametrize("path", [HELP, NEED, SHIFT])
def test_unknown_ended_and_foreign_links_are_one_answer(
    anonymous: TestClient, client: TestClient, case: Case, session: Session, path: str
) -> None:
    own = case.help if path == HELP else case.asked if path == NEED else None
    old = bearer(make_link(session, LinkKind.NEED, case.need.id, lasts=timedelta(hours=1), now=past())[1])
    session.commit()
    shown: list[dict[str, str]] = [{}, old, bearer(PAGE_TOKENS.mint()), bearer("link_x"), {"Authorization": "Basic x"}]
    shown += [one for one in (case.help, case.asked) if one is not own]
    if own is not None:
        ended = client.get("/v1/links", params={"limit": 10}).json()["items"]
        for one in ended:
            assert client.delete(f"/v1/links/{one['id']}").status_code == 204
        shown.append(own)
    answers = {
        (answer.status_code, answer.text) for headers in shown for answer in (anonymous.get(path, headers=headers),)
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401
    # before anything else is looked at, the body included
    assert anonymous.post(path, headers=bearer(PAGE_TOKENS.mint()), json={"x": 1}).status_code == 401


def past() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)


def test_a_link_opens_no_other_door_and_no_key_opens_its(client: TestClient, anonymous: TestClient, case: Case) -> None:
    for path in ("/v1/needs", "/v1/matches", f"/v1/needs/{case.need.id}", "/v1/audit"):
        assert anonymous.get(path, headers=case.help).status_code == 401
    assert client.get(HELP).status_code == 401
    secret = case.help["Authorization"].removeprefix("Bearer ")
    for path in (f"{HELP}?language={secret}", f"{HELP}/{secret}", f"/help?{secret}", f"/v1/needs?cursor={secret}"):
        assert anonymous.get(path, headers=case.help).status_code in (401, 404)


def test_guessing_is_slowed_down_and_a_good_link_is_not(
    settings: Settings, sessions: SessionFactory, case: Case
) -> None:
    settings = Settings(home=settings.home, server=settings.server, demo=settings.demo,
                        rates=RateSettings(reads_per_min=1000, bad_keys_per_min=5))  # fmt: skip
    with TestClient(create_app(settings, sessions=sessions, with_dashboard=False)) as asked:
        for _ in range(10):
            assert asked.get(HELP, headers=case.help).status_code == 200
        statuses = [asked.get(HELP, headers=bearer(PAGE_TOKENS.mint())).status_code for _ in range(8)]
        assert statuses == [401] * 5 + [429] * 3
        assert asked.post(HELP, headers=bearer(PAGE_TOKENS.mint()), json={"step": "accept"}).status_code == 429
        assert asked.get(HELP, headers=case.help).status_code == 200


def test_a_link_may_not_be_used_without_end(settings: Settings, sessions: SessionFactory, case: Case) -> None:
    settings = Settings(home=settings.home, server=settings.server, demo=settings.demo,
                        rates=RateSettings(reads_per_min=10, bad_keys_per_min=5))  # fmt: skip
    with TestClient(create_app(settings, sessions=sessions, with_dashboard=False)) as asked:
        body = {"step": "start"}
        statuses = [asked.post(HELP, headers=case.help, json=body).status_code for _ in range(12)]
        assert statuses == [409] * 10 + [429] * 2


def test_organizers_make_list_and_revoke_links(client: TestClient, case: Case) -> None:
    made = client.post("/v1/links", json={"match_id": str(case.match.id), "valid_h": 48})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    address, link = made.json()["address"], made.json()["link"]
    assert address.startswith("http://testserver/help#link_")
    listed = client.get("/v1/links", params={"match_id": str(case.match.id)})
    assert [one["id"] for one in listed.json()["items"]][-1] == link["id"]
    assert address.partition("#")[2] not in listed.text
    shows = bearer(address.partition("#")[2])
    assert client.get(HELP, headers=shows).status_code == 200
    assert client.get("/v1/links", params={"match_id": str(case.match.id)}).json()["items"][-1]["opened_at"]
    assert client.delete(f"/v1/links/{link['id']}").status_code == 204
    assert client.get(HELP, headers=shows).status_code == 401
    assert_problem(client.delete(f"/v1/links/{new_id()}"), 404)
    assert_problem(client.post("/v1/links", json={"need_id": str(new_id())}), 404)


@pytest.mark.parametrize("body", [{}, {"match_id": "x"}, {"valid_h": 5}, {"valid_h": 0}, {"secret": "x"}])
def test_a_link_that_makes_no_sense_is_refused(client: TestClient, case: Case, body: dict[str, Any]) -> None:
    assert_problem(client.post("/v1/links", json=body), 422)
    both = {"match_id": str(case.match.id), "need_id": str(case.need.id)}
    assert_problem(client.post("/v1/links", json=both), 422)
    assert_problem(client.post("/v1/links", json={"need_id": str(case.need.id), "valid_h": 100_000}), 422)


def test_a_promised_shift_is_read_and_given_up(anonymous: TestClient, session: Session) -> None:
    now = datetime.now(UTC)
    start = (now + timedelta(days=3)).strftime("%Y%m%dT%H%M%S")
    create_activity(session, ActivityDraft("Kitchen", f"DTSTART:{start}\nDURATION:PT2H", {"cook": 2}, place="Hall"))
    shift = list_shifts(session, Window(now, now + timedelta(days=9)))[0]
    promise = add_sign_up(session, shift.id, add_helper(session, languages=("sv",)).id, "cook")
    headers = bearer(make_link(session, LinkKind.SHIFT, promise.id)[1])
    session.commit()
    view = anonymous.get(SHIFT, headers=headers).json()
    assert (view["language"], view["state"]) == ("sv", "promised")
    assert {"Kitchen", "cook", "Hall"} <= {one["value"] for one in view["facts"]}
    for _ in range(2):
        said = anonymous.post(SHIFT, headers=headers, json={"cancel": True}).json()
        assert (said["state"], said["actions"]) == ("cancelled", [])


@pytest.mark.parametrize("kind", LinkKind)
def test_a_page_is_small_speaks_its_readers_language_and_holds_nothing(anonymous: TestClient, kind: LinkKind) -> None:
    page = anonymous.get(PAGES[kind], headers={"Accept-Language": "ar,en;q=0.5"})
    assert page.status_code == 200
    assert '<html lang="ar" dir="rtl">' in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    parts = [anonymous.get(f"/enter/{name}") for name in ("link.css", "link.js")]
    assert all(part.status_code == 200 for part in parts)
    assert len(page.content) + sum(len(part.content) for part in parts) < 30_000
    assert "<script>" not in page.text
    assert "style=" not in page.text


def test_every_language_has_every_text_with_the_same_gaps() -> None:
    words = all_words()
    assert set(words) == {"en", "fi", "sv", "es", "ar", "so", "uk"}
    for language, texts in words.items():
        assert set(texts) == set(words["en"]), language
        for name, said in texts.items():
            assert said.strip(), (language, name)
            for gap in ("{area}", "{count}"):
                assert (gap in said) == (gap in words["en"][name]), (language, name)
            assert not set("<>$") & set(said), (language, name)


def test_every_state_of_a_page_can_be_said_in_every_language(
    anonymous: TestClient, case: Case, session: Session
) -> None:
    for language in all_words():
        view = anonymous.get(HELP, headers=case.help, params={"language": language}).json()
        assert view["language"] == language
        assert view["direction"] == ("rtl" if language == "ar" else "ltr")
    set_preference(session, Recipient(RecipientKind.HELPER, case.helper.id), Preference(language="uk"))
    update_need(session, case.need.id, {"status": "withdrawn"})
    session.commit()
    assert anonymous.get(HELP, headers=case.help).json()["language"] == "uk"


def test_what_a_browser_asks_for_is_taken_in_order() -> None:
    assert language_of("so-SO,fi;q=0.9") == "so"
    assert language_of("ja, sv;q=0.5") == "sv"
    assert language_of("") == language_of("*") == language_of("\x00;;,,") == "en"


def test_no_page_holds_an_address_a_point_or_an_id(anonymous: TestClient, case: Case) -> None:
    for path, headers in ((HELP, case.help), (NEED, case.asked)):
        seen = anonymous.get(path, headers=headers).text
        assert str(case.need.id) not in seen
        assert "Testikatu" not in seen
        assert f"{HELSINKI.lon}" not in seen
