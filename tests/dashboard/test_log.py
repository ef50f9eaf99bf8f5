from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dashboard.access_answers import Entry
from dashboard.access_words import ago, until
from dashboard.audit_words import what_happened, who_did
from dashboard.sentences import day
from tests.dashboard.fake_access import entry, known
from tests.dashboard.fake_api import CELLS, NASTY, need_id
from tests.dashboard.test_access import kept, said, sent
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from tests.dashboard.fake_access import FakeAccess

    Open = Callable[..., AppTest]

NAMES = {known(1): "Aino", known(2): "Mirja"}
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (entry("reveal", "need", fields=["point"], reason="x"), "Aino saw the place of a need"),
        (entry("reveal", "submission", fields=["typed"], reason="x"), "Aino saw what was typed in an entry"),
        (entry("reveal", "need", fields=["contact_phone"], reason="x"), "Aino saw the contact of a need"),
        (
            entry("reveal", "need", fields=["address_typed"], count=12),
            "Aino read in the review queue what was typed as the address of 12 needs",
        ),
        (
            entry("reveal", "need", fields=["point"], count=3, actor_kind="partner", actor=known(8)),
            "A partner was shown the place of 3 needs",
        ),
        (entry("end", "person", object_ids=[known(2)]), "Aino ended the membership of a member: Mirja"),
        (
            entry("load", "area", count=9, actor_kind="operator", actor=known(8)),
            "The command line loaded 9 parts of town",
        ),
        (entry("knit", "odd_thing", actor=known(8)), "Somebody no longer here knit: one odd thing"),
    ],
)
def test_an_entry_in_words(told: dict[str, object], said: str) -> None:
    one = Entry.read(told)
    assert f"{who_did(one, NAMES)} {what_happened(one, NAMES)}" == said


def test_times_in_words() -> None:
    past = (timedelta(seconds=20), timedelta(minutes=5, seconds=9), timedelta(hours=3))
    assert [ago(NOW - age, NOW) for age in past] == ["just now", "5 minutes ago", "3 hours ago"]
    future = (timedelta(minutes=14.9), timedelta(hours=5), timedelta(days=3, seconds=-9), timedelta(0))
    assert [until(NOW + age, NOW) for age in future] == [
        "good for 15 more minutes",
        "good for 5 more hours",
        "good for 3 more days",
        "over",
    ]
    assert [day(NOW - timedelta(days=n), NOW) for n in (0, 1, 2)] == ["Today", "Yesterday", "18 May 2026"]


def test_the_log_begins_with_what_was_seen(open_page: Open, fake: FakeAccess) -> None:
    page = open_page("log")
    assert not page.exception
    assert "<b>Aino</b> saw the place of a need" in shown(page)
    assert "5 minutes ago" in shown(page)
    assert "ended the membership" not in shown(page)
    assert sent(fake, "/v1/audit", "GET")[-1] == {"action": "reveal", "limit": "50"}
    assert "<img" not in shown(page)
    page = page.button_group(key="log_shows").set_value("all").run()
    assert "ended the membership of a member" in shown(page)


def test_older_entries_and_back(open_page: Open, fake: FakeAccess) -> None:
    page = open_page("log").button(key="log_older").click().run()
    assert sent(fake, "/v1/audit", "GET")[-1]["after"] == "older"
    assert "entered a need" in shown(page)
    page = page.button(key="log_newest").click().run()
    assert "saw the place" in shown(page)


def test_an_empty_log_says_so(open_page: Open, fake: FakeAccess) -> None:
    fake.entries = []
    assert "Nothing yet." in shown(open_page("log"))


def test_who_may_not_read_it_is_told(open_page: Open, fake: FakeAccess) -> None:
    fake.me["permissions"] = ["signed_in"]
    assert "You may not see what has happened." in shown(open_page("log"))
    assert not sent(fake, "/v1/audit", "GET")


def test_a_log_that_cannot_be_read_is_trouble(open_page: Open, fake: FakeAccess) -> None:
    fake.down = True
    page = open_page("log")
    assert not page.exception
    assert "not answering" in shown(page)


def closely(open_page: Open) -> AppTest:
    page = open_page("map", cell=CELLS[3])
    assert not page.exception
    return page


def test_an_address_is_shown_for_a_reason_and_put_away(open_page: Open, fake: FakeAccess) -> None:
    page, number = closely(open_page), need_id(0)
    page.text_input(key=f"why_{number}").input("Delivery on Friday")
    page = page.button(key=f"show_place_{number}").click().run()
    assert not page.exception
    assert sent(fake, f"/v1/needs/{number}/reveal") == [{"what": "place", "reason": "Delivery on Friday"}]
    assert "60.17000 north, 24.95000 east, give or take 5 m" in shown(page)
    assert "This look was noted" in shown(page)
    assert "<img" not in shown(page)
    assert NASTY not in str(page.query_params)
    page = page.button(key=f"hide_{number}").click().run()
    assert "60.17000" not in shown(page)
    assert "60.17" not in repr(kept(page))


def test_nothing_is_shown_without_a_reason(open_page: Open, fake: FakeAccess) -> None:
    page = closely(open_page)
    page = page.button(key=f"show_place_{need_id(0)}").click().run()
    assert "Say in a few words why" in said(page)
    assert not sent(fake, f"/v1/needs/{need_id(0)}/reveal")


def test_a_contact_that_was_not_kept_is_told(open_page: Open) -> None:
    page, number = closely(open_page), need_id(0)
    page.text_input(key=f"why_{number}").input("Calling")
    page = page.button(key=f"show_contact_{number}").click().run()
    assert "No contact was kept." in said(page)


def test_leaving_the_cell_puts_away_what_was_seen(open_page: Open) -> None:
    page, number = closely(open_page), need_id(0)
    page.text_input(key=f"why_{number}").input("Delivery")
    page = page.button(key=f"show_place_{number}").click().run()
    page = page.button(key="leave").click().run()
    assert "revealed" not in page.session_state
