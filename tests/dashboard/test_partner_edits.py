"""Agreements changed on their page: what would change is shown first, saved at the version read, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo.domain.canaries import CanaryAsker, CanaryDoor

from dashboard.referral_answers import Hit
from dashboard.views.partners import editing
from dashboard.views.partners.seen import ASKERS, DOORS, hit_line
from tests.dashboard.fake_access import at, problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_referrals import CLINIC
from tests.dashboard.test_map import shown
from tests.dashboard.test_referrals import press, said, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from tests.dashboard.fake_referrals import FakeReferrals

    Open = Callable[..., AppTest]


def field(name: str) -> str:
    return f"edit_{name}_{CLINIC}_1"


def opened(open_page: Open) -> AppTest:
    return press(open_page("partners"), f"edit_{CLINIC}")


def test_every_door_and_asker_has_its_words() -> None:
    assert set(ASKERS) == {one.value for one in CanaryAsker}
    assert set(DOORS) == {one.value for one in CanaryDoor}


def test_what_would_change_is_shown_before_it_is_saved(open_page: Open, fake: FakeReferrals) -> None:
    page = opened(open_page)
    page.multiselect(key=field("kinds")).set_value(["food", "water"])
    page.number_input(key=field("quota")).set_value(500)
    page = press(page, field("look"))
    (asked,) = sent(fake, "POST", "/difference")
    assert asked == {"categories": ["food", "water"], "quota_per_day": 500}
    told = shown(page)
    assert "Records in a day: 10,000 become 500." in told
    assert "It sees 12 needs and not 9: 4 more, 1 fewer." in told
    assert fake.edits == []
    page = press(page, f"save_{CLINIC}")
    assert fake.edits == [asked]
    assert "is changed. Give them the new data-sharing sheet." in said(page)
    page = press(page, f"undo_{CLINIC}")
    assert fake.edits == []
    assert "as it was before" in said(page)
    assert NASTY not in shown(page)


def test_nothing_different_is_said_and_not_asked(open_page: Open, fake: FakeReferrals) -> None:
    fake.agreements[1]["quota_per_day"] = 10_000
    page = press(opened(open_page), field("look"))
    assert "Nothing is different yet." in said(page)
    assert sent(fake, "POST", "/difference") == []
    page = press(page, f"edit_{CLINIC}")
    with pytest.raises(KeyError):
        page.multiselect(key=field("kinds"))


def test_saving_wants_the_password_and_then_goes_on(open_page: Open, fake: FakeReferrals) -> None:
    page = opened(open_page)
    page.number_input(key=field("quota")).set_value(500)
    page = press(page, field("look"))
    fake.stale = True
    page = press(page, f"save_{CLINIC}")
    assert fake.edits == []
    page.text_input(key="proof_password").input("four words nobody guesses")
    page = next(button for button in page.button if button.label == "Go on").click().run()
    assert fake.edits == [{"quota_per_day": 500}]


def test_somebody_else_was_quicker(open_page: Open, fake: FakeReferrals) -> None:
    page = opened(open_page)
    page.number_input(key=field("quota")).set_value(500)
    page = press(page, field("look"))
    fake.refuse = problem(412, "stale-version", "this has been changed since it was read")
    page = press(page, f"save_{CLINIC}")
    assert fake.edits == []
    assert "changed since" in said(page)


def test_a_hit_stands_below_its_agreement_as_text(open_page: Open, fake: FakeReferrals) -> None:
    times = {"first_at": at(hours=5), "last_at": at(minutes=3), "count": 4}
    fake.hits = [
        {"door": "feeds", "who": "partner", "asker": NASTY} | times,
        {"door": "records", "who": "stranger", "asker": None} | times,
    ]
    page = open_page("partners")
    told = said(page)
    assert "Somebody without a key asked for a made-up need of this feed among the records, 3 minutes ago" in told
    assert "4 times" in told
    assert "2 made-up needs in its feed" in shown(page)


def test_a_hit_is_said_with_its_partner() -> None:
    body = {"door": "feeds", "who": "partner", "asker": "Clinic", "last_at": at(minutes=3), "count": 1}
    said_of = hit_line(Hit.read(body))
    assert said_of == "The partner “Clinic” asked for a made-up need of this feed in the feeds, 3 minutes ago."


def test_every_difference_has_its_line() -> None:
    told = {
        "cells_before": 12, "cells_after": 20, "cells_added": 9, "cells_removed": 1, "categories_added": ["water"],
        "categories_removed": ["food"], "fields_added": ["urgency"], "fields_removed": [],
        "expires_before": "2026-12-01T00:00:00Z", "expires_after": "2027-01-02T00:00:00Z", "quota_before": 5,
        "quota_after": 6, "needs_before": None,
    }  # fmt: skip
    changed = ("cells", "categories", "fields", "purpose", "quota_per_day", "is_marked", "expires_at")
    lines = editing.lines_of(told, changed, {"purpose": "Water", "is_marked": False})
    assert lines == [
        "Where: 12 hexagons become 20 (9 more, 1 fewer).",
        "More kinds of need: drinking water.",
        "No longer, kinds of need: food.",
        "More of a referred need: how urgent.",
        "Records in a day: 5 become 6.",
        "It ends on 2 January 2027 and not on 1 December 2026.",
        "What it is for: Water.",
        "Its feed is not marked.",
    ]
