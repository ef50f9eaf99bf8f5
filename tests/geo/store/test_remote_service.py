"""The service outside that a network allows, and the pace at which all networks ask it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.domain.words import RemoteProvider
from geo.errors import InvalidInput, NotFound, OutsideTooSoon
from geo.store.audit import list_audit
from geo.store.engine import DEFAULT_NETWORK, make_sessions, transaction
from geo.store.remote_lookup import take_turn, view_outside
from geo.store.remote_service import allow_service, find_service, forbid_service

from tests.geo.store.test_second_wall import make_network
from tests.ring import RING

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

from tests.geo.store.outside_world import REACH, SERVICE, World, agree, outside, told, waiting


def test_the_pace_is_kept_and_whoever_would_wait_too_long_is_told_when(
    session: Session, sessions: SessionFactory
) -> None:
    allow_service(session, replace(SERVICE, gap_ms=1500), REACH)
    needs = [waiting(session, f"Kanarialinnunkatu {n}") for n in range(1, 4)]
    for need_id in needs:
        agree(session, need_id)
    session.commit()
    world = World(outside())
    world.look_up(sessions, needs[0])
    world.look_up(sessions, needs[1])
    assert len(world.waited) == 1
    assert 0 < world.waited[0] <= 1.65
    with pytest.raises(OutsideTooSoon) as caught:
        world.look_up(sessions, needs[2])
    assert 2 <= caught.value.wait_s <= 4
    assert len(world.asked) == 2
    assert told(session).count(("asked", "nominatim")) == 2


def test_two_networks_share_one_pace_and_two_hosts_have_their_own(session: Session, connection: Connection) -> None:
    other = make_network(session)
    assert take_turn(session, SERVICE, REACH, most_wait_ms=0) == 0
    session.commit()
    with make_sessions(connection, network=other, keys=RING)() as theirs:
        assert take_turn(theirs, SERVICE, REACH, most_wait_ms=0) < 0
        photon = replace(SERVICE, provider=RemoteProvider.PHOTON, endpoint="http://127.0.0.1:8088/photon")
        assert take_turn(theirs, photon, REACH, most_wait_ms=0) < 0
        assert take_turn(theirs, replace(SERVICE, endpoint="http://127.0.0.1:8089"), REACH, most_wait_ms=0) == 0


@pytest.mark.own_db
def test_many_processes_at_once_get_turns_apart_from_each_other(own_db: Engine) -> None:
    from concurrent.futures import ThreadPoolExecutor

    sessions = make_sessions(own_db, keys=RING)
    call = text("SELECT restricted.take_turn('geo.example.org', 1000, 3500), extract(epoch FROM clock_timestamp())")

    def take(_: int) -> tuple[int, float]:
        with transaction(sessions) as session:
            wait, at = session.execute(call).one()
        return wait, float(at) + wait / 1000

    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(take, range(24)))
    taken = sorted(at for wait, at in turns if wait >= 0)
    assert 4 <= len(taken) <= 6
    assert all(later - earlier > 0.9 for earlier, later in pairwise(taken))
    assert all(wait <= 3501 for wait, _ in turns)


def test_no_request_reads_or_sets_the_pace_past_its_function(session: Session) -> None:
    with pytest.raises(Exception, match="permission denied"):
        session.execute(text("SELECT * FROM restricted.remote_pace"))
    session.rollback()
    assert session.scalar(text("SELECT restricted.take_turn('x', 0, 0)")) == 0
    # nobody is faster than ten a second, whatever is asked for
    waits = [session.scalar(text("SELECT restricted.take_turn('x', 0, 60000)")) or 0 for _ in range(10)]
    assert waits[-1] > 800


def test_a_service_is_allowed_changed_and_forbidden_and_each_is_noted(session: Session) -> None:
    assert find_service(session) is None
    allowed = allow_service(session, replace(SERVICE, endpoint="http://127.0.0.1:8088/"), REACH)
    assert allowed.endpoint == "http://127.0.0.1:8088"
    allow_service(session, replace(SERVICE, provider=RemoteProvider.PELIAS), REACH)
    forbid_service(session)
    forbid_service(session)
    session.commit()
    assert find_service(session) is None
    entries = [(e.action, e.object_kind, e.fields) for e in list_audit(session)][::-1]
    assert entries == [
        ("allow", "remote_service", ("nominatim",)),
        ("allow", "remote_service", ("pelias",)),
        ("forbid", "remote_service", ("pelias",)),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://10.0.0.1"}, {"endpoint": "https://user@geo.example.org"}, {"country": "FIN"},
        {"country": "FI"}, {"town": ""}, {"town": "a\nb"}, {"town": "x" * 101}, {"gap_ms": 99}, {"gap_ms": 60_001},
        {"keep_days": 91}, {"keep_none_days": -1},
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(session: Session, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        allow_service(session, replace(SERVICE, **change), REACH)


def test_another_network_has_its_own_say(session: Session, connection: Connection, ready: UUID) -> None:
    other = make_network(session)
    session.commit()
    with make_sessions(connection, network=other, keys=RING)() as theirs:
        assert find_service(theirs) is None
        with pytest.raises(NotFound):
            view_outside(theirs, ready, REACH)
        forbid_service(theirs)
        theirs.commit()
    assert find_service(session) is not None
    assert other != DEFAULT_NETWORK
