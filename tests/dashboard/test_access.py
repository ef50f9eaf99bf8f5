from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamlit.testing.v1 import AppTest

from dashboard.widgets.proof import BEGUN
from dashboard.widgets.proof import PASSWORD as PROOF_PASSWORD
from tests.dashboard.fake_access import CODE, ELSEWHERE, PASSWORD, SECRET, known, problem
from tests.dashboard.fake_api import AREA_ID, NASTY
from tests.dashboard.test_map import shown
from tests.dashboard.test_widgets import DASHBOARD

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.dashboard.fake_access import FakeAccess

    Open = Callable[..., AppTest]


def section(open_page: Open, name: str) -> AppTest:
    page = open_page("partners") if name == "Partners" else open_page("access", section=name)
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    page = next(button for button in page.button if button.label.replace("\\", "") == label).click().run()
    assert not page.exception
    return page


def sent(fake: FakeAccess, path: str, method: str = "POST") -> list[Any]:
    return [body for how, where, body in fake.asked if how == method and where == path]


def codes(page: AppTest) -> list[str]:
    return [code.value for code in page.code]


def kept(page: AppTest) -> dict[str, Any]:
    """Everything the server remembers of one page."""
    return dict(page.session_state._state.filtered_state)


def said(page: AppTest) -> str:
    told = [*page.success, *page.error, *page.warning]
    return " ".join(one.value for one in told).replace("\\", "")


def test_a_section_is_found_by_its_name_in_any_language(open_page: Open) -> None:
    assert "<h1>Keys</h1>" in shown(section(open_page, "Avaimet"))


def test_somebody_is_invited_and_the_link_is_shown_once(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "People")
    assert "2 members" in shown(page)
    page.text_input(key="invite_login").input("mirja")
    page.text_input(key="invite_name").input(NASTY[:60])
    page = press(page, "Make the one-time link")
    assert sent(fake, "/v1/people") == [{"login": "mirja", "name": NASTY[:60], "role": "organizer"}]
    assert codes(page) == [f"http://localhost:8000/enter#{SECRET}"]
    assert page.text_input(key="invite_login").value == ""
    page = press(page, "I have passed it on")
    assert codes(page) == []
    assert SECRET not in repr(kept(page))


def test_a_secret_does_not_follow_to_another_section(open_page: Open) -> None:
    page = press(section(open_page, "People"), "New one-time link, for a new password")
    assert codes(page)
    page.button_group(key="section").set_value("Phones").run()
    assert codes(page) == []


def test_hostile_names_are_text_everywhere(open_page: Open) -> None:
    for name in ("People", "Phones", "Partners", "Keys"):
        page = section(open_page, name)
        assert "<img" not in shown(page)
        assert "{{7*7}}" in shown(page)
        assert all("<img" not in button.label.replace("\\<", "") for button in page.button)


def test_a_role_is_changed_and_changed_back(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "People")
    page = page.button(key=f"role_{known(1)}").click().run()
    assert "Aino is now an organizer" in said(page)
    page = press(page, "Undo")
    assert [body["role"] for body in sent(fake, f"/v1/people/{known(1)}", "PATCH")] == ["organizer", "admin"]


def test_who_was_removed_can_be_invited_again(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "People")
    page = page.button(key=f"remove_{known(1)}").click().run()
    assert "Aino is no longer a member" in said(page)
    page = press(page, "Invite again")
    assert sent(fake, "/v1/people") == [{"login": "login1", "name": "Aino", "role": "admin"}]
    assert codes(page)


def test_a_refusal_is_told_and_what_was_typed_stays(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "People")
    page.text_input(key="invite_login").input("aino")
    page.text_input(key="invite_name").input("Aino")
    reason = "somebody with this login name is a member already"
    fake.refuse = problem(409, "conflict", reason, errors=[{"pointer": "/body/login", "reason": reason}])
    page = press(page, "Make the one-time link")
    assert said(page) == f"Login: {reason}. Nothing was changed."
    assert page.text_input(key="invite_login").value == "aino"


def test_who_is_no_admin_is_told_whom_to_ask(open_page: Open, fake: FakeAccess) -> None:
    fake.me |= {"role": "organizer", "permissions": ["signed_in", "manage_access"]}
    page = section(open_page, "People")
    assert "Only admins invite people" in shown(page)
    assert "Ask Aino." in shown(page)
    assert [button.label for button in page.button] == []


