"""One question over the wire: nothing followed, nothing unpacked, nothing endless, and the checked address alone."""

from __future__ import annotations

import gzip
import select
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from geo.errors import OutsideFailed
from geo.geocode.remote import endpoint as endpoints
from geo.geocode.remote.endpoint import Endpoint, Reach, parse_endpoint
from geo.geocode.remote.pinned import PinnedFetcher

from tests.providers import says, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

NEAR = Reach(is_on=True, loopback=True)
TARGET = "/search?street=Canary+Street+7"


def fetch(answer: Callable[[BaseHTTPRequestHandler], None], **how: Any) -> bytes:
    with serving(answer) as provider:
        return PinnedFetcher(parse_endpoint(provider.url, NEAR), NEAR, **how).get(TARGET, {"User-Agent": "barnraiser"})


def reason_of(answer: Callable[[BaseHTTPRequestHandler], None], **how: Any) -> str:
    with pytest.raises(OutsideFailed) as caught:
        fetch(answer, **how)
    assert "Canary" not in f"{caught.value!r} {caught.value.__cause__!r}"
    return caught.value.reason


def test_an_answer_is_read_and_nothing_but_the_question_is_sent() -> None:
    with serving(says([1])) as provider:
        got = PinnedFetcher(parse_endpoint(provider.url, NEAR), NEAR).get(TARGET, {"User-Agent": "barnraiser"})
    assert got == b"[1]"
    assert provider.asked == [("/search", {"street": ["Canary Street 7"]})]
    assert provider.headers == [
        {
            "Host": f"127.0.0.1:{provider.port}", "User-Agent": "barnraiser", "Accept-Encoding": "identity",
            "Connection": "close",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_not_even_to_the_same_host(status: int) -> None:
    with serving(says([])) as elsewhere:
        assert reason_of(says(b"", status=status, Location=f"{elsewhere.url}/x")) == "redirected"
        assert reason_of(says(b"", status=status, Location="/there")) == "redirected"
    assert elsewhere.asked == []


@pytest.mark.parametrize(("status", "reason"), [(400, "status"), (403, "status"), (429, "too_many"), (500, "status")])
def test_a_refusal_is_a_failure_with_its_reason(status: int, reason: str) -> None:
    assert reason_of(says(b"Canary Street 7 was refused", status=status)) == reason


def test_a_packed_answer_is_never_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    for coding in ("gzip", "deflate", "br", "GZIP", "identity, gzip"):
        assert reason_of(says(bomb, Content_Encoding=coding)) == "packed"


def test_an_answer_has_an_end() -> None:
    assert reason_of(says(bytes(1_000_001))) == "too_large"
    assert len(fetch(says(bytes(1_000_000)))) == 1_000_000

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b" " * 65_536)

    assert reason_of(endless) == "too_large"


@pytest.mark.parametrize("part", ["head", "body", "silence"])
def test_an_answer_that_trickles_is_cut_off(part: str) -> None:
    hung_up: list[bool] = []
    done = threading.Event()

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
        elif part == "head":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        try:
            # at most 40 seconds, far beyond what is allowed; whoever asked hangs up long before
            for _ in range(4000):
                if part != "silence":
                    handler.wfile.write(b"1")
                if select.select([handler.connection], [], [], 0.01)[0]:
                    hung_up.append(not handler.connection.recv(1))
                    return
        except OSError:
            hung_up.append(True)
        finally:
            done.set()

    with serving(trickle) as provider:
        fetcher = PinnedFetcher(parse_endpoint(provider.url, NEAR), NEAR, timeout_s=0.3)
        with pytest.raises(OutsideFailed) as caught:
            fetcher.get(TARGET, {})
        assert done.wait(30)
    assert caught.value.reason == "timeout"
    assert hung_up == [True]


def test_nobody_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OutsideFailed) as caught:
        PinnedFetcher(Endpoint("http", "127.0.0.1", port), NEAR).get(TARGET, {})
    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize(
    "first", [b"nonsense Canary\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n", b""]
)
def test_what_is_no_http_is_a_failure(first: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        handler.close_connection = True

    assert reason_of(answer) == "unreachable"


def _certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / f"{name}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_the_connection_goes_to_the_checked_address_and_asks_for_the_names_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # for this one test the loopback address stands for one of the public internet
    monkeypatch.setattr(endpoints, "is_outside", lambda _: True)
    file = _certificate(tmp_path, "geo.example.org")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    seen: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: seen.append(name)
    trusting = ssl.create_default_context(cafile=str(file))
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    with serving(says([]), tls=tls) as provider:
        good = Endpoint("https", "geo.example.org", provider.port)
        assert PinnedFetcher(good, Reach(is_on=True), resolver=rebinding, context=trusting).get(TARGET, {}) == b"[]"
        assert asked == ["geo.example.org"]
        assert seen == ["geo.example.org"]
        assert provider.headers[0]["Host"] == f"geo.example.org:{provider.port}"
        for endpoint, context in (
            (Endpoint("https", "other.example.org", provider.port), trusting),  # the certificate is another's
            (good, None),  # nobody we know vouches for it
        ):
            with pytest.raises(OutsideFailed) as caught:
                PinnedFetcher(endpoint, Reach(is_on=True), resolver=lambda *_: ["127.0.0.1"], context=context).get(
                    TARGET, {}
                )
            assert caught.value.reason == "unreachable"
    assert len(provider.asked) == 1
