"""Steps that meet: whoever wants what somebody else holds waits for them, and nobody waits in a ring."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, func, select

from geo.analysis.travel import StraightLineTravel
from geo.domain.match import LIVE, START_WITHIN, MatchReason
from geo.domain.proposing import ProposalAsked
from geo.domain.words import MatchStatus
from geo.errors import Conflict, NotFound
from geo.store import tables
from geo.store.assets import delete_asset
from geo.store.engine import make_engine, make_sessions, transaction
from geo.store.helpers import delete_helper
from geo.store.match_steps import lapse_due, let_go, list_due, propose_match, step
from geo.store.proposing import propose_matches

from tests.factories import add_asset, add_helper, add_need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

pytestmark = pytest.mark.own_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATE = NOW + START_WITHIN
A = MatchStatus


@pytest.fixture
def many(own_db: Engine) -> Iterator[Engine]:
    engine = make_engine(own_db.url.render_as_string(hide_password=False), pool_size=16)
    yield engine
    engine.dispose()


def together(*works: Callable[[], None]) -> list[BaseException]:
    """Do some things at once; what each of them met is told, but for what somebody else was quicker with."""
    met: list[BaseException] = []

    def do(work: Callable[[], None]) -> None:
        try:
            with suppress(Conflict, NotFound):
                work()
        except BaseException as error:  # noqa: BLE001 - told at the end
            met.append(error)

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(do, works))
    return met


def meet_after(engine: Engine, starts: str) -> None:
    """Let the first two transactions that do such a statement go on only when both have, or one cannot."""
    both, seen = threading.Barrier(2), set()

    @event.listens_for(engine, "after_cursor_execute")
    def wait(connection: object, _cur: object, sql: str, _params: object, _ctx: object, _many: object) -> None:
        if sql.startswith(starts) and id(connection) not in seen:
            seen.add(id(connection))
            with suppress(threading.BrokenBarrierError):
                both.wait(timeout=1.0)


def lapsed_claim(sessions: SessionFactory, holder: UUID, *, asked: UUID) -> tuple[UUID, UUID]:
    """Make a need whose claim has lapsed, and a proposal to another helper that has not."""
    with transaction(sessions) as session:
        need = add_need(session)
        claim = propose_match(session, need.id, helper_id=holder, now=NOW)
        other = propose_match(session, need.id, helper_id=asked, answer_within=timedelta(days=9), now=NOW)
        step(session, claim.id, A.ACCEPTED, now=NOW)
    return need.id, other.id


@pytest.mark.parametrize("how", ["accept", "propose"])
def test_two_who_swap_needs_do_not_wait_in_a_ring(many: Engine, how: str) -> None:
    """Each lets the claim of the other's helper lapse, then wants that helper's load: a ring unless both are held."""
    sessions = make_sessions(many)
    with transaction(sessions) as session:
        one, two = (add_helper(session, capacity_per_week=5).id for _ in range(2))
    first, second = lapsed_claim(sessions, one, asked=two), lapsed_claim(sessions, two, asked=one)
    meet_after(many, "UPDATE helper")

    def take(made: tuple[UUID, UUID], helper_id: UUID) -> None:
        with transaction(sessions) as session:
            if how == "accept":
                step(session, made[1], A.ACCEPTED, now=LATE)
            else:
                step(session, made[1], A.DECLINED, reason=MatchReason.NO_TIME, now=LATE)
                propose_match(session, made[0], helper_id=helper_id, now=LATE)

    assert together(lambda: take(first, two), lambda: take(second, one)) == []
    with transaction(sessions) as session:
        took = select(tables.match.c.need_id, tables.match.c.helper_id, tables.match.c.status)
        ended = [A.EXPIRED.value, A.DECLINED.value]
        stands = {tuple(row) for row in session.execute(took.where(tables.match.c.status.not_in(ended)))}
    wanted = A.ACCEPTED.value if how == "accept" else A.PROPOSED.value
    assert stands == {(first[0], two, wanted), (second[0], one, wanted)}


@pytest.mark.parametrize("what", ["helper", "asset"])
def test_whoever_is_removed_while_they_answer_makes_no_ring(many: Engine, what: str) -> None:
    sessions = make_sessions(many)
    with transaction(sessions) as session:
        need, helper, asset = add_need(session), add_helper(session), add_asset(session)
        who = {"helper_id": helper.id} if what == "helper" else {"asset_id": asset.id}
        claim = step(session, propose_match(session, need.id, now=NOW, **who).id, A.ACCEPTED, now=NOW)
    held, removing = threading.Event(), threading.Event()

    @event.listens_for(many, "before_cursor_execute")
    def told(_c: object, _cur: object, sql: str, _params: object, _ctx: object, _many: object) -> None:
        if threading.current_thread().name == "remover" and ("FOR UPDATE" in sql or sql.startswith("DELETE")):
            removing.set()

    def answer() -> None:
        with transaction(sessions) as session:
            session.execute(select(tables.need.c.id).where(tables.need.c.id == need.id).with_for_update())
            held.set()
            # long enough for the removal to hold whatever it holds first
            removing.wait(10)
            threading.Event().wait(0.3)
            step(session, claim.id, A.FAILED, reason=MatchReason.UNSAFE, now=NOW)

    def remove() -> None:
        threading.current_thread().name = "remover"
        held.wait(10)
        with transaction(sessions) as session:
            delete_helper(session, helper.id) if what == "helper" else delete_asset(session, asset.id)

    assert together(answer, remove) == []
    with transaction(sessions) as session:
        assert session.scalar(select(tables.need.c.status)) == "open"
        assert session.scalar(select(func.count()).select_from(tables.match)) == 0


def test_a_round_passes_by_what_somebody_takes_a_step_of(many: Engine) -> None:
    sessions = make_sessions(many)
    with transaction(sessions) as session:
        helper, other = (add_helper(session).id for _ in range(2))
    need_id, _ = lapsed_claim(sessions, helper, asked=other)
    with sessions.begin() as busy:
        busy.execute(select(tables.need.c.id).where(tables.need.c.id == need_id).with_for_update())
        with transaction(sessions) as session:
            assert lapse_due(session, need_id, now=LATE) == 0
    with transaction(sessions) as session:
        assert lapse_due(session, need_id, now=LATE) == 1


@pytest.mark.slow
def test_rounds_batches_and_people_at_once_never_end_in_a_deadlock(many: Engine) -> None:
    """Few needs and fewer helpers, so that everybody wants what others hold; each load is right in the end."""
    sessions, model = make_sessions(many), StraightLineTravel()
    with transaction(sessions) as session:
        needs = [add_need(session).id for _ in range(12)]
        helpers = [add_helper(session, capacity_per_week=9).id for _ in range(6)]

    def people(seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311 - whose turn it is, not a secret
        for n in range(40):
            now = NOW + timedelta(hours=3 * n)
            with suppress(Conflict, NotFound), transaction(sessions) as session:
                one = propose_match(session, rng.choice(needs), helper_id=rng.choice(helpers), now=now)
                step(session, one.id, A.ACCEPTED, now=now)
                if rng.random() < 0.3:
                    step(session, one.id, A.FAILED, reason=MatchReason.NOBODY_HOME, now=now)

    def rounds() -> None:
        for n in range(40):
            now = NOW + timedelta(hours=3 * n)
            with transaction(sessions) as session:
                due = list_due(session, now=now)
            for need_id in due:
                with transaction(sessions) as session:
                    lapse_due(session, need_id, now=now)
            with transaction(sessions) as session:
                let_go(session, now)

    def batches() -> None:
        for n in range(10):
            with transaction(sessions) as session:
                asked = ProposalAsked(keep=True, cool_down_h=0.0, most_each=9)
                propose_matches(session, asked, model=model, now=NOW + timedelta(hours=12 * n))

    works = [*(lambda seed=seed: people(seed) for seed in range(6)), rounds, rounds, batches, batches]
    assert together(*works) == []
    carried = (
        select(func.count())
        .where(tables.match.c.helper_id == tables.helper.c.id, tables.match.c.status.in_([one.value for one in LIVE]))
        .scalar_subquery()
    )
    with transaction(sessions) as session:
        wrong = session.execute(select(tables.helper.c.id).where(tables.helper.c.load != carried)).all()
        assert wrong == []
        twice = select(tables.match.c.need_id).where(tables.match.c.status.in_([one.value for one in LIVE]))
        assert session.execute(twice.group_by(tables.match.c.need_id).having(func.count() > 1)).all() == []
