from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert, select, text

import geo.store
from geo.domain.drafts import Contact, HelperDraft, NeedDraft
from geo.domain.ids import new_id
from geo.domain.words import Category, EntryKind, SubjectKind
from geo.errors import Erased, NotFound, SourceUnreadable
from geo.store import audit_tables, tables
from geo.store.apart import keep_apart, list_apart
from geo.store.audit import record
from geo.store.columns import metadata
from geo.store.contacts import store_contact
from geo.store.engine import DEFAULT_NETWORK, make_sessions, transaction
from geo.store.entries import Box, Opened, hand_in, note_held, note_made
from geo.store.erased import is_erased
from geo.store.erasure import ErasureReport, bury, erase, replay_erasures
from geo.store.erasure_log import Erasure, ErasureLog
from geo.store.exports import remove_exports_naming
from geo.store.helpers import create_helper
from geo.store.idempotency import find_made, remember
from geo.store.keys import register_keys
from geo.store.needs import count_balance, create_need, delete_need, list_needs
from geo.store.people_tables import tombstone
from geo.store.remote_tables import geocode_cache
from geo.store.submissions import Entry, receive

from tests.dumps import dump_file, dump_text, restore_file
from tests.factories import add_helper, add_need, waiting
from tests.grid import HELSINKI
from tests.rights import operator
from tests.ring import RING

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FULL = bool(os.environ.get("BARNRAISER_FULL"))
ERASED, KEPT = (1000, 200) if FULL else (40, 10)


@pytest.fixture
def log(tmp_path: Path) -> ErasureLog:
    return ErasureLog(tmp_path / "erased.jsonl")


def take_in(session: Session, tag: str = "x", household: UUID | None = None) -> UUID:
    """Take a need in as a phone sends it, with something of the person wherever a table can hold it."""
    entry_id = new_id()
    contact = Contact(f"Name {tag}", f"+358 {tag[:20]}", None, "phone", f"Note {tag}", NOW)
    draft = NeedDraft(Category.FOOD, id=entry_id, household_id=household, received_at=NOW - timedelta(days=9))
    entry = Entry(entry_id, "need", {"name": tag}, b"h" * 32)
    receive(session, entry, lambda: create_need(session, draft, waiting(f"Street {tag}"), contact).id)
    remember(session, new_id(), route="/v1/needs", body_hash=b"h" * 32, record_id=entry_id)
    helper = add_helper(session)
    session.execute(insert(tables.match).values(id=new_id(), need_id=entry_id, helper_id=helper.id))
    cached = {"query_hash": os.urandom(32), "sealed": b"sealed", "key_id": "ktests", "expires_at": NOW}
    session.execute(insert(geocode_cache).values(**cached))
    return entry_id


def rows_naming(session: Session, found: UUID) -> list[str]:
    """Name the tables in which any column holds an id; but for tombstones, the audit, and the news that it is gone."""
    named = []
    for table in metadata.sorted_tables:
        if table.name in ("tombstone", "audit", "outbox", "coverage_change", "record_change"):
            continue
        for column in table.c:
            is_id = column.type.__class__.__name__ == "Uuid"
            if (
                is_id
                and column.name not in ("network_id", "agreement_id")
                and session.scalar(select(column).where(column == found).limit(1)) is not None
            ):
                named.append(f"{table.name}.{column.name}")
    return named


def test_an_erased_need_is_named_nowhere_and_still_counted(session: Session, log: ErasureLog) -> None:
    found, other = take_in(session), take_in(session)
    report, erasure = erase(session, SubjectKind.NEED, found, log=log, now=NOW)
    assert report == ErasureReport(needs=1, entries=1, keys=1)
    assert rows_naming(session, found) == []
    assert rows_naming(session, other)
    assert session.scalars(select(geocode_cache.c.key_id)).all() == []
    balance = count_balance(session)
    assert (balance.received, balance.closed, balance.needs_review) == (2, 1, 1)
    assert count_balance(session, category=Category.FOOD).received == 1
    assert log.read() == [erasure]
    assert erase(session, SubjectKind.NEED, found, log=log, now=NOW) == (ErasureReport(), None)
    assert len(log.read()) == 1