def test_who_manages_nothing_gets_their_account(open_page: Open, fake: FakeAccess) -> None:
    fake.me |= {"role": "organizer", "permissions": ["signed_in"], "needs_totp": True}
    page = section(open_page, "People")
    assert "Set up one-time codes" in shown(page)
    assert not any(path in ("/v1/people", "/v1/keys", "/v1/devices") for _, path, _ in fake.asked)


def test_the_password_is_asked_for_and_then_it_is_done(open_page: Open, fake: FakeAccess) -> None:
    fake.stale = fake.wants_code = True
    page = section(open_page, "People")
    page.text_input(key="invite_login").input("mirja")
    page.text_input(key="invite_name").input("Mirja")
    page = press(page, "Make the one-time link")
    assert codes(page) == []
    assert page.text_input(key="invite_login").value == "mirja"
    page.text_input(key="proof_password").input("not this one")
    page = press(page, "Go on")
    assert "This is not your password." in said(page)
    page.text_input(key="proof_password").input(PASSWORD)
    page = press(page, "Go on")
    assert "six digits" in said(page)
    page.text_input(key="proof_code").input("000000")
    page = press(page, "Go on")
    assert "do not fit" in said(page)
    page.text_input(key="proof_code").input(CODE)
    page = press(page, "Go on")
    assert codes(page) == [f"http://localhost:8000/enter#{SECRET}"]
    left = kept(page)
    assert not {BEGUN, PROOF_PASSWORD} & set(left)
    assert PASSWORD not in repr(left)


def test_a_phone_is_added_with_its_code_to_scan(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "Phones")
    assert "waits to be enrolled" in shown(page)
    assert "enrolled 2 hours ago" in shown(page)
    page.text_input(key="phone_label").input("Turf 9")
    page = press(page, "Make the code")
    assert sent(fake, "/v1/devices") == [{"label": "Turf 9", "days": 14}]
    assert codes(page) == [f"http://localhost:8000/canvass/enrol#{SECRET}"]
    assert "next 15 minutes" in shown(page)
    assert len(page.get("image")) == 1


def test_a_phone_is_set_up_for_odk_collect_after_a_second_press(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "Phones")
    page = page.button(key=f"do_odk_{known(11)}").click().run()
    assert len(sent(fake, f"/v1/devices/{known(11)}/odk")) == 1
    assert codes(page) == [f"Server: http://localhost:8000/openrosa\nUser: Turf 3\nPassword: {SECRET}"]
    assert page.get("image")[0].proto.imgs[0].caption == "Scan this in ODK Collect"
    page = page.button(key="once_done").click().run()
    assert codes(page) == []


def test_a_phone_is_ended_after_a_second_press(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "Phones")
    page = page.button(key=f"do_{known(12)}").click().run()
    assert len(sent(fake, f"/v1/devices/{known(12)}", "DELETE")) == 1
    assert "has ended" in said(page)
    assert "1 phone</h2>" in shown(page)


def test_an_agreement_says_what_the_partner_sees(open_page: Open) -> None:
    text = shown(section(open_page, "Partners"))
    assert "Sees each need with its kind and the hexagon its household is in" in text
    assert "Food · 12 hexagons · good for 90 more days" in text
    assert "Key kid31" in text
    assert "last used 7 minutes ago" in text


def test_an_agreement_is_made_for_an_outline(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "Partners")
    page = press(page, "Make the agreement")
    assert "at least one kind of need" in said(page)
    page.text_input(key="terms_name").input("Clinic")
    page.text_input(key="terms_purpose").input("Home visits")
    page.multiselect(key="terms_kinds").select("medicine")
    page.radio(key="terms_tier").set_value("referral")
    page.selectbox(key="terms_where").select("drawn").run()
    page.text_area(key="terms_outline").input("{not json").run()
    page = press(page, "Make the agreement")
    assert "not GeoJSON" in said(page)
    shape = {"type": "Polygon", "coordinates": [[[24.9, 60.1], [25.0, 60.1], [25.0, 60.2], [24.9, 60.1]]]}
    page.text_area(key="terms_outline").input(json.dumps({"type": "Feature", "geometry": shape}))
    page.multiselect(key="terms_fields").select("languages")
    page = press(page, "Make the agreement")
    terms = {"name": "Clinic", "tier": "referral", "categories": ["medicine"], "purpose": "Home visits", "days": 365}
    assert sent(fake, "/v1/agreements") == [terms | {"fields": ["languages"], "is_marked": True, "area": shape}]
    assert "Make its first key below" in said(page)


