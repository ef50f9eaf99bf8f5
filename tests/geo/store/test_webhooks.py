"""News that something has changed: sent to permitted hosts alone, signed, without data, and only of one's own view."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import h3
import pytest
from sqlalchemy import text

from geo.domain.place import Point
from geo.domain.principals import Tier
from geo.domain.webhooks import HookCollection, HookEnd
from geo.errors import InvalidInput, NotFound
from geo.geocode.remote.news_reach import HookReach
from geo.privacy.cells import cell_of
from geo.privacy.hook_signatures import is_plain_signed
from geo.store.agreements import end_agreement
from geo.store.dwellings import replace_dwellings
from geo.store.engine import make_sessions, transaction
from geo.store.keys import register_keys
from geo.store.telling_hooks import MOST_FAILURES, Telling, ping, tell_due
from geo.store.webhooks import end_webhook, get_webhook, list_webhooks, make_webhook, open_webhook

from tests.callers import partner
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.webhooks import Webhook
    from geo.store.engine import SessionFactory

NEEDS, ASSETS = HookCollection.NEEDS, HookCollection.ASSETS
HERE = HookReach(loopback=True)
NAMED = HookReach(frozenset({"hooks.example.org"}))
# what is set up here is due at once
NOW = datetime.now(UTC) + timedelta(hours=1)


@dataclass
class Target:
    """A program that is told: what it was sent, and what it answers."""

    url: str = ""
    status: int = 204
    sends_to: str = ""
    sent: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Target]:
    target = Target()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target.sent.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(target.status)
            if target.sends_to:
                self.send_header("Location", target.sends_to)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        target.url = f"http://127.0.0.1:{server.server_address[1]}/news"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield target
        server.shutdown()
        thread.join()


@pytest.fixture
def target() -> Iterator[Target]:
    with listening() as opened:
        yield opened


@pytest.fixture
def committed(own_db: Engine) -> SessionFactory:
    register_keys(own_db, RING)
    with transaction(make_sessions(own_db, role=None, keys=RING)) as session:
        replace_dwellings(session, dict.fromkeys(map(str, h3.grid_disk(cell_of(HELSINKI), 8)), 90))
    return make_sessions(own_db, keys=RING)


def make(sessions: SessionFactory, url: str, collection: HookCollection = NEEDS, **values: Any) -> tuple[Webhook, str]:
    with transaction(sessions) as session:
        return make_webhook(session, url, collection, HERE, **values)


def tell(sessions: SessionFactory, at: datetime = NOW) -> int:
    return tell_due(sessions, Telling(HERE), now=at)


def read(sessions: SessionFactory, hook_id: UUID) -> Webhook:
    with transaction(sessions) as session:
        return get_webhook(session, hook_id)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/", "https://other.example.org/", "https://hooks.example.org.evil.example/",
        "https://hooks.example.org@evil.example/", "https://user:pass@hooks.example.org/", "https://127.0.0.1/",
        "https://localhost/", "https://[::1]/", "https://10.0.0.1/", "https://169.254.169.254/latest", "https://0/",
        "https://2130706433/", "https://0x7f.1/", "https://[::ffff:127.0.0.1]/", "https://192.168.1.1:8443/",
        "https://hooks.example.org:22/", "https://hooks.example.org/?to=x", "https://HOOKS.example.org/",
        "ftp://hooks.example.org/", "file:///etc/passwd", "//hooks.example.org", "",
        "https://hooks.example.org/\r\nx: y",
    ],
)  # fmt: skip
def test_what_is_not_permitted_is_no_target(session: Session, url: str) -> None:
    with pytest.raises(InvalidInput):
        make_webhook(session, url, NEEDS, NAMED)
    assert list_webhooks(session) == []


def test_nothing_is_permitted_by_default(session: Session) -> None:
    for url in ("https://hooks.example.org/", "http://127.0.0.1:9/"):
        with pytest.raises(InvalidInput):
            make_webhook(session, url, NEEDS, HookReach())


@pytest.mark.own_db
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "100.100.100.200",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "fe80::1",
        "0.0.0.0",  # noqa: S104 - nobody binds to it here
        "224.0.0.1",
    ],
)
def test_a_name_that_leads_inside_is_not_asked(committed: SessionFactory, address: str) -> None:
    with transaction(committed) as session:
        made, _ = make_webhook(session, "https://hooks.example.org/in", NEEDS, NAMED)
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", address]

    telling = Telling(NAMED, resolver)
    tell_due(committed, telling, now=NOW)
    with transaction(committed) as session:
        add_need(session)
    assert tell_due(committed, telling, now=NOW) == 0
    assert asked == ["hooks.example.org"]
    assert read(committed, made.id).last_error == "refused_address"


@pytest.mark.own_db
def test_it_is_told_once_signed_and_without_data(committed: SessionFactory, target: Target) -> None:
    made, secret = make(committed, target.url)
    assert tell(committed) == 0
    with transaction(committed) as session:
        need = add_need(session)
    assert (tell(committed), tell(committed)) == (1, 0)
    ((headers, body),) = target.sent
    assert json.loads(body) == {"type": "changed", "collection": "needs"}
    assert str(need.id) not in str(headers)
    signed = {"message_id": headers["webhook-id"], "timestamp": headers["webhook-timestamp"], "body": body}
    given = headers["webhook-signature"]
    assert is_plain_signed(secret, **signed, signatures=given, now_s=NOW.timestamp())
    assert not is_plain_signed(secret, **(signed | {"body": body + b" "}), signatures=given, now_s=NOW.timestamp())
    assert read(committed, made.id).last_sent_at == NOW


@pytest.mark.own_db
def test_what_did_not_arrive_is_tried_again_under_the_same_id_and_later(
    committed: SessionFactory, target: Target
) -> None:
    made, _ = make(committed, target.url)
    tell(committed)
    with transaction(committed) as session:
        add_need(session)
    target.status = 500
    assert (tell(committed), tell(committed)) == (0, 0)
    assert len(target.sent) == 1
    assert (read(committed, made.id).failures, read(committed, made.id).last_error) == (1, "status")
    target.status = 200
    assert tell(committed, NOW + timedelta(minutes=2)) == 1
    first, second = (headers["webhook-id"] for headers, _ in target.sent)
    assert first == second
    assert (read(committed, made.id).failures, read(committed, made.id).last_error) == (0, None)


@pytest.mark.own_db
def test_one_that_never_answers_is_told_nothing_any_more(committed: SessionFactory, target: Target) -> None:
    made, _ = make(committed, target.url)
    tell(committed)
    with transaction(committed) as session:
        add_need(session)
    target.status = 302
    for turn in range(MOST_FAILURES + 3):
        tell(committed, NOW + timedelta(days=turn))
    assert len(target.sent) == MOST_FAILURES
    ended = read(committed, made.id)
    assert (ended.ended_reason, ended.last_error) == (HookEnd.FAILING, "redirected")
    with transaction(committed) as session, pytest.raises(NotFound):
        open_webhook(session, made.id)


@pytest.mark.own_db
@pytest.mark.parametrize("tier", list(Tier))
def test_a_partner_is_told_of_its_own_view_alone(committed: SessionFactory, target: Target, tier: Tier) -> None:
    agreement_id, _ = partner(committed, frozenset(map(str, h3.grid_disk(cell_of(HELSINKI), 3))), tier)
    made, _ = make(committed, target.url, agreement_id=agreement_id)
    tell(committed)
    with transaction(committed) as session:
        add_need(session, Point(25.4, 60.4))
        add_need(session, withheld=True)
        add_asset(session)
    assert tell(committed) == 0
    with transaction(committed) as session:
        add_need(session)
    assert tell(committed) == (tier is not Tier.AGGREGATE)
    with transaction(committed) as session:
        reveals = session.scalar(text("SELECT count(*) FROM audit WHERE action = 'reveal'"))
        end_agreement(session, agreement_id)
        add_need(session)
    assert (tell(committed), reveals) == (0, 0)
    assert read(committed, made.id).ended_reason is HookEnd.AGREEMENT_ENDED


@pytest.mark.own_db
def test_nobody_is_led_on_to_another_target(committed: SessionFactory, target: Target) -> None:
    made, _ = make(committed, target.url)
    tell(committed)
    with transaction(committed) as session:
        add_need(session)
    with listening() as other:
        target.status, target.sends_to = 307, other.url
        assert tell(committed) == 0
        assert (len(target.sent), other.sent) == (1, [])
    assert read(committed, made.id).last_error == "redirected"


@pytest.mark.own_db
def test_what_the_operator_permits_no_more_is_told_nothing(committed: SessionFactory, target: Target) -> None:
    made, _ = make(committed, target.url)
    tell(committed)
    with transaction(committed) as session:
        add_need(session)
    assert tell_due(committed, Telling(HookReach()), now=NOW) == 0
    assert (target.sent, read(committed, made.id).last_error) == ([], "not_permitted")


@pytest.mark.own_db
def test_one_that_was_ended_is_told_nothing(committed: SessionFactory, target: Target) -> None:
    made, _ = make(committed, target.url, ASSETS)
    tell(committed)
    with transaction(committed) as session:
        assert ping(session, made.id, Telling(HERE)) is None
        add_asset(session)
        end_webhook(session, made.id)
        end_webhook(session, made.id)
    assert tell(committed) == 0
    assert [json.loads(body)["type"] for _, body in target.sent] == ["ping"]
