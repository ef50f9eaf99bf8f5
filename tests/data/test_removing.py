"""The demonstration taken back, with real commits: what was made up goes, and not a byte of anything else changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geo.domain.drafts import OrganizationDraft
from geo.domain.made_up import SOURCE, RemovedMadeUp
from geo.domain.words import MatchStatus
from geo.store.activities import create_activity
from geo.store.engine import make_sessions, transaction
from geo.store.match_steps import propose_match, step
from geo.store.organizations import create_organization

from data.demo.removing import remove_demo
from data.demo.together import ACTIVITIES, bring_together
from tests.factories import add_asset, add_helper, add_need

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

pytestmark = pytest.mark.own_db
TABLES = ("need", "helper", "asset", "organization", "activity", "match", "restricted.location_exact")
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


@pytest.fixture
def committed(own_db: Engine) -> SessionFactory:
    return make_sessions(own_db, role=None)


def make_up(sessions: SessionFactory) -> None:
    """Store made-up people in one transaction, as the demonstration does, and bring them together."""
    with transaction(sessions) as session:
        behind = create_organization(session, OrganizationDraft("Made-up kitchen"))
        add_asset(session, name="Made-up pantry", source=SOURCE, source_ref="1", organization_id=behind.id)
        for number in range(4):
            add_helper(session, public_name=f"Made up {number}")
        for _ in range(6):
            add_need(session, source=SOURCE)
    bring_together(sessions, now=NOW)


def enter(sessions: SessionFactory) -> None:
    """Store what people enter: each in a transaction of its own, one of them in the words of the demonstration."""
    with transaction(sessions) as session:
        create_organization(session, OrganizationDraft("Ours"))
        add_asset(session, name="Our pantry")
    with transaction(sessions) as session:
        need, helper = add_need(session), add_helper(session, public_name="Made up 0")
    with transaction(sessions) as session:
        asked = propose_match(session, need.id, helper_id=helper.id, now=NOW)
        step(session, asked.id, MatchStatus.ACCEPTED, now=NOW)


def rows(sessions: SessionFactory) -> dict[str, set[str]]:
    with sessions() as session:
        return {
            table: set(session.scalars(text(f"SELECT to_jsonb(t)::text FROM {table} t")))  # noqa: S608 - our own names
            for table in TABLES
        }


def test_what_people_entered_stays_to_the_byte(committed: SessionFactory) -> None:
    enter(committed)
    entered = rows(committed)
    make_up(committed)
    assert len(rows(committed)["need"]) == 7
    removed = remove_demo(committed)
    assert rows(committed) == entered
    # matches and a calendar were there or made; the entered match kept the demonstration from making more
    assert (removed.needs, removed.helpers, removed.assets, removed.organizations) == (6, 4, 1, 1)
    assert removed.activities == len(ACTIVITIES)
    assert remove_demo(committed) == RemovedMadeUp()


def test_an_empty_network_is_empty_again(committed: SessionFactory) -> None:
    before = rows(committed)
    make_up(committed)
    assert len(rows(committed)["match"]) > 0
    remove_demo(committed)
    assert rows(committed) == before


def test_an_entered_need_promised_by_a_made_up_helper_opens_again(committed: SessionFactory) -> None:
    make_up(committed)
    with transaction(committed) as session:
        need = add_need(session)
        helper_id = session.scalar(text("SELECT id FROM helper WHERE load < capacity_per_week LIMIT 1"))
        asked = propose_match(session, need.id, helper_id=helper_id, now=NOW, anyway=True)
        step(session, asked.id, MatchStatus.ACCEPTED, now=NOW)
    remove_demo(committed)
    with committed() as session:
        left = session.execute(text("SELECT id, status FROM need")).all()
    assert left == [(need.id, "open")]


def test_what_stands_on_made_up_things_keeps_them(committed: SessionFactory) -> None:
    make_up(committed)
    with transaction(committed) as session:
        behind = session.scalar(text("SELECT id FROM organization"))
        add_asset(session, name="Entered for it", organization_id=behind)
        real = add_helper(session)
        shift_id, role = session.execute(text("SELECT id, 'packer' FROM shift ORDER BY lower(during) LIMIT 1")).one()
        session.execute(
            text(
                "INSERT INTO sign_up (id, network_id, shift_id, helper_id, during, role) "
                "SELECT gen_random_uuid(), network_id, id, :helper, during, :role FROM shift WHERE id = :shift"
            ),
            {"helper": real.id, "role": role, "shift": shift_id},
        )
        create_activity(session, ACTIVITIES[0], now=NOW)
        session.execute(text("UPDATE activity SET version = 2 WHERE id = (SELECT max(id::text)::uuid FROM activity)"))
    removed = remove_demo(committed)
    assert removed.organizations == 0
    assert removed.activities == len(ACTIVITIES) - 1
    with committed() as session:
        assert session.scalar(text("SELECT count(*) FROM organization")) == 1
        assert session.scalar(text("SELECT count(*) FROM activity")) == 2
        assert session.scalar(text("SELECT count(*) FROM sign_up")) == 1