def test_a_helper_goes_with_home_contact_and_matches(session: Session, log: ErasureLog) -> None:
    helper, need = add_helper(session, HELSINKI), add_need(session)
    store_contact(session, "helper_id", helper.id, Contact(name="Oleg", consent_at=NOW))
    session.execute(insert(tables.match).values(id=new_id(), need_id=need.id, helper_id=helper.id))
    report, _ = erase(session, SubjectKind.HELPER, helper.id, log=log, now=NOW)
    assert report == ErasureReport(helpers=1)
    assert rows_naming(session, helper.id) == []
    assert count_balance(session).received == 1
    with pytest.raises(Erased):
        create_helper(session, HelperDraft("Oleg", (Category.FOOD,), id=helper.id), None)


def test_a_household_goes_with_all_its_needs_and_may_ask_again(session: Session, log: ErasureLog) -> None:
    household = new_id()
    found = [take_in(session, household=household) for _ in range(3)]
    other = take_in(session)
    report, _ = erase(session, SubjectKind.HOUSEHOLD, household, log=log, now=NOW)
    assert report.needs == 3
    assert [need.id for need in list_needs(session)] == [other]
    assert all(rows_naming(session, each) == [] for each in (household, *found))
    assert count_balance(session).received == 4
    again = add_need(session, household_id=household, received_at=NOW + timedelta(days=1))
    assert replay_erasures(log, lambda _: _same(session)) == []
    assert again in list_needs(session)


def test_whom_nobody_knows_is_not_found_and_not_logged(session: Session, log: ErasureLog) -> None:
    for kind in SubjectKind:
        with pytest.raises(NotFound):
            erase(session, kind, new_id(), log=log, now=NOW)
    assert log.read() == []


def test_a_phone_sending_the_entry_again_makes_nothing(session: Session, log: ErasureLog) -> None:
    found = take_in(session)
    key = session.scalars(select(tables.idempotency.c.key)).one()
    erase(session, SubjectKind.NEED, found, log=log, now=NOW)
    entry = Entry(found, "need", {"name": "x"}, b"h" * 32)
    receipt = receive(session, entry, lambda: pytest.fail("made again"))
    assert not receipt.is_new
    with pytest.raises(Erased):
        find_made(session, key, route="/v1/needs", body_hash=b"h" * 32)
    with pytest.raises(Erased), session.begin_nested():
        create_need(session, NeedDraft(Category.FOOD, id=found), waiting())


@pytest.mark.parametrize("kind", [EntryKind.NEED, EntryKind.HELPER])
@pytest.mark.parametrize("quarantined", [True, False])
def test_somebody_of_whom_no_record_was_made_goes_with_the_entry(
    session: Session, log: ErasureLog, kind: EntryKind, *, quarantined: bool
) -> None:
    box = Box(new_id(), kind, b"sealed")
    hand_in(session, box, quarantined=quarantined)
    if not quarantined:
        note_held(session, box.id, Opened({"body": {"name": "Aino"}}, photo=b"jpeg"))
    record(session, "reveal", "submission", [box.id], ("typed",), reason="whose it is")
    subject = SubjectKind(kind.value)
    other = SubjectKind.HELPER if subject is SubjectKind.NEED else SubjectKind.NEED
    with pytest.raises(NotFound):
        erase(session, other, box.id, log=log, now=NOW)
    report, erasure = erase(session, subject, box.id, log=log, now=NOW)
    assert report == ErasureReport(entries=1)
    session.flush()
    assert rows_naming(session, box.id) == []
    assert log.read() == [erasure]
    assert count_balance(session).received == 0
    assert hand_in(session, box) is False
    assert erase(session, subject, box.id, log=log, now=NOW) == (ErasureReport(), None)


def test_what_a_restored_backup_makes_of_an_erased_entry_goes_as_well(session: Session, log: ErasureLog) -> None:
    box = Box(new_id(), EntryKind.NEED, b"sealed")
    hand_in(session, box, quarantined=True)
    erase(session, SubjectKind.NEED, box.id, log=log, now=NOW)
    # as it was before, and taken in before anybody has looked at the list of the erased
    with operator(session):
        session.execute(delete(tombstone))
    hand_in(session, box)
    need = create_need(session, NeedDraft(Category.FOOD, id=box.id), waiting("Street"))
    note_made(session, box.id, Opened({"body": {}}), need.id)
    assert len(replay_erasures(log, lambda _: _same(session))) == 1
    assert rows_naming(session, box.id) == []
    assert replay_erasures(log, lambda _: _same(session)) == []


