"""Targets of news over HTTP: the secret is shown once, and what is not permitted is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.app import create_app
from api.settings import HookSettings, Settings
from tests.api.conftest import TestClient, assert_problem
from tests.callers import bearing, organizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.store.engine import SessionFactory

PATH = "/v1/webhooks"
ASKED = {"url": "https://hooks.example.org/in", "collection": "needs"}


@pytest.fixture
def permitted(settings: Settings, sessions: SessionFactory) -> Iterator[TestClient]:
    hooks = HookSettings(webhook_hosts="hooks.example.org, other.example.org")
    known = Settings(settings.home, settings.server, settings.rates, settings.demo, hooks=hooks)
    app = create_app(known, sessions=sessions, with_dashboard=False)
    with TestClient(app, raise_server_exceptions=False, headers=bearing(organizer(sessions))) as opened:
        yield opened


def test_a_secret_is_shown_once(permitted: TestClient) -> None:
    made = permitted.post(PATH, json=ASKED)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    listed = permitted.get(PATH)
    assert [one["id"] for one in listed.json()["items"]] == [made.json()["id"]]
    assert secret not in listed.text
    assert permitted.delete(f"{PATH}/{made.json()['id']}").status_code == 204
    assert permitted.get(PATH).json()["items"][0]["ended_reason"] == "removed"
    assert_problem(permitted.post(f"{PATH}/{made.json()['id']}/ping"), 404)


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/", "https://10.0.0.1/", "http://hooks.example.org/", "https://localhost/", "", "x" * 500],
)
def test_a_target_that_is_not_permitted_is_refused(permitted: TestClient, url: str) -> None:
    assert_problem(permitted.post(PATH, json=ASKED | {"url": url}), 422)


def test_without_a_setting_nobody_is_told(client: TestClient) -> None:
    assert_problem(client.post(PATH, json=ASKED), 422)
