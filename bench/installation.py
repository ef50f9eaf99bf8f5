"""An installation for a while: a private database and the real server as a process, to be broken and brought back."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import psycopg

from geo.domain.principals import NetworkRole, Tier
from geo.domain.words import Category
from geo.privacy.keyring import open_keys
from geo.store.accounts import invite
from geo.store.agreements import AgreementDraft, issue_key, make_agreement
from geo.store.cluster import Cluster
from geo.store.devices import add_device
from geo.store.engine import AUTH_ROLE, DEFAULT_NETWORK, Acting, make_engine, make_sessions, transaction
from geo.store.postmaster import list_processes, read_pid_file
from geo.store.signing_in import enrol, open_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    from geo.privacy.tokens import Token
    from geo.store.engine import SessionFactory

CHECKOUT: Final = Path(__file__).parent.parent
GENEROUS: Final = {
    "BARNRAISER_READS_PER_MIN": "1000000",
    "BARNRAISER_FEEDS_PER_MIN": "1000000",
    "BARNRAISER_BAD_KEYS_PER_MIN": "10000",
}
"""A harness asks more often than any person."""
BACKENDS: Final = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    ORDER BY state = 'active' DESC, state_change DESC LIMIT 1
"""
PATIENCE_S: Final = 300.0


class Installation:
    """A home folder of its own with its database and its server; both are gone when the block ends.

    Parameters
    ----------
    settings
        Variables of the environment for the server.
    """

    def __init__(self, **settings: str) -> None:
        # the account the database runs as must reach the folder
        self.home = Path(tempfile.mkdtemp(prefix="brn-"))
        self.home.chmod(0o755)
        self.cluster = Cluster(self.home)
        self.address = ""
        self.headers: dict[str, str] = {}
        self._port = 0
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BARNRAISER_")}
        self._environment = {**kept, **GENEROUS, "BARNRAISER_HOME": str(self.home), **settings}
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Make the database, and serve it."""
        try:
            self.cluster.start()
            self.cluster.ensure_database()
            self.start_server()
            self.headers = self.sign_in()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both and remove the folder."""
        self.close()

    def close(self) -> None:
        """Stop both and remove the folder."""
        self.kill_server(signal.SIGTERM)
        self.cluster.stop()
        shutil.rmtree(self.cluster.data.parent, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def sign_in(self) -> dict[str, str]:
        """Make another organizer of this installation, and give what their requests show of themselves."""
        with self._sessions() as sessions:
            with transaction(sessions, Acting(DEFAULT_NETWORK)) as session:
                person_id, _ = invite(session, f"harness-{uuid4()}", "Harness", NetworkRole.ADMIN)
            with transaction(sessions, Acting(network=None, role=AUTH_ROLE)) as session:
                return _shown(open_session(session, person_id, network_id=DEFAULT_NETWORK))

    def enrol_device(self) -> dict[str, str]:
        """Enrol a phone, and give what its requests show of it."""
        with self._sessions() as sessions:
            with transaction(sessions, Acting(DEFAULT_NETWORK)) as session:
                _, code = add_device(session, "harness")
            with transaction(sessions, Acting(network=None, role=AUTH_ROLE)) as session:
                return _shown(enrol(session, code))

    def agree_with_partner(self) -> dict[str, str]:
        """Agree with a partner of the closest tier on one cell, and give what its requests show of it."""
        draft = AgreementDraft(
            f"Harness {uuid4()}",
            Tier.REFERRAL,
            frozenset({"891126d3303ffff"}),
            frozenset(Category),
            "to be tested",
            datetime.now(UTC) + timedelta(days=30),
            quota_per_day=1_000_000,
        )
        with self._sessions() as sessions, transaction(sessions, Acting(DEFAULT_NETWORK)) as session:
            return _shown(issue_key(session, make_agreement(session, draft).id, label="harness"))

    @contextmanager
    def _sessions(self) -> Iterator[SessionFactory]:
        engine = make_engine(self.cluster.url)
        try:
            keys = open_keys(self.home / "keys.json", now=datetime.now(UTC), must_exist=True)
            yield make_sessions(engine, keys=keys)
        finally:
            engine.dispose()

    @property
    def roles(self) -> dict[str, dict[str, str]]:
        """What each kind of caller shows of itself."""
        return {
            "organizer": self.headers,
            "device": self.enrol_device(),
            "partner": self.agree_with_partner(),
            "nobody": {},
        }

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """Open a connection of the owner, past every policy."""
        return psycopg.connect(self.cluster.url, autocommit=True, connect_timeout=5)

    def start_server(self) -> None:
        """Serve, on the port of the time before if there was one.

        Raises
        ------
        RuntimeError
            With what the server said, when it does not come up.
        """
        said = self.home / "server.log"
        command = [sys.executable, "-m", "api.cli", "up", "--port", str(self._port)]
        with said.open("wb") as log:
            self._server = subprocess.Popen(command, cwd=CHECKOUT, env=self._environment, stderr=log)  # noqa: S603 - our own program
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self._server.poll() is None:
            if found := re.search(r"http://localhost:(\d+)", said.read_text("utf-8", "replace")):
                self._port, self.address = int(found[1]), found[0].replace("localhost", "127.0.0.1")
                return
            time.sleep(0.05)
        raise RuntimeError(f"the server did not come up: {said.read_text('utf-8', 'replace')[-2000:]}")

    def kill_server(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the process of the server, by default as a power cut would."""
        if self._server is None:
            return
        self._server.send_signal(number)
        self._server.wait(PATIENCE_S)
        self._server = None

    @property
    def server_pid(self) -> int:
        """The server's first process.

        Raises
        ------
        RuntimeError
            When it does not run.
        """
        if self._server is None:
            raise RuntimeError("there is no server")
        return self._server.pid

    @property
    def database_pid(self) -> int:
        """The database's first process.

        Raises
        ------
        RuntimeError
            When it does not run.
        """
        named = read_pid_file(self.cluster.data)
        if named is None:
            raise RuntimeError("there is no database")
        return named.pid

    def kill_database(self) -> None:
        """End the database's first process without warning; its children find out by themselves."""
        named = read_pid_file(self.cluster.data)
        if named is None or named.pid not in list_processes(self.cluster.data):
            raise RuntimeError("there is no database to kill")
        os.kill(named.pid, signal.SIGKILL)

    def kill_backend(self) -> None:
        """End the process behind one connection without warning, which resets all of them."""
        with self.connect() as connection:
            row = connection.execute(BACKENDS).fetchone()
        if row is not None and isinstance(row[0], int):
            os.kill(row[0], signal.SIGKILL)


def _shown(token: Token) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.text}"}
