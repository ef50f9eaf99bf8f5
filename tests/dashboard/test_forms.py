"""The page of forms, against the stand-in API: a form is brought, looked at, asked and ended, each with its undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from geo.domain.forms import QuestionType

from dashboard import client
from dashboard.views import forms
from tests.dashboard.fake_access import problem
from tests.dashboard.fake_api import NASTY
from tests.dashboard.fake_forms import FakeForms, form_id
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeForms:
    api = FakeForms()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def press(page: AppTest, label: str) -> AppTest:
    page = next(button for button in page.button if button.label.startswith(label)).click().run()
    assert not page.exception
    return page


def bring(page: AppTest) -> AppTest:
    page.file_uploader(key="form_file_0").set_value(("winter.xlsx", b"PK", XLSX)).run()
    return press(page, "Bring it")


def sent(fake: FakeForms, ending: str) -> list[Any]:
    return [path for verb, path, _ in fake.asked if verb == "POST" and path.endswith(ending)]


@pytest.mark.usefixtures("fake")
def test_before_the_first_form_the_page_says_what_there_is_to_do(open_page: Open) -> None:
    page = open_page("forms")
    assert not page.exception
    assert "No form was brought yet." in shown(page)
    assert next(button for button in page.button if button.label == "Bring it").disabled


def test_a_form_is_brought_and_asked_only_when_somebody_says_so(open_page: Open, fake: FakeForms) -> None:
    page = bring(open_page("forms"))
    assert fake.brought == [b"PK"]
    assert not sent(fake, "/activate")
    text = shown(page)
    assert "3 questions" in text + str([one.label for one in page.expander])
    assert "must be answered" in text
    assert "only under a condition" in text
    assert "becomes need, category" in text
    page = press(page, "Let it be asked")
    assert sent(fake, "/activate") == [f"/v1/forms/{form_id(1)}/versions/{form_id(100)}/activate"]
    assert "1 form is asked" in shown(page)


def test_what_is_asked_is_ended_and_each_step_taken_back(open_page: Open, fake: FakeForms) -> None:
    fake.add()["is_active"] = True
    page = press(open_page("forms"), "Ask it no more")
    assert [one["is_active"] for one in fake.versions] == [False]
    page = press(page, "Undo")
    assert [one["is_active"] for one in fake.versions] == [True]
    press(page, "Undo")
    assert [one["is_active"] for one in fake.versions] == [False]


def test_a_newer_version_takes_the_place_of_the_older(open_page: Open, fake: FakeForms) -> None:
    fake.add()["is_active"] = True
    fake.add()
    page = press(open_page("forms"), "Let it be asked")
    assert [one["is_active"] for one in fake.versions] == [True, False]
    assert "Version 2" in shown(page)


def test_no_more_than_phones_carry_can_be_asked(open_page: Open, fake: FakeForms) -> None:
    for number in range(1, 6):
        fake.add(number)["is_active"] = True
    fake.add(6)
    page = open_page("forms").button(key=f"wait_{form_id(6)}").click().run()
    assert next(button for button in page.button if button.label == "Let it be asked").disabled


def test_all_that_is_wrong_with_a_workbook_is_said_at_once(open_page: Open, fake: FakeForms) -> None:
    fake.faults = [{"pointer": f"/survey/{row}/type", "reason": NASTY} for row in range(2, 40)]
    page = bring(open_page("forms"))
    told = page.error[0].value
    assert "Nothing was stored" in told
    assert told.count("\n- ") == forms.MOST_FAULTS + 1
    assert "and 18 more" in told
    assert not fake.versions
    fake.faults = []
    page = press(page, "Bring it")
    assert not page.error


def test_a_refused_step_says_why(open_page: Open, fake: FakeForms) -> None:
    fake.add()
    fake.refuse = problem(409, "conflict", "Five forms are asked already.")
    page = press(open_page("forms"), "Let it be asked")
    assert "Five forms are asked already" in page.error[0].value


def test_every_type_of_question_has_words() -> None:
    assert set(forms.KINDS) == {one.value for one in QuestionType}
