from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from geo.errors import IdempotencyClash
from geo.store.engine import make_sessions, transaction
from geo.store.idempotency import count_keys, find_made, remember

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

BODY, OTHER = hashlib.sha256(b"a").digest(), hashlib.sha256(b"b").digest()


def test_a_key_gives_back_what_it_made(session: Session) -> None:
    key, made = uuid4(), uuid4()
    assert find_made(session, key, route="/v1/needs", body_hash=BODY) is None
    remember(session, key, route="/v1/needs", body_hash=BODY, record_id=made)
    assert find_made(session, key, route="/v1/needs", body_hash=BODY) == made
    assert count_keys(session) == 1


@pytest.mark.parametrize(("route", "body_hash"), [("/v1/needs", OTHER), ("/v1/assets", BODY)])
def test_a_key_means_one_thing(session: Session, route: str, body_hash: bytes) -> None:
    key = uuid4()
    remember(session, key, route="/v1/needs", body_hash=BODY, record_id=uuid4())
    with pytest.raises(IdempotencyClash):
        find_made(session, key, route=route, body_hash=body_hash)


@pytest.mark.own_db
def test_copies_at_the_same_moment_make_one_record(own_db: Engine) -> None:
    sessions, key, made = make_sessions(own_db), uuid4(), []

    def once() -> None:
        with transaction(sessions) as session:
            known = find_made(session, key, route="/v1/needs", body_hash=BODY)
            record_id = known or uuid4()
            if known is None:
                remember(session, key, route="/v1/needs", body_hash=BODY, record_id=record_id)
            made.append(record_id)

    threads = [threading.Thread(target=once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    assert isinstance(made[0], UUID)
