"""What has changed, replayed from any position, gives what there is: whoever commits late, and whatever happened."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import h3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from geo.domain.changes import GoneReason
from geo.domain.place import Point
from geo.domain.principals import Tier
from geo.domain.words import CLOSED_STATUSES, Audience, Category, NeedStatus, Urgency
from geo.errors import InvalidInput, NotFound, PositionForgotten
from geo.privacy.cells import cell_of
from geo.store.agreements import get_agreement
from geo.store.assets import delete_asset, update_asset
from geo.store.changes import KEEP, changes_query, prune_changes, read_changes
from geo.store.dwellings import replace_dwellings
from geo.store.engine import DEFAULT_NETWORK, PARTNER_ROLE, Acting, make_sessions, transaction
from geo.store.feeds import need_feature
from geo.store.keys import register_keys
from geo.store.needs import delete_need, list_needs, update_need
from geo.store.partner_feed import partner_features
from geo.store.partner_ledger import prune_ledgers, read_partner_changes

from tests.callers import partner
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.rights import operator
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.changes import ChangePage
    from geo.domain.principals import Agreement
    from geo.store.engine import SessionFactory

STAFF = Audience.ORGANIZER
FULL = bool(os.environ.get("BARNRAISER_FULL"))
STEPS = 60 if FULL else 14
WRITERS, TRANSACTIONS = 8, 100 if FULL else 6
MANY = """
    INSERT INTO asset (id, kind, categories, name, cell)
    SELECT gen_random_uuid(), kind, categories, name, cell FROM asset, generate_series(1, 20001)
