"""What was answered outside is kept for a while, sealed, and goes when its reason goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select, text, update

from geo.domain.outside import Outcome
from geo.domain.words import LocationState, RemoteProvider
from geo.errors import OutsideFailed
from geo.store import remote_cache
from geo.store.consents import withdraw_consent
from geo.store.engine import make_sessions, transaction
from geo.store.keys import open_keyring, register_keys, rotate_keys
from geo.store.locations import get_location
from geo.store.needs import get_need
from geo.store.people_tables import field_key
from geo.store.remote_service import allow_service, forbid_service
from geo.store.remote_tables import geocode_cache
from geo.store.retention import retain

from tests.geo.store.test_second_wall import make_network
from tests.rights import operator
from tests.ring import RING

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.geocode.remote.question import Question
    from geo.store.engine import SessionFactory

from tests.geo.store.outside_world import NOW, REACH, SERVICE, TYPED, World, consent_of, outside, told


def test_the_same_question_is_answered_from_what_was_kept(
    session: Session, sessions: SessionFactory, ready: UUID
) -> None:
    world = World(outside())
    world.look_up(sessions, ready)
    again = world.look_up(sessions, ready)
    assert (again.found, again.is_cached, len(world.asked)) == (1, True, 1)
    assert told(session)[-1] == ("cached", "found_1", "nominatim")
    assert get_location(session, "need_id", ready, LocationState.NEEDS_REVIEW).candidates[-1] == outside()
    world.now = NOW + timedelta(days=30, seconds=1)
    assert not world.look_up(sessions, ready).is_cached


@pytest.mark.parametrize(
    ("answers", "good_for"),
    [((), timedelta(days=3)), (OutsideFailed("timeout"), timedelta(minutes=5))],
    ids=["none", "failed"],
)
def test_that_there_was_no_answer_is_kept_for_a_shorter_while(
    session: Session, sessions: SessionFactory, ready: UUID, answers: Any, good_for: timedelta
) -> None:
    world = World()
    world.answers = answers
    assert world.look_up(sessions, ready).outcome in (Outcome.NONE, Outcome.FAILED)
    world.now = NOW + good_for - timedelta(seconds=1)
    assert world.look_up(sessions, ready).is_cached
    world.now = NOW + good_for + timedelta(seconds=1)
    world.look_up(sessions, ready)
    assert len(world.asked) == 2
    assert get_need(session, ready).version == 1


def test_nothing_is_kept_where_a_network_says_so(session: Session, sessions: SessionFactory, ready: UUID) -> None:
    allow_service(session, replace(SERVICE, keep_days=0, keep_none_days=0), REACH)
    session.commit()
    World(outside()).look_up(sessions, ready)
    assert session.scalar(select(func.count()).select_from(geocode_cache)) == 0


def test_what_is_kept_lies_there_sealed_under_a_hash_of_the_networks_own(
    session: Session, sessions: SessionFactory, connection: Connection, ready: UUID
) -> None:
    World(outside()).look_up(sessions, ready)
    row = session.execute(select(geocode_cache)).mappings().one()
    shown = " ".join(str(bytes(v) if isinstance(v, memoryview) else v) for v in row.values())
    assert not any(word in shown for word in ("Kanaria", "24.95", "60.17", "nominatim", "8088"))
    assert remote_cache.question_hash(session, SERVICE, _question()) == bytes(row["query_hash"])
    other = make_network(session)
    session.commit()
    with make_sessions(connection, network=other, keys=RING)() as theirs:
        assert remote_cache.question_hash(theirs, SERVICE, _question()) != bytes(row["query_hash"])
        assert remote_cache.find_kept(theirs, bytes(row["query_hash"]), now=NOW) is None


def _question() -> Question:
    from geo.geocode.remote.question import make_question

    made = make_question(TYPED)
    assert made is not None
    return made


def test_another_service_or_town_is_another_question(session: Session) -> None:
    hashes = {
        remote_cache.question_hash(session, service, _question())
        for service in (
            SERVICE, replace(SERVICE, provider=RemoteProvider.PHOTON), replace(SERVICE, endpoint="http://127.0.0.1:9"),
            replace(SERVICE, town="Espoo"), replace(SERVICE, country="se"),
        )
    }  # fmt: skip
    assert len(hashes) == 5


def test_kept_answers_go_with_their_key(session: Session, sessions: SessionFactory, ready: UUID) -> None:
    World(outside()).look_up(sessions, ready)
    with operator(session):
        session.execute(insert(field_key).values(id="kold", made_at=NOW))
        session.execute(update(geocode_cache).values(key_id="kold"))
        session.execute(text("DELETE FROM restricted.field_key WHERE id = 'kold'"))
    assert session.scalar(select(func.count()).select_from(geocode_cache)) == 0


@pytest.mark.own_db
def test_a_rotation_of_keys_needs_no_step_for_them(own_db: Engine, tmp_path: Path) -> None:
    ring = open_keyring(own_db, tmp_path / "keys.json", now=NOW)
    register_keys(own_db, ring)
    sessions = make_sessions(own_db, keys=ring)
    with transaction(sessions) as session:
        remote_cache.keep_answer(session, b"h" * 32, remote_cache.Kept(Outcome.NONE), SERVICE, now=NOW)
    report = rotate_keys(own_db, tmp_path / "keys.json", now=NOW)
    assert report.left == ()
    with transaction(sessions) as session:
        assert session.scalar(select(func.count()).select_from(geocode_cache)) == 0
        # a server that runs meanwhile reads the file again, and seals with the new one
        remote_cache.keep_answer(session, b"h" * 32, remote_cache.Kept(Outcome.NONE), SERVICE, now=NOW)
        assert remote_cache.find_kept(session, b"h" * 32, now=NOW) == remote_cache.Kept(Outcome.NONE)


@pytest.mark.parametrize("how", ["withdrawn", "forbidden", "another service", "past its date", "altered"])
def test_kept_answers_go_when_their_reason_goes(
    session: Session, sessions: SessionFactory, ready: UUID, how: str
) -> None:
    World(outside()).look_up(sessions, ready)
    if how == "withdrawn":
        withdraw_consent(session, consent_of(session, ready), now=NOW)
    elif how == "forbidden":
        forbid_service(session)
    elif how == "another service":
        allow_service(session, replace(SERVICE, endpoint="http://127.0.0.1:8099"), REACH)
    elif how == "past its date":
        session.commit()
        retain(sessions, NOW + timedelta(days=31))
    else:
        session.execute(update(geocode_cache).values(sealed=b"what somebody else wrote"))
        session.commit()
        assert World(outside()).look_up(sessions, ready).is_cached is False
        return
    assert session.scalar(select(func.count()).select_from(geocode_cache)) == 0


def test_a_network_keeps_so_many_answers_and_the_oldest_leave(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_cache, "MOST_ROWS", 3)
    for n in range(6):
        kept = remote_cache.Kept(Outcome.NONE)
        remote_cache.keep_answer(session, bytes([n]) * 32, kept, SERVICE, now=NOW + timedelta(minutes=n))
    left = sorted(bytes(found)[0] for found in session.scalars(select(geocode_cache.c.query_hash)))
    assert left == [3, 4, 5]
