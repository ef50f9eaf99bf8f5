"""A full pull by next links while others write: every feature that is there all the while, exactly once."""

from __future__ import annotations

import os
import random
import threading
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geo.store.engine import Acting, make_sessions, transaction
from geo.store.keys import register_keys

from api.app import create_app
from tests.api.conftest import TestClient
from tests.api.ogc.conftest import ITEMS
from tests.callers import bearing, organizer

if TYPE_CHECKING:
    from typing import Self
    from uuid import UUID

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

    from api.settings import Settings

AT_ONCE = 2_000
COUNT = 200_000 if os.environ.get("BARNRAISER_FULL") else 2_000
WRITERS = 8
PAGE = 1000 if os.environ.get("BARNRAISER_FULL") else 100
_MAKE = (
    "INSERT INTO asset (id, kind, categories, name, geom) SELECT gen_random_uuid(), 'pantry', '{food}', 'a' || n, "
    "ST_SetSRID(ST_MakePoint(24.8 + random() / 4, 60.1 + random() / 5), 4326) FROM generate_series(1, :count) AS n"
)
_CHANGES = {
    "new": _MAKE.replace(":count", "3"),
    "change": "UPDATE asset SET name = name || '.', version = version + 1, updated_at = now() WHERE id = :id",
    "move": "UPDATE asset SET geom = ST_SetSRID(ST_MakePoint(24.9, 60.2), 4326), updated_at = now() WHERE id = :id",
    "remove": "DELETE FROM asset WHERE id = :id",
}


class Writers:
    """Eight who make, change, move and remove without a pause; what they removed is remembered."""

    def __init__(self, sessions: SessionFactory, ids: list[UUID]) -> None:
        self.sessions, self.ids = sessions, ids
        self.removed: set[str] = set()
        self.done = threading.Event()
        self.turns = 0
        self.threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def _write(self, number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - chooses what is changed, guards nothing
        # each removes of its own share, so that no two wait for each other
        own = self.ids[number::WRITERS]
        while not self.done.is_set():
            what, one = rng.choice(list(_CHANGES)), rng.choice(own)
            with transaction(self.sessions, Acting(role=None)) as session:
                session.execute(text(_CHANGES[what]), {"id": one} if what != "new" else {})
            if what == "remove":
                self.removed.add(str(one))
            self.turns += 1
            time.sleep(0.002)

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.own_db
@pytest.mark.parametrize("narrowed", ["", "&filter=kind = 'pantry'&bbox=20,50,30,70"])
def test_a_pull_while_others_write_gives_each_feature_once(
    own_db: Engine, settings: Settings, keys: KeyRing, narrowed: str
) -> None:
    register_keys(own_db, keys)
    sessions = make_sessions(own_db, keys=keys)
    with transaction(sessions, Acting(role=None)) as session:
        for _ in range(COUNT // AT_ONCE):
            session.execute(text(_MAKE), {"count": AT_ONCE})
        ids = list(session.scalars(text("SELECT id FROM asset ORDER BY id")))
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    client = TestClient(app, headers=bearing(organizer(sessions)))
    seen: list[str] = []
    with client, Writers(sessions, ids) as writers:
        path = f"{ITEMS.format('assets')}?limit={PAGE}&properties=version{narrowed}"
        while path:
            page = client.get(path).json()
            seen += [one["id"] for one in page["features"]]
            path = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
    assert writers.turns > WRITERS
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    lived = {str(one) for one in ids} - writers.removed
    assert lived <= set(seen)
    # what was removed before the pull came to it is not there, and nothing is made up
    assert len(seen) <= COUNT + 3 * writers.turns
