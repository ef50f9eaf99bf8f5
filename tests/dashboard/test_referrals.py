"""The pages of referrals and partners, against the stand-in API: what is asked, said, and nothing hostile that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo.domain.referrals import ReferralReason, ReferralState

from dashboard.referral_words import LANES, REASONS, STATES
from tests.dashboard.fake_access import known, problem
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.fake_referrals import CLINIC, KITCHEN, referral
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from tests.dashboard.fake_referrals import FakeReferrals

    Open = Callable[..., AppTest]


def press(page: AppTest, key: str) -> AppTest:
    page = page.button(key=key).click().run()
    assert not page.exception
    return page


def sent(fake: FakeReferrals, method: str, ending: str) -> list[Any]:
    return [body for verb, path, body in fake.asked if verb == method and path.endswith(ending)]


def said(page: AppTest) -> str:
    told = [*page.success, *page.error, *page.warning]
    return " ".join(one.value for one in told).replace("\\", "")


def test_every_state_and_reason_has_its_words() -> None:
    assert set(STATES) == {state.value for state in ReferralState}
    assert set(REASONS) == {reason.value for reason in ReferralReason}
    assert sorted(state for lane in LANES.values() for state in lane) == sorted(STATES)


def test_what_waits_stands_first_and_names_are_text(open_page: Open) -> None:
    page = open_page("referrals")
    assert not page.exception
    told = shown(page)
    assert "1 referral waits for an answer" in told
    assert "1 of 2" in told
    assert "little time is left" in said(page)
    assert NASTY not in told
    assert not any(NASTY in button.label for button in page.button)


def test_a_referral_is_taken_back_and_that_is_undone(open_page: Open, fake: FakeReferrals) -> None:
    page = press(open_page("referrals"), f"do_referral_{known(901)}")
    assert "no longer has this need" in said(page)
    assert fake.referrals[0]["state"] == "withdrawn"
    page.button_group(key="referral_lane").set_value("Over").run()
    page = press(page, f"undo_{known(901)}")
    assert fake.referrals[0]["state"] == "waiting"
    assert "waits for an answer" in said(page)


def test_an_answer_is_told_with_its_reason(open_page: Open) -> None:
    page = open_page("referrals")
    page.button_group(key="referral_lane").set_value("Answered").run()
    assert "declined: outside their area" in shown(page).lower()


def test_an_empty_page_says_what_to_do(open_page: Open, fake: FakeReferrals) -> None:
    fake.referrals = []
    assert "Refer to a partner" in shown(open_page("referrals"))


def test_what_is_refused_is_said_and_changes_nothing(open_page: Open, fake: FakeReferrals) -> None:
    page = open_page("referrals")
    fake.refuse = problem(409, "conflict", "there is no step that can be taken back")
    page = press(page, f"do_referral_{known(901)}")
    assert "there is no step" in said(page)
    assert fake.referrals[0]["state"] == "waiting"


def test_a_need_is_referred_from_the_board_with_consent(open_page: Open, fake: FakeReferrals) -> None:
    page = open_page("board")
    chosen = next(button.key for button in page.button if str(button.key).startswith("refer_"))
    page = press(page, chosen)
    told = shown(page)
    assert "Who serves this already" in told
    assert "7 minutes away · Mo-Fr 10:00-16:00 · 1 need referred there now" in told
    page = press(page, "refer_do")
    assert "Say how the person agreed" in said(page)
    assert sent(fake, "POST", "/referrals") == []
    page.radio(key="refer_consent").set_value("written").run()
    page = press(page, "refer_do")
    need = chosen.removeprefix("refer_")
    body = {"need_id": need, "days": 14, "consent": "written", "asset_id": KITCHEN}
    assert sent(fake, "POST", f"{CLINIC}/referrals") == [body]
    assert "has this need now" in said(page)
    assert "Referred to partners" in shown(page)


def test_referring_wants_the_password_and_then_goes_on(open_page: Open, fake: FakeReferrals) -> None:
    page = open_page("board")
    page = press(page, next(button.key for button in page.button if str(button.key).startswith("refer_")))
    page.radio(key="refer_consent").set_value("spoken").run()
    fake.stale = True
    before = len(fake.referrals)
    page = press(page, "refer_do")
    assert len(fake.referrals) == before
    page.text_input(key="proof_password").input("four words nobody guesses")
    page = next(button for button in page.button if button.label == "Go on").click().run()
    assert len(fake.referrals) == before + 1


def test_without_a_partner_the_page_says_what_is_missing(open_page: Open, fake: FakeReferrals) -> None:
    fake.partners = []
    page = open_page("board")
    page = press(page, next(button.key for button in page.button if str(button.key).startswith("refer_")))
    assert "No partner can be handed single needs" in shown(page)


def test_a_need_on_the_board_says_where_it_was_referred(open_page: Open, fake: FakeReferrals) -> None:
    fake.referrals = [referral(n, "full", need_id=need_id(600 + n)) for n in range(8)]
    assert "Referred to partners" in shown(open_page("board"))


def test_a_partners_eyes_show_what_it_sees_and_are_put_away(open_page: Open, fake: FakeReferrals) -> None:
    page = open_page("partners")
    assert not page.exception
    told = shown(page)
    assert "12 of 10,000 records drawn today" in told
    assert "2026-W47" not in told
    page = press(page, f"preview_{CLINIC}")
    told = shown(page)
    assert "2026-W47" in told
    assert NASTY not in told
    assert sent(fake, "GET", "/preview") == [{"limit": "200"}]
    page = press(page, f"preview_{CLINIC}")
    assert "2026-W47" not in shown(page)


def test_an_agreement_is_made_with_its_quota_and_organization(open_page: Open, fake: FakeReferrals) -> None:
    page = open_page("partners")
    page.text_input(key="terms_name").input("Clinic")
    page.radio(key="terms_tier").set_value("referral").run()
    page.selectbox(key="terms_organization").set_value(known(951))
    page.multiselect(key="terms_kinds").set_value(["food"])
    page.number_input(key="terms_quota").set_value(500)
    page.text_input(key="terms_purpose").input("Visits")
    press(page, "terms_make")
    (body,) = sent(fake, "POST", "/v1/agreements")
    assert (body["quota_per_day"], body["organization_id"]) == (500, known(951))
