"""What has happened: one entry for each thing done, chained so that no change of it goes unseen."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.ids import new_id
from geo.domain.words import Category
from geo.errors import GeoError
from geo.store.assets import UPSERTED, upsert_assets
from geo.store.audit import MANY, list_audit, record
from geo.store.audit_chain import append_heads, check_chains, list_heads, read_heads
from geo.store.audit_tables import audit
from geo.store.engine import make_sessions, transaction
from geo.store.helpers import delete_helper, update_helper
from geo.store.needs import create_need, delete_need, place_need, update_need

from tests.factories import add_asset, add_helper, add_need, located, nowhere
from tests.geo.store.forgery import TAMPERINGS, tamper
from tests.geo.store.test_second_wall import make_network
from tests.grid import HELSINKI
from tests.rights import operator, serve_area

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.domain.audit import AuditEntry
    from geo.store.engine import SessionFactory

    from tests.conftest import DemoCity

FULL = bool(os.environ.get("BARNRAISER_FULL"))
TAMPERED = 1_000 if FULL else 60
TRANSACTIONS = 4_000 if FULL else 100
WRITERS = 8


def set_actor(session: Session, kind: str, actor: UUID | None) -> None:
    session.info["acting"] = replace(session.info["acting"], kind=kind, actor=actor)


def tell(entry: AuditEntry) -> tuple[str, str]:
    return entry.action, entry.object_kind


def count_entries(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(audit)) or 0


# -- one entry for each thing done -----------------------------------------------------------------------------


def test_making_a_need_is_one_entry_that_names_what_was_given(session: Session) -> None:
    set_actor(session, "organizer", actor := new_id())
    draft = NeedDraft(Category.FOOD, languages=("fi",))
    need = create_need(session, draft, located(), Contact(name="Canary Kanerva"))
    assert list_audit(session) == []
    session.commit()
    (entry,) = list_audit(session)
    assert (entry.seq, entry.actor_kind, entry.actor, *tell(entry)) == (1, "organizer", actor, "create", "need")
    assert (entry.object_ids, entry.count) == ((need.id,), 1)
    assert {"category", "languages", "location", "contact"} <= set(entry.fields)
    assert "access" not in entry.fields


def test_an_entry_holds_no_value(session: Session) -> None:
    create_need(session, NeedDraft(Category.FOOD, source="zebra"), located(), Contact(name="Canary", phone="040"))
    session.commit()
    kept = session.scalar(text("SELECT to_jsonb(a)::text FROM audit a"))
    for secret in ("Canary", "040", "Testikatu", "24.9", "60.1", "food", "zebra"):
        assert secret not in kept


def test_every_writer_leaves_its_entry(session: Session) -> None:
    need, helper, asset = add_need(session), add_helper(session), add_asset(session)
    update_need(session, need.id, {"urgency": "high"})
    place_need(session, need.id, located())
    update_helper(session, helper.id, {"load": 1}, home=HELSINKI)
    delete_helper(session, helper.id)
    delete_need(session, need.id)
    serve_area(session, (24.8, 60.1, 25.1, 60.3))
    session.commit()
    entries = list_audit(session)[::-1]
    assert [tell(entry) for entry in entries] == [
        ("create", "need"), ("create", "helper"), ("create", "asset"), ("update", "need"), ("locate", "need"),
        ("update", "helper"), ("delete", "helper"), ("delete", "need"), ("update", "network"),
    ]  # fmt: skip
    assert [entry.seq for entry in entries] == list(range(1, 10))
    assert entries[2].object_ids == (asset.id,)
    assert entries[3].fields == ("urgency",)
    assert "location" in entries[5].fields


def test_what_is_not_done_leaves_none(session: Session) -> None:
    need = add_need(session)
    session.commit()
    for call in (lambda: delete_need(session, new_id()), lambda: update_need(session, need.id, {}, expected_version=9)):
        with suppress(GeoError):
            call()
        session.rollback()
    assert count_entries(session) == 1


def test_a_load_is_one_entry_with_its_count(session: Session) -> None:
    for _ in range(MANY + 1):
        add_need(session, None)
    add_helper(session)
    session.commit()
    loaded, helper = list_audit(session)[::-1]
    assert (*tell(loaded), loaded.count, len(loaded.object_ids)) == ("create", "need", MANY + 1, MANY + 1)
    assert (*tell(helper), helper.count) == ("create", "helper", 1)
    record(session, "load", "need", [new_id() for _ in range(1001)])
    session.commit()
    assert (list_audit(session)[0].count, list_audit(session)[0].object_ids) == (1001, ())


def test_what_a_person_does_is_never_joined(session: Session) -> None:
    set_actor(session, "organizer", new_id())
    for _ in range(MANY + 1):
        add_need(session, None)
    session.commit()
    assert count_entries(session) == MANY + 1


def test_bringing_assets_up_to_date_is_an_entry_only_when_something_changes(session: Session) -> None:
    from geo.domain.drafts import AssetDraft

    draft = AssetDraft("food_bank", (Category.FOOD,), "Pantry", point=HELSINKI, source="x", source_ref="1")
    for _ in range(2):
        upsert_assets(session, [draft])
        session.commit()
    (entry,) = list_audit(session)
    assert (*tell(entry), entry.count, entry.fields) == ("load", "asset", 1, tuple(sorted(UPSERTED)))


# -- transactions ----------------------------------------------------------------------------------------------


def test_a_savepoint_takes_its_entries_with_it(session: Session) -> None:
    add_need(session)
    with suppress(ZeroDivisionError), session.begin_nested():
        add_helper(session)
        with session.begin_nested():
            add_asset(session)
        raise ZeroDivisionError
    with session.begin_nested():
        add_asset(session)
        with suppress(ZeroDivisionError), session.begin_nested():
            add_helper(session)
            raise ZeroDivisionError
    assert count_entries(session) == 0
    session.commit()
    assert sorted(map(tell, list_audit(session))) == [("create", "asset"), ("create", "need")]
    session.commit()
    assert count_entries(session) == 2


def test_a_rolled_back_or_closed_session_leaves_nothing_for_the_next_transaction(session: Session) -> None:
    add_need(session)
    session.rollback()
    session.commit()
    add_need(session)
    session.close()
    record(session, "reveal", "need", [new_id()])
    session.rollback()
    add_helper(session)
    session.commit()
    assert [tell(entry) for entry in list_audit(session)] == [("create", "helper")]


def test_when_the_entry_cannot_be_written_nothing_is_kept(session: Session) -> None:
    need = add_need(session)
    session.commit()
    update_need(session, need.id, {"urgency": "high"})
    record(session, "No such form!", "need")
    with pytest.raises(DBAPIError, match="action_form"):
        session.commit()
    session.rollback()
    assert session.scalar(text("SELECT urgency FROM need")) == "normal"
    assert count_entries(session) == 1


@pytest.mark.own_db
@pytest.mark.slow
def test_many_writers_leave_exactly_what_they_did(own_db: Engine) -> None:
    """Mixed work, some four things a transaction, on eight connections and three networks; much is rolled back."""
    with transaction(make_sessions(own_db, role=None)) as session:
        networks = [UUID(int=1 << 120 | n) for n in range(3)]
        rows = [{"id": n, "slug": f"n{i}"} for i, n in enumerate(networks)]
        session.execute(text("INSERT INTO network (id, slug, name) VALUES (:id, :slug, 'N')"), rows)
    factories = [make_sessions(own_db, network=network) for network in networks]

    def work(seed: int) -> tuple[int, Counter[tuple[str, str]]]:
        rng = random.Random(seed)  # noqa: S311 - chooses what to do, guards nothing
        which, done = rng.randrange(3), Counter[tuple[str, str]]()
        with suppress(ZeroDivisionError), transaction(factories[which]) as session:
            for _ in range(rng.randint(1, 4)):
                with suppress(KeyError), session.begin_nested():
                    kinds = _work_once(session, rng)
                    if rng.random() < 0.2:
                        raise KeyError
                    done.update(kinds)
            if rng.random() < 0.2:
                done.clear()
                raise ZeroDivisionError
        return which, done

    expected = [Counter[tuple[str, str]]() for _ in networks]
    with ThreadPoolExecutor(WRITERS) as pool:
        for which, done in pool.map(work, range(TRANSACTIONS)):
            expected[which].update(done)
    for factory, wanted in zip(factories, expected, strict=True):
        with factory() as session:
            query = select(audit.c.action, audit.c.object_kind, func.count())
            query = query.group_by(audit.c.action, audit.c.object_kind)
            assert Counter({(row[0], row[1]): row[2] for row in session.execute(query)}) == wanted
    with transaction(make_sessions(own_db, role=None)) as session:
        for by_hand in (False, True):
            reports = check_chains(session, by_hand=by_hand)
            assert [report.fault for report in reports if not report.is_whole] == []
            assert sum(report.entries for report in reports) == sum(wanted.total() for wanted in expected)


def _work_once(session: Session, rng: random.Random) -> list[tuple[str, str]]:
    chosen = rng.randrange(4)
    if chosen == 0:
        add_helper(session)
        return [("create", "helper")]
    need = add_need(session, rng.choice([HELSINKI, None]))
    if chosen == 1:
        return [("create", "need")]
    if chosen == 2:
        update_need(session, need.id, {"urgency": "high"})
        return [("create", "need"), ("update", "need")]
    delete_need(session, need.id)
    return [("create", "need"), ("delete", "need")]


# -- nobody changes it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["UPDATE audit SET count = 2", "DELETE FROM audit", "TRUNCATE audit CASCADE"])
def test_the_operator_cannot_change_it_either(session: Session, change: str) -> None:
    add_need(session)
    session.commit()
    with operator(session), pytest.raises(DBAPIError, match="never changed"), session.connection().begin_nested():
        session.execute(text(change))


def test_a_network_with_a_history_stays(session: Session) -> None:
    network = make_network(session)
    session.execute(text("SELECT set_config('barnraiser.network', :n, true)"), {"n": str(network)})
    with operator(session):
        session.execute(text("INSERT INTO audit (actor_kind, action, object_kind) VALUES ('operator', 'load', 'need')"))
        with pytest.raises(DBAPIError, match="fk_audit_network_id"), session.connection().begin_nested():
            session.execute(text("DELETE FROM network WHERE id = :n"), {"n": network})


def test_what_is_given_for_the_chain_is_not_believed(session: Session, connection: Connection) -> None:
    other = make_network(session)
    planted = {"network": other, "zero": bytes(32)}
    statement = """
        INSERT INTO audit (network_id, seq, at, actor_kind, action, object_kind, prev, hash)
        VALUES (:network, 99, '2001-01-01Z', 'organizer', 'create', 'need', :zero, :zero)
    """
    session.execute(text(statement), planted)
    row = session.execute(select(audit)).one()
    assert (row.seq, row.network_id) == (1, session.scalar(select(func.current_network())))
    assert row.at.year > 2001
    assert row.hash != bytes(32)
    with make_sessions(connection, network=other)() as stranger:
        assert count_entries(stranger) == 0


def test_a_role_that_may_only_add_needs_to_see_nothing(session: Session) -> None:
    add_need(session)
    session.commit()
    with operator(session):
        for statement in ("CREATE ROLE adder", "GRANT INSERT ON audit TO adder", "GRANT adder TO CURRENT_USER"):
            session.execute(text(statement))
    session.execute(text("SET LOCAL ROLE adder"))
    record(session, "create", "need", [new_id()])
    with pytest.raises(DBAPIError, match="permission denied"), session.connection().begin_nested():
        count_entries(session)
    session.commit()
    assert [entry.seq for entry in list_audit(session)] == [2, 1]
    assert all(report.is_whole for report in check_chains(session))


# -- tampering is seen -----------------------------------------------------------------------------------------


@pytest.fixture
def history(own_db: Engine) -> SessionFactory:
    """Two networks with some forty entries each; sessions act as the operator."""
    sessions = make_sessions(own_db, role=None)
    with transaction(sessions) as session:
        other = make_network(session)
    for factory in (make_sessions(own_db), make_sessions(own_db, network=other)):
        for number in range(20):
            with transaction(factory) as session:
                set_actor(session, "organizer", None if number % 3 else new_id())
                need = add_need(session, nowhere() if number % 2 else located())
                update_need(session, need.id, {"urgency": "high"})
    return sessions


@pytest.mark.own_db
@pytest.mark.slow
def test_every_tampering_is_seen(history: SessionFactory, tmp_path: Path) -> None:
    with history() as session:
        append_heads(list_heads(session), tmp_path / "heads")
    heads = read_heads(tmp_path / "heads")
    assert len(heads) == 2
    missed, kinds = [], sorted(TAMPERINGS)
    for number in range(TAMPERED):
        kind = kinds[number % len(kinds)]
        with history() as session:
            session.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
            told = tamper(session, kind, random.Random(number))  # noqa: S311 - likewise
            quick = [report.is_whole for report in check_chains(session, heads)]
            by_hand = [report.is_whole for report in check_chains(session, heads, by_hand=True)]
            if all(quick) or all(by_hand):
                missed.append((number, told))
            assert quick == by_hand, (number, told)
            session.rollback()
    assert missed == []
    with history() as session:
        assert all(report.is_whole for report in check_chains(session, heads))


@pytest.mark.parametrize(
    "odd", ['"', "\\", "/", "\b\f\n\r\t", "\x01\x1f\x7f", "ä€😀", "\u2028", "<&>", "{1,2}", "null"]
)
def test_the_database_and_we_write_any_text_alike(session: Session, odd: str) -> None:
    written = session.scalar(text("SELECT jsonb_build_array(CAST(:odd AS text))::text"), {"odd": odd})
    assert written == json.dumps([odd], ensure_ascii=False)


@pytest.mark.own_db
def test_the_first_broken_entry_is_named(history: SessionFactory) -> None:
    with history() as session:
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        session.execute(
            text("UPDATE audit SET fields = '{cell}' WHERE seq IN (7, 9) AND network_id = current_network()")
        )
        (report,) = [report for report in check_chains(session) if not report.is_whole]
        assert report.broken_at == 7
        assert report.fault == "network home: the chain is broken at entry 7"
        session.rollback()


def test_heads_are_kept_once_each_and_survive_a_line_cut_short(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "new" / "heads"
    assert read_heads(path) == []
    add_need(session)
    session.commit()
    first = append_heads(list_heads(session), path)
    assert append_heads(list_heads(session), path) == []
    with path.open("a") as file:
        file.write('{"at": "2026-')
    add_need(session)
    session.commit()
    second = append_heads(list_heads(session), path)
    assert [head.seq for head in read_heads(path)] == [first[0].seq, second[0].seq] == [1, 2]
    assert path.stat().st_mode & 0o777 == 0o600
    whole = check_chains(session, read_heads(path))
    assert [(report.heads, report.is_whole) for report in whole] == [(2, True)]
    forged = replace(first[0], hash=bytes(32))
    assert "entry 1, the newest on" in check_chains(session, [forged])[0].fault


# -- plans -----------------------------------------------------------------------------------------------------


@pytest.fixture
def long_chain(session: Session) -> Session:
    session.execute(
        text(
            "INSERT INTO audit (actor_kind, action, object_kind) "
            "SELECT 'operator', CASE n % 500 WHEN 0 THEN 'a' ELSE 'update' END, 'need' "
            "FROM generate_series(1, 2000) n"
        )
    )
    with operator(session):
        session.execute(text("ANALYZE audit"))
    return session


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT seq, hash FROM audit WHERE network_id = current_network() ORDER BY seq DESC LIMIT 1", "pk_audit"),
        (
            "SELECT seq FROM audit WHERE network_id = current_network() AND action = 'a' ORDER BY seq DESC LIMIT 2",
            "ix_audit_action",
        ),
    ],
)
def test_the_end_of_a_chain_is_read_from_the_index(long_chain: Session, query: str, index: str) -> None:
    plan = "\n".join(long_chain.scalars(text(f"EXPLAIN {query}")))
    assert f"Backward using {index}" in plan, plan
    assert "Sort" not in plan, plan


def test_the_main_job_leaves_a_whole_chain_and_few_entries(demo_city: DemoCity) -> None:
    with make_sessions(demo_city.engine, role=None)() as session:
        entries = list_audit(session, limit=1000)
        assert [report.is_whole for report in check_chains(session, by_hand=True)] == [True]
    needs = [entry for entry in entries if tell(entry) == ("create", "need")]
    assert sum(entry.count for entry in needs) == demo_city.report.coverage.balance.received
    # what its people agree on is done one by one and noted so; all else is brought in by many at once
    brought = [done for done in map(tell, entries) if done[0] in ("create", "load", "locate")]
    assert len([done for done in brought if done[1] not in ("match", "sign_up")]) < 200
    assert len(entries) < 400
