"""Gateways hand texts in, signed; whoever does not sign as one of them learns and does nothing."""

from __future__ import annotations

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import pytest

from geo.domain.texting.words import BY_CODE
from geo.domain.texts import HookKind, Texting
from geo.privacy.hook_signatures import sign_plain, sign_twilio
from geo.store.engine import make_sessions, transaction
from geo.store.keys import register_keys
from geo.store.text_hooks import end_hook, open_hook

from api.app import create_app
from api.settings import RateSettings, ServerSettings, Settings, TextSettings
from api.texting import lapse_everywhere
from tests.api.conftest import TestClient, assert_problem

if TYPE_CHECKING:
    from fastapi import FastAPI
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

EN = BY_CODE["en"]
ANNA = "+358401234567"
TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - made up
ORIGIN = "https://help.example"
WHOLE = ("hello", "1", "1", "3", "Testikatu 3", "1", "1", "1")


class Gateway:
    """A plain gateway with its secret."""

    def __init__(self, client: TestClient, hook: UUID, secret: str) -> None:
        self.client, self.hook, self.secret = client, hook, secret

    def send(self, text: str, *, sender: str = ANNA, **how: Any) -> Any:
        body = how.get("body") or json.dumps({"sender": sender, "text": text}).encode()
        message_id, at = how.get("message_id", str(uuid4())), str(int(time.time()) + how.get("late_s", 0))
        signature = how.get("signature", sign_plain(how.get("secret", self.secret), message_id, at, body))
        headers = {"webhook-id": message_id, "webhook-timestamp": at, "webhook-signature": signature}
        path = f"/v1/texts?hook={how.get('hook', self.hook)}"
        return self.client.post(path, content=body, headers=headers | {"content-type": "application/json"})

    def say(self, *texts: str, sender: str = ANNA) -> list[str | None]:
        answers = [self.send(text, sender=sender) for text in texts]
        assert {answer.status_code for answer in answers} == {200}, answers[-1].text
        return [answer.json()["reply"] for answer in answers]


class Twilio:
    """Twilio, with the token of an account, as it reaches a server behind a proxy."""

    def __init__(self, client: TestClient, hook: UUID) -> None:
        self.client, self.path = client, f"/v1/texts/twilio?hook={hook}"

    def send(self, text: str, *, origin: str = ORIGIN, token: str = TOKEN, sign: bool = True, **more: str) -> Any:
        form = {"MessageSid": f"SM{uuid4().hex}", "From": ANNA, "To": "+35891", "Body": text, "NumMedia": "0"} | more
        headers = {"X-Twilio-Signature": sign_twilio(token, origin + self.path, list(form.items()))} if sign else {}
        return self.client.post(self.path, data=form, headers=headers)


@pytest.fixture
def texting_settings(settings: Settings) -> Settings:
    texts = TextSettings(texts_person="+358 9 1")
    return Settings(
        home=settings.home, server=ServerSettings(origin=ORIGIN), rates=settings.rates, demo=settings.demo, texts=texts
    )


@pytest.fixture
def app(texting_settings: Settings, sessions: SessionFactory) -> FastAPI:
    return create_app(texting_settings, sessions=sessions, with_dashboard=False)


@pytest.fixture
def gateway(anonymous: TestClient, sessions: SessionFactory, served: Session) -> Gateway:  # noqa: ARG001 - a town to place in
    with transaction(sessions) as session:
        hook, secret = open_hook(session, HookKind.PLAIN)
    return Gateway(anonymous, hook.id, secret)


@pytest.fixture
def twilio(anonymous: TestClient, sessions: SessionFactory, served: Session) -> Twilio:  # noqa: ARG001 - likewise
    with transaction(sessions) as session:
        hook, _ = open_hook(session, HookKind.TWILIO, secret=TOKEN)
    return Twilio(anonymous, hook.id)


def said(answer: Any) -> str | None:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    root = ET.fromstring(answer.text)  # noqa: S314 - our own answer
    assert root.tag == "Response"
    return root.findtext("Message")


def needs(client: TestClient) -> list[dict[str, Any]]:
    return list(client.get("/v1/needs").json()["items"])


def test_a_conversation_by_a_plain_gateway_becomes_a_need(gateway: Gateway, client: TestClient) -> None:
    replies = gateway.say(*WHOLE)
    assert replies[-1] == EN.done
    (need,) = needs(client)
    assert (need["category"], need["household_size"], need["source"]) == ("food", 3, "text")
    assert need["location_state"] == "located"
    balance = client.get("/v1/balance").json()
    assert balance["received"] == balance["located"] == 1
    shown = client.post(f"/v1/needs/{need['id']}/reveal", json={"what": "contact", "reason": "to call back"}).json()
    assert shown["contact"]["phone"] == ANNA


