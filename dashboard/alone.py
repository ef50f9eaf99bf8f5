"""The pages in a process of their own: it is handed a socket to answer on, and knows where the API is. Nothing else."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Final

import streamlit
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

GRACE_S: Final = 2


def serve(listening: socket.socket) -> None:
    """Answer on a socket until SIGTERM, or until the process that started this one is gone.

    Parameters
    ----------
    listening
        Bound and listening already, so that nobody is turned away while the pages start.
    """
    pages = streamlit.App(Path(__file__).parent / "app.py")
    app = Starlette(routes=[Mount("/dash", pages)], lifespan=pages.lifespan())
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,  # whoever passes the answer on writes it
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvicorn.Server(config).run([listening])


def _end_with_parent() -> None:
    """Wait for the other end of standard input to close: it does so however the parent ends."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
