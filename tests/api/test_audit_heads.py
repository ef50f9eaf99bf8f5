"""The heads of the audit are kept in a second place while the server runs."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from geo.store.audit_chain import HEADS_FILE, read_heads
from geo.store.engine import make_sessions, transaction

from api.app import create_app
from api.audit_heads import keep_heads
from tests.api.conftest import TestClient
from tests.factories import add_need

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from api.settings import Settings

PATIENCE_S = 30.0


@pytest.mark.own_db
def test_a_server_keeps_the_head_as_soon_as_it_runs(own_db: Engine, settings: Settings, tmp_path: Path) -> None:
    with transaction(make_sessions(own_db)) as session:
        add_need(session)
    url = own_db.url.render_as_string(hide_password=False)
    home = settings.home.model_copy(update={"database_url": url})
    with TestClient(create_app(replace(settings, home=home), with_dashboard=False)):
        pass
    assert [head.seq for head in read_heads(tmp_path / HEADS_FILE)] == [1]


@pytest.mark.own_db
def test_heads_are_on_the_disk_before_it_goes_on(
    own_db: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = make_sessions(own_db, role=None)
    keep = partial(keep_heads, sessions, tmp_path)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    for number in (1, 2):
        with transaction(sessions) as session:
            add_need(session)
        keep()
        keep()
        assert [head.seq for head in read_heads(tmp_path / HEADS_FILE)] == list(range(1, number + 1))
    assert len(synced) == 4