def test_every_table_that_names_a_person_is_reached() -> None:
    """A new column that refers to a need or a helper must go with it by itself; the others are erased by name."""
    for module in pkgutil.iter_modules(geo.store.__path__, "geo.store."):
        if module.name.endswith("tables"):
            importlib.import_module(module.name)
    by_name = {"consent.subject_id", "submission.record_id", "idempotency.record_id", "kept_apart.household_id"}
    stays = {"tombstone.id", "outbox.object_id", "coverage_change.record_id", "record_change.record_id", "turf.cut_id"}
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name in ("need", "helper"):
                assert key.ondelete == "CASCADE", f"{table.name}.{key.parent.name}"
    loose = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if column.type.__class__.__name__ == "Uuid"
        and not column.foreign_keys
        # who did something: a member or a phone, not whom it is about
        and not column.name.endswith("_by")
        and column.name not in ("actor", "network_id", "lease")
        and not (column.primary_key and table.name != "tombstone")
    }
    assert loose - by_name - stays == {"need.household_id"}


def test_whom_a_household_was_kept_apart_from_goes_with_its_last_need(session: Session, log: ErasureLog) -> None:
    household, helper = new_id(), add_helper(session)
    first, last, other = (add_need(session, household_id=home).id for home in (household, household, new_id()))
    for found in (last, other):
        keep_apart(session, helper.id, found)
    erase(session, SubjectKind.NEED, first, log=log, now=NOW)
    assert len(list_apart(session)) == 2
    erase(session, SubjectKind.NEED, last, log=log, now=NOW)
    assert [one.household_id for one in list_apart(session)] != [household]
    assert len(list_apart(session)) == 1


def test_requests_can_add_tombstones_and_never_take_them_away(session: Session, log: ErasureLog) -> None:
    erase(session, SubjectKind.NEED, take_in(session), log=log, now=NOW)
    for statement in ("DELETE FROM tombstone", "UPDATE tombstone SET erased_at = now()"):
        with pytest.raises(Exception, match="permission denied"), session.begin_nested():
            session.execute(text(statement))


def test_files_that_name_the_erased_are_removed(tmp_path: Path) -> None:
    found, other = new_id(), new_id()
    (tmp_path / "needs.geojson").write_text(f'{{"id": "{found}"}}')
    (tmp_path / "assets.geojson").write_text(f'{{"id": "{other}"}}')
    assert [path.name for path in remove_exports_naming(tmp_path, [found])] == ["needs.geojson"]
    assert [path.name for path in tmp_path.iterdir()] == ["assets.geojson"]
    assert remove_exports_naming(tmp_path / "none", [found]) == []


# -- the log -----------------------------------------------------------------------------------------------------


def erasure_of(found: UUID) -> Erasure:
    return Erasure(DEFAULT_NETWORK, SubjectKind.NEED, found, NOW, (("need", found), ("submission", found)))


def test_a_half_written_line_is_dropped_by_the_next(log: ErasureLog) -> None:
    first, second = erasure_of(new_id()), erasure_of(new_id())
    log.add(first)
    with log.path.open("ab") as file:
        file.write(b'{"at": "2026-')
    assert log.read() == [first]
    log.add(second)
    assert log.read() == [first, second]
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_a_first_line_half_written_is_dropped_as_well(log: ErasureLog) -> None:
    log.path.write_bytes(b"{" * 70_000)
    assert log.read() == []
    log.add(erasure_of(new_id()))
    assert len(log.read()) == 1


@pytest.mark.parametrize("line", ["", "{", "[]", "7", '{"at": "x"}', '{"buried": [[1, 2]], "network": "n"}'])
def test_a_damaged_line_stops_the_start_and_is_named(log: ErasureLog, line: str) -> None:
    log.add(erasure_of(new_id()))
    with log.path.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(SourceUnreadable, match="line 2 of"):
        log.read()


# -- backups and kills ---------------------------------------------------------------------------------------------


def _same(session: Session) -> SessionFactory:
    return make_sessions(session.connection(), keys=RING)


def sessions_for(engine: Engine) -> SessionFactory:
    return make_sessions(engine, keys=RING)


