"""An import that is killed leaves whole batches, and goes on behind them; two workers do nothing twice."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geo.domain.imports import ImportState, RowOutcome
from geo.domain.words import EntryKind
from geo.interchange.column_map import guess_columns
from geo.interchange.table import TableKind
from geo.store.engine import DEFAULT_NETWORK, make_sessions, transaction
from geo.store.import_rows import iterate_rows
from geo.store.imports import add_import, begin, find_unfinished, get_import
from geo.store.keys import register_keys

from api.importing.engine import BATCH, work_through
from api.importing.going_on import go_on
from api.importing.tables import describe
from tests.ring import RING

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

pytestmark = pytest.mark.own_db
ROOT = Path(__file__).parents[2]
ROWS = 5 * BATCH + 7
TABLE = ("need,people\n" + "".join(f"{('food', 'oops')[n % 10 == 0]},{n % 3 + 1}\n" for n in range(ROWS))).encode()
KILLED = """
import io, sys
from uuid import UUID
import api.importing.engine
from geo.store.engine import make_engine, make_sessions
from api.importing.engine import work_through
from tests.api.test_importing_killed import TABLE
from tests.ring import RING

def wait():
    print("now", flush=True)
    sys.stdin.read()

def told(done):
    # whole batches are in, and the next is about to begin
    if done >= 400 and sys.argv[3] == "between":
        wait()

def note(session, import_id, next_row):
    # the third batch is written, but for the mark behind it
    if next_row >= 600 and sys.argv[3] == "within":
        wait()
    note_progress(session, import_id, next_row)

note_progress = api.importing.engine.note_progress
api.importing.engine.note_progress = note
sessions = make_sessions(make_engine(sys.argv[1]), role=None, keys=RING)
work_through(sessions, UUID(sys.argv[2]), io.BytesIO(TABLE), progress=told)
"""


@pytest.fixture
def committed(own_db: Engine) -> SessionFactory:
    register_keys(own_db, RING)
    return make_sessions(own_db, role=None, keys=RING)


def begun(sessions: SessionFactory) -> UUID:
    told = describe(io.BytesIO(TABLE), EntryKind.NEED, TableKind.CSV, "list.csv")
    with transaction(sessions) as session:
        file = add_import(session, told, guess_columns(EntryKind.NEED, told.columns), TABLE)
        begin(session, file.id, ImportState.RUNNING)
        found = find_unfinished(session, told)
    assert found is not None
    assert found.id == file.id
    return file.id


def count(sessions: SessionFactory, table: str) -> int:
    with sessions() as session:
        return session.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608 - named in this file


def check_whole(sessions: SessionFactory, import_id: UUID) -> None:
    with transaction(sessions) as session:
        file, rows = get_import(session, import_id), list(iterate_rows(session, import_id))
    assert (file.state, file.total_rows) == (ImportState.DONE, ROWS)
    assert [row.row for row in rows] == list(range(2, ROWS + 2))
    made = [row for row in rows if row.outcome is RowOutcome.MADE]
    assert (
        len({row.record_id for row in made}) == len(made) == count(sessions, "need") == ROWS - len(range(0, ROWS, 10))
    )
    assert count(sessions, "restricted.submission") == ROWS


@pytest.mark.parametrize("where", ["between", "within"])
def test_a_killed_import_leaves_whole_batches_and_goes_on_behind_them(committed: SessionFactory, where: str) -> None:
    import_id = begun(committed)
    with committed() as session:
        url = session.get_bind().engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, url, str(import_id), where],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as working:  # fmt: skip
        assert working.stdout is not None
        assert working.stdout.readline() == b"now\n"
        working.send_signal(signal.SIGKILL)
        working.wait(30)
    with transaction(committed) as session:
        file, rows = get_import(session, import_id), list(iterate_rows(session, import_id))
    assert (file.state, file.next_row, len(rows)) == (ImportState.RUNNING, 2 * BATCH + 2, 2 * BATCH)
    assert count(committed, "restricted.submission") == 2 * BATCH
    assert go_on(committed, DEFAULT_NETWORK, import_id)
    check_whole(committed, import_id)


def test_two_workers_of_one_import_do_nothing_twice(committed: SessionFactory) -> None:
    import_id = begun(committed)
    workers = [Thread(target=work_through, args=(committed, import_id, io.BytesIO(TABLE))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    go_on(committed, DEFAULT_NETWORK, import_id)
    check_whole(committed, import_id)


def test_two_imports_of_one_file_at_once_make_each_record_once(committed: SessionFactory) -> None:
    ids = [begun(committed) for _ in range(2)]
    workers = [Thread(target=work_through, args=(committed, one, io.BytesIO(TABLE))) for one in ids]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(240)
    with transaction(committed) as session:
        files = [get_import(session, one) for one in ids]
    assert {file.state for file in files} == {ImportState.DONE}
    taken = [file.counts[RowOutcome.MADE] + file.counts[RowOutcome.HELD] for file in files]
    assert sum(taken) == ROWS
    assert count(committed, "restricted.submission") == ROWS
