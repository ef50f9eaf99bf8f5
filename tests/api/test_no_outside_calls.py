"""No address that a caller gives is ever asked for anything (SSRF): nothing is opened but the database."""

# ruff: noqa: RUF001 - lookalikes of other scripts are what is tested

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import make_need
from tests.api.contract import objects, put_in, resolve, writes
from tests.api.test_records import BODIES, SQUARE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from fastapi.testclient import TestClient

pytestmark = pytest.mark.usefixtures("served")
STEP = 1 if os.environ.get("BARNRAISER_FULL") else 3
"""At each place every so manieth address is tried; all of them in the full size."""
_heard: list[tuple[int, Any]] = []
_hook = False


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"}:
        _heard.append((threading.get_ident(), (event, *args[-2:])))


@contextmanager
def watched() -> Iterator[list[Any]]:
    """Hear of every connection and every look-up of a name that Python makes; the database speaks through libpq."""
    global _hook  # noqa: PLW0603 - a hook of the interpreter can be added once and never taken away
    if not _hook:
        sys.addaudithook(_listen)
        _hook = True
    start = len(_heard)
    found: list[Any] = []
    yield found
    found += [call for _, call in _heard[start:]]


class Sink:
    """A door on this machine that counts who knocks."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)  # noqa: FBT003 - the socket's own way
        self.port = self.socket.getsockname()[1]

    def knocks(self) -> int:
        count = 0
        while True:
            try:
                self.socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@pytest.fixture
def sink() -> Iterator[Sink]:
    opened = Sink()
    yield opened
    opened.socket.close()


def addresses(port: int) -> list[str]:
    hosts = [
        "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0",  # noqa: S104 - an address to be refused, nothing is bound
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "0177.0.0.01", "127.0.0.1.",
        "localhost", "LOCALHOST", "localhost.", "localtest.me", "127.0.0.1.nip.io", "①②⑦.⓪.⓪.①", "１２７.0.0.1",
        "good.example@127.0.0.1", "127.0.0.1@good.example", "good.example#@127.0.0.1", "127.0.0.1%23.good.example",
        "127.127.127.127", "loopback", "ip6-localhost", "rebind.example", "169.254.169.254", "[fd00:ec2::254]",
        "metadata.google.internal", "100.100.100.200", "10.0.0.1", "192.168.0.1", "172.16.0.1",
    ]  # fmt: skip
    plain = [f"http://{host}:{port}/" for host in hosts]
    schemes = ("https", "HTTP", "ftp", "gopher", "dict", "ldap", "tftp", "jar:http", "ws", "smb", "sftp", "netdoc")
    others = [f"{scheme}://127.0.0.1:{port}/x" for scheme in schemes]
    return [
        *plain, *others, "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "file:/etc/passwd", "data:text/html,x",
        f"//127.0.0.1:{port}/", f"\\\\127.0.0.1:{port}\\x", f"http:/\\127.0.0.1:{port}/", f"http:127.0.0.1:{port}",
        f"http://127.0.0.1:{port}/redirect?to=http://10.0.0.1/", "javascript:fetch('/')", f"http://127.0.0.1:{port}#x",
    ]  # fmt: skip


def _texts(document: dict[str, Any], schema: dict[str, Any]) -> bool:
    return any(option.get("type") == "string" and "enum" not in option for option in resolve(document, schema))


def _model(document: dict[str, Any], write: Any, steps: tuple[Any, ...]) -> dict[str, Any]:
    """Find the members of the model at a place inside a body."""
    schema, found = write.schema, dict[str, Any]()
    for step in (*steps, None):
        options = resolve(document, schema)
        found = {name: inner for option in options for name, inner in option.get("properties", {}).items()}
        if isinstance(step, str):
            schema = found.get(step, {})
        elif step is not None:
            schema = next((option["items"] for option in options if "items" in option), {})
    return found


def test_there_are_sixty_addresses_and_the_watch_hears(sink: Sink) -> None:
    assert len(addresses(1)) >= 60
    with watched() as heard:
        socket.create_connection(("127.0.0.1", sink.port)).close()
    assert any(call[0] == "socket.connect" for call in heard)
    assert sink.knocks() == 1


def test_no_text_of_any_body_is_asked_for(app: FastAPI, client: TestClient, sink: Sink) -> None:
    document, sent, places = app.openapi(), 0, 0
    need_id = make_need(client, location={"address": "Olematonkatu 7"})["id"]
    with watched() as heard:
        for write in writes(document):
            for steps, members in objects(document, write):
                model = _model(document, write, steps)
                fields = [name for name in members if _texts(document, model.get(name, {"type": "string"}))]
                fields += ["href", "callback", "webhook"]
                places += 1
                # here a third of the addresses at each place, another third at the next
                for number, url in enumerate(addresses(sink.port)[places % STEP :: STEP]):
                    name = fields[number % len(fields)]
                    answer = write.send(client, put_in(write.body, steps, {name: url}), {"need_id": need_id})
                    assert answer.status_code < 500, f"{write.label} {name}"
                    sent += 1
    assert sent > 60 * 15 // STEP
    assert places > 15
    assert heard == []
    assert sink.knocks() == 0


def test_every_url_is_kept_as_text_or_refused_and_read_back_unasked(client: TestClient, sink: Sink) -> None:
    with watched() as heard:
        for number, url in enumerate(addresses(sink.port)):
            body = {"name": f"Org {number}", "url": url}
            made = client.post("/v1/organizations", json=body)
            assert made.status_code in (201, 422)
            if made.status_code == 201:
                assert url.lower().startswith(("http://", "https://"))
                assert client.get(made.headers["location"]).json()["url"] == url
            asset = BODIES["assets"] | {"name": url, "description": url, "address": url}
            hours = {"opening_hours": f'24/7 "{url[:200]}"'.replace('""', '"')}
            assert client.post("/v1/assets", json=asset | hours).status_code < 500
            assert client.post("/v1/assets", json=asset | {"opening_hours": url}).status_code == 422
            assert client.post("/v1/assets", json=asset).status_code < 500
            assert client.post("/v1/geocode", json={"q": url}).status_code < 500
            need = {"category": "food", "location": {"address": url}}
            assert client.post("/v1/needs", json=need).status_code < 500
        for path in (
            "/v1/organizations",
            "/v1/assets",
            "/v1/review",
            "/v1/map/assets",
            "/ogc/collections/assets/items",
        ):
            assert client.get(path).status_code == 200
    assert heard == []
    assert sink.knocks() == 0


def test_no_linked_reference_system_is_fetched(client: TestClient, sink: Sink) -> None:
    with watched() as heard:
        for url in addresses(sink.port):
            for kind in ("link", "name", "url"):
                crs = {"type": kind, "properties": {"href": url, "name": url, "type": "proj4"}}
                shape = {"type": "Polygon", "coordinates": SQUARE, "crs": crs}
                assert client.post("/v1/areas", json=BODIES["areas"] | {"geometry": shape}).status_code == 422
    assert heard == []
    assert sink.knocks() == 0


def test_no_address_in_a_header_or_a_parameter_is_asked_for(client: TestClient, sink: Sink) -> None:
    names = ("Referer", "X-Forwarded-Host", "X-Forwarded-For", "X-Original-URL", "X-Rewrite-URL", "Forwarded", "Link")
    with watched() as heard:
        for url in addresses(sink.port):
            plain = url.encode("ascii", "replace").decode()
            assert client.get("/v1/meta", headers=dict.fromkeys(names, plain)).status_code == 200
            for name in ("url", "tiles", "geocoder", "callback", "crs", "bbox-crs", "next", "bbox", "cursor", "kind"):
                assert client.get("/v1/assets", params={name: url}).status_code < 500
    assert heard == []
    assert sink.knocks() == 0


def test_no_setting_names_a_place_to_ask() -> None:
    from api.settings import DemoSettings, HomeSettings, RateSettings, RemoteSettings, ServerSettings

    kinds = (HomeSettings, ServerSettings, RateSettings, DemoSettings, RemoteSettings)
    names = {name for kind in kinds for name in kind.model_fields}
    # the database's own address is the operator's; whoever adds another brings a test that nobody else can set it
    assert {name for name in names if any(part in name for part in ("url", "host", "endpoint", "proxy"))} == {
        "database_url",
        "host",
    }
