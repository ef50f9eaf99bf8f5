from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select, text

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.ids import new_id
from geo.domain.place import Location
from geo.domain.words import Category, LocationState
from geo.errors import Conflict, KeysUnavailable
from geo.privacy.keyring import KeyRing, make_keys, open_keys
from geo.store import tables
from geo.store.access_tables import person
from geo.store.contacts import find_contact
from geo.store.engine import make_sessions, transaction
from geo.store.keys import _alone, open_keyring, rotate_keys
from geo.store.needs import create_need
from geo.store.people_tables import field_key
from geo.store.submissions import Entry, find_payload, receive

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 6, 1, tzinfo=UTC)
pytestmark = pytest.mark.own_db

ROTATE = """
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from geo.store import keys
from geo.store.engine import make_engine
keys.BATCH = 20
def show(step, done, total):
    print(done, flush=True)
    sys.stdin.readline()
keys.rotate_keys(make_engine(sys.argv[1]), Path(sys.argv[2]), now=datetime(2026, 6, 1, tzinfo=UTC), progress=show)
"""


def fill(engine: Engine, ring: KeyRing, count: int) -> dict[UUID, str]:
    names = {}
    with transaction(make_sessions(engine, keys=ring)) as session:
        for number in range(count):
            contact = Contact(name=f"Person {number}", consent_at=NOW)
            entry = Entry(new_id(), "need", {"name": contact.name}, b"h" * 32)
            names[entry.id] = f"Person {number}"

            def make(entry: Entry = entry, contact: Contact = contact) -> UUID:
                draft = NeedDraft(Category.FOOD, id=entry.id)
                return create_need(session, draft, Location(LocationState.NONE), contact).id

            receive(session, entry, make)
    return names


def read(engine: Engine, ring: KeyRing, ids: dict[UUID, str]) -> dict[UUID, str]:
    found = {}
    with make_sessions(engine, keys=ring)() as session:
        for need_id in ids:
            contact, payload = find_contact(session, "need_id", need_id), find_payload(session, need_id)
            assert contact is not None
            assert payload == {"name": contact.name}
            found[need_id] = str(contact.name)
    return found


def key_ids(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(field_key.c.id)))