@pytest.mark.own_db
def test_the_erased_are_in_no_dump_and_no_restored_backup_brings_them_back(
    own_db: Engine, log: ErasureLog, tmp_path: Path
) -> None:
    register_keys(own_db, RING)
    sessions = sessions_for(own_db)
    with transaction(sessions) as session:
        known = {take_in(session, f"canary{number:05}"): f"canary{number:05}" for number in range(ERASED + KEPT)}
        received = count_balance(session).received
    gone, kept = list(known)[:ERASED], list(known)[ERASED:]
    dump_file(own_db, tmp_path / "before.dump")
    for found in gone:
        with transaction(sessions) as session:
            erase(session, SubjectKind.NEED, found, log=log, now=NOW)
    _check(own_db, known, gone, kept, received)
    assert replay_erasures(log, lambda _: sessions) == []

    restore_file(own_db, tmp_path / "before.dump")
    assert known[gone[0]].encode() in dump_text(own_db)
    assert len(replay_erasures(log, lambda _: sessions)) == ERASED
    _check(own_db, known, gone, kept, received)
    assert replay_erasures(log, lambda _: sessions) == []
    with transaction(sessions) as session:
        for found in gone[:50]:
            assert not receive(session, Entry(found, "need", {}, b"h" * 32), lambda: pytest.fail("back")).is_new


def _check(engine: Engine, known: dict[UUID, str], gone: list[UUID], kept: list[UUID], received: int) -> None:
    content = dump_text(engine)
    assert not [known[found] for found in gone if known[found].encode() in content]
    # the sealed ones show nothing; what was typed as an address shows that the scan can see
    assert all(known[found].encode() in content for found in kept)
    with sessions_for(engine)() as session:
        assert [need.id for need in list_needs(session, limit=1000)] == sorted(kept)
        assert count_balance(session).received == received
        stored = str(session.execute(select(audit_tables.audit)).all())
        assert not any(known[found] in stored for found in gone)


KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from geo.domain.words import SubjectKind
from geo.store.engine import make_engine, make_sessions, transaction
from geo.store.erasure import erase
from geo.store.erasure_log import ErasureLog
with transaction(make_sessions(make_engine(sys.argv[1]))) as session:
    log = ErasureLog(Path(sys.argv[2]))
    erase(session, SubjectKind.NEED, UUID(sys.argv[3]), log=log, now=datetime(2026, 3, 1, tzinfo=UTC))
    print("written", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.own_db
def test_an_erasure_killed_before_its_commit_is_done_at_the_next_start(own_db: Engine, log: ErasureLog) -> None:
    register_keys(own_db, RING)
    sessions = sessions_for(own_db)
    with transaction(sessions) as session:
        found = take_in(session)
    url = own_db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(log.path), str(found)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as erasing:
        assert erasing.stdout is not None
        assert erasing.stdout.readline() == "written\n"
        os.kill(erasing.pid, signal.SIGKILL)
    with sessions() as session:
        assert [need.id for need in list_needs(session)] == [found]
    assert len(replay_erasures(log, lambda _: sessions)) == 1
    with sessions() as session:
        assert rows_naming(session, found) == []
        assert is_erased(session, "need", found)


def test_a_household_restored_with_needs_deleted_since_is_erased_whole(session: Session, log: ErasureLog) -> None:
    household = new_id()
    take_in(session, household=household)
    erase(session, SubjectKind.HOUSEHOLD, household, log=log, now=NOW)
    # an older backup may hold a need of this household that was deleted before the erasure
    older = take_in(session, household=household)
    replayed = replay_erasures(log, lambda _: _same(session))
    assert [one.subject for one in replayed] == [household]
    assert rows_naming(session, older) == []


def test_an_erasure_of_a_network_that_is_gone_is_passed_over(session: Session, log: ErasureLog) -> None:
    found = new_id()
    log.add(Erasure(new_id(), SubjectKind.NEED, found, NOW, (("need", found),)))
    assert replay_erasures(log, lambda _: _same(session)) == []


def test_burying_again_changes_nothing(session: Session) -> None:
    found = take_in(session)
    erasure = erasure_of(found)
    assert bury(session, erasure).needs == 1
    assert bury(session, erasure).needs == 0
    assert count_balance(session).received == 1
    delete_need(session, take_in(session))
    assert count_balance(session).received == 1
