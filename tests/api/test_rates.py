"""Guessing and flooding are bounded, nobody pays for another, and what is remembered stays small."""

# ruff: noqa: RUF001 - lookalikes of other scripts are what is tested

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.app import create_app
from api.problems import Problem
from api.rate_store import MOST_KEYS
from api.rates import Limiter, canonical_name, network_of
from api.settings import DemoSettings, HomeSettings, RateSettings, ServerSettings, Settings
from tests.api.conftest import TestClient, assert_problem
from tests.callers import PASSWORD, bearing, organizer, welcomed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo.store.engine import SessionFactory

TRIES = RateSettings().logins_per_min
GUESSES = 10_000
HOME, FAR = "192.0.2.7", "198.51.100.9"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> Limiter:
    return Limiter(RateSettings(), clock=clock)


def tried(limiter: Limiter, name: str, peer: str) -> bool:
    try:
        limiter.check_login(name, peer)
    except Problem as found:
        problem = found
    else:
        return True
    assert problem.kind.status == 429
    assert problem.headers
    assert 1 <= int(problem.headers["Retry-After"]) <= 600
    return False


# -- signing in -------------------------------------------------------------------------------------------------


def test_ten_thousand_wrong_passwords_are_five_tries_and_bar_nobody_else(limiter: Limiter) -> None:
    others = [(f"other-{n}", f"203.0.113.{n}") for n in range(100)]
    for name, peer in others[:50]:
        limiter.login_succeeded(name, peer)
    assert sum(tried(limiter, "aino", FAR) for _ in range(GUESSES)) == TRIES
    assert all(tried(limiter, name, peer) for name, peer in others)


def test_ten_thousand_wrong_passwords_from_as_many_addresses_are_ten_tries(limiter: Limiter) -> None:
    limiter.login_succeeded("aino", HOME)
    peers = [f"10.{n >> 8}.{n & 255}.1" for n in range(GUESSES)]
    assert sum(tried(limiter, "aino", peer) for peer in peers) == 2 * TRIES
    # whoever has signed in from here before is not barred by what strangers do
    assert tried(limiter, "aino", HOME)
    assert tried(limiter, "bertta", FAR)


def test_one_password_for_ten_thousand_names_is_bounded_by_the_address(limiter: Limiter) -> None:
    limiter.login_succeeded("aino", FAR)
    assert sum(tried(limiter, f"name-{n}", FAR) for n in range(GUESSES)) == 30 * TRIES
    assert tried(limiter, "aino", FAR)
    assert tried(limiter, "bertta", HOME)


def test_whoever_goes_on_waits_longer_and_never_more_than_ten_minutes(limiter: Limiter, clock: Clock) -> None:
    let_through = []
    for _second in range(3600):
        clock.now += 1
        let_through.append(tried(limiter, "aino", FAR))
    assert sum(let_through[:60]) == TRIES
    assert sum(let_through[:600]) == 3 * TRIES
    assert sum(let_through) == 6 * 3 * TRIES
    clock.now += 600
    assert tried(limiter, "aino", FAR)


def test_spellings_of_one_name_are_one_name(limiter: Limiter) -> None:
    spellings = [
        "Aino@Example.org",
        " aino@example.ORG ",
        "ＡＩＮＯ@example.org",
        "aino@EXAMPLE.org\t",
        "aIno@example.org",
    ]
    assert {canonical_name(name) for name in spellings} == {"aino@example.org"}
    assert sum(tried(limiter, name, FAR) for name in spellings * 10) == TRIES


def test_the_right_password_clears_the_wrong_ones(limiter: Limiter) -> None:
    for _ in range(TRIES - 1):
        assert tried(limiter, "aino", HOME)
    limiter.login_succeeded("AINO", HOME)
    assert all(tried(limiter, "aino", HOME) for _ in range(TRIES))
    assert not tried(limiter, "aino", HOME)


def test_a_household_has_many_addresses_of_version_six() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
    assert network_of(None) == "unknown"


def test_what_is_remembered_is_bounded(limiter: Limiter) -> None:
    for n in range(3 * MOST_KEYS):
        tried(limiter, f"name-{n}", f"10.{n >> 8}.{n & 255}.1")
        limiter.login_succeeded(f"name-{n}", HOME)
        limiter.wait_for(path="/v1/needs", method="GET", credential=f"key {n}", peer=FAR)
        limiter.note_answer(is_good=True, credential=f"key {n}", peer=FAR)
        limiter.note_answer(is_good=False, credential=f"bad {n}", peer=f"10.{n >> 8}.{n & 255}.1")
    assert all(len(kept.times) <= MOST_KEYS for kept in (limiter.store, limiter.logins, limiter.guesses))
    assert len(limiter._known_logins) == len(limiter._known_keys) == MOST_KEYS


# -- reading and guessing keys ----------------------------------------------------------------------------------


@pytest.fixture
def open_with(sessions: SessionFactory, tmp_path: Path) -> Iterator[Callable[..., TestClient]]:
    opened: list[TestClient] = []

    def new(**limits: int) -> TestClient:
        settings = Settings(
            home=HomeSettings(home=tmp_path, database_url=None),
            server=ServerSettings(),
            demo=DemoSettings(),
            rates=RateSettings(**limits),
        )
        app = create_app(settings, sessions=sessions, with_dashboard=False)
        opened.append(TestClient(app, raise_server_exceptions=False))
        return opened[-1]

    yield new
    for client in opened:
        client.close()


