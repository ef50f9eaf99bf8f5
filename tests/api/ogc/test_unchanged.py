"""An unchanged page is told without being made; and never is a page called unchanged that is not."""

from __future__ import annotations

import os
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert, text

from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.principals import Tier
from geo.privacy.rules import PublicKind
from geo.store import feed_version
from geo.store.feed_version import read_feed_version
from geo.store.release_tables import release, release_cell
from geo.store.tile_counts import fold_changes

from api.ogc.remembered import Answers
from tests.api.conftest import TestClient, carrying
from tests.api.ogc.conftest import ITEMS, NEAR
from tests.callers import partner
from tests.factories import add_asset, add_need
from tests.rights import operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

STEPS = 150 if os.environ.get("BARNRAISER_FULL") else 9
ASKED = (
    ("assets", ""), ("assets", "?filter=kind='pantry'"), ("assets", "?bbox=24.9,60.1,24.96,60.2&limit=2"),
    ("assets", "?sortby=-name&properties=name"), ("needs", ""), ("needs", "?datetime=2026-03-02/.."), ("public", ""),
)  # fmt: skip


@pytest.fixture
def bank(feed: TestClient, sessions: SessionFactory) -> TestClient:
    """A partner beside the organizer."""
    return carrying(feed, partner(sessions, NEAR, Tier.COARSE)[1])