def used_ids(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {found for t in (tables.contact, tables.submission) for found in connection.scalars(select(t.c.key_id))}


def test_rotation_seals_every_row_anew_and_forgets_the_old_key(own_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = open_keyring(own_db, path, now=NOW)
    old, names = ring.field_keys[0].id, fill(own_db, ring, 30)
    report = rotate_keys(own_db, path, now=LATER)
    assert (report.resealed, report.removed, report.left) == (60, (old,), ())
    assert key_ids(own_db) == used_ids(own_db) == {report.key_id} == {key.id for key in ring.field_keys}
    assert read(own_db, ring, names) == names


def test_a_key_that_a_row_bears_cannot_be_forgotten(own_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    stale = KeyRing(open_keyring(own_db, path, now=NOW)._keys)  # a process that never looks at the file again
    with transaction(make_sessions(own_db, keys=stale)) as session:
        # being written while the rotation runs: the rotation must wait for it or leave its key
        need = create_need(session, NeedDraft(Category.FOOD), Location(LocationState.NONE), Contact(name="Aino"))
    report = rotate_keys(own_db, path, now=LATER)
    assert report.left == ()
    with pytest.raises(Exception, match="refers to another"):
        fill(own_db, stale, 1)
    with make_sessions(own_db, keys=open_keyring(own_db, path, now=LATER))() as session:
        assert find_contact(session, "need_id", need.id) == Contact(name="Aino")


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_rotation_killed_midway_loses_nothing_and_is_finished_by_the_next(
    own_db: Engine, tmp_path: Path, steps: int
) -> None:
    path = tmp_path / "keys.json"
    ring = open_keyring(own_db, path, now=NOW)
    names = fill(own_db, ring, 60)
    command = [sys.executable, "-c", ROTATE, own_db.url.render_as_string(hide_password=False), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as rotating:
        assert rotating.stdin is not None
        assert rotating.stdout is not None
        for _ in range(steps):
            assert rotating.stdout.readline()
            rotating.stdin.write("\n")
            rotating.stdin.flush()
        assert rotating.stdout.readline()
        os.kill(rotating.pid, signal.SIGKILL)
    assert len(ring.field_keys) == 2
    assert read(own_db, open_keyring(own_db, path, now=LATER), names) == names
    # the server lets go of a dead client's lock in its own time
    while True:
        try:
            report = rotate_keys(own_db, path, now=LATER)
            break
        except Conflict:
            continue
    assert report.left == ()
    assert key_ids(own_db) == used_ids(own_db) == {report.key_id}
    assert [key.id for key in open_keys(path, now=LATER, must_exist=True).field_keys] == [report.key_id]
    assert read(own_db, ring, names) == names


def test_second_factors_are_sealed_anew_as_well(own_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = open_keyring(own_db, path, now=NOW)
    with own_db.begin() as connection:
        values = {"id": new_id(), "login": "aino", "name": "Aino", "totp_sealed": ring.seal(b"secret")[0]}
        connection.execute(insert(person).values(**values))
    rotate_keys(own_db, path, now=LATER)
    with own_db.connect() as connection:
        assert open_keyring(own_db, path, now=LATER).unseal(connection.scalars(select(person.c.totp_sealed)).one()) == (
            b"secret"
        )


def test_two_rotations_do_not_run_at_once(own_db: Engine, tmp_path: Path) -> None:
    with _alone(own_db), pytest.raises(Conflict):
        rotate_keys(own_db, tmp_path / "keys.json", now=NOW)


def test_a_start_without_the_file_is_refused_once_the_database_depends_on_it(own_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    open_keyring(own_db, path, now=NOW)
    path.unlink()
    with pytest.raises(KeysUnavailable, match="is missing"):
        open_keyring(own_db, path, now=NOW)
    assert not path.exists()


def test_the_keys_of_another_installation_are_refused(own_db: Engine, tmp_path: Path) -> None:
    open_keyring(own_db, tmp_path / "keys.json", now=NOW)
    open_keys(tmp_path / "other.json", now=NOW, must_exist=False)
    with pytest.raises(KeysUnavailable, match="another installation"):
        open_keyring(own_db, tmp_path / "other.json", now=NOW)


def test_a_key_that_rows_need_and_the_file_lacks_is_named(own_db: Engine, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    fill(own_db, open_keyring(own_db, path, now=NOW), 1)
    stranger = KeyRing(make_keys(NOW))
    with own_db.begin() as connection:
        lost = stranger.field_keys[0].id
        connection.execute(text("INSERT INTO restricted.field_key VALUES (:id, now())"), {"id": lost})
        connection.execute(text("UPDATE restricted.contact SET key_id = :id"), {"id": lost})
    with pytest.raises(KeysUnavailable, match=lost):
        open_keyring(own_db, path, now=NOW)


def test_requests_may_not_touch_the_names_of_keys(own_db: Engine) -> None:
    with make_sessions(own_db)() as session, pytest.raises(Exception, match="permission denied"):
        session.scalar(select(func.count()).select_from(field_key))


def test_rows_written_while_keys_are_rotated_all_open(own_db: Engine, tmp_path: Path) -> None:
    path, names, stop = tmp_path / "keys.json", dict[Any, str](), threading.Event()
    ring = open_keyring(own_db, path, now=NOW)
    fill(own_db, ring, 40)
    faults: list[BaseException] = []

    def write() -> None:
        try:
            while not stop.is_set():
                names.update(fill(own_db, ring, 3))
        except BaseException as fault:  # noqa: BLE001 - whatever it is, the test shall say it
            faults.append(fault)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    reports = [rotate_keys(own_db, path, now=LATER) for _ in range(3)]
    stop.set()
    for writer in writers:
        writer.join()
    assert faults == []
    assert names
    assert [report.left for report in reports] == [(), (), ()]
    assert read(own_db, open_keyring(own_db, path, now=LATER), names) == names
