"""A revoked secret opens nothing that begins after the answer to its revocation, however busy the service is."""

from __future__ import annotations

import os
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from geo.domain.principals import CredentialKind
from geo.privacy.tokens import mint, parse
from geo.store.credentials import issue_script, list_credentials
from geo.store.engine import make_sessions, transaction

from api.app import create_app
from tests.callers import bearing, organizer

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection

    from geo.privacy.keyring import KeyRing
    from geo.privacy.tokens import Token
    from geo.store.engine import SessionFactory

    from api.settings import Settings

FULL = bool(os.environ.get("BARNRAISER_FULL"))
COUNT = 1000 if FULL else 24


@pytest.mark.own_db
@pytest.mark.slow
def test_nothing_begins_with_a_revoked_secret(own_db: Engine, settings: Settings, keys: KeyRing) -> None:
    sessions = make_sessions(own_db, keys=keys)
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    boss = organizer(sessions)
    tokens, ids = issue_many(sessions, COUNT)
    revoked_at: dict[int, float] = {}
    late: list[int] = []
    used, over = threading.Event(), threading.Event()

    with TestClient(app, raise_server_exceptions=False) as client:

        def use(worker: int) -> int:
            good = 0
            while not over.is_set():
                for number in range(worker, COUNT, 4):
                    begun = time.monotonic()
                    answer = client.get("/v1/session", headers=bearing(tokens[number]))
                    is_good = answer.json()["kind"] != "public"
                    good += is_good
                    if is_good and begun > revoked_at.get(number, float("inf")):
                        late.append(number)
                    used.set()
            return good

        with ThreadPoolExecutor(4) as pool:
            workers = [pool.submit(use, worker) for worker in range(4)]
            used.wait(30)
            for number, key_id in enumerate(ids):
                answer = client.delete(f"/v1/keys/{key_id}", headers=bearing(boss))
                revoked_at[number] = time.monotonic()
                assert answer.status_code == 204
            over.set()
            good = sum(done.result() for done in workers)
        left = [client.get("/v1/session", headers=bearing(token)).json()["kind"] for token in tokens]
    assert late == []
    assert good > 0
    assert set(left) == {"public"}


def issue_many(sessions: SessionFactory, count: int) -> tuple[list[Token], list[str]]:
    with transaction(sessions) as session:
        person = session.scalars(text("SELECT id FROM access.person")).one()
        tokens = [issue_script(session, person, timedelta(days=1), label=str(n)) for n in range(count)]
    with transaction(sessions) as session:
        found = {one.kid: str(one.id) for one in list_credentials(session, kinds=[CredentialKind.SCRIPT], limit=1000)}
    return tokens, [found[token.kid] for token in tokens]


def test_an_unknown_secret_and_a_wrong_one_are_the_same_miss(
    connection: Connection, sessions: SessionFactory, settings: Settings
) -> None:
    """Both are looked up by their keyed hash in one and the same statement, so no clock can tell them apart."""
    good = organizer(sessions)
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    unknown = mint(CredentialKind.SESSION)
    # the same public part with another secret, and a check sum that fits
    body = f"brs_{good.kid}_{unknown.text[13:56]}"
    wrong = parse(f"{body}_{zlib.crc32(body.encode()):08x}")
    assert wrong is not None
    seen: list[list[str]] = []
    with TestClient(app) as client:
        for token in (unknown, wrong):
            statements: list[str] = []

            def note(_c: object, _cur: object, statement: str, *_rest: object, kept: list[str] = statements) -> None:
                if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                    kept.append(statement)

            event.listen(connection, "before_cursor_execute", note)
            assert client.get("/v1/needs", headers=bearing(token)).status_code == 401
            event.remove(connection, "before_cursor_execute", note)
            seen.append(statements)
    assert seen[0] == seen[1]
    assert len(seen[0]) == 2
