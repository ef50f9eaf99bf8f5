"""The page of settings against the stand-in API: admins change what is the network's own, everybody reads the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.dashboard.fake_access import EVERYTHING, problem
from tests.dashboard.fake_api import NASTY

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from tests.dashboard.fake_board import FakeBoard

    Open = Callable[..., AppTest]


def sent(fake: FakeBoard, method: str = "PATCH") -> list[Any]:
    return [body for verb, path, body in fake.asked if verb == method and path == "/v1/network"]


def words(page: AppTest) -> str:
    return " ".join(str(one.value) for one in [*page.get("html"), *page.success, *page.error])


def keep(page: AppTest) -> AppTest:
    page = next(one for one in page.button if one.label == "Keep these settings").click().run()
    assert not page.exception
    return page


def test_an_admin_changes_the_standard_and_takes_it_back(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("settings")
    assert not page.exception
    page.number_input(key="setup_standard_min_1").set_value(12)
    page = keep(page)
    assert sent(fake) == [{"standard_min": 12}]
    assert page.number_input(key="setup_standard_min_2").value == 12
    page = page.button(key="undo").click().run()
    assert sent(fake)[-1] == {"standard_min": None}
    assert page.number_input(key="setup_standard_min_3").value is None
    assert "as it was before" in page.success[0].value


def test_what_was_so_already_is_not_sent_and_no_name_is_refused(open_page: Open, fake: FakeBoard) -> None:
    page = keep(open_page("settings"))
    assert sent(fake) == []
    assert "so already" in page.success[0].value
    page.text_input(key="setup_name_1").set_value("   ")
    page = keep(page)
    assert sent(fake) == []
    assert "has a name" in page.error[0].value


def test_a_change_that_came_too_late_is_told(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("settings")
    page.text_input(key="setup_name_1").set_value("Kallio")
    fake.refuse = problem(412, "stale-version", "changed")
    page = keep(page)
    assert "Somebody else has changed this in the meantime" in page.error[0].value


def test_whoever_is_no_admin_reads_it_and_is_told_whom_to_ask(open_page: Open, fake: FakeBoard) -> None:
    fake.me["permissions"] = [one for one in EVERYTHING if one != "manage_network"]
    page = open_page("settings")
    assert not page.exception
    assert not page.text_input
    told = words(page)
    assert "Only admins change the network: Aino." in told
    assert "within 5 minutes on foot" in told
    assert "Finnish and xx" in told
    assert NASTY not in told


def test_what_the_installation_decides_stands_with_the_name_of_its_setting(open_page: Open, fake: FakeBoard) -> None:
    told = words(open_page("settings"))
    for name in ("BARNRAISER_READS_PER_MIN", "BARNRAISER_REMOTE_GEOCODING", "--contact-after-days", "600 times"):
        assert name in told
    assert "Off: nothing is sent" in told
    fake.setup["installation"] |= {"channels": ["sms", "email"], "asks_outside": True}
    told = words(open_page("settings"))
    assert "by text message and e-mail" in told
    assert "Admins may allow one" in told


def test_ones_own_language_is_kept(open_page: Open, fake: FakeBoard) -> None:
    page = open_page("settings")
    page = page.selectbox(key="my_language_None").set_value("fi").run()
    assert not page.exception
    assert ("PUT", "/v1/session/language", {"language": "fi"}) in fake.asked
