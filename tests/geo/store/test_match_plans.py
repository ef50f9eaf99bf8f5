"""What the database does for each step and list of matches: keys and indexes, never a whole table; and lists end."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, text

from geo.analysis.travel import StraightLineTravel
from geo.domain.match import START_WITHIN, MatchReason
from geo.domain.proposing import ProposalAsked
from geo.domain.words import MatchStatus
from geo.store.apart import are_apart, keep_apart, list_apart, list_pairs_apart
from geo.store.assets import delete_asset
from geo.store.helpers import delete_helper
from geo.store.match_steps import confirm, lapse_due, let_go, list_due, propose_match, step, undo
from geo.store.matches import MatchFilter, get_match, list_events, list_matches
from geo.store.proposing import list_waiting, propose_matches
from geo.store.rows import MAX_LIMIT

from tests.factories import add_asset, add_helper, add_need
from tests.rights import operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
A = MatchStatus
TABLES = ("match", "match_event", "kept_apart", "need", "helper", "asset")
COPIES = 3_000
COPY = """
    INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS t, generate_series(1, :copies) AS n
"""


def multiply(session: Session, table: str, copies: int) -> None:
    """Copy the one row of a table many times, each with an id of its own."""
    names = session.scalars(
        text(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :name "
            "AND is_generated = 'NEVER' ORDER BY ordinal_position"
        ),
        {"name": table},
    ).all()
    new = {"id": "gen_random_uuid()", "household_id": "gen_random_uuid()"}
    values = ", ".join(new.get(name, f"t.{name}") for name in names)
    session.execute(text(COPY.format(table=table, columns=", ".join(names), values=values)), {"copies": copies})


@pytest.fixture
def busy(session: Session) -> Session:
    """A network with thousands of needs, helpers and matches that came to an end, as after some months."""
    with operator(session):
        add_need(session, None)
        add_helper(session, None)
        add_asset(session)
        for table in ("need", "helper", "asset"):
            multiply(session, table, COPIES)
            # or what the connection planned for an empty table, it goes on doing for thousands
            session.execute(text(f"ANALYZE {table}"))
        session.execute(text("UPDATE need SET status = 'met' WHERE id::text > '1'"))
        session.execute(
            text(
                "INSERT INTO match (id, need_id, helper_id, status, created_at) SELECT gen_random_uuid(), n.id, h.id, "
                "CASE WHEN n.status = 'met' THEN 'done' ELSE 'expired' END, '2025-06-01' "
                "FROM (SELECT *, row_number() OVER () AS at FROM need) AS n, generate_series(0, 2) AS nth, "
                "(SELECT *, row_number() OVER () AS at FROM helper) AS h WHERE h.at = (n.at + nth) % 3000 + 1"
            )
        )
        session.execute(
            text(
                "INSERT INTO match_event (match_id, at, from_status, to_status) "
                "SELECT id, '2025-06-01', 'proposed', status FROM match"
            )
        )
        session.execute(
            text(
                "INSERT INTO kept_apart (id, helper_id, household_id) "
                "SELECT gen_random_uuid(), helper_id, need_id FROM match ORDER BY id LIMIT 2000"
            )
        )
        for table in TABLES:
            session.execute(text(f"ANALYZE {table}"))
    return session


@contextmanager
def plans(session: Session) -> Iterator[list[tuple[str, str]]]:
    """Collect each statement with what the database would do for it, as it is sent."""
    found: list[tuple[str, str]] = []
    connection = session.connection()

    @event.listens_for(connection, "before_cursor_execute")
    def explain(_c: object, _cur: object, sql: str, params: object, _ctx: object, _many: object) -> None:
        touched = re.search(rf"(?:FROM|UPDATE|INTO|JOIN) (?:{'|'.join(TABLES)})\b", sql)
        if touched and not sql.startswith("EXPLAIN"):
            rows = connection.exec_driver_sql(f"EXPLAIN {sql}", params)  # type: ignore[arg-type]
            found.append((sql, "\n".join(row[0] for row in rows)))

    yield found
    event.remove(connection, "before_cursor_execute", explain)


def read_whole(found: list[tuple[str, str]]) -> list[str]:
    """Name what reads a whole table, with its plan."""
    whole = re.compile(rf"Seq Scan on (?:{'|'.join(TABLES)})\b")
    return [f"{sql}\n{plan}" for sql, plan in found if whole.search(plan)]


def test_no_step_reads_a_whole_table(busy: Session) -> None:
    need, other, third = (add_need(busy, None) for _ in range(3))
    helper, second, asset = add_helper(busy, None, capacity_per_week=9), add_helper(busy, None), add_asset(busy)
    with plans(busy) as found:
        claim = propose_match(busy, need.id, helper_id=helper.id, cool_down=timedelta(hours=1), now=NOW)
        refused = propose_match(busy, need.id, helper_id=second.id, now=NOW)
        step(busy, refused.id, A.DECLINED, reason=MatchReason.TOO_FAR, now=NOW)
        undo(busy, refused.id, now=NOW)
        step(busy, claim.id, A.ACCEPTED, now=NOW)
        step(busy, claim.id, A.UNDER_WAY, now=NOW)
        step(busy, claim.id, A.DONE, now=NOW)
        confirm(busy, claim.id, now=NOW)
        lapsing = propose_match(busy, other.id, helper_id=helper.id, now=NOW)
        step(busy, lapsing.id, A.ACCEPTED, now=NOW)
        taken = propose_match(busy, third.id, asset_id=asset.id, now=NOW)
        step(busy, taken.id, A.ACCEPTED, now=NOW)
        late = NOW + START_WITHIN
        assert set(list_due(busy, now=late)) == {need.id, other.id, third.id}
        assert lapse_due(busy, other.id, now=late) == 1
        assert let_go(busy, NOW + timedelta(seconds=1)) == 1
        keep_apart(busy, helper.id, third.id)
        assert are_apart(busy, third.id, helper.id)
    assert len(found) > 60
    assert read_whole(found) == []


def test_no_list_reads_a_whole_table(busy: Session) -> None:
    need, helper, asset = add_need(busy, None), add_helper(busy, None), add_asset(busy)
    one = propose_match(busy, need.id, helper_id=helper.id, now=NOW)
    with plans(busy) as found:
        for where in (
            MatchFilter(), MatchFilter(need_id=need.id), MatchFilter(helper_id=helper.id),
            MatchFilter(asset_id=asset.id),
            MatchFilter(status=A.PROPOSED), MatchFilter(status=A.DONE), MatchFilter(status=A.EXPIRED),
        ):  # fmt: skip
            list_matches(busy, where=where, after=one.need_id, limit=50, now=NOW)
        get_match(busy, one.id, now=NOW)
        list_events(busy, one.id)
        list_apart(busy, limit=50)
        list_pairs_apart(busy, [need.id])
        list_due(busy, now=NOW)
    assert len(found) >= 12
    assert read_whole(found) == []


def test_no_removal_reads_all_matches(busy: Session) -> None:
    helper, asset = add_helper(busy, None), add_asset(busy)
    with plans(busy) as found:
        delete_helper(busy, helper.id)
        delete_asset(busy, asset.id)
    assert len(found) >= 4
    assert read_whole(found) == []


def test_a_batch_about_a_few_needs_reads_the_matches_of_those(busy: Session) -> None:
    needs = [add_need(busy) for _ in range(3)]
    add_helper(busy)
    with plans(busy) as found:
        asked = ProposalAsked(need_ids=tuple(one.id for one in needs), keep=True)
        propose_matches(busy, asked, model=StraightLineTravel(), now=NOW)
    # helpers, and the balance line, are of the whole network
    ours = re.compile(r"(?:FROM|JOIN|UPDATE|INTO) (?:match|kept_apart)\b")
    of_matches = [(sql, plan) for sql, plan in found if ours.search(sql)]
    assert len(of_matches) > 6
    assert not [plan for _, plan in of_matches if re.search(r"Seq Scan on (?:match|kept_apart)\b", plan)]


def test_every_list_ends(busy: Session) -> None:
    with operator(busy):
        busy.execute(text("UPDATE match SET status = 'proposed', expires_at = :at"), {"at": NOW})
    for rows in (
        list_matches(busy, limit=10**6), list_due(busy, now=NOW, limit=10**6), list_apart(busy, limit=10**6),
        list_waiting(busy, now=NOW, limit=10**6),
    ):  # fmt: skip
        assert 0 < len(rows) <= MAX_LIMIT
