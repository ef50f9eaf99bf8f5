"""By default no socket opens but the database's: heard in Python, and shown where there is no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Engine

DONE = {
    "loaded": 19, "single": "accept", "batch": 3, "reverse": "5 Mill Road, 12345 Townham", "waits": 1, "outside": 409,
    "endpoint": 409,
}  # fmt: skip
pytestmark = pytest.mark.own_db


def run(engine: Engine, folder: Path, *, before: Sequence[str] = ()) -> dict[str, Any]:
    url = engine.url.render_as_string(hide_password=False)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BARNRAISER_")}
    command = [*before, sys.executable, "-m", "tests.no_sockets", url, str(folder)]
    answer = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 0, answer.stderr[-4000:]
    return dict(json.loads(answer.stdout.splitlines()[-1]))


def test_loading_and_looking_up_opens_no_socket_of_pythons(own_db: Engine, tmp_path: Path) -> None:
    assert run(own_db, tmp_path) == {"done": DONE, "heard": []}


def test_it_all_works_where_there_is_no_network_at_all(own_db: Engine, tmp_path: Path) -> None:
    """The kernel's own proof, libpq included; a machine that forbids network namespaces is let off, and says so."""
    if own_db.url.host and not str(own_db.url.query.get("host", "/")).startswith("/"):
        pytest.skip("the database given is reached over the network, so nothing can be shown without one")
    before = _without_network()
    if before is None:
        pytest.skip("NOT PROVEN HERE: this machine's kernel refuses network namespaces (unshare -n, unshare -rn)")
    # the tool itself is seen to work: in there, nobody can be reached
    probe = "import socket; s = socket.socket(); s.settimeout(2); s.connect(('192.0.2.1', 9))"
    cut_off = subprocess.run([*before, sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert cut_off.returncode != 0
    assert "unreachable" in cut_off.stderr
    assert run(own_db, tmp_path, before=before) == {"done": DONE, "heard": []}


def _without_network() -> list[str] | None:
    """Find how a program is run without a network here: as root, or as whoever may map themselves to root."""
    tool = shutil.which("unshare")
    if tool is None:
        if sys.platform.startswith("linux"):
            pytest.fail("unshare (util-linux) is not installed; it belongs to every Linux this runs on")
        return None
    for flags in ("-n", "-rn"):
        if subprocess.run([tool, flags, "true"], capture_output=True, check=False).returncode == 0:
            return [tool, flags]
    return None


def test_the_ear_hears() -> None:
    script = (
        "import contextlib, socket\nfrom tests.no_sockets import heard\n"
        "door = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(door.getsockname()).close()\n"
        "with contextlib.suppress(OSError): socket.getaddrinfo('nowhere.invalid', 80)\n"
        "print(*heard)"
    )
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"socket.connect", "socket.getaddrinfo"} <= set(answer.stdout.split())
