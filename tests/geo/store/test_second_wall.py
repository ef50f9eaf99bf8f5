"""The second wall: what the database keeps apart even when a query forgets to."""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.errors import NotFound
from geo.store.engine import APP_ROLE, DEFAULT_NETWORK, make_sessions, transaction
from geo.store.needs import count_balance, delete_need, get_need, list_needs, update_need

from tests.factories import add_asset, add_helper, add_need
from tests.rights import operator

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

OWNED_TABLES = text(
    """
    SELECT c.oid::regclass::text AS name, c.relrowsecurity, c.relforcerowsecurity,
           EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'network_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p')
    """
)
FULL = bool(os.environ.get("BARNRAISER_FULL"))
NETWORKS, TRANSACTIONS = 50, 20_000 if FULL else 1_500


def make_network(session: Session) -> UUID:
    network = new_id()
    with operator(session):
        values = {"id": network, "slug": f"n-{network}"}
        session.execute(text("INSERT INTO network (id, slug, name) VALUES (:id, :slug, 'Other')"), values)
    return network


@pytest.fixture
def other(session: Session, connection: Connection) -> SessionFactory:
    """Sessions of another network, in the same transaction."""
    return make_sessions(connection, network=make_network(session))


def test_every_table_of_a_network_has_its_policy(session: Session) -> None:
    tables = session.execute(OWNED_TABLES).all()
    assert len(tables) >= 19
    for table in tables:
        assert table.relrowsecurity, table.name
        assert table.has_policy, table.name
        # bulk loads copy into the gazetteer past its policies, as its owner
        assert table.relforcerowsecurity or table.name.startswith("geo_"), table.name


def test_requests_run_as_a_role_that_owns_nothing(session: Session) -> None:
    assert session.scalar(text("SELECT current_user")) == APP_ROLE
    role = session.execute(text("SELECT * FROM pg_roles WHERE rolname = current_user")).one()
    assert not any((role.rolsuper, role.rolbypassrls, role.rolcreaterole, role.rolcreatedb))
    assert session.scalar(text("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")) == 0


def test_nothing_of_another_network_is_there(session: Session, other: SessionFactory) -> None:
    need = add_need(session)
    add_helper(session)
    add_asset(session)
    session.flush()
    with other() as stranger:
        for table in ("need", "helper", "asset", "restricted.location_exact"):
            assert stranger.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table  # noqa: S608 - names above
        assert list_needs(stranger) == []
        assert count_balance(stranger).received == 0
        for call in (get_need, delete_need):
            with pytest.raises(NotFound):
                call(stranger, need.id)
        with pytest.raises(NotFound):
            update_need(stranger, need.id, {"status": "met"})
    assert get_need(session, need.id) == need


def test_nothing_can_be_put_into_another_network(session: Session, other: SessionFactory) -> None:
    insert = text("INSERT INTO organization (id, network_id, name) VALUES (:id, :network, 'Planted')")
    with other() as stranger, pytest.raises(DBAPIError, match="row-level security"), stranger.begin_nested():
        stranger.execute(insert, {"id": new_id(), "network": DEFAULT_NETWORK})
    need = add_need(session)
    move = text("UPDATE need SET network_id = :network WHERE id = :id")
    with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
        session.execute(move, {"network": make_network(session), "id": need.id})


def test_without_a_network_nothing_is_seen_and_nothing_stored(session: Session) -> None:
    add_need(session)
    session.execute(text("SELECT set_config('barnraiser.network', '', true)"))
    assert session.scalar(text("SELECT count(*) FROM need")) == 0
    # a savepoint of the session would set the network again
    with pytest.raises(DBAPIError), session.connection().begin_nested():
        session.execute(text("INSERT INTO organization (id, name) VALUES (:id, 'Nobody')"), {"id": new_id()})


@pytest.mark.parametrize("change", ["UPDATE audit SET count = 2", "DELETE FROM audit", "TRUNCATE audit"])
def test_what_has_happened_cannot_be_changed(session: Session, change: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.execute(text(change))


@pytest.mark.parametrize("table", ["network", "alembic_version"])
def test_requests_cannot_change_what_the_operator_sets(session: Session, table: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names above


def test_boxes_keep_their_index_under_the_policy(session: Session) -> None:
    for number in range(400):
        add_asset(session, Point(24 + number / 400, 60.171), source_ref=str(number))
    with operator(session):
        session.execute(text("ANALYZE asset"))
    session.execute(text("SET LOCAL enable_seqscan = off"))
    query = "EXPLAIN SELECT id FROM asset WHERE geom && ST_MakeEnvelope(24.9440, 60.1709, 24.9441, 60.1711, 4326)"
    plan = "\n".join(session.scalars(text(query)))
    assert "ix_asset_geom" in plan, plan


@pytest.mark.own_db
@pytest.mark.slow
def test_networks_stay_apart_on_a_shared_pool_whatever_fails(own_db: Engine) -> None:
    """Many transactions of many networks on eight connections, a fifth of them failing midway."""
    with transaction(make_sessions(own_db, role=None)) as session:
        networks = [new_id() for _ in range(NETWORKS)]
        rows = [{"id": n, "slug": f"n{i}"} for i, n in enumerate(networks)]
        session.execute(text("INSERT INTO network (id, slug, name) VALUES (:id, :slug, 'N')"), rows)
    factories = {network: make_sessions(own_db, network=network) for network in networks}
    kept: dict[UUID, int] = dict.fromkeys(networks, 0)

    def work(seed: int) -> tuple[UUID, bool]:
        rng = random.Random(seed)  # noqa: S311 - chooses what to do, guards nothing
        network, fails = rng.choice(networks), rng.random() < 0.2
        try:
            with transaction(factories[network]) as session:
                values = {"id": new_id(), "name": f"{network} {seed}"}
                session.execute(text("INSERT INTO organization (id, name) VALUES (:id, :name)"), values)
                seen = session.scalars(text("SELECT DISTINCT network_id FROM organization")).all()
                assert seen == [network]
                if fails:
                    session.execute(text("SELECT 1 / 0"))
        except DBAPIError:
            return network, False
        return network, True

    with ThreadPoolExecutor(8) as pool:
        for network, done in pool.map(work, range(TRANSACTIONS)):
            kept[network] += done
    for network, factory in factories.items():
        with factory() as session:
            assert session.scalar(text("SELECT count(*) FROM organization")) == kept[network]
    assert TRANSACTIONS * 0.7 < sum(kept.values()) < TRANSACTIONS * 0.9
