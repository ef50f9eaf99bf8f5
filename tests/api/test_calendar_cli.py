"""The calendar from the command line, and the round that lays shifts out."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.domain.calendar import ActivityDraft
from geo.domain.ids import new_id
from geo.store.activities import create_activity
from geo.store.engine import make_sessions, transaction

from api.cli import run
from api.laying_out import laying_out
from tests.factories import add_helper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
FILE = (
    f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:{SOON:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nSUMMARY:Sorting\r\n"
    "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART:never\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def store(own_db: Engine, keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> SessionFactory:
    """A database of the command's own, opened as the operator does."""
    sessions = make_sessions(own_db, role=None, keys=keys)

    @contextmanager
    def opened(_settings: Any) -> Iterator[Any]:
        yield SimpleNamespace(engine=own_db, sessions=sessions, keys=keys)

    monkeypatch.setattr("api.commands.calendar.open_store", opened)
    return sessions


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run(["calendar", *arguments, "--json"]) in (0, 1)
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("store")
def test_a_file_is_taken_over_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "theirs.ics"
    file.write_bytes(FILE.encode())
    first = ask(capsys, "import", str(file), "--role", "driver", "--most", "2")
    assert (first["created"], [found["line"] for found in first["skipped"]]) == (1, [8])
    assert ask(capsys, "import", str(file))["unchanged"] == 1
    (shift,) = ask(capsys, "list")["shifts"]
    assert (shift["title"], shift["roles"], shift["taken"]) == ("Sorting", {"driver": 2}, {})
    assert ask(capsys, "list", "--days", "1")["shifts"] == []
    assert run(["calendar", "list"]) == 0
    assert "Sorting  driver 0/2" in capsys.readouterr().out
    assert ask(capsys, "extend") == {"created": 0}


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("content", [b"hello", b"\xff\xfe", b""])
def test_what_is_no_calendar_is_bad_input(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "no.ics"
    file.write_bytes(content)
    assert run(["calendar", "import", str(file)]) == 2


def test_a_feed_is_opened_and_ended(store: SessionFactory, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction(store) as session:
        helper = add_helper(session, None)
    made = ask(capsys, "token", "helper", "--subject", str(helper.id), "--label", "Phone")
    assert made["path"] == f"/v1/calendar.ics?token={made['token']}"
    assert run(["calendar", "revoke", made["id"]]) == 0
    assert run(["calendar", "revoke", str(new_id())]) == 1
    assert run(["calendar", "token", "helper"]) == 2
    with transaction(store) as session:
        assert session.scalar(text("SELECT revoked_at IS NOT NULL FROM access.calendar_feed")) is True


def test_a_running_server_lays_out_what_the_days_have_brought(store: SessionFactory, own_db: Engine) -> None:
    past = datetime.now(UTC) - timedelta(days=50)
    draft = ActivityDraft("Kitchen", f"DTSTART:{past:%Y%m%dT%H%M%SZ}\nDURATION:PT1H\nRRULE:FREQ=WEEKLY", {"cook": 1})
    with transaction(store) as session:
        create_activity(session, draft, now=past)
    count = text("SELECT count(*) FROM shift")
    with own_db.connect() as connection:
        before = connection.scalar(count)

    async def serve() -> None:
        async with laying_out(own_db, every_s=0.01):
            for _ in range(200):
                await asyncio.sleep(0.05)
                with own_db.connect() as connection:
                    if connection.scalar(count) != before:
                        return

    asyncio.run(serve())
    with own_db.connect() as connection:
        assert connection.scalar(count) == (before or 0) + 7