def test_an_agreement_is_made_for_a_part_of_town(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "Partners")
    page.text_input(key="terms_name").input("Clinic")
    page.text_input(key="terms_purpose").input("Visits")
    page.multiselect(key="terms_kinds").select("food")
    page.selectbox(key="terms_where").select(AREA_ID)
    press(page, "Make the agreement")
    assert sent(fake, "/v1/agreements")[0]["area"]["type"] == "MultiPolygon"


def test_a_partners_key_is_rotated_and_revoked(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "Partners")
    page = page.button(key=f"issue_{known(21)}").click().run()
    assert codes(page) == [SECRET]
    assert "stays good for a day" in shown(page)
    page = page.button(key=f"do_{known(31)}").click().run()
    assert sent(fake, f"/v1/keys/{known(31)}", "DELETE")
    assert "Key kid31 is revoked" in said(page)
    page = page.button(key=f"do_{known(21)}").click().run()
    assert "The agreement with Food bank has ended" in said(page)


def test_every_key_is_listed_and_revoked_at_once(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "Keys")
    assert "Aino · last used 7 minutes ago" in shown(page)
    assert "Food bank · last used" in shown(page)
    page = page.button(key=f"do_{known(32)}").click().run()
    assert "Somebody signed in kid32 is revoked" in said(page)
    page.text_input(key="token_label").input("Nightly")
    page = press(page, "Make the token")
    assert sent(fake, "/v1/keys") == [{"label": "Nightly", "days": 30}]
    assert codes(page) == [SECRET]
    page.selectbox(key="keys_kind").select("monitor").run()
    assert "Nothing of this kind is good now." in shown(page)


def test_the_password_is_changed(open_page: Open, fake: FakeAccess) -> None:
    fake.stale = True
    page = section(open_page, "Account")
    page.text_input(key="new_password").input("short")
    page = press(page, "Change the password")
    assert "12 characters" in said(page)
    page.text_input(key="new_password").input("another four words")
    page.text_input(key="new_password_again").input("another four words")
    page = press(page, "Change the password")
    page.text_input(key="proof_password").input(PASSWORD)
    page = press(page, "Go on")
    assert sent(fake, "/v1/session/password", "PUT")[-1] == {"password": "another four words"}
    assert "Your password is changed." in said(page)
    assert "another four words" not in repr(kept(page))


def test_one_time_codes_are_set_up_and_turned_off(open_page: Open, fake: FakeAccess) -> None:
    page = section(open_page, "Account")
    assert not [button for button in page.button if button.label == "Turn them off now"]
    page = press(page, "Set up one-time codes")
    assert codes(page) == ["A" * 32]
    page.text_input(key="totp_digits").input(CODE)
    page = press(page, "Turn them on")
    assert sent(fake, "/v1/session/totp", "PUT") == [{"secret": "A" * 32, "code": CODE}]
    assert "A" * 32 not in repr(kept(page))
    page = press(page, "Turn them off now")
    assert "One-time codes are off." in said(page)


def whole(fake: FakeAccess) -> AppTest:
    assert fake is not None
    return AppTest.from_file(str(DASHBOARD / "app.py"), default_timeout=30).run()


def test_every_page_says_who_is_signed_in_and_lets_them_out(fake: FakeAccess) -> None:
    page = whole(fake)
    assert "<strong>Aino</strong><p>Admin of Kruununhaka neighbours</p>" in shown(page)
    page = page.button(key="sign_out").click().run()
    assert sent(fake, "/v1/session", "DELETE")
    assert "<script src='/enter/leave.js'></script>" in shown(page)
    assert "Aino" not in shown(page)


def test_another_network_is_gone_to_by_the_browser(fake: FakeAccess) -> None:
    fake.me["networks"].append({"id": ELSEWHERE, "slug": "x", "name": NASTY, "role": "organizer"})
    page = whole(fake)
    page = page.button(key=f"go_{ELSEWHERE}").click().run()
    assert f"data-network='{ELSEWHERE}'" in shown(page)


def test_a_session_that_is_over_is_told(open_page: Open, fake: FakeAccess, monkeypatch: pytest.MonkeyPatch) -> None:
    over = problem(401, "sign-in-needed", "Sign in, or send a key, to do this.")
    monkeypatch.setattr(fake, "_session_get", lambda *_: over)
    assert "Your session has ended." in shown(open_page("access"))
    assert "Your session has ended." in shown(open_page("log"))
