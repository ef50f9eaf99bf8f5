from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geo.geocode.remote.answers import PENALTIES

from dashboard.access_answers import Entry
from dashboard.audit_words import what_happened
from dashboard.sentences import FAULT
from tests.dashboard.fake_access import entry, problem
from tests.dashboard.fake_api import NASTY, need_id
from tests.dashboard.test_access import press, said, section, sent
from tests.dashboard.test_map import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from tests.dashboard.fake_access import FakeAccess

    Open = Callable[..., AppTest]

PATH = "/v1/remote-geocoding"
SERVICE: dict[str, Any] = {
    "provider": "photon", "endpoint": "https://geo.example.org", "gap_ms": 1000, "country": "fi", "town": NASTY[:60],
    "keep_days": 30,
}  # fmt: skip


def everything(page: AppTest) -> str:
    return " ".join([shown(page), *(c.value for c in page.caption), *(i.value for i in page.info), said(page)])


def test_it_is_off_says_what_would_leave_and_an_admin_allows_it_with_the_password(
    open_page: Open, fake: FakeAccess
) -> None:
    page = section(open_page, "Outside")
    text = everything(page)
    for word in ("Nobody outside is asked.", "the street, the house number and the postcode", "Never a name", "agreed"):
        assert word in text
    page.text_input(key="outside_endpoint").input("https://geo.example.org")
    page.text_input(key="outside_country").input("FI")
    page.text_input(key="outside_town").input("Helsinki")
    page = press(page, "Allow this service")
    assert sent(fake, PATH, "PUT") == [
        {"provider": "nominatim", "endpoint": "https://geo.example.org", "country": "fi", "town": "Helsinki"}
    ]
    assert "Nominatim may be asked now" in said(page)
    assert "https://geo.example.org" in shown(page)


def test_it_is_forbidden_again(open_page: Open, fake: FakeAccess) -> None:
    fake.outside["service"] = dict(SERVICE)
    page = section(open_page, "Outside")
    assert "<img" not in shown(page)
    assert "Photon" in shown(page)
    page = page.button(key="do_outside").click().run()
    assert sent(fake, PATH, "DELETE") == [{}]
    assert "Nobody outside is asked any more." in said(page)


def test_what_is_refused_is_told(open_page: Open, fake: FakeAccess) -> None:
    page = press(section(open_page, "Outside"), "Allow this service")
    assert "Give the address of the service." in said(page)
    page.text_input(key="outside_endpoint").input("http://10.0.0.1")
    reason = "must be https, so that nobody on the way reads the address"
    fake.refuse = problem(422, "invalid-input", reason, errors=[{"pointer": "/body/endpoint", "reason": reason}])
    page = press(page, "Allow this service")
    assert reason in said(page)
    assert page.text_input(key="outside_endpoint").value == "http://10.0.0.1"


def test_where_the_host_or_the_role_does_not_permit_there_is_no_form(open_page: Open, fake: FakeAccess) -> None:
    fake.outside["is_permitted"] = False
    page = section(open_page, "Outside")
    assert "BARNRAISER_REMOTE_GEOCODING" in everything(page)
    assert not page.text_input
    fake.outside["is_permitted"] = True
    fake.me |= {"role": "organizer", "permissions": ["signed_in", "manage_access"]}
    page = section(open_page, "Outside")
    assert "Only an admin" in everything(page)
    assert not page.text_input
    fake.outside["service"] = dict(SERVICE)
    assert not section(open_page, "Outside").button


@pytest.mark.parametrize("bar", ["host", "network", "placed", "address"])
def test_there_is_no_button_unless_everybody_has_agreed(open_page: Open, fake: FakeAccess, bar: str) -> None:
    fake.outside_view |= {"bar": bar}
    page = open_page("ask_outside")
    assert not page.exception
    assert not page.button
    assert not shown(page).strip()


def test_a_person_who_agrees_is_noted_then_asked_about_and_the_line_is_shown_first(
    open_page: Open, fake: FakeAccess
) -> None:
    page = open_page("ask_outside")
    assert not [button for button in page.button if button.label == "Ask Nominatim"]
    page = press(page, "They said yes")
    assert sent(fake, f"/v1/needs/{need_id(900)}/consents") == [{"what": "remote_geocoding", "how": "spoken"}]
    assert "Lisankatu 12" in shown(page)
    assert "geo.example.org" in shown(page)
    assert "<img" not in shown(page)
    page = press(page, "Ask Nominatim")
    assert len(sent(fake, f"/v1/needs/{need_id(900)}/remote-geocode")) == 1
    assert "2 places" in page.info[0].value


def test_a_refusal_is_told_beside_the_button(open_page: Open, fake: FakeAccess) -> None:
    fake.outside_view |= {"bar": None, "line": "Lisankatu 12", "is_ready": True}
    page = open_page("ask_outside")
    fake.refuse = problem(429, "outside-too-soon", "the outside address service may be asked again in 3 seconds")
    page = press(page, "Ask Nominatim")
    assert "again in 3 seconds" in said(page)


def test_what_has_happened_tells_it_without_the_address() -> None:
    def tell(*fields: str) -> str:
        told = Entry.read(entry("remote_geocode", "need", fields=sorted(fields)))
        return what_happened(told, {})

    assert tell("asked", "nominatim") == "sent the street line of a need to Nominatim"
    assert tell("found_1", "photon") == "had 1 answer from Photon about a need"
    assert tell("found_2", "pelias", "cached") == "had 2 answers kept from before from Pelias about a need"
    assert (
        tell("none", "census") == "had the answer that there is no such place from the US Census geocoder about a need"
    )
    assert tell("failed", "nominatim") == "had no usable answer from Nominatim about a need"
    allowed = Entry.read(entry("allow", "remote_service", fields=["photon"], object_ids=[]))
    assert what_happened(allowed, {}) == "allowed an outside address service"


def test_every_fault_of_an_outside_answer_has_its_words() -> None:
    assert set(PENALTIES) <= set(FAULT)
