"""The page for pullers: every command on it is run as it stands, with a partner's key, against a running service."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest
from sqlalchemy import text

from geo.domain.principals import Tier
from geo.store.engine import Acting, make_sessions, transaction
from geo.store.keys import register_keys

from tests.api.ogc.conftest import NEAR, fill
from tests.api.ogc.stand_ins import PROGRAMS
from tests.callers import partner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "pullers.md").read_text("utf-8")
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_RUN: Final = {"bash": ["bash", "-eu", "-o", "pipefail"], "python": [sys.executable], "r": ["Rscript"]}
"""How a block is run, by its language."""
_MORE: Final = text(
    "INSERT INTO asset (id, kind, categories, name, geom) SELECT gen_random_uuid(), 'food_bank', '{food}', "
    "'Bank ' || n, ST_SetSRID(ST_MakePoint(24.9 + n / 2000.0, 60.15 + n / 5000.0), 4326) "
    "FROM generate_series(1, 250) AS n"
)


def sections() -> dict[str, list[tuple[str, str]]]:
    """Give the blocks under each heading, with their language."""
    parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    return {name: _BLOCK.findall(told) for name, told in zip(parts[1::2], parts[2::2], strict=True)}


@dataclass(frozen=True)
class Desk:
    """A partner's desk: a folder to work in, and what the shell knows."""

    folder: Path
    environment: dict[str, str]
    visible: int
    """Assets that the key shows."""
    banks_near: int
    """Of those, the food banks in the box that the page asks for."""

    def run(self, section: str) -> str:
        """Run every block under a heading and give what they print."""
        return "".join(self.run_one(language, source) for language, source in sections()[section] if language in _RUN)

    def run_one(self, language: str, source: str) -> str:
        """Run one block and give what it prints."""
        script = self.folder / f"block.{language}"
        script.write_text(source, "utf-8")
        # R looks for programs on the path of this process
        program = shutil.which(_RUN[language][0], path=self.environment["PATH"])
        assert program
        command = [program, *_RUN[language][1:], str(script)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"{source}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def features(self, name: str) -> list[dict[str, object]]:
        return list(json.loads((self.folder / name).read_text("utf-8"))["features"])

    def rows(self, name: str) -> int:
        """Count the features in the one layer of a GeoPackage."""
        with closing(sqlite3.connect(self.folder / name)) as package:
            (table,) = package.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'").fetchone()
            return int(package.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608 - our own file


@pytest.fixture
def desk(own_db: Engine, tmp_path: Path, keys: KeyRing) -> Iterator[Desk]:
    register_keys(own_db, keys)
    sessions = make_sessions(own_db, keys=keys)
    with transaction(sessions) as session:
        fill(session)
    with transaction(make_sessions(own_db, role=None, keys=keys), Acting(role=None)) as session:
        session.execute(_MORE)
        visible = session.scalar(text("SELECT count(*) FROM asset WHERE NOT is_private"))
        box = "geom && ST_MakeEnvelope(24.9, 60.1, 24.95, 60.2, 4326)"
        near = session.scalar(text(f"SELECT count(*) FROM asset WHERE kind = 'food_bank' AND {box}"))  # noqa: S608
    key = partner(sessions, NEAR, Tier.COARSE, quota_per_day=100_000)[1].text
    url = own_db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.api.ogc.serve_feeds", url, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        site = f"http://127.0.0.1:{int(service.stdout.readline())}"
        folder = tmp_path / "desk"
        folder.mkdir()
        yield Desk(folder, _environment(tmp_path, site, key), int(visible or 0), int(near or 0))
        service.terminate()


def _environment(folder: Path, site: str, key: str) -> dict[str, str]:
    """What a partner's shell knows, with stand-ins on its path for programs that are not installed."""
    programs = folder / "programs"
    programs.mkdir()
    for name in set(PROGRAMS) - {name for name in PROGRAMS if shutil.which(name)}:
        stand_in = programs / name
        stand_in.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tests.api.ogc.stand_ins {name} "$@"\n', "utf-8"
        )
        stand_in.chmod(0o755)
    path = os.pathsep.join([os.environ["PATH"], str(programs)])
    headless = {"QT_QPA_PLATFORM": "offscreen", "no_proxy": "*"}
    return dict(os.environ) | headless | {"SITE": site, "KEY": key, "PATH": path}


@pytest.mark.own_db
def test_every_command_for_pullers_runs_as_it_stands(desk: Desk) -> None:
    curl = desk.run("curl")
    assert curl.endswith("200\n304\n")
    assert len(desk.features("ten.json")) == 10
    assert len(desk.features("assets.json")) == desk.visible > 250
    assert (desk.folder / "assets.geojsons").read_bytes().count(b"\x1e") == desk.visible
    assert {one["properties"]["kind"] for one in desk.features("food_banks.json")} == {"food_bank"}  # type: ignore[index]
    desk.run("A spreadsheet")
    assert len((desk.folder / "assets.csv").read_text("utf-8").splitlines()) == desk.visible + 1
    assert (desk.folder / "needs.csv").read_text("utf-8").startswith("id,")
    python = desk.run("Python")
    assert f"{desk.visible} assets in" in python
    assert f"{desk.visible} assets, each once: True" in python
    assert "4 needs are kept" in python
    assert python.endswith("\n5\n")
    _check_copy_goes_on(desk)
    _check_gdal(desk)
    assert f"{desk.visible} assets, 4 needs" in desk.run("R")
    assert f"{desk.visible} services, such as" in desk.run("HSDS")
    assert len(json.loads((desk.folder / "services.json").read_text("utf-8"))["contents"]) == 100
    _check_power_query(desk)


def _check_copy_goes_on(desk: Desk) -> None:
    """A second start goes on from its cursor instead of beginning again."""
    copy = json.loads((desk.folder / "needs_copy.json").read_text("utf-8"))
    copy["needs"].pop(next(iter(copy["needs"])))
    (desk.folder / "needs_copy.json").write_text(json.dumps(copy), "utf-8")
    (program,) = (one for one in sections()["Python"] if "needs_copy.json" in one[1])
    assert desk.run_one(*program) == "3 needs are kept\n"


def _check_gdal(desk: Desk) -> None:
    assert f"Feature Count: {desk.visible}\n" in desk.run("GDAL")
    assert desk.rows("partner.gpkg") == desk.visible
    assert len(desk.features("near.geojson")) == desk.banks_near > 20
    desk.run("QGIS")
    assert desk.rows("needs.gpkg") == 4
    assert desk.rows("need_centres.gpkg") == 4


def _check_power_query(desk: Desk) -> None:
    """What the spreadsheet's own query asks is answered with rows."""
    (source,) = (told for language, told in sections()["A spreadsheet"] if language == "powerquery")
    address = re.search(r'Web\.Contents\("http://localhost:8000(/[^"]+)"', source)
    query = re.search(r'Query = \[(\w+) = "(\w+)"\]', source)
    assert address
    assert query
    header = {"Authorization": f"Bearer {desk.environment['KEY']}"}
    answer = httpx.get(desk.environment["SITE"] + address[1], params={query[1]: query[2]}, headers=header)
    assert answer.content == (desk.folder / "assets.csv").read_bytes()


def test_no_command_for_pullers_is_left_unrun() -> None:
    """Every block of the page is of a language that is run, or is one of the two that are somebody's to fill in."""
    found = [(name, language) for name, blocks in sections().items() for language, _ in blocks]
    others = [one for one in found if one[1] not in _RUN]
    assert others == [("Once", "text"), ("A spreadsheet", "powerquery")]
    assert len(found) - len(others) >= 14
    assert PAGE.count("```") == 2 * len(found)


def test_a_key_of_the_page_stands_in_no_address() -> None:
    for _, source in (block for blocks in sections().values() for block in blocks):
        assert not re.search(r"https?://\S*(?:KEY|token)", source)
        assert "$SITE" not in source or "Authorization" in source or "GDAL_HTTP_HEADER_FILE" in source
