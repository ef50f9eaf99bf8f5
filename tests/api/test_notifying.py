"""The round of a running server that sends what is due, and the verb that does so by hand."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError

from geo.domain.message_texts import Template
from geo.domain.messages import MessageState, Recipient, RecipientKind
from geo.privacy.keyring import open_keys
from geo.store.engine import make_sessions, transaction
from geo.store.keys import register_keys
from geo.store.messages import list_messages, queue_message
from geo.store.sending import SendReport

from api import notifying
from api.cli import run
from api.metrics import Metrics
from api.settings import HomeSettings, NotifySettings
from tests.factories import add_helper
from tests.ring import RING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing

KEEP = timedelta(days=30)


def queue(engine: Engine, ring: KeyRing, *keys: str) -> None:
    with transaction(make_sessions(engine, keys=ring)) as session:
        helper = add_helper(session)
        for key in keys:
            queue_message(
                session,
                key=key,
                recipient=Recipient(RecipientKind.HELPER, helper.id),
                template=Template.HELPER_ASKED,
                parameters={"link": "https://example.org/x"},
            )


def states(engine: Engine) -> list[MessageState]:
    with make_sessions(engine)() as session:
        return [one.state for one in list_messages(session)]


def test_a_running_server_sends_and_goes_on_after_a_failure(
    own_db: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    register_keys(own_db, RING)
    queue(own_db, RING, "a", "b")
    whole, calls = notifying.send_everywhere, 0
    metrics, done = Metrics(), asyncio.Event()

    def failing_once(*given: Any, **named: Any) -> SendReport:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OperationalError("aino@example.org", None, Exception("aino@example.org"))
        return whole(*given, **named)

    def note(report: SendReport) -> None:
        metrics.note_messages(report)
        done.set()

    async def serve() -> None:
        async with notifying.notifying(own_db, RING, NotifySettings(), note, every_s=0.01):
            await asyncio.wait_for(done.wait(), 60)

    monkeypatch.setattr(notifying, "send_everywhere", failing_once)
    asyncio.run(serve())
    assert states(own_db) == [MessageState.SENT] * 2
    assert "OperationalError" in caplog.text
    assert "aino" not in caplog.text
    assert b'barnraiser_messages_total{outcome="left"} 2.0' in metrics.text()


def test_what_is_done_is_removed_after_its_days(own_db: Engine) -> None:
    register_keys(own_db, RING)
    queue(own_db, RING, "a")
    sender = notifying.make_sender(NotifySettings())
    assert notifying.send_everywhere(own_db, RING, sender, keep=KEEP).left == 1
    assert states(own_db) == [MessageState.SENT]
    assert notifying.send_everywhere(own_db, RING, sender, keep=timedelta(0)) == SendReport()
    assert states(own_db) == []


@pytest.mark.own_db
def test_sending_by_hand(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["notify", "--once"]) == 0
    assert "0 sent" in capsys.readouterr().out
    queue(installed, open_keys(HomeSettings().keys, now=datetime.now(UTC), must_exist=True), "a", "b")
    assert run(["notify", "--once", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["left"], told["sent"], told["waiting"], told["oldest_due_at"]) == (2, 0, 0, None)
    for wrong in ([], ["--once", "--watch"]):
        assert run(["notify", *wrong]) == 2


@pytest.mark.own_db
def test_what_failed_is_told_by_the_verb_and_the_doctor(
    installed: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["keys", "show"]) == 0
    queue(installed, open_keys(HomeSettings().keys, now=datetime.now(UTC), must_exist=True), "a")
    monkeypatch.setenv("BARNRAISER_NOTIFY_ADAPTER", "apprise")
    monkeypatch.setenv("BARNRAISER_NOTIFY_SMS_URL", "json://127.0.0.1:1/{to}")
    capsys.readouterr()
    assert run(["notify", "--once", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"] == 1
    run(["doctor", "--json"])
    checks = {one["check"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["messages are sent"]["state"] == "warn"
    assert run(["status"]) == 0
    assert "1 failed" in capsys.readouterr().out
