"""The public files over HTTP: the same for everybody, without a parameter and without a session."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import h3
import pytest
from sqlalchemy import text

from geo.privacy.cells import cell_centre, cell_of
from geo.privacy.public_file import FILE_NAME, content_hash
from geo.store.dwellings import replace_dwellings
from geo.store.releases import find_release

from api.publishing import publish, publishing, replace_file
from bench import attacks
from tests.api.conftest import TestClient, assert_problem
from tests.api.rfc7946 import check_collection, parse
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

    from api.publishing import Published
    from api.settings import Settings

FULL = bool(os.environ.get("BARNRAISER_FULL"))
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
BIG = cell_of(HELSINKI, 8)
SMALL = sorted(map(str, h3.cell_to_children(BIG, 9)))


@pytest.fixture
def published(session: Session, sessions: SessionFactory, settings: Settings) -> Published:
    replace_dwellings(session, dict.fromkeys(SMALL, 100))
    for n in range(12):
        add_need(session, cell_centre(SMALL[n % 7]), received_at=NOW - timedelta(days=40))
    add_asset(session)
    session.commit()
    publish(sessions, settings.home.home, now=NOW - timedelta(days=7))
    return publish(sessions, settings.home.home, now=NOW)


def test_the_newest_release_is_found_through_the_pointer(published: Published, anonymous: TestClient) -> None:
    latest = anonymous.get(f"/public/{published.network}/latest.json")
    assert latest.json()["released"] == "2026-W47"
    answer = anonymous.get(f"/public/{published.network}/{latest.json()['file']}")
    assert answer.headers["content-type"] == "application/geo+json"
    found = parse(answer.text)
    check_collection(found)
    assert [feature["id"] for feature in found["features"]] == [BIG]
    assert content_hash(answer.content) == latest.json()["sha256"]
    check_collection(parse(anonymous.get(f"/public/{published.network}/assets.geojson").text))


def test_publishing_again_gives_the_same_bytes(
    published: Published, sessions: SessionFactory, settings: Settings
) -> None:
    before = {path.name: path.read_bytes() for path in published.folder.iterdir()}
    assert publish(sessions, settings.home.home, now=NOW + timedelta(days=3)) == published
    assert {path.name: path.read_bytes() for path in published.folder.iterdir()} == before
    assert len(before) == 5


@pytest.mark.parametrize("query", ["?k=1", "?bbox=24,60,25,61", "?resolution=9", "?", "?_=1"])
def test_there_is_no_parameter(published: Published, anonymous: TestClient, query: str) -> None:
    for name in ("", "latest.json", "assets.geojson", published.file):
        answer = anonymous.get(f"/public/{published.network}/{name}{query}")
        if query == "?":
            assert answer.status_code == 200
        else:
            assert_problem(answer, 422)


@pytest.mark.parametrize(
    "name",
    ["2026-W47-000000000000.geojson", ".latest.json.part", "..%2Flatest.json", "%2e%2e/latest.json", "secret.txt", "a"],
)
def test_nothing_else_is_served(published: Published, anonymous: TestClient, name: str) -> None:
    (published.folder / "secret.txt").write_text("x")
    (published.folder / ".latest.json.part").write_text("x")
    assert anonymous.get(f"/public/{published.network}/{name}").status_code == 404
    assert_problem(anonymous.get("/public/nobody/latest.json"), 404)
    assert_problem(anonymous.get("/public/nobody/"), 404)


def test_the_tag_is_made_of_the_content_alone(published: Published, anonymous: TestClient) -> None:
    url = f"/public/{published.network}/{published.file}"
    first, head = anonymous.get(url), anonymous.head(url)
    assert first.headers["etag"].strip('"') == content_hash(first.content)[:32]
    assert head.headers["etag"] == first.headers["etag"]
    assert anonymous.get(url, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert "immutable" in first.headers["cache-control"]
    assert "last-modified" not in first.headers


def test_files_need_no_database(published: Published, anonymous: TestClient, app: FastAPI) -> None:
    app.state.sessions = None
    for name in ("", "ar.html", "page.css", "icon.svg", "latest.json", published.file):
        assert anonymous.get(f"/public/{published.network}/{name}").status_code == 200


def fetching(anonymous: TestClient) -> attacks.Fetch:
    def fetch(path: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        answer = anonymous.get(path, headers=dict(headers))
        return answer.status_code, answer.headers, answer.content

    return fetch


def test_asking_again_or_with_parameters_gives_nothing_new(published: Published, anonymous: TestClient) -> None:
    path, many = f"/public/{published.network}/{published.file}", 10_000 if FULL else 300
    assert attacks.fetch_often(fetching(anonymous), path, 1_000 if FULL else 100) == 1
    asked = attacks.ask_parameters(fetching(anonymous), path, many, 0)
    assert (asked["answered"], asked["different answers"], asked["refused"]) == (0, 0, many)


def test_hidden_rows_change_no_body_tag_or_length(
    published: Published, anonymous: TestClient, session: Session, sessions: SessionFactory, settings: Settings
) -> None:
    def latest() -> list[tuple[int, Mapping[str, str], bytes]]:
        publish(sessions, settings.home.home, now=NOW + timedelta(days=7))
        return [fetching(anonymous)(f"/public/{published.network}/{n}", {}) for n in ("latest.json", "assets.geojson")]

    plain = latest()
    with operator(session):
        session.execute(text("DELETE FROM release WHERE week = '2026-W48'"))
    session.commit()
    assert find_release(session, "2026-W48") is None
    far = cell_centre(next(iter(h3.grid_ring(BIG, 6))))
    for _ in range(40):
        add_need(session, far, received_at=NOW - timedelta(days=40))
    session.commit()
    hidden = latest()
    for one, other in zip(plain, hidden, strict=True):
        assert attacks.compare_answers(lambda *_, a=one: a, "", lambda *_, b=other: b) == {
            "same body": True, "same headers": True,
        }  # fmt: skip


def test_a_process_killed_while_writing_leaves_the_file_before(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    replace_file(path, b"old")
    stuck = (
        "import pathlib, sys, time\n"
        "from api.publishing import replace_file\n"
        "def wait(self, target):\n"
        "    print('written', flush=True)\n"
        "    time.sleep(600)\n"
        "pathlib.Path.replace = wait\n"
        "replace_file(pathlib.Path(sys.argv[1]), b'new' * 1000)\n"
    )
    command = [sys.executable, "-c", stuck, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "written\n"
        os.kill(writer.pid, signal.SIGKILL)
    assert path.read_bytes() == b"old"
    replace_file(path, b"newer")
    assert path.read_bytes() == b"newer"
    (left,) = (p for p in tmp_path.iterdir() if p != path)
    assert not FILE_NAME.fullmatch(left.name)


def test_what_a_killed_process_left_is_cleared_away(
    published: Published, sessions: SessionFactory, settings: Settings
) -> None:
    old, fresh = (published.folder / f".latest.json.{n}.part" for n in (1, 2))
    for part in (old, fresh):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    publish(sessions, settings.home.home, now=NOW)
    assert fresh.exists()
    assert not old.exists()


async def _run_until(done: Callable[[], object], engine: Engine, home: Path) -> None:
    async with publishing(engine, home), asyncio.timeout(30):
        while not done():  # noqa: ASYNC110 - the work is done by another thread
            await asyncio.sleep(0.02)


@pytest.mark.own_db
def test_the_server_publishes_by_itself_and_survives_a_failure(
    own_db: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(_run_until(lambda: list(tmp_path.rglob("latest.json")), own_db, tmp_path))
    (latest,) = tmp_path.rglob("latest.json")
    before = latest.read_bytes()
    assert json.loads(before)["file"] in {path.name for path in latest.parent.iterdir()}
    latest.unlink()
    latest.mkdir()
    asyncio.run(_run_until(lambda: caplog.text, own_db, tmp_path))
    assert "the public files stay as they are" in caplog.text
