"""The version of a feed is another one after every change, however changes are made, counted and committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geo.store.engine import PARTNER_ROLE, Acting, make_sessions, transaction
from geo.store.feed_version import Counted, FeedVersion, read_feed_version
from geo.store.tile_counts import count_changes

from tests.factories import add_asset, add_need

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

MOVED = text("UPDATE asset SET name = name || '.'")


def both(session: Session) -> tuple[FeedVersion, FeedVersion]:
    return read_feed_version(session, "assets"), read_feed_version(session, "needs")


def test_each_change_gives_a_version_of_its_own(session: Session) -> None:
    seen = [both(session)]
    for change in (add_asset, add_need, add_asset, count_changes, add_need, count_changes, count_changes, add_asset):
        change(session)
        seen.append(both(session))
    assets, needs = ([one.word for one in kept] for kept in zip(*seen, strict=True))
    # counting may give a new word too, where there was something to count; what was said before never comes back
    assert len(set(assets)) == 5
    assert len(set(needs)) == 5
    assert assets[6] == assets[7]
    assert seen[7][0].waiting == seen[7][1].waiting == 0


@pytest.mark.parametrize("counted", ["assets", "needs"])
def test_without_a_change_it_stays(session: Session, counted: Counted) -> None:
    add_asset(session), add_need(session)
    before = read_feed_version(session, counted)
    assert read_feed_version(session, counted) == before
    assert not before.is_worn


def test_a_partner_reads_the_same_one(session: Session, sessions: SessionFactory) -> None:
    add_asset(session)
    ours = read_feed_version(session, "assets")
    session.commit()
    with transaction(sessions, Acting(role=PARTNER_ROLE)) as partner:
        assert read_feed_version(partner, "assets") == ours


@pytest.mark.own_db
def test_what_commits_late_gives_a_new_version(own_db: Engine) -> None:
    sessions = make_sessions(own_db)
    with transaction(sessions) as session:
        add_asset(session)
    words: list[str] = []

    def look() -> None:
        with transaction(sessions) as session:
            words.append(read_feed_version(session, "assets").word)

    look()
    with sessions() as slow:
        slow.execute(MOVED)
        with transaction(sessions) as quick:
            add_asset(quick)
        look()
        with transaction(sessions) as counting:
            count_changes(counting)
        look()
        slow.commit()
    look()
    assert len(set(words)) == 4
