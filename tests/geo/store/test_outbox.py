"""Each change leaves one piece of news in its own transaction, and one that is taken back leaves none."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.domain.drafts import AssetDraft
from geo.domain.ids import new_id
from geo.domain.words import Category
from geo.store.assets import delete_asset, update_asset, upsert_assets
from geo.store.engine import make_sessions, transaction
from geo.store.helpers import update_helper
from geo.store.needs import delete_need, place_need, update_need
from geo.store.outbox import count_waiting, mark_sent, prune, take_waiting
from geo.store.submissions import Entry, receive

from tests.factories import add_asset, add_helper, add_need, located
from tests.rights import operator

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session


def news(session: Session) -> list[tuple[str, UUID]]:
    return [(found.kind, found.object_id) for found in take_waiting(session, limit=1000)]


def test_every_change_of_what_partners_see_is_told_once(session: Session) -> None:
    need, asset, helper = add_need(session, None), add_asset(session), add_helper(session)
    update_need(session, need.id, {"urgency": "high"})
    place_need(session, need.id, located())
    update_asset(session, asset.id, {"name": "New name"})
    update_helper(session, helper.id, {"load": 1})
    delete_asset(session, asset.id)
    delete_need(session, need.id)
    assert news(session) == [
        ("need.created", need.id),
        ("asset.created", asset.id),
        ("helper.created", helper.id),
        ("need.changed", need.id),
        ("need.changed", need.id),
        ("asset.changed", asset.id),
        ("helper.changed", helper.id),
        ("asset.removed", asset.id),
        ("need.removed", need.id),
    ]


def test_a_submission_is_told_with_the_need_it_made_and_again_is_not(session: Session) -> None:
    entry = Entry(new_id(), "need", {"a": "b"}, b"x" * 32)
    need_id = receive(session, entry, lambda: add_need(session).id).record_id
    receive(session, entry, lambda: add_need(session).id)
    assert news(session) == [("need.created", need_id), ("submission.received", entry.id)]


def test_a_load_tells_of_what_it_changed_and_of_nothing_else(session: Session) -> None:
    def drafts(name: str) -> list[AssetDraft]:
        names = {f"ref-{n}": f"Place {n}" for n in range(3)} | {"ref-1": name}
        return [
            AssetDraft("shop", (Category.FOOD,), called, source="test", source_ref=ref) for ref, called in names.items()
        ]

    upsert_assets(session, drafts("one"))
    upsert_assets(session, drafts("another"))
    upsert_assets(session, drafts("another"))
    assert Counter(kind for kind, _ in news(session)) == {"asset.created": 3, "asset.changed": 1}


def test_what_changes_nothing_tells_nothing(session: Session) -> None:
    session.execute(text("UPDATE need SET urgency = 'high' WHERE id = :id"), {"id": new_id()})
    assert news(session) == []


def test_news_holds_numbers_and_times_alone(session: Session) -> None:
    add_need(session, received_at=None)
    columns = session.scalars(
        text("SELECT column_name FROM information_schema.columns WHERE table_name = 'outbox' ORDER BY ordinal_position")
    )
    assert list(columns) == ["id", "network_id", "kind", "object_id", "created_at", "sent_at"]


def test_told_news_is_not_told_again_and_goes_in_time(session: Session) -> None:
    first, second = add_need(session), add_need(session)
    told = take_waiting(session, limit=1)
    mark_sent(session, [one.id for one in told])
    assert [one.object_id for one in told] == [first.id]
    assert news(session) == [("need.created", second.id)]
    now = datetime.now(UTC)
    assert prune(session, now=now) == 0
    assert prune(session, now=now + timedelta(days=8)) == 1
    assert count_waiting(session) == 1
    assert prune(session, now=now + timedelta(days=31)) == 1
    assert count_waiting(session) == 0


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO restricted.outbox (kind, object_id) VALUES ('need.created', gen_random_uuid())",
        "UPDATE restricted.outbox SET object_id = gen_random_uuid()",
        "TRUNCATE restricted.outbox",
    ],
)
def test_no_request_can_invent_or_change_news(session: Session, change: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.execute(text(change))


def test_a_network_can_be_removed_with_all_it_has(session: Session) -> None:
    add_need(session)
    with operator(session):
        session.execute(text("DELETE FROM network"))
        assert session.scalar(text("SELECT count(*) FROM restricted.outbox")) == 0


@pytest.mark.own_db
def test_two_who_take_at_once_get_different_news(own_db: Engine) -> None:
    sessions = make_sessions(own_db)
    with transaction(sessions) as session:
        made = {add_need(session).id for _ in range(4)}
    with sessions() as one, sessions() as other:
        first, second = take_waiting(one, limit=2), take_waiting(other, limit=9)
        assert len(first) == len(second) == 2
        assert {news.object_id for news in (*first, *second)} == made


@pytest.mark.own_db
def test_each_committed_change_has_one_row_and_each_broken_one_none(own_db: Engine) -> None:
    sessions, rng, kept = make_sessions(own_db), random.Random(0), []  # noqa: S311 - decides what fails, guards nothing
    for _ in range(120):
        try:
            with transaction(sessions) as session:
                need = add_need(session, None)
                made = [("need.created", need.id)]
                if rng.random() < 0.5:
                    update_need(session, need.id, {"urgency": "high"})
                    made.append(("need.changed", need.id))
                if rng.random() < 0.4:
                    session.execute(text("SELECT 1 / 0"))
        except DBAPIError:
            continue
        kept += made
    with sessions() as session:
        assert news(session) == kept
    assert len(kept) > 60