def ask(client: TestClient, path: str = "/v1/needs", **headers: str) -> Any:
    return client.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/v1/needs", "/v1/assets", "/v1/map/needs", "/ogc/collections/needs/items"])
def test_one_request_too_many_is_told_when_to_come_back(open_with: Callable[..., TestClient], path: str) -> None:
    client = open_with(reads_per_min=10, feeds_per_min=10)
    assert all(ask(client, path).status_code != 429 for _ in range(10))
    refused = ask(client, path)
    assert_problem(refused, 429)
    assert refused.json()["type"] == "/problems#too-many-requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    # writing is not reading, and another's reading is not ours
    assert client.post("/v1/needs", json={"category": "food"}).status_code != 429
    assert ask(client, path, Authorization="Bearer other").status_code != 429
    assert ask(client, path, Cookie="__Host-sid=other").status_code != 429


def test_a_thousand_forged_addresses_are_one_address(open_with: Callable[..., TestClient]) -> None:
    client = open_with(reads_per_min=10)
    forged = [
        {
            "X-Forwarded-For": f"10.{n >> 8}.{n & 255}.1",
            "X-Real-IP": f"10.0.0.{n & 255}",
            "Forwarded": f"for=10.0.{n >> 8}.{n & 255}",
        }
        for n in range(1000)
    ]
    assert sum(ask(client, **headers).status_code != 429 for headers in forged) == 10


def test_ten_thousand_guessed_keys_are_sixty_and_a_good_key_goes_on(limiter: Limiter) -> None:
    def answer(credential: str, *, good: bool) -> bool:
        if limiter.wait_for(path="/v1/needs", method="GET", credential=credential, peer=FAR):
            return False
        limiter.note_answer(is_good=good, credential=credential, peer=FAR)
        return True

    assert answer("good", good=True)
    assert sum(answer(f"guess {n}", good=False) for n in range(GUESSES)) == RateSettings().bad_keys_per_min
    assert answer("good", good=True)
    # a key that was taken back is a guess like any other
    assert answer("good", good=False)
    assert not answer("good", good=False)


def test_whoever_asks_waits_no_longer_than_the_minute(limiter: Limiter, clock: Clock) -> None:
    how: dict[str, Any] = {"path": "/v1/needs", "method": "GET", "credential": None, "peer": HOME}
    assert not any(limiter.wait_for(**how) for _ in range(600))
    assert limiter.wait_for(**how) == 60
    clock.now += 60
    assert limiter.wait_for(**how) == 0


def test_what_needs_no_limit_has_none(open_with: Callable[..., TestClient]) -> None:
    client = open_with(reads_per_min=10)
    assert all(ask(client, "/health/live").status_code == 200 for _ in range(40))


def test_three_hundred_wrong_passwords_over_http_are_five_tries_and_the_owner_comes_in(
    anonymous: TestClient, sessions: SessionFactory
) -> None:
    welcomed(sessions, "aino")
    welcomed(sessions, "bertta")
    forged = [{"X-Forwarded-For": f"10.0.{n >> 8}.{n & 255}"} for n in range(300)]
    wrong = {"login": "Aino", "password": "not the right one"}
    answers = [anonymous.post("/v1/session", json=wrong, headers=headers) for headers in forged]
    assert [answer.status_code for answer in answers] == [401] * TRIES + [429] * (300 - TRIES)
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in answers[TRIES:])
    right = {"login": "bertta", "password": PASSWORD}
    assert anonymous.post("/v1/session", json=right).status_code == 200


def test_guessed_keys_are_bounded_over_http_and_good_ones_are_not(
    open_with: Callable[..., TestClient], sessions: SessionFactory
) -> None:
    client, good = open_with(bad_keys_per_min=5), bearing(organizer(sessions))
    assert client.get("/v1/needs", headers=good).status_code == 200
    guesses = [{"Authorization": f"Bearer {n:043}"} for n in range(20)]
    # what everybody may see does not make a key a good one
    found = [client.get("/v1/session", headers=guess).status_code for guess in guesses]
    assert found == [200] * 5 + [429] * 15
    assert client.get("/v1/needs", headers=guesses[0]).status_code == 429
    assert client.get("/v1/needs", headers=good).status_code == 200


@contextmanager
def _server(**environment: str) -> Iterator[str]:
    """The address of the server that the real command runs, which ends with the test."""
    command = [sys.executable, "-m", "api.cli", "up", "--port", "0"]
    with subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = (re.search(r"http://localhost:(\d+)", line) for line in process.stderr)
            yield f"http://127.0.0.1:{next(one[1] for one in found if one)}"
        finally:
            process.terminate()
            process.communicate(timeout=20)


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_the_server_itself_believes_no_forged_address() -> None:
    with _server(BARNRAISER_READS_PER_MIN="10") as address, httpx.Client(trust_env=False) as client:
        forged = [{"X-Forwarded-For": f"10.{n >> 8}.{n & 255}.1"} for n in range(400)]
        answers = [client.get(f"{address}/v1/session", headers=headers).status_code for headers in forged]
    assert (answers.count(200), answers.count(429)) == (10, 390)
