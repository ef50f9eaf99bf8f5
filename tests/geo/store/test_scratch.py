from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import text

from geo.store.engine import make_sessions
from geo.store.migrate import current_revision, head_revision
from geo.store.needs import count_balance
from geo.store.scratch import open_scratch

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.engine import URL


def names(admin: Engine) -> set[str]:
    with admin.connect() as connection:
        found = connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE 'barnraiser_scratch_%'"))
        return set(found)


def test_is_migrated_and_empty_and_gone_afterwards(admin: Engine, server_url: URL, tmp_path: Path) -> None:
    with open_scratch(tmp_path, server_url.render_as_string(hide_password=False)) as engine:
        name = engine.url.database
        assert current_revision(engine) == head_revision()
        with make_sessions(engine)() as session:
            assert count_balance(session).received == 0
        assert name in names(admin)
    assert name not in names(admin)


def test_is_gone_after_an_error_too(admin: Engine, server_url: URL, tmp_path: Path) -> None:
    opened = open_scratch(tmp_path, server_url.render_as_string(hide_password=False))
    with suppress(ZeroDivisionError), opened as engine:
        name = engine.url.database
        1 / 0  # noqa: B018 - any error will do
    assert name not in names(admin)
