"""However many claim at once, no need is claimed twice and no room is taken twice."""

from __future__ import annotations

import os
import threading
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import select, text

from geo.domain.words import MatchStatus, NeedStatus
from geo.errors import Conflict, GeoError
from geo.store import tables
from geo.store.engine import make_engine, make_sessions
from geo.store.helpers import get_helper
from geo.store.match_steps import propose_match, step
from geo.store.needs import get_need

from tests.factories import add_helper, add_need

if TYPE_CHECKING:
    from sqlalchemy import Engine

A = MatchStatus
CLAIMERS, NEEDS, EACH, AT_ONCE = (64, 1_000, 16, 48) if os.environ.get("BARNRAISER_FULL") else (32, 80, 4, 24)


@pytest.mark.own_db
@pytest.mark.slow
def test_no_need_is_claimed_twice_by_many_claimers_at_once(own_db: Engine) -> None:
    """Helpers with room for all between them claim every need, each in an order of its own, as fast as they can."""
    sessions = make_sessions(own_db)
    with sessions.begin() as session:
        needs = [add_need(session).id for _ in range(NEEDS)]
        helpers = [add_helper(session, capacity_per_week=EACH).id for _ in range(CLAIMERS)]
    engine = make_engine(own_db.url.render_as_string(hide_password=False), pool_size=AT_ONCE)
    claiming, start = make_sessions(engine), threading.Barrier(CLAIMERS)
    # a server has fewer connections than there are claimers
    turnstile = threading.Semaphore(AT_ONCE)
    won: list[tuple[object, object]] = []
    strange: list[BaseException] = []

    def claim_all(number: int) -> None:
        order = [needs[at] for at in np.random.default_rng(number).permutation(NEEDS)]
        start.wait()
        mine = 0
        for need_id in order:
            if mine == EACH:
                return
            try:
                with turnstile, claiming.begin() as session:
                    one = propose_match(session, need_id, helper_id=helpers[number])
                    step(session, one.id, A.ACCEPTED)
            except Conflict:
                continue
            except BaseException as error:  # noqa: BLE001 - whatever a thread meets is told at the end
                strange.append(error)
                return
            mine += 1
            won.append((need_id, helpers[number]))

    threads = [threading.Thread(target=claim_all, args=(number,)) for number in range(CLAIMERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert strange == []
    with own_db.connect() as connection:
        twice = "SELECT count(*) FROM (SELECT FROM match GROUP BY need_id HAVING count(*) > 1) AS twice"
        assert connection.scalar(text(twice)) == 0
    assert len(won) == len({need_id for need_id, _ in won}) == NEEDS
    with sessions.begin() as session:
        live = session.execute(select(tables.match.c.need_id, tables.match.c.helper_id)).all()
        assert {tuple(row) for row in live} == set(won)
        taken = Counter(helper_id for _, helper_id in won)
        assert all(get_helper(session, one).load == taken[one] <= EACH for one in helpers)
        assert all(get_need(session, one).status is NeedStatus.IN_PROGRESS for one in needs)


@pytest.mark.own_db
def test_a_helpers_last_room_is_taken_once(own_db: Engine) -> None:
    sessions = make_sessions(own_db)
    with sessions.begin() as session:
        helper = add_helper(session, capacity_per_week=1)
        ids = [propose_match(session, add_need(session).id, helper_id=helper.id).id for _ in range(8)]
    outcome: list[bool] = []
    start = threading.Barrier(8)

    def accept(match_id: object) -> None:
        start.wait()
        try:
            with sessions.begin() as session:
                step(session, match_id, A.ACCEPTED)  # type: ignore[arg-type]
            outcome.append(True)
        except GeoError:
            outcome.append(False)

    threads = [threading.Thread(target=accept, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome) == [False] * 7 + [True]
    with sessions.begin() as session:
        assert get_helper(session, helper.id).load == 1
