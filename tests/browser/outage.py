"""A server of the demo city that a test can kill, freeze, slow down and start again, and whose sessions it can end."""

from __future__ import annotations

import signal
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from tests.browser.conftest import COMMAND, address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page
    from sqlalchemy import Connection


class Outage:
    """A running server, and what can befall it."""

    def __init__(self, environment: dict[str, str], *how: str) -> None:
        self.environment = environment
        self.how = how
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.base = f"http://localhost:{self.port}"
        self.start()

    def start(self) -> None:
        command = [COMMAND, "up", "--port", str(self.port), *self.how]
        self.served = subprocess.Popen(command, env=self.environment, stderr=subprocess.PIPE, text=True)
        assert address_of(self.served) == self.base

    def kill(self) -> None:
        self.served.kill()
        self.served.communicate(timeout=20)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it keep its connections and answer nothing."""
        self.served.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.served.send_signal(signal.SIGCONT)

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Make whoever asks for needs wait, as a long change of them would."""
        with self.database() as connection:
            connection.execute(text("LOCK TABLE need IN ACCESS EXCLUSIVE MODE"))
            yield
            connection.rollback()

    @contextmanager
    def database(self) -> Iterator[Connection]:
        engine = create_engine(self.environment["BARNRAISER_DATABASE_URL"])
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def revoke(self, login: str) -> None:
        """End every session of somebody, as an admin would from another place."""
        whose = "SELECT id FROM access.person WHERE login = :login"
        ends = f"UPDATE access.credential SET revoked_at = now() WHERE kind = 'session' AND person_id = ({whose})"  # noqa: S608 - ours
        with self.database() as connection:
            assert connection.execute(text(ends), {"login": login}).rowcount
            connection.commit()

    def close(self) -> None:
        self.served.terminate()
        self.served.communicate(timeout=20)


def said(page: Page, what: str, *, within_ms: int = 25_000) -> Any:
    """Wait for what the page says of its line to the server."""
    line = page.locator(f"#br-line[data-says={what}]")
    expect(line).to_be_visible(timeout=within_ms)
    return line