"""
LATER = datetime.now(UTC) + KEEP + timedelta(days=1)


@dataclass
class Reader:
    """A program that pulls: it keeps what it was given and where it is."""

    pull: Callable[[str | None], ChangePage]
    position: str | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    gone: list[tuple[str, GoneReason]] = field(default_factory=list)

    def step(self) -> bool:
        """Pull one page."""
        page = self.pull(self.position)
        for change in page.changes:
            assert (change.feature is None) == (change.gone is not None)
            if change.feature is not None:
                self.kept[change.id] = change.feature
            else:
                assert change.gone is not None
                self.gone.append((change.id, change.gone))
                self.kept.pop(change.id, None)
        self.position = page.next
        return page.has_more

    def catch_up(self) -> Reader:
        while self.step():
            pass
        return self

    def copy(self) -> Reader:
        return Reader(self.pull, self.position, dict(self.kept))


@pytest.fixture
def committed(own_db: Engine) -> SessionFactory:
    """Sessions that really commit."""
    register_keys(own_db, RING)
    with transaction(make_sessions(own_db, role=None, keys=RING)) as session:
        session.execute(text("UPDATE network SET service_area = NULL"))
    return make_sessions(own_db, keys=RING)


def of_staff(sessions: SessionFactory, limit: int = 3) -> Reader:
    def pull(since: str | None) -> ChangePage:
        with transaction(sessions) as session:
            return read_changes(session, "needs", STAFF, since=since, limit=limit)

    return Reader(pull)


def open_needs(sessions: SessionFactory) -> dict[str, Any]:
    with transaction(sessions) as session:
        needs = [need for need in list_needs(session, limit=1000) if need.status.value in ("open", "in_progress")]
        return {str(need.id): need_feature(need, STAFF) for need in needs}


def change_something(session: Session, rng: Random) -> None:
    found = list_needs(session, limit=1000)
    what = rng.choice(["add", "add", "urgent", "close", "reopen", "withhold", "delete"])
    if what == "add" or not found:
        add_need(session, Point(24.94 + rng.random() / 50, 60.17), category=rng.choice(list(Category)))
    elif what == "delete":
        delete_need(session, rng.choice(found).id)
    else:
        closed = rng.choice([NeedStatus.MET, NeedStatus.WITHDRAWN]).value
        changes = {
            "urgent": {"urgency": rng.choice(list(Urgency)).value},
            "close": {"status": closed},
            "reopen": {"status": "open"},
            "withhold": {"withheld": rng.random() < 0.5},
        }
        update_need(session, rng.choice(found).id, changes[what])


@pytest.mark.own_db
@given(st.integers(0, 2**32))
@settings(max_examples=100 if FULL else 6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_replayed_from_any_position_it_equals_what_there_is(committed: SessionFactory, seed: int) -> None:
    rng, reader, marks = Random(seed), of_staff(committed), []  # noqa: S311 - makes records, guards nothing
    with ExitStack() as stack:
        writers = [stack.enter_context(committed()) for _ in range(3)]
        for writer in writers:
            writer.execute(text("SET lock_timeout = '50ms'"))
        for _ in range(STEPS):
            step(rng, rng.choice(writers))
            if rng.random() < 0.4:
                reader.step()
                marks.append(reader.copy())
        for writer in writers:
            writer.commit()
    for each in (*marks, reader, of_staff(committed)):
        assert each.catch_up().kept == open_needs(committed)


def step(rng: Random, writer: Session) -> None:
    """Let a writer do something in its open transaction, or end it; one that must wait for another gives up."""
    if rng.random() < 0.4:
        writer.commit() if rng.random() < 0.8 else writer.rollback()
        return
    try:
        with writer.begin_nested():
            writer.execute(text("SET LOCAL lock_timeout = '50ms'"))
            change_something(writer, rng)
    except (NotFound, OperationalError):
        # another writer holds it, or has removed it
        writer.rollback()


@pytest.mark.own_db
def test_what_eight_write_at_once_is_told_from_any_position(committed: SessionFactory) -> None:
    reader, marks = of_staff(committed), []
    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write_much, committed, seed) for seed in range(WRITERS)]
        while not all(one.done() for one in writing):
            reader.step()
            marks.append(reader.copy())
    assert sum(one.result() for one in writing) > WRITERS
    # from the first, the last, and some between
    chosen = {id(one): one for one in (*marks[:: max(1, len(marks) // 8)], marks[-1])}
    there = open_needs(committed)
    for each in (*chosen.values(), reader, of_staff(committed, limit=7)):
        assert each.catch_up().kept == there


def write_much(sessions: SessionFactory, seed: int) -> int:
    """Commit some transactions, of which those that meet another's are given up; give how many were committed."""
    rng, committed = Random(seed), 0  # noqa: S311 - makes records, guards nothing
    for _ in range(TRANSACTIONS):
        try:
            with transaction(sessions) as session:
                session.execute(text("SET LOCAL lock_timeout = '50ms'"))
                for _ in range(rng.randint(1, 3)):
                    change_something(session, rng)
            committed += 1
        except (NotFound, OperationalError):
            continue
    return committed


@pytest.mark.own_db
def test_who_commits_late_is_told_later(committed: SessionFactory) -> None:
    reader = of_staff(committed).catch_up()
    with committed() as late:
        first = add_need(late)
        with transaction(committed) as quick:
            second = add_need(quick)
        # what was noted after a transaction that is still under way waits for it
        assert reader.catch_up().kept == {}
        late.commit()
    assert set(reader.catch_up().kept) == {str(first.id), str(second.id)}


@pytest.mark.own_db
def test_why_something_went_is_told_to_staff(committed: SessionFactory) -> None:
    with transaction(committed) as session:
        met, withdrawn, removed = (add_need(session).id for _ in range(3))
    reader = of_staff(committed, limit=100).catch_up()
    with transaction(committed) as session:
        update_need(session, met, {"status": "met"})
        update_need(session, withdrawn, {"status": "withdrawn"})
        delete_need(session, removed)
    assert dict(reader.catch_up().gone) == {
        str(met): GoneReason.MET,
        str(withdrawn): GoneReason.WITHDRAWN,
        str(removed): GoneReason.REMOVED,
    }
    assert of_staff(committed).catch_up().gone == []


def test_every_way_to_close_a_need_is_a_reason() -> None:
    assert {status.value for status in CLOSED_STATUSES} <= {reason.value for reason in GoneReason}


