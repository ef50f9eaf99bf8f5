"""What is passed on to the process of the pages arrives as it was sent, both ways, and its absence is told."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from api.forwarding import RESTARTING, Forwarder
from api.pages_apart import HANDED_ON, _away, environment_of_pages
from tests.api.conftest import TestClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.requests import Request
    from starlette.websockets import WebSocket


async def echo(request: Request) -> Response:
    body = await request.body()
    answer = Response(body, 207, {"X-Query": request.url.query, "X-Path": request.scope["raw_path"].decode()})
    answer.headers.append("Set-Cookie", "one=1")
    answer.headers.append("Set-Cookie", "two=2")
    answer.headers["X-Seen"] = ",".join(sorted(request.headers.keys()))
    return answer


async def drip(_request: Request) -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 10_000

    return StreamingResponse(parts(), headers={"Content-Encoding": "identity"})


async def talk(socket: WebSocket) -> None:
    await socket.accept("second")
    await socket.send_text(f"{socket.headers['origin']} {socket.headers['cookie']} {socket.headers['host']}")
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("text") == "end":
                await socket.close(4321)
                return
            await (socket.send_text(message["text"]) if message.get("text") else socket.send_bytes(message["bytes"]))
    except WebSocketDisconnect:
        return


async def refuse(socket: WebSocket) -> None:
    await socket.close()


BEHIND = Starlette(
    routes=[
        Route("/dash/echo/{rest:path}", echo, methods=["GET", "POST", "PUT"]),
        Route("/dash/drip", drip),
        WebSocketRoute("/dash/talk", talk),
        WebSocketRoute("/dash/refuse", refuse),
    ]
)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """An application that another one, behind a Unix socket, answers for."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        server = uvicorn.Server(uvicorn.Config(BEHIND, uds=str(path), log_level="error", lifespan="off"))
        running = threading.Thread(target=server.run, daemon=True)
        running.start()
        while not server.started:
            running.join(0.02)
        forwarder = Forwarder(path, _away)
        with TestClient(Starlette(routes=[Mount("/dash", forwarder)])) as opened:
            yield opened
            opened.portal.call(forwarder.close)
        server.should_exit = True
        running.join(10)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_arrives_whole_and_comes_back(client: TestClient, method: str) -> None:
    body = bytes(range(256)) * 4000
    answer = client.request(method, "/dash/echo/a%2Fb%20c?q=1&q=%C3%A4", content=body)
    assert (answer.status_code, answer.content) == (207, body)
    assert answer.headers["x-query"] == "q=1&q=%C3%A4"
    assert answer.headers["x-path"] == "/dash/echo/a%2Fb%20c"
    assert answer.headers.get_list("set-cookie") == ["one=1", "two=2"]


def test_a_body_of_unknown_length_arrives_whole(client: TestClient) -> None:
    answer = client.post("/dash/echo/", content=iter([b"a" * 70_000, b"b"]))
    assert answer.content == b"a" * 70_000 + b"b"


def test_headers_of_one_connection_stay_with_it(client: TestClient) -> None:
    sent = {"Connection": "X-Mine, keep-alive", "X-Mine": "1", "TE": "trailers", "X-Yours": "2", "Cookie": "a=b"}
    seen = client.get("/dash/echo/", headers=sent).headers["x-seen"].split(",")
    assert {"x-yours", "cookie", "host"} <= set(seen)
    assert not {"x-mine", "te", "keep-alive"} & set(seen)


def test_a_streamed_answer_comes_whole(client: TestClient) -> None:
    answer = client.get("/dash/drip")
    assert len(answer.content) == 500_000
    assert answer.headers["content-encoding"] == "identity"


def test_a_socket_carries_text_and_bytes_both_ways(client: TestClient) -> None:
    headers = {"Origin": "http://testserver", "Cookie": "sid=x"}
    with client.websocket_connect("/dash/talk?a=b", subprotocols=["first", "second"], headers=headers) as socket:
        assert socket.accepted_subprotocol == "second"
        assert socket.receive_text() == "http://testserver sid=x testserver"
        socket.send_text("hei")
        assert socket.receive_text() == "hei"
        socket.send_bytes(bytes(range(256)) * 5000)
        assert socket.receive_bytes() == bytes(range(256)) * 5000
        socket.send_text("end")
        assert socket.receive() == {"type": "websocket.close", "code": 4321}


def test_a_socket_that_is_refused_is_closed(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/dash/refuse"):
        pass
    assert refused.value.code == RESTARTING


def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    with TestClient(Starlette(routes=[Mount("/dash", Forwarder(tmp_path / "nobody", _away))])) as alone:
        page = alone.get("/dash/", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["retry-after"]) == (503, "2")
        assert "The pages are starting" in page.text
        assert alone.get("/dash/x.js").text == "The pages are starting again."
        with pytest.raises(WebSocketDisconnect) as refused, alone.websocket_connect("/dash/talk"):
            pass
        assert refused.value.code == RESTARTING


def test_the_pages_are_told_where_the_api_is_and_nothing_else() -> None:
    mine = {"BARNRAISER_DATABASE_URL": "x", "BARNRAISER_HOME": "y", "PGPASSWORD": "z", "AWS_SECRET": "w", "PATH": "p"}
    assert environment_of_pages({**mine, "BARNRAISER_API_URL": "a"}) == {"BARNRAISER_API_URL": "a", "PATH": "p"}
    assert not any(word in name for name in HANDED_ON for word in ("DATABASE", "HOME", "KEY", "SECRET", "TOKEN"))
