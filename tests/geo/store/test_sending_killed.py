"""Workers and the database are killed in the midst of sending: nothing is lost, and nothing is left twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from geo.domain.drafts import Contact
from geo.domain.message_texts import Template
from geo.domain.messages import MessageState, Recipient, RecipientKind
from geo.store.cluster import Cluster
from geo.store.contacts import store_contact
from geo.store.engine import make_engine, make_sessions, transaction
from geo.store.keys import register_keys
from geo.store.message_tables import local_outbox, message
from geo.store.messages import queue_message
from geo.store.migrate import migrate
from geo.store.postmaster import read_pid_file

from tests.factories import add_helper
from tests.ring import RING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.store.engine import SessionFactory

IS_FULL: Final = bool(os.environ.get("BARNRAISER_FULL"))
MESSAGES: Final = 10_000 if IS_FULL else 120
KILLS: Final = 12 if IS_FULL else 2
ROOT: Final = Path(__file__).parents[3]
PATIENCE_S: Final = 1_800.0 if IS_FULL else 120.0


@dataclass(frozen=True)
class House:
    """A database that may be killed."""

    cluster: Cluster
    sessions: SessionFactory


@pytest.fixture
def house() -> Iterator[House]:
    home = Path(tempfile.mkdtemp(prefix="brn-"))
    home.chmod(0o755)
    cluster = Cluster(home)
    try:
        cluster.start()
        cluster.ensure_database()
        engine = make_engine(cluster.url)
        migrate(engine)
        register_keys(engine, RING)
        yield House(cluster, make_sessions(engine, role=None, keys=RING))
        engine.dispose()
    finally:
        cluster.stop()
        shutil.rmtree(cluster.data.parent, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def fill(house: House) -> None:
    with transaction(house.sessions) as session:
        helper = add_helper(session)
        store_contact(session, "helper_id", helper.id, Contact(email="aino@example.org"))
        for n in range(MESSAGES):
            queue_message(
                session,
                key=f"match:{n}:asked",
                recipient=Recipient(RecipientKind.HELPER, helper.id),
                template=Template.HELPER_ASKED,
                parameters={"link": f"https://example.org/h/{n}"},
            )


def count(house: House, *states: MessageState) -> int:
    query = select(func.count()).select_from(message).where(message.c.state.in_([one.value for one in states]))
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with transaction(house.sessions) as session:
                return session.scalar(query) or 0
        except SQLAlchemyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def workers(house: House, ahead_min: int, *more: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "tests.geo.store.message_worker", house.cluster.url, str(ahead_min), *more]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    try:
        yield running
    finally:
        for one in running:
            one.kill()
            one.wait()


def wait_for(house: House, sent: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while count(house, MessageState.SENT) < sent:
        assert time.monotonic() < deadline, "the workers send nothing"
        time.sleep(0.05)


def kill_and_go_on(house: House, *more: str) -> None:
    """Kill both workers each time, and every third time the database before them; then let the last ones finish."""
    rng = random.Random(0)  # noqa: S311 - when to kill, not a secret
    for n in range(KILLS):
        # leases of the round before are over by this clock
        with workers(house, 5 * n, *more):
            wait_for(house, MESSAGES * (n + 1) // (KILLS + 2))
            time.sleep(rng.random() * 0.05)
            if n % 3 == 1:
                named = read_pid_file(house.cluster.data)
                assert named is not None
                os.kill(named.pid, signal.SIGKILL)
                # they meet a database that is away, and must outlive it
                time.sleep(0.3)
                house.cluster.start()
                wait_for(house, MESSAGES * (n + 1) // (KILLS + 2) + 1)
    with workers(house, 5 * KILLS, *more):
        wait_for(house, MESSAGES)


@pytest.mark.slow
def test_whatever_is_killed_each_is_left_once(house: House) -> None:
    fill(house)
    kill_and_go_on(house)
    with transaction(house.sessions) as session:
        left = Counter(session.scalars(select(local_outbox.c.message_id)))
        tries = session.scalars(select(message.c.tries)).all()
    assert len(left) == MESSAGES
    assert set(left.values()) == {1}
    # some were in the hands of a worker that was killed, or else nothing was tried here
    assert max(tries) > 1


@pytest.mark.slow
def test_whatever_is_killed_none_that_goes_outside_is_lost_and_the_key_tells_repeats(
    house: House, tmp_path: Path
) -> None:
    fill(house)
    notes = tmp_path / "sent"
    kill_and_go_on(house, str(notes))
    sent = Counter(notes.read_text("utf-8").split())
    with transaction(house.sessions) as session:
        assert set(sent) == {str(one) for one in session.scalars(select(message.c.id))}
    assert len(sent) == MESSAGES
    # at least once: a worker that is killed, or loses the database, repeats at most the one it was sending
    assert sum(sent.values()) - MESSAGES <= 2 * (KILLS + KILLS // 3 + 1)
    assert count(house, MessageState.QUEUED, MessageState.SENDING, MessageState.FAILED) == 0
