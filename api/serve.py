"""Run the web server: on this machine alone, until it is told to stop, leaving nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import os
import signal
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import uvicorn

from api.running import announce

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import Any

    from api.settings import Settings

API_URL_VARIABLE: Final = "BARNRAISER_API_URL"
_GRACE_S: Final = 4
_PATIENCE_S: Final = 8.0
_LOOPBACKS: Final = {
    "localhost": ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")),
    "127.0.0.1": ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")),
    "::1": ((socket.AF_INET6, "::1"),),
}
"""A browser may try either address for ``localhost``; another program must not be what answers it."""


class PortTaken(Exception):
    """Another program is using this port."""


def bind(settings: Settings) -> list[socket.socket]:
    """Take the port, before any work is done that would be lost if it were taken.

    Returns
    -------
    list
        One socket for each loopback address; not listening yet. Port 0 takes any free one.

    Raises
    ------
    PortTaken
        Naming the flag that chooses another.
    """
    port, found = settings.server.port, list[socket.socket]()
    for family, address in _LOOPBACKS[settings.server.host]:
        opened = _open(family)
        if opened is None:
            continue
        try:
            opened.bind((address, port))
        except OSError as error:
            opened.close()
            if family is socket.AF_INET6 and found and error.errno != errno.EADDRINUSE:
                continue
            for one in found:
                one.close()
            raise PortTaken(f"port {port} is taken by another program; choose one with --port") from error
        port = opened.getsockname()[1]
        found.append(opened)
    return found


def _open(family: socket.AddressFamily) -> socket.socket | None:
    try:
        # only a socket that names its protocol is spared the wait for more to send along: 40 ms at each answer
        opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError:
        return None
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family is socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return opened


def address_of(sockets: Sequence[socket.socket]) -> str:
    """Give the address to open in a browser."""
    return f"http://localhost:{sockets[0].getsockname()[1]}"


def serve(
    settings: Settings,
    database_url: str,
    sockets: Sequence[socket.socket],
    *,
    on_ready: Callable[[str], None],
    split: bool = False,
) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP; then come back within ten seconds, whatever is still connected.

    Parameters
    ----------
    settings
        The installation's.
    database_url
        Where its database answers now.
    sockets
        From `bind`; closed afterwards.
    on_ready
        Called with the address once requests are answered.
    split
        Whether the pages run in a process of their own, which knows the API's address and nothing else.
    """
    from api.app import create_app

    address = address_of(sockets)
    # The pages ask the API over HTTP like anybody else, in this process or another; they get no other way in.
    host, port = sockets[0].getsockname()[:2]
    os.environ[API_URL_VARIABLE] = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    home = settings.home.model_copy(update={"database_url": database_url})
    app = create_app(replace(settings, home=home), split=split)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        # whoever connects is known by the connection, not by a header that anybody can write
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Server(config, lambda: on_ready(address))
    with announce(settings.home.home, address):
        _run(server, sockets)


def _run(server: _Server, sockets: Sequence[socket.socket]) -> None:
    try:
        server.run(list(sockets))
    except (KeyboardInterrupt, SystemExit):
        # uvicorn repeats the signal once it has shut down; being asked to stop is how serving ends well.
        if not server.started:
            raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for one in sockets:
            one.close()


class _Server(uvicorn.Server):
    """A server that says when it is ready, and does not wait for what never ends."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets)
        if self.started:
            _leave_out_what_stays()
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; after a while, stop waiting for connections that stay open."""
        if not self.should_exit:
            logging.getLogger("uvicorn.error").addFilter(_was_not_cut_off)
            impatient = threading.Timer(_PATIENCE_S, self._give_up)
            impatient.daemon = True
            impatient.start()
        super().handle_exit(sig, frame)

    def _give_up(self) -> None:
        self.force_exit = True


def _leave_out_what_stays() -> None:
    """Keep what was loaded out of every search for garbage to come: it is there until the end."""
    gc.collect()
    gc.freeze()


def _was_not_cut_off(record: logging.LogRecord) -> bool:
    """Leave out of the log that a client still sending was not waited for."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is not asyncio.CancelledError and not record.getMessage().startswith("Cancel ")


def stop_on_hangup() -> None:
    """Treat a closed terminal, and a SIGTERM outside the server, as a request to end in good order."""

    def end(number: int, _frame: FrameType | None) -> Any:  # noqa: ANN401 - what the signal module wants
        raise SystemExit(128 + number)

    def hang_up(_number: int, _frame: FrameType | None) -> Any:  # noqa: ANN401 - likewise
        os.kill(os.getpid(), signal.SIGTERM)

    with contextlib.suppress(ValueError):  # not the main thread: whoever runs us looks after signals
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGHUP, hang_up)