def test_a_conversation_by_twilio_becomes_a_need(twilio: Twilio, client: TestClient) -> None:
    replies = [said(twilio.send(text)) for text in WHOLE]
    assert replies[-1] == EN.done
    assert "1 Food" in str(replies[1])
    assert len(needs(client)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_" + "A" * 43 + "="}, {"signature": ""}, {"signature": "v1,"}, {"hook": uuid4()},
        {"hook": "nonsense"}, {"late_s": -400}, {"late_s": 400}, {"hook": ""},
    ],
)  # fmt: skip
def test_whoever_does_not_sign_as_a_gateway_is_answered_like_anybody(
    gateway: Gateway, client: TestClient, wrong: dict[str, Any]
) -> None:
    answer = gateway.send("hello", **wrong)
    body = assert_problem(answer, 401)
    other = assert_problem(gateway.send("hello", hook=uuid4()), 401)
    assert body == other
    assert client.get("/v1/text-conversations").json()["items"] == []


def test_a_gateway_of_the_other_kind_or_one_that_was_ended_is_unknown(
    gateway: Gateway, twilio: Twilio, sessions: SessionFactory
) -> None:
    crossed = Twilio(gateway.client, gateway.hook)
    assert crossed.send("hello", token=gateway.secret).status_code == 401
    assert gateway.send("hello").status_code == 200
    with transaction(sessions) as session:
        end_hook(session, gateway.hook)
    assert gateway.send("hello").status_code == 401
    assert twilio.send("hello").status_code == 200


def test_twilios_signature_is_over_the_address_people_know(twilio: Twilio) -> None:
    assert twilio.send("hello", origin="http://testserver").status_code == 401
    assert twilio.send("hello", token="b" * 32).status_code == 401
    assert twilio.send("hello", sign=False).status_code == 401
    assert twilio.send("hello").status_code == 200


def test_texts_that_were_changed_on_the_way_are_refused(twilio: Twilio) -> None:
    form = {"MessageSid": "SM1", "From": ANNA, "Body": "hello"}
    headers = {"X-Twilio-Signature": sign_twilio(TOKEN, ORIGIN + twilio.path, list(form.items()))}
    for changed in (form | {"Body": "stop"}, form | {"From": "+3581"}, form | {"More": ""}):
        assert twilio.client.post(twilio.path, data=changed, headers=headers).status_code == 401
    assert twilio.client.post(twilio.path + "&x=1", data=form, headers=headers).status_code in (401, 422)
    assert twilio.client.post(twilio.path, data=form, headers=headers).status_code == 200


def test_a_delivery_that_is_repeated_is_answered_as_before(gateway: Gateway, client: TestClient) -> None:
    for at, text in enumerate(WHOLE):
        first, again = (gateway.send(text, message_id=f"m{at}") for _ in range(2))
        assert (first.status_code, again.status_code) == (200, 200)
        assert again.json()["reply"] in first.json()["reply"]
    assert len(needs(client)) == 1
    assert_problem(gateway.send("other", message_id="m0"), 409)


def test_a_name_is_no_person_and_a_twilio_stop_is_confirmed_by_twilio(twilio: Twilio, client: TestClient) -> None:
    assert said(twilio.send("Sale! Sale!", From="SHOP")) is None
    assert client.get("/v1/text-conversations").json()["items"] == []
    assert said(twilio.send("STOP", OptOutType="STOP")) is None
    assert said(twilio.send("hello")) is None
    assert str(said(twilio.send("START"))).startswith(EN.started)


@pytest.mark.parametrize(
    "text",
    [
        "</Message><Dial>+1900</Dial>",
        "]]>",
        "\x00\x0b",
        "a\ufffeb",
        "&amp;",
        "{{7*7}}",
        "${x}",
        "'; DROP TABLE need;--",
    ],
)
def test_what_somebody_writes_is_text_in_the_answer_too(twilio: Twilio, text: str) -> None:
    for each in ("hello", "1", "1", "0"):
        said(twilio.send(each))
    said(twilio.send(text))
    for each in ("3", "3"):
        said(twilio.send(each))


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"[]", b'{"sender": "+358401234567"}', b'{"sender": "SHOP", "text": "hello"}',
        b'{"sender": "+358401234567", "text": 1}', b'{"sender": "+358401234567", "text": "x", "more": 1}',
        json.dumps({"sender": ANNA, "text": "x" * 1601}).encode(),
    ],
)  # fmt: skip
def test_a_signed_body_that_is_wrong_names_the_field(gateway: Gateway, body: bytes) -> None:
    problem = assert_problem(gateway.send("", body=body), 422)
    assert "401234567" not in json.dumps(problem)


def test_bodies_are_bounded(gateway: Gateway, twilio: Twilio) -> None:
    assert gateway.send("x" * 40_000).status_code == 413
    assert twilio.send("x" * 40_000).status_code == 413
    many = {f"f{n}": "" for n in range(200)}
    assert twilio.send("x", **many).status_code == 400
    assert gateway.send("hello", message_id="").status_code == 400
    assert gateway.send("hello", message_id="x" * 300).status_code == 400