@contextmanager
def watched(connection: Connection) -> Iterator[list[str]]:
    """Note each statement that is sent to the database."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    yield sent
    event.remove(connection, "before_cursor_execute", note)


def knowing(answer: Any) -> dict[str, str]:
    return {"If-None-Match": answer.headers["etag"]}


@pytest.mark.parametrize(("collection", "query"), ASKED)
def test_what_is_unchanged_is_not_read(feed: TestClient, connection: Connection, collection: str, query: str) -> None:
    path = ITEMS.format(collection) + query
    first = feed.get(path)
    for headers in (knowing(first), {"If-None-Match": "*"}):
        with watched(connection) as sent:
            again = feed.get(path, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert again.headers["vary"] == first.headers["vary"]
        assert any("feed_version" in one for one in sent)
        assert not any(f"FROM {table}" in one for one in sent for table in ("asset", "need", "release"))
    assert feed.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert feed.head(path, headers=knowing(first)).status_code == 304


def test_a_partner_has_unchanged_assets_told_as_well(bank: TestClient, connection: Connection) -> None:
    first = bank.get(ITEMS.format("assets"))
    with watched(connection) as sent:
        assert bank.get(ITEMS.format("assets"), headers=knowing(first)).status_code == 304
    assert not any("FROM asset" in one for one in sent)


def test_what_a_partner_has_of_needs_is_always_looked_at(bank: TestClient, connection: Connection) -> None:
    first = bank.get(ITEMS.format("needs"))
    with watched(connection) as sent:
        assert bank.get(ITEMS.format("needs"), headers=knowing(first)).status_code == 304
    assert any("FROM need" in one for one in sent)


def test_a_date_does_as_well_as_a_tag(feed: TestClient, app: FastAPI) -> None:
    now_s = 1_800_000_000.5
    app.state.answers = Answers(clock=lambda: now_s)
    now_s += 3
    path = ITEMS.format("assets")
    first = feed.get(path)
    assert first.headers["last-modified"] == "Fri, 15 Jan 2027 08:00:03 GMT"
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert feed.get(path, headers=since).status_code == 304
    # a tag, when there is one, is what counts (RFC 9110, 13.1.3)
    assert feed.get(path, headers=since | {"If-None-Match": '"other"'}).status_code == 200
    assert feed.get(path, headers={"If-Modified-Since": "Fri, 15 Jan 2027 09:00:00 GMT"}).status_code == 200
    assert feed.get(path, headers={"If-Modified-Since": "Fri, 15 Jan 2027 08:00:02 GMT"}).status_code == 200
    for nonsense in ("yesterday", "", "Fri, 15 Jan 2027 08:00:03"):
        assert feed.get(path, headers={"If-Modified-Since": nonsense}).status_code == 200
    now_s += 5
    # whoever looked later, by the clock of this host, saw this answer as well
    assert feed.get(path, headers={"If-Modified-Since": "Fri, 15 Jan 2027 08:00:05 GMT"}).status_code == 304
    now_s -= 5
    made = feed.post("/v1/assets", json={"kind": "pantry", "categories": ["food"], "name": "New"})
    assert made.status_code == 201
    # in the very same second: a date cannot tell, and so none is given
    second = feed.get(path, headers=since)
    assert second.status_code == 200
    assert "last-modified" not in second.headers
    now_s += 1
    assert feed.get(path).headers["last-modified"] == "Fri, 15 Jan 2027 08:00:04 GMT"


def test_changes_that_wait_too_long_are_counted(
    feed: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waiting() -> int:
        found = read_feed_version(session, "assets").waiting
        session.commit()
        return found

    assert waiting() > 0
    monkeypatch.setattr(feed_version, "MOST_WAITING", 0)
    first = feed.get(ITEMS.format("assets"))
    assert waiting() == 0
    # what is counted is not changed by it
    assert feed.get(ITEMS.format("assets"), headers=knowing(first)).status_code == 304


class History:
    """Things that happen to a town, one after the other, some of which nobody who asks can see."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.rng, self.weeks = session, random.Random(seed), 10  # noqa: S311 - guards nothing
        self.kinds = (
            self.nothing, self.new_asset, self.new_need, self.release, self.count,
            *(self.written(statement) for statement in self.STATEMENTS),
        )  # fmt: skip

    STATEMENTS = (
        "UPDATE asset SET name = name || '.', version = version + 1 WHERE id = :asset",
        "UPDATE asset SET kind = 'pantry' WHERE id = :asset",
        "UPDATE asset SET is_private = NOT is_private WHERE id = :asset AND cell IS NOT NULL AND geom IS NULL",
        "UPDATE asset SET geom = ST_SetSRID(ST_MakePoint(24.95, 60.17), 4326) WHERE id = :asset AND geom IS NOT NULL",
        "DELETE FROM asset WHERE id = :asset",
        "UPDATE need SET status = 'met', closed_at = now() WHERE id = :need",
        "UPDATE need SET withheld = NOT withheld WHERE id = :need",
        "UPDATE need SET urgency = 'high', version = version + 1 WHERE id = :need",
        "UPDATE dwelling_cell SET dwellings = dwellings + 1",
    )

    def nothing(self) -> None:
        """Let time pass."""

    def new_asset(self) -> None:
        add_asset(self.session, Point(24.94, 60.17), name="New", is_private=self.rng.random() < 0.5)

    def new_need(self) -> None:
        add_need(self.session, Point(24.94, 60.17))

    def release(self) -> None:
        self.weeks += 1
        made = {"id": new_id(), "week": f"2026-W{self.weeks}", "content": b"{}", "resolution": 8, "k": 5}
        with operator(self.session):
            self.session.execute(insert(release).values(**made))
            cell = {"release_id": made["id"], "cell": "881126d331fffff", "kind": PublicKind.FOOD.value, "band": "5-9"}
            self.session.execute(insert(release_cell), [cell])

    def count(self) -> None:
        fold_changes(self.session)

    def written(self, statement: str) -> Any:
        def write() -> None:
            one = {
                "asset": self.session.scalar(text("SELECT id FROM asset ORDER BY random() LIMIT 1")),
                "need": self.session.scalar(text("SELECT id FROM need ORDER BY random() LIMIT 1")),
            }
            named = {name: value for name, value in one.items() if f":{name}" in statement}
            with operator(self.session):
                self.session.execute(text(statement), named)

        return write

    def go_on(self) -> None:
        self.rng.choice(self.kinds)()
        self.session.commit()


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_called_unchanged_that_has_changed(
    feed: TestClient, bank: TestClient, app: FastAPI, session: Session, seed: int
) -> None:
    assert app is feed.app
    history = History(session, seed)
    readers = [(reader, ITEMS.format(name) + query) for reader in (feed, bank) for name, query in ASKED[::2]]
    kept = {one: one[0].get(one[1]) for one in readers}
    told = {200: 0, 304: 0}
    remembering = app.state.answers
    for _ in range(STEPS):
        history.go_on()
        for one in readers:
            reader, path = one
            answer = reader.get(path, headers=knowing(kept[one]))
            # as somebody is answered who knows nothing, by a service that remembers nothing
            app.state.answers = Answers()
            now = reader.get(path)
            app.state.answers = remembering
            same = now.headers["etag"] == kept[one].headers["etag"]
            assert same == (now.content == kept[one].content)
            assert answer.status_code == (304 if same else 200)
            assert answer.content == (b"" if same else now.content)
            told[answer.status_code] += 1
            kept[one] = now
    assert min(told.values()) > 0
