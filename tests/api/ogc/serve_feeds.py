"""Serve a database that is there, in a process of its own: ``python -m … URL FOLDER``. Says on which port.

GDAL keeps Python's lock while it waits for an answer, so the service cannot be a thread beside it.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn

from geo.store.engine import make_engine, make_sessions

from api.app import create_app
from api.settings import DemoSettings, HomeSettings, RateSettings, ServerSettings, Settings
from tests.ring import RING


def main(url: str, folder: Path) -> None:
    rates = RateSettings(reads_per_min=1_000_000, feeds_per_min=1_000_000, bad_keys_per_min=10_000)
    home = HomeSettings(home=folder, database_url=None)
    settings = Settings(home=home, server=ServerSettings(), rates=rates, demo=DemoSettings())
    app = create_app(settings, sessions=make_sessions(make_engine(url), keys=RING), with_dashboard=False)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
