from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import client
from tests.dashboard.fake_board import FakeBoard

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeBoard:
    api = FakeBoard()
    opened = client.Client("http://api.test", transport=httpx.MockTransport(api.handle))
    monkeypatch.setattr(client, "connect", lambda: opened)
    return api


def _map_page() -> None:
    from dashboard.views import map as page

    page.show()


def _review_page() -> None:
    from dashboard.views import review as page

    page.show()


def _about_page() -> None:
    from dashboard.views import about as page

    page.show()


def _plan_page() -> None:
    from dashboard.views import plan as page

    page.show()


def _what_if_page() -> None:
    from dashboard.views import what_if as page

    page.show()


def _access_page() -> None:
    from dashboard.views import access as page

    page.show()


def _log_page() -> None:
    from dashboard.views import log as page

    page.show()


def _board_page() -> None:
    from dashboard.views import board as page

    page.show()


def _matches_page() -> None:
    from dashboard.views import matches as page

    page.show()


def _helpers_page() -> None:
    from dashboard.views import helpers as page

    page.show()


def _calendar_page() -> None:
    from dashboard.views import calendar as page

    page.show()


def _assets_page() -> None:
    from dashboard.views import assets as page

    page.show()


def _turfs_page() -> None:
    from dashboard.views import turfs as page

    page.show()


def _entries_page() -> None:
    from dashboard.views import entries as page

    page.show()


def _duplicates_page() -> None:
    from dashboard.views import duplicates as page

    page.show()


def _forms_page() -> None:
    from dashboard.views import forms as page

    page.show()


def _importing_page() -> None:
    from dashboard.views import importing as page

    page.show()


def _directories_page() -> None:
    from dashboard.views import directories as page

    page.show()


def _partners_page() -> None:
    from dashboard.views import partners as page

    page.show()


def _referrals_page() -> None:
    from dashboard.views import referrals as page

    page.show()


def _first_steps_page() -> None:
    from dashboard.views import first_steps as page

    page.show()


def _ask_outside() -> None:
    from dashboard.client import connect
    from dashboard.widgets import ask_outside

    ask_outside.show(connect().get_queue().items[0])


def _settings_page() -> None:
    from dashboard.views import settings as page

    page.show()


def _now_page() -> None:
    from dashboard.views import now as page

    page.show()


PAGES: dict[str, Callable[[], None]] = {
    "now": _now_page,
    "settings": _settings_page,
    "map": _map_page,
    "review": _review_page,
    "about": _about_page,
    "plan": _plan_page,
    "what_if": _what_if_page,
    "access": _access_page,
    "log": _log_page,
    "board": _board_page,
    "matches": _matches_page,
    "helpers": _helpers_page,
    "calendar": _calendar_page,
    "turfs": _turfs_page,
    "entries": _entries_page,
    "duplicates": _duplicates_page,
    "forms": _forms_page,
    "importing": _importing_page,
    "assets": _assets_page,
    "partners": _partners_page,
    "directories": _directories_page,
    "referrals": _referrals_page,
    "first_steps": _first_steps_page,
    "ask_outside": _ask_outside,
}


@pytest.fixture
def open_page(fake: FakeBoard) -> Callable[..., AppTest]:
    def opened(name: str, **query: str) -> AppTest:
        assert fake is not None
        page = AppTest.from_function(PAGES[name], default_timeout=30)
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    return opened
