"""What an older revision left in the open is sealed by the migration, or nothing is migrated at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text

from geo.domain.drafts import Contact
from geo.domain.ids import new_id
from geo.domain.words import ConsentScope, SubjectKind
from geo.errors import KeysUnavailable
from geo.store.consents import list_consents
from geo.store.contacts import find_contact
from geo.store.engine import DEFAULT_NETWORK, make_sessions
from geo.store.keys import open_keyring, register_keys
from geo.store.migrate import check_drift, current_revision, downgrade, head_revision, migrate
from geo.store.submissions import find_payload

from tests.dumps import dump_text
from tests.ring import RING

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

BEFORE = "0002"
AT = datetime(2026, 2, 1, tzinfo=UTC)
OTHER_NETWORK = UUID("00000000-0000-7000-8000-0000000000aa")
pytestmark = pytest.mark.own_db


@pytest.fixture
def old_db(own_db: Engine) -> tuple[Engine, list[UUID]]:
    """A database of the time before, with contacts and entries of two networks in plain text."""
    downgrade(own_db, BEFORE)
    ids = [new_id() for _ in range(12)]
    with own_db.begin() as connection:
        connection.execute(
            text("INSERT INTO network (id, slug, name) VALUES (:id, 'other', 'Other')"), {"id": OTHER_NETWORK}
        )
        for number, need_id in enumerate(ids):
            row = {
                "id": need_id,
                "network": OTHER_NETWORK if number % 2 else DEFAULT_NETWORK,
                "name": f"Canary{number}",
                "at": AT if number % 3 else None,
                "contact": new_id(),
            }
            connection.execute(
                text("INSERT INTO need (id, network_id, household_id, category) VALUES (:id, :network, :id, 'food')"),
                row,
            )
            connection.execute(
                text(
                    "INSERT INTO restricted.contact (id, network_id, need_id, name, note, consent_at) "
                    "VALUES (:contact, :network, :id, :name, 'Canary note', :at)"
                ),
                row,
            )
            connection.execute(
                text(
                    "INSERT INTO restricted.submission (id, network_id, kind, body_hash, payload, result, record_id) "
                    "VALUES (:id, :network, 'need', sha256('x'), jsonb_build_object('name', cast(:name AS text)), "
                    "'{}', :id)"
                ),
                row,
            )
        connection.execute(text("UPDATE restricted.submission SET payload = '{}' WHERE id = :id"), {"id": ids[0]})
    return own_db, ids


def test_old_rows_are_sealed_and_open_again(old_db: tuple[Engine, list[UUID]]) -> None:
    engine, ids = old_db
    migrate(engine, keys=RING)
    register_keys(engine, RING)
    check_drift(engine)
    for number, need_id in enumerate(ids):
        network = OTHER_NETWORK if number % 2 else DEFAULT_NETWORK
        with make_sessions(engine, network=network, keys=RING)() as session:
            agreed = AT if number % 3 else None
            kept = find_contact(session, "need_id", need_id)
            assert kept == Contact(name=f"Canary{number}", note="Canary note", consent_at=agreed)
            assert find_payload(session, need_id) == ({"name": f"Canary{number}"} if number else None)
            consents = list_consents(session, SubjectKind.NEED, need_id)
            assert [(c.what, c.given_at) for c in consents] == ([(ConsentScope.KEEP_CONTACT, AT)] if agreed else [])
    assert b"Canary" not in dump_text(engine)


def test_nothing_plain_is_left_in_the_files_of_the_tables(old_db: tuple[Engine, list[UUID]]) -> None:
    engine, _ = old_db
    migrate(engine, keys=RING)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        for table in ("contact", "submission"):
            path = text("SELECT pg_read_binary_file(pg_relation_filepath(CAST(:name AS regclass)))")
            content = bytes(connection.scalar(path, {"name": f"restricted.{table}"}) or b"")
            assert content
            assert b"Canary" not in content


def test_without_keys_nothing_is_changed(old_db: tuple[Engine, list[UUID]]) -> None:
    engine, ids = old_db
    with pytest.raises(KeysUnavailable):
        migrate(engine)
    assert current_revision(engine) == BEFORE
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM restricted.contact WHERE name IS NOT NULL")) == len(ids)


def test_keys_are_made_for_a_database_of_before(old_db: tuple[Engine, list[UUID]], tmp_path: Path) -> None:
    engine, ids = old_db
    ring = open_keyring(engine, tmp_path / "keys.json", now=AT)
    migrate(engine, keys=ring)
    assert current_revision(engine) == head_revision()
    again = open_keyring(engine, tmp_path / "keys.json", now=AT)
    with make_sessions(engine, keys=again)() as session:
        assert find_contact(session, "need_id", ids[0]) is not None


def test_what_is_sealed_is_not_put_back_in_the_open(old_db: tuple[Engine, list[UUID]]) -> None:
    engine, _ = old_db
    migrate(engine, keys=RING)
    with pytest.raises(KeysUnavailable):
        downgrade(engine, BEFORE)
    assert current_revision(engine) == head_revision()
