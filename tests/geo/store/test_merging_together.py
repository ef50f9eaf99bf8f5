"""Many who decide about the same requests at once: every one is merged at most once, and nobody waits in a ring."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from geo.domain.duplicates import PairState
from geo.domain.words import MatchStatus, NeedStatus
from geo.errors import Conflict, NotFound
from geo.store.duplicate_tables import need_merge, need_pair
from geo.store.engine import make_engine, make_sessions, transaction
from geo.store.judging import judge_some
from geo.store.keys import register_keys
from geo.store.match_steps import propose_match, step
from geo.store.merging import merge, say_different
from geo.store.needs import count_balance, get_need
from geo.store.unmerging import undo_decision

from tests.factories import add_helper, add_need
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

pytestmark = pytest.mark.own_db
ROUNDS, PEOPLE = 12, 6
KILLED = """
import sys
from uuid import UUID
from geo.store.engine import make_engine, make_sessions, transaction
from geo.store.merging import merge
from tests.ring import RING
with transaction(make_sessions(make_engine(sys.argv[1]), keys=RING)) as session:
    merge(session, UUID(sys.argv[2]))
    print("merged", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def sessions(own_db: Engine) -> Iterator[SessionFactory]:
    register_keys(own_db, RING)
    engine = make_engine(own_db.url.render_as_string(hide_password=False), pool_size=PEOPLE + 2)
    yield make_sessions(engine, keys=RING)
    engine.dispose()


def ask_alike(session: Session, count: int) -> tuple[list[UUID], list[UUID]]:
    """Ask for the same at one door, again and again; each two of them may be one."""
    made = [add_need(session).id for _ in range(count)]
    while judge_some(session):
        pass
    return made, list(session.scalars(select(need_pair.c.id).order_by(need_pair.c.id)))


def check_whole(session: Session, made: list[UUID]) -> None:
    """Every request stands for itself or went into one that does, and every pair says what is so."""
    live = session.execute(select(need_merge).where(need_merge.c.undone_at.is_(None))).all()
    into = {row.merged_id: row.kept_id for row in live}
    assert len(into) == len(live)
    states = {one: get_need(session, one).status for one in made}
    assert {one for one in made if states[one] is NeedStatus.MERGED} == set(into)
    for one in made:
        end, seen = one, {one}
        while end in into:
            end = into[end]
            assert end not in seen
            seen.add(end)
        assert states[end] is not NeedStatus.MERGED
    merged = select(need_pair.c.id).where(need_pair.c.state == PairState.MERGED.value)
    assert set(session.scalars(merged)) == {row.pair_id for row in live}
    balance = count_balance(session)
    assert (balance.received, balance.closed) == (len(made), len(into))


def test_whoever_decides_at_once_decides_once(sessions: SessionFactory) -> None:
    with transaction(sessions) as session:
        made, pairs = ask_alike(session, 4)
        helpers = [add_helper(session, capacity_per_week=9).id for _ in range(PEOPLE)]
    assert len(pairs) == 6
    done = []

    def work(person: int) -> None:
        chance = random.Random(person)  # noqa: S311 - a draw of the test
        for _ in range(ROUNDS):
            steps: list[tuple[str, Callable[[Session], object]]] = [
                ("merge", lambda session: merge(session, chance.choice(pairs))),
                ("undo", lambda session: undo_decision(session, chance.choice(pairs))),
                ("different", lambda session: say_different(session, chance.choice(pairs))),
                ("claim", lambda session: claim(session, chance.choice(made), helpers[person])),
            ]
            name, act = chance.choices(steps, [4, 3, 1, 1])[0]
            with suppress(Conflict, NotFound), transaction(sessions) as session:
                act(session)
                done.append(name)

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(work, range(PEOPLE)))
    assert {"merge", "undo"} <= set(done)
    with transaction(sessions) as session:
        check_whole(session, made)


def claim(session: Session, need_id: UUID, helper_id: UUID) -> None:
    step(session, propose_match(session, need_id, helper_id=helper_id).id, MatchStatus.ACCEPTED)


def test_whoever_is_killed_while_merging_leaves_two_requests(sessions: SessionFactory, own_db: Engine) -> None:
    with transaction(sessions) as session:
        made, (pair,) = ask_alike(session, 2)
    url = own_db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(pair)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as merging:
        assert merging.stdout is not None
        assert merging.stdout.readline() == "merged\n"
        os.kill(merging.pid, signal.SIGKILL)
    with transaction(sessions) as session:
        check_whole(session, made)
        assert session.scalars(select(need_merge.c.id)).all() == []
        # and nothing that was held stays held
        merge(session, pair)
        check_whole(session, made)