@pytest.mark.own_db
def test_what_is_forgotten_is_said(committed: SessionFactory, own_db: Engine) -> None:
    with transaction(committed) as session:
        made = add_need(session).id
    old, idle = of_staff(committed).catch_up(), of_staff(committed)
    with transaction(committed) as session:
        update_need(session, made, {"status": "met"})
    idle.catch_up()
    with transaction(make_sessions(own_db, role=None)) as session:
        assert prune_changes(session, now=LATER) == 2
    with pytest.raises(PositionForgotten):
        old.step()
    # whoever had read all of it has missed nothing
    assert not idle.step()
    with transaction(committed) as session:
        add_need(session)
    assert len(idle.catch_up().kept) == 1


@pytest.mark.own_db
def test_a_position_of_another_cluster_is_forgotten(committed: SessionFactory) -> None:
    reader = of_staff(committed).catch_up()
    kind, cluster, *rest = str(reader.position).split(".")
    with pytest.raises(PositionForgotten):
        reader.pull(".".join((kind, str(int(cluster) + 1), *rest)))


@pytest.mark.parametrize("since", ["", "x", "l.1.1", "s.1.1.5", "l.1.1.00000000-0000-0000-0000-000000000000", "p.0.0"])
def test_what_is_no_position_is_refused(session: Session, since: str) -> None:
    with pytest.raises(InvalidInput):
        read_changes(session, "needs", STAFF, since=since)


@pytest.mark.own_db
def test_too_much_at_once_is_read_again(committed: SessionFactory, own_db: Engine) -> None:
    with transaction(committed) as session:
        add_asset(session)
    with transaction(committed) as session:
        since = read_changes(session, "assets", STAFF, limit=10).next
    with transaction(make_sessions(own_db, role=None)) as session:
        session.execute(text(MANY))
    with transaction(committed) as session, pytest.raises(PositionForgotten):
        read_changes(session, "assets", STAFF, since=since)


def test_changes_are_read_by_their_index(session: Session) -> None:
    with operator(session):
        session.execute(text(
            "INSERT INTO record_change (network_id, txid, cluster, collection, record_id) SELECT current_network(), "
            "n / 3, 'here', CASE WHEN n % 2 = 0 THEN 'needs' ELSE 'assets' END, gen_random_uuid() "
            "FROM generate_series(1, 20000) n"
        ))  # fmt: skip
        session.execute(text("ANALYZE record_change"))
    compiled = changes_query("needs", 3_000, 0, 100).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    plan = "\n".join(session.scalars(text(f"EXPLAIN {compiled}")))
    assert "ix_record_change_since" in plan
    assert "Sort" not in plan


# -- partners ---------------------------------------------------------------------------------------------


@dataclass
class Shared:
    """A partner and the town it looks at."""

    sessions: SessionFactory
    agreement: Agreement

    def transaction(self) -> Any:
        return transaction(self.sessions, Acting(DEFAULT_NETWORK, PARTNER_ROLE, self.agreement.id, "partner"))

    def reader(self, limit: int = 2) -> Reader:
        def pull(since: str | None) -> ChangePage:
            with self.transaction() as session:
                return read_partner_changes(session, self.agreement, since=since, limit=limit)

        return Reader(pull)

    def view(self) -> dict[str, Any]:
        with self.transaction() as session:
            return {str(one["id"]): one for one in partner_features(session, self.agreement)}


@pytest.fixture
def shared(committed: SessionFactory, own_db: Engine) -> Iterator[Shared]:
    near = frozenset(map(str, h3.grid_disk(cell_of(HELSINKI), 4)))
    agreement_id, _ = partner(committed, near, Tier.COARSE)
    with transaction(make_sessions(own_db, role=None, keys=RING)) as session:
        replace_dwellings(session, dict.fromkeys(map(str, h3.grid_disk(cell_of(HELSINKI), 8)), 90))
    with transaction(committed) as session:
        agreement = get_agreement(session, agreement_id)
    return Shared(committed, agreement)


