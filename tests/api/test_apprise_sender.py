"""Gateways are the operator's alone: a person's address cannot change where anything goes, and secrets stay unseen."""

from __future__ import annotations

import json
import logging
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from geo.domain.messages import Channel, MessageFault
from geo.store.sending import NobodySends, NotSent

from api.apprise_sender import AppriseSender, plain_address
from api.notifying import make_sender
from api.settings import NotifySettings

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "s3cret"  # noqa: S105 - to be looked for
MAIL = f"mailtos://user:{SECRET}@mail.example.org/{{to}}"


@contextmanager
def gateway(status: int = 200, headers: dict[str, str] | None = None) -> Iterator[tuple[int, list[tuple[str, Any]]]]:
    asked: list[tuple[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, json.loads(body)))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port, asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def test_a_gateway_is_given_the_text_and_the_number(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "apprise")
    with gateway() as (port, asked):
        sender = AppriseSender({Channel.SMS: f"json://user:{SECRET}@127.0.0.1:{port}/send/{{to}}"})
        sender.send(Channel.SMS, "+358 (40) 123-4567", "Hei! https://example.org/x", key="k")
    ((path, body),) = asked
    assert path == "/send/+358401234567"
    assert body["message"] == "Hei! https://example.org/x"
    assert SECRET not in caplog.text + repr(sender)
    assert "358" not in caplog.text


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_refusal_is_one(status: int) -> None:
    with gateway(status) as (port, asked):
        sender = AppriseSender({Channel.EMAIL: f"json://127.0.0.1:{port}/{{to}}"})
        with pytest.raises(NotSent) as refused:
            sender.send(Channel.EMAIL, "aino@example.org", "Hei", key="k")
    assert len(asked) == 1
    assert (refused.value.fault, refused.value.is_final) == (MessageFault.REFUSED, False)
    assert "aino" not in str(refused.value)


def test_a_gateway_sends_nothing_elsewhere() -> None:
    with gateway() as (other, seen), gateway(307, {"Location": f"http://127.0.0.1:{other}/"}) as (port, _):
        sender = AppriseSender({Channel.EMAIL: f"json://127.0.0.1:{port}/{{to}}"})
        with pytest.raises(NotSent):
            sender.send(Channel.EMAIL, "aino@example.org", "Hei", key="k")
    assert seen == []


def test_nobody_there_is_a_refusal() -> None:
    with gateway() as (port, _):
        pass
    with pytest.raises(NotSent):
        AppriseSender({Channel.SMS: f"json://127.0.0.1:{port}/{{to}}"}).send(Channel.SMS, "12345", "Hei", key="k")


@pytest.mark.parametrize(
    "typed",
    [
        "a@b.fi?smtp=evil.example.org",
        "a@b.fi&mode=insecure",
        "a@b.fi/../x",
        "a@b.fi,c@d.fi",
        "a b@c.fi",
        "a@b.fi\nBcc: c@d.fi",
        "a%40b@c.fi",
        '"a"@b.fi',
        "@b.fi",
        "ä@b.fi",
        "",
    ],
)
def test_no_address_says_where_it_is_sent(typed: str) -> None:
    with pytest.raises(NotSent) as refused:
        plain_address(Channel.EMAIL, typed)
    assert refused.value.is_final


@pytest.mark.parametrize(
    "typed", ["+358 40 x", "1234", "+1234567890123456", "٠١٢٣٤٥٦", "12345?to=6", "+358401234567,1", "++12345"]
)
def test_no_number_says_where_it_is_sent(typed: str) -> None:
    for channel in (Channel.SMS, Channel.SIGNAL):
        with pytest.raises(NotSent):
            plain_address(channel, typed)


def test_nothing_leaves_by_default() -> None:
    assert isinstance(make_sender(NotifySettings()), NobodySends)
    # a gateway alone is not yet a yes
    assert isinstance(make_sender(NotifySettings(notify_email_url=MAIL)), NobodySends)
    chosen = make_sender(NotifySettings(notify_adapter="apprise", notify_email_url=MAIL))
    assert chosen.channels == {Channel.EMAIL}
    with pytest.raises(ValidationError):
        NotifySettings(notify_adapter="apprise")


def test_settings_show_no_secret() -> None:
    settings = NotifySettings(notify_adapter="apprise", notify_email_url=MAIL)
    assert SECRET not in repr(settings) + str(settings) + repr(make_sender(settings))


@pytest.mark.parametrize(
    "url",
    [f"mailtos://u:{SECRET}@h", f"json://{{to}}:{SECRET}/x", f"json://{SECRET}/{{to}}/{{to}}", f"{SECRET}/{{to}}"],
)
def test_a_gateway_without_a_recipient_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NotifySettings(notify_sms_url=url)
    assert all(SECRET not in fault["msg"] for fault in refused.value.errors())
