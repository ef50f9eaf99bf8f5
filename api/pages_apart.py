"""The dashboard in a process of its own, which holds no way to the data but the API.

The browser still sees one origin: this process passes what is under the dashboard's path on, after its own walls.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from starlette.responses import FileResponse, PlainTextResponse

from api.forwarding import RESTARTING, Forwarder
from api.settings import CHECKOUT

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from starlette.types import ASGIApp, Receive, Scope, Send

PROGRAM: Final = "dashboard.alone"
HANDED_ON: Final = frozenset(
    {
        "BARNRAISER_API_URL",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_CTYPE",
        "PATH",
        "PYTHONPATH",
        "TMPDIR",
        "TZ",
        "VIRTUAL_ENV",
    }
)
"""All that the pages' process learns of this one's environment: where the API is, and how programs are found."""
_STARTING: Final = Path(__file__).parent / "pages" / "starting.html"
_PAUSE_S: Final = 1.0
_PATIENCE_S: Final = 3.0
_WAITING: Final = 100


def environment_of_pages(environment: Mapping[str, str]) -> dict[str, str]:
    """Keep what the pages' process may know.

    Parameters
    ----------
    environment
        This process's, which may name the database and where the keys are.
    """
    return {name: value for name, value in environment.items() if name in HANDED_ON}


class PagesApart:
    """The dashboard as an application to mount, which another process answers for."""

    def __init__(self) -> None:
        self._forwarder: Forwarder | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request or a socket on."""
        await (self._forwarder or _away)(scope, receive, send)

    def lifespan(self) -> Callable[[ASGIApp], AbstractAsyncContextManager[None]]:
        """Give what keeps the process running while the application runs."""

        @asynccontextmanager
        async def running(_app: ASGIApp) -> AsyncIterator[None]:
            with TemporaryDirectory(prefix="barnraiser-") as folder, _listen(Path(folder) / "pages") as listening:
                keeping = asyncio.create_task(_keep_running(listening.fileno()))
                self._forwarder = Forwarder(Path(folder) / "pages", _away)
                try:
                    yield
                finally:
                    await self._forwarder.close()
                    keeping.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await keeping

        return running


def _listen(path: Path) -> socket.socket:
    """Listen before the process starts, in a folder that only this user may enter."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen(_WAITING)
    return listening


async def _keep_running(descriptor: int) -> None:
    """Start the process, and again when it has ended, until this is cancelled."""
    while True:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", PROGRAM, str(descriptor)),
            stdin=asyncio.subprocess.PIPE,
            pass_fds=(descriptor,),
            env=environment_of_pages(os.environ),
            cwd=CHECKOUT,
            start_new_session=True,  # Ctrl-C is for this process, which ends the other in its time
        )
        try:
            await process.wait()
        finally:
            await asyncio.shield(_end(process))
        await asyncio.sleep(_PAUSE_S)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _away(scope: Scope, receive: Receive, send: Send) -> None:
    """Say that the pages are not there for a moment: a page that tries again by itself, or a word to a script."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": RESTARTING})
        return
    wants_page = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
    headers = {"Retry-After": "2", "Cache-Control": "no-store"}
    say: ASGIApp = (
        FileResponse(_STARTING, 503, headers=headers)
        if wants_page
        else PlainTextResponse("The pages are starting again.", 503, headers=headers)
    )
    await say(scope, receive, send)