def test_help_names_a_person_and_one_is_brought(gateway: Gateway, client: TestClient) -> None:
    assert "+358 9 1" in str(gateway.say("help")[0])
    assert str(gateway.say("person")[0]).startswith(EN.handed_over)
    (one,) = client.get("/v1/text-conversations", params={"state": "handed_over"}).json()["items"]
    assert one["taken_at"] is None
    (message,) = client.get("/v1/messages").json()["items"]
    assert (message["template"], message["recipient_kind"]) == ("organizer_waiting", "person")
    taken = client.post(f"/v1/text-conversations/{one['id']}/taken", json={"taken": True}).json()
    assert taken["taken_at"] is not None
    contact = client.post(f"/v1/needs/{one['need_id']}/reveal", json={"what": "contact", "reason": "asked for"}).json()
    assert contact["contact"]["phone"] == ANNA
    assert_problem(client.post(f"/v1/text-conversations/{uuid4()}/taken", json={"taken": True}), 404)


def test_no_log_and_no_list_has_a_number_or_a_word(
    gateway: Gateway, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        gateway.say("canary Kanerva", "1", "1", "2", "Testikatu 3")
        gateway.send("canary", secret="whsec_" + "A" * 43 + "=")
        gateway.send("", body=b'{"sender": "+358401234567", "text": 7}')
    lists = [client.get(path).text for path in ("/v1/text-conversations", "/v1/audit", "/v1/messages")]
    for shown in (caplog.text, *lists):
        assert not any(word in shown for word in ("canary", "Kanerva", "Testikatu", "401234567"))


@pytest.mark.parametrize("settings_of", [{"texts_per_sender": 3}, {"texts_per_min": 3}])
def test_texts_are_counted_by_sender_and_by_gateway(
    settings: Settings, sessions: SessionFactory, served: Session, settings_of: dict[str, int]
) -> None:
    assert served is not None
    rates = RateSettings(**settings_of)  # type: ignore[arg-type]
    app = create_app(Settings(home=settings.home, rates=rates), sessions=sessions, with_dashboard=False)
    with transaction(sessions) as session:
        hook, secret = open_hook(session, HookKind.PLAIN)
    with TestClient(app) as client:
        gateway = Gateway(client, hook.id, secret)
        assert [gateway.send("hello").status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = gateway.send("hello")
        assert int(refused.headers["retry-after"]) > 0
        others = gateway.send("hello", sender="+358409999999").status_code
        assert others == (200 if "texts_per_sender" in settings_of else 429)


def test_texts_need_no_sign_in_and_give_none(gateway: Gateway) -> None:
    gateway.say("hello")
    assert gateway.client.get("/v1/text-conversations").status_code == 401


@pytest.mark.own_db
def test_deliveries_at_once_and_again_make_one_need_each(own_db: Engine, keys: KeyRing, settings: Settings) -> None:
    """Real commits: four senders at once, each text handed in three times side by side."""
    register_keys(own_db, keys)
    sessions = make_sessions(own_db, keys=keys)
    with transaction(sessions) as session:
        hook, secret = open_hook(session, HookKind.PLAIN)
    rates = RateSettings(texts_per_sender=1_000, texts_per_min=10_000)
    app = create_app(Settings(home=settings.home, rates=rates), sessions=sessions, with_dashboard=False)
    texts = ("no food", "1", "1", "2", "0", "1", "1", "1")
    with TestClient(app) as client, ThreadPoolExecutor(12) as pool:
        gateway = Gateway(client, hook.id, secret)
        for at, text in enumerate(texts):
            sent = [
                pool.submit(gateway.send, text, sender=f"+35840000000{who}", message_id=f"{who}-{at}")
                for who in range(4)
                for _ in range(3)
            ]
            assert {one.result().status_code for one in sent} == {200}
    with transaction(sessions) as session:
        from geo.store.conversations import list_conversations
        from geo.store.needs import list_needs

        found = list_needs(session)
        assert len(found) == 4
        assert {need.household_size for need in found} == {2}
        assert [one.state.value for one in list_conversations(session)] == ["done"] * 4


@pytest.mark.own_db
def test_a_round_ends_what_is_silent_and_loses_nothing(own_db: Engine, keys: KeyRing, settings: Settings) -> None:
    register_keys(own_db, keys)
    sessions = make_sessions(own_db, keys=keys)
    with transaction(sessions) as session:
        hook, secret = open_hook(session, HookKind.PLAIN)
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    with TestClient(app) as client:
        gateway = Gateway(client, hook.id, secret)
        for who in range(3):
            gateway.say("no food at Testikatu 3", sender=f"+35840000000{who}")
    now = datetime.now(UTC)
    assert lapse_everywhere(own_db, keys, Texting(), now=now) == 0
    assert lapse_everywhere(own_db, keys, Texting(), now=now + timedelta(hours=25)) == 3
    assert lapse_everywhere(own_db, keys, Texting(), now=now + timedelta(hours=25)) == 0
    from geo.store.needs import count_balance

    with transaction(sessions) as session:
        balance = count_balance(session)
    assert (balance.received, balance.needs_review) == (3, 3)