@pytest.mark.own_db
@given(st.integers(0, 2**32))
@settings(max_examples=50 if FULL else 4, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_partners_changes_replayed_from_any_position_equal_its_view(shared: Shared, seed: int) -> None:
    rng, reader, marks, seen = Random(seed), shared.reader(), [], set[str]()  # noqa: S311 - likewise
    for _ in range(STEPS):
        with transaction(shared.sessions) as session:
            change_something(session, rng)
        seen |= set(shared.view())
        if rng.random() < 0.5:
            reader.step()
            marks.append(reader.copy())
    for each in (*marks, reader, shared.reader()):
        assert each.catch_up().kept == shared.view()
        assert {reason for _, reason in each.gone} <= {GoneReason.GONE}
        assert {name for name, _ in each.gone} <= seen


@pytest.mark.own_db
def test_a_need_that_a_partner_never_saw_makes_no_tombstone(shared: Shared) -> None:
    reader = shared.reader(limit=100).catch_up()
    with transaction(shared.sessions) as session:
        hidden = [
            add_need(session, withheld=True).id,
            add_need(session, category=Category.MEDICINE).id,
            add_need(session, Point(25.4, 60.4)).id,
        ]
        shown = add_need(session).id
    before = reader.position
    assert len(reader.catch_up().kept) == 1
    with transaction(shared.sessions) as session:
        for each in hidden:
            update_need(session, each, {"status": "met"})
        brief = add_need(session).id
        delete_need(session, brief)
        update_need(session, shown, {"withheld": True})
    (name,) = reader.kept
    assert reader.catch_up().gone == [(name, GoneReason.GONE)]
    assert str(shown) not in name
    # somebody who begins now hears nothing of it
    assert shared.reader().catch_up().gone == []
    assert before != reader.position


@pytest.mark.own_db
def test_a_partners_position_is_forgotten_with_what_went(shared: Shared, own_db: Engine) -> None:
    with transaction(shared.sessions) as session:
        made = add_need(session).id
    old = shared.reader().catch_up()
    with transaction(shared.sessions) as session:
        delete_need(session, made)
    new = shared.reader(limit=10)
    old.copy().catch_up()
    new.catch_up()
    with transaction(make_sessions(own_db, role=None)) as session:
        assert prune_ledgers(session, now=LATER) == 1
    with pytest.raises(PositionForgotten):
        old.step()
    assert new.catch_up().kept == {}


@pytest.mark.own_db
def test_no_position_that_is_made_up_tells_a_partner_more(shared: Shared) -> None:
    ever = set[str]()
    with transaction(shared.sessions) as session:
        first, _ = add_need(session).id, add_need(session, withheld=True)
    reader = shared.reader().catch_up()
    ever |= set(reader.kept)
    with transaction(shared.sessions) as session:
        update_need(session, first, {"status": "met"})
        add_need(session)
    reader.catch_up()
    ever |= set(reader.kept)
    view, last = shared.view(), int(str(reader.position).split(".")[1])
    assert (len(ever), len(view)) == (2, 1)
    for reached in range(last + 3):
        for began in range(last + 3):
            made_up = Reader(reader.pull, f"p.{reached}.{began}")
            try:
                made_up.catch_up()
            except PositionForgotten:
                assert reached > last
                continue
            assert made_up.kept.items() <= view.items()
            assert {name for name, _ in made_up.gone} <= ever - set(view)


@pytest.mark.own_db
def test_a_partner_hears_of_public_places_alone(shared: Shared) -> None:
    def pull(since: str | None) -> ChangePage:
        with shared.transaction() as session:
            return read_changes(session, "assets", Audience.PARTNER, since=since)

    with transaction(shared.sessions) as session:
        public, home = add_asset(session).id, add_asset(session, name="Garage", is_private=True).id
    reader = Reader(pull).catch_up()
    assert set(reader.kept) == {str(public)}
    with transaction(shared.sessions) as session:
        update_asset(session, home, {"name": "Other garage"})
        update_asset(session, public, {"name": "Other pantry"})
    assert reader.catch_up().kept[str(public)]["properties"]["name"] == "Other pantry"
    with transaction(shared.sessions) as session:
        delete_asset(session, home)
        delete_asset(session, public)
    assert reader.catch_up().gone == [(str(public), GoneReason.GONE)]
