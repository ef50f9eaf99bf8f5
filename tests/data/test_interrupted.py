"""An import that is killed, read beside, or met by another: the gazetteer before it serves on until it is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geo.domain.words import MatchQuality
from geo.store.engine import make_sessions
from geo.store.gazetteer import LocalGeocoder
from geo.store.gazetteer_sources import count_rows

from data.loaders.addresses import load_addresses

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

    from data.loaders.report import LoadReport

pytestmark = pytest.mark.own_db

ROOT = Path(__file__).parents[2]
OLD, NEW = "12 Mill Road, Townham", "12 York Road, Townham"
MANY = 40_000
KILLED = """
import sys
from pathlib import Path
from geo.store.engine import make_engine, make_sessions
from data.loaders.addresses import load_addresses

def told(step, done, total):
    # so many rows have gone to the server; now wait to be killed
    if step.startswith("2"):
        print(step, flush=True)
        sys.stdin.read()

load_addresses(make_sessions(make_engine(sys.argv[1]), role=None), Path(sys.argv[2]), progress=told)
"""


@pytest.fixture
def committed(own_db: Engine) -> SessionFactory:
    return make_sessions(own_db, role=None)


def register(folder: Path, street: str, count: int = 100) -> Path:
    path = folder / "register.csv"
    rows = (f"-76.6{n % 90 + 10},39.4,{n},{street},Townham,21093" for n in range(1, count + 1))
    path.write_text("\n".join(["LON,LAT,NUMBER,STREET,CITY,POSTCODE", *rows]), "utf-8")
    return path


def is_there(sessions: SessionFactory, typed: str) -> bool:
    with sessions() as session:
        best = LocalGeocoder(session).geocode(typed).best
    return best is not None and best.match_quality is MatchQuality.ROOFTOP


def test_an_import_that_is_killed_leaves_the_old_gazetteer_serving(committed: SessionFactory, tmp_path: Path) -> None:
    load_addresses(committed, register(tmp_path, "Mill Road"))
    path = register(tmp_path, "York Road", MANY)
    with committed() as session:
        url = session.get_bind().engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, url, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as loading:  # fmt: skip
        assert loading.stdout is not None
        assert loading.stdout.readline().startswith(b"2")
        assert is_there(committed, OLD)
        assert not is_there(committed, NEW)
        loading.send_signal(signal.SIGKILL)
        assert loading.wait() == -signal.SIGKILL
    assert is_there(committed, OLD)
    assert not is_there(committed, NEW)
    with committed() as session:
        assert count_rows(session)["address_rows"] == 100
    report = load_addresses(committed, path)
    assert not report.unchanged
    assert is_there(committed, NEW)
    assert not is_there(committed, OLD)
    with committed() as session:
        assert count_rows(session)["address_rows"] == MANY


def test_lookups_beside_an_import_see_what_was_there_before(committed: SessionFactory, tmp_path: Path) -> None:
    load_addresses(committed, register(tmp_path, "Mill Road"))
    seen: list[tuple[bool, bool]] = []

    def look(step: str, _done: int, _total: int) -> None:
        if step != "done":
            seen.append((is_there(committed, OLD), is_there(committed, NEW)))

    load_addresses(committed, register(tmp_path, "York Road", 12_000), progress=look)
    assert len(seen) > 1
    assert set(seen) == {(True, False)}
    assert (is_there(committed, OLD), is_there(committed, NEW)) == (False, True)


def test_of_two_imports_at_once_the_second_waits_and_finds_nothing_to_do(
    committed: SessionFactory, own_db: Engine, tmp_path: Path
) -> None:
    path = register(tmp_path, "Mill Road")
    begun, go_on = Event(), Event()
    reports: list[LoadReport] = []

    def hold(_step: str, _done: int, _total: int) -> None:
        begun.set()
        assert go_on.wait(60)

    first = Thread(target=lambda: reports.append(load_addresses(committed, path, progress=hold)))
    second = Thread(target=lambda: reports.append(load_addresses(committed, path)))
    first.start()
    assert begun.wait(60)
    second.start()
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
                   "(SELECT oid FROM pg_database WHERE datname = current_database())")  # fmt: skip
    with own_db.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
        while not watching.scalar(waiting):
            assert second.is_alive()
    go_on.set()
    first.join(60)
    second.join(60)
    assert [report.unchanged for report in reports] == [False, True]
    assert reports[1].as_dict()["taken"] == 100
