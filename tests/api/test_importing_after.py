"""What follows an import: it is taken back whole or not at all, people are erased for good, and files are forgotten."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update

from geo.domain.ids import new_id
from geo.domain.imports import ImportState, RowOutcome
from geo.domain.words import EntryKind, NeedStatus, SubjectKind
from geo.errors import Conflict, NotFound
from geo.interchange.column_map import guess_columns
from geo.interchange.table import TableKind
from geo.store import tables
from geo.store.apart import keep_apart
from geo.store.duplicate_tables import need_pair
from geo.store.engine import make_sessions, transaction
from geo.store.entries import count_entries
from geo.store.erasure import erase
from geo.store.erasure_log import ErasureLog
from geo.store.helpers import list_helpers
from geo.store.import_tables import import_file
from geo.store.import_undo import undo_import
from geo.store.imports import add_import, begin, find_content, get_import
from geo.store.merging import merge
from geo.store.needs import count_balance, delete_need, get_need, list_needs
from geo.store.retention import retain

from api.importing.engine import work_through
from api.importing.tables import describe
from tests.api.importing_rows import bring, rows_of
from tests.factories import add_helper, add_need
from tests.ring import RING

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Connection

    from geo.store.engine import SessionFactory

NEEDS = "ref,need,phone,consent\na,food,040 1,yes\nb,water,,\nc,oops,,\n"
NOW = datetime.now(UTC)


@pytest.fixture
def sessions(connection: Connection) -> SessionFactory:
    return make_sessions(connection, role=None, keys=RING)


def test_an_import_stays_once_one_of_its_needs_is_promised_or_gone(sessions: SessionFactory) -> None:
    file = bring(sessions, NEEDS)
    with transaction(sessions) as session:
        first, second = list_needs(session)
        helper = add_helper(session)
        session.execute(insert(tables.match).values(id=new_id(), need_id=first.id, helper_id=helper.id))
        with pytest.raises(Conflict, match="1 of its rows"):
            undo_import(session, file.id)
        delete_need(session, second.id)
        with pytest.raises(Conflict, match="2 of its rows"):
            undo_import(session, file.id)
        assert [one.id for one in list_needs(session)] == [first.id]


def test_an_import_stays_once_another_request_went_into_one_of_its_own(sessions: SessionFactory) -> None:
    file = bring(sessions, NEEDS)
    with transaction(sessions) as session:
        theirs = list_needs(session)[0].id
        other = add_need(session).id
        pair = {"id": new_id(), "earlier_id": theirs, "later_id": other, "bits": 14, "parts": {}}
        session.execute(insert(need_pair).values(**pair))
        merge(session, pair["id"])
        with pytest.raises(Conflict, match="1 of its rows"):
            undo_import(session, file.id)
        assert get_need(session, other).status is NeedStatus.MERGED


def test_an_import_stays_once_one_of_its_helpers_is_kept_apart_from_somebody(sessions: SessionFactory) -> None:
    bring(sessions, "need\nfood\n")
    file = bring(sessions, "name,offers\nAino,food\nBo,water\n", kind=EntryKind.HELPER)
    assert file.counts[RowOutcome.MADE] == 2
    with transaction(sessions) as session:
        helper, need = list_helpers(session)[0], list_needs(session)[0]
        keep_apart(session, helper.id, need.id)
        with pytest.raises(Conflict, match="1 of its rows"):
            undo_import(session, file.id)
        assert len(list_helpers(session)) == 2


def test_many_rows_are_taken_back_some_at_a_time(sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.store.import_undo._AT_ONCE", 3)
    kept = bring(sessions, "need\nfood\n", source="other")
    file = bring(sessions, "need\n" + "water\n" * 7 + "oops\n")
    with transaction(sessions) as session:
        assert undo_import(session, file.id).state is ImportState.UNDONE
        assert count_balance(session).received == kept.counts[RowOutcome.MADE] == 1
        assert sum(count_entries(session).values()) == 1
    assert {row.entry_id for row in rows_of(sessions, file)} == {None}


def test_who_was_erased_does_not_come_back_with_the_same_file(sessions: SessionFactory, tmp_path: Path) -> None:
    bring(sessions, NEEDS)
    log = ErasureLog(tmp_path / "erased.jsonl")
    with transaction(sessions) as session:
        gone = list_needs(session)[0]
        report, _ = erase(session, SubjectKind.NEED, gone.id, log=log, now=NOW)
        assert (report.needs, report.entries) == (1, 1)
        sealed = session.scalars(select(tables.submission.c.sealed).where(tables.submission.c.record_id == gone.id))
        assert not any(sealed)
    again = bring(sessions, NEEDS)
    assert again.counts == dict.fromkeys(RowOutcome, 0) | {RowOutcome.KNOWN: 3}
    with sessions() as session:
        assert gone.id not in [one.id for one in list_needs(session)]


def test_a_file_is_kept_sealed_until_its_rows_are_in_or_a_week_has_gone(sessions: SessionFactory) -> None:
    raw = b"need\nSECRET\nfood\n"
    told = describe(io.BytesIO(raw), EntryKind.NEED, TableKind.CSV, "list.csv")
    with transaction(sessions) as session:
        mapping = guess_columns(told.kind, told.columns)
        waits, done = (add_import(session, told, mapping, raw).id for _ in range(2))
        assert find_content(session, done) == raw
        assert b"SECRET" not in (session.scalar(select(import_file.c.sealed).where(import_file.c.id == done)) or b"")
        begin(session, done, ImportState.RUNNING)
    work_through(sessions, done, io.BytesIO(raw))
    long_ago = update(import_file).values(created_at=NOW - timedelta(days=8))
    with transaction(sessions) as session:
        assert find_content(session, done) is None
        session.execute(long_ago.where(import_file.c.id == done))
    retain(sessions, NOW)
    with transaction(sessions) as session:
        assert get_import(session, waits).state is ImportState.UPLOADED
        session.execute(long_ago)
    retain(sessions, NOW)
    with transaction(sessions) as session:
        assert get_import(session, done).counts[RowOutcome.MADE] == 1
        with pytest.raises(NotFound):
            get_import(session, waits)
