"""``export tiles``: one file, for each audience what it may have, read by the library and by GDAL."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h3
import pyogrio
import pytest
from pmtiles.reader import MmapSource, Reader

from geo.domain.place import Point
from geo.domain.tiles import AgreedInCell
from geo.domain.words import Audience, Category
from geo.privacy.allow_list import ALLOWED
from geo.privacy.cells import cell_of
from geo.store import tile_sheets
from geo.store.agreements import end_agreement
from geo.store.dwellings import replace_dwellings
from geo.store.engine import make_sessions, transaction
from geo.store.network import set_service_area

from api.cli import run
from api.commands.jobs import load_settings, open_store
from tests.api.conftest import SERVICE_AREA
from tests.callers import partner
from tests.factories import add_asset, add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from geo.store.engine import SessionFactory

pytestmark = pytest.mark.own_db
HOME = "Somebody's garage"


@dataclass
class Exported:
    """What a run of the command left behind."""

    code: int
    said: str
    path: Path

    def layers(self) -> dict[str, list[dict[str, Any]]]:
        """What GDAL reads at the nearest zoom; it opens the archive by itself."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [name for name, _ in pyogrio.list_layers(self.path)]
            frames = {name: pyogrio.read_dataframe(self.path, layer=name, CLIP="NO") for name in names}
        return {name: frame.drop(columns="geometry").to_dict("records") for name, frame in frames.items() if len(frame)}

    def archive(self) -> tuple[dict[str, Any], dict[str, Any]]:
        with self.path.open("rb") as file:
            reader = Reader(MmapSource(file))
            return reader.header(), reader.metadata()


@pytest.fixture
def town(installed: Engine) -> SessionFactory:
    with open_store(load_settings()) as store:
        keys = store.keys
    with transaction(make_sessions(installed, role=None, keys=keys)) as session:
        set_service_area(session, SERVICE_AREA)
        replace_dwellings(session, dict.fromkeys(map(str, h3.grid_disk(cell_of(HELSINKI), 6)), 90))
    sessions = make_sessions(installed, keys=keys)
    with transaction(sessions) as session:
        add_need(session)
        add_need(session, Point(25.05, 60.25), category=Category.WATER)
        add_asset(session)
        add_asset(session, name=HOME, is_private=True)
    return sessions


@pytest.fixture
def export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def export(*given: str, what: str = "tiles") -> Exported:
        path = tmp_path / "out.pmtiles"
        code = run(["export", what, "--out", str(path), *given])
        return Exported(code, capsys.readouterr().err, path)

    return export


def test_everybody_is_given_public_places_alone(town: SessionFactory, export: Any) -> None:
    assert town
    made = export("--audience", "public")
    assert made.code == 0, made.said
    layers = made.layers()
    assert [one["name"] for one in layers.pop("places")] == ["Corner pantry"]
    # before the first release there is no coverage, and needs and homes are never there
    assert layers.keys() <= {"assets"}
    header, said = made.archive()
    assert (header["max_zoom"], header["min_lon_e7"]) == (14, round(SERVICE_AREA[0] * 1e7))
    assert {layer["id"] for layer in said["vector_layers"]} == {"assets", "places", "coverage"}
    assert HOME.encode() not in made.path.read_bytes()
    assert not list(made.path.parent.glob("*.part"))


def test_a_file_shows_one_moment(town: SessionFactory, export: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = tile_sheets.list_tiles

    def while_it_is_written(*given: Any) -> Any:
        found = listed(*given)
        with transaction(town) as session:
            add_asset(session, name="Later")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(tile_sheets, "list_tiles", while_it_is_written)
        made = export("--audience", "public")
    assert made.code == 0, made.said
    assert [one["name"] for one in made.layers()["places"]] == ["Corner pantry"]
    assert {one["name"] for one in export("--audience", "public").layers()["places"]} == {"Corner pantry", "Later"}


def test_organizers_are_given_all_layers(town: SessionFactory, export: Any) -> None:
    assert town
    made = export("--audience", "organizer", "--max-zoom", "12", "--format", "pmtiles")
    assert made.code == 0, made.said
    layers = made.layers()
    assert layers.keys() == {"needs", "assets", "homes", "coverage"}
    assert sum(one["count"] for one in layers["needs"]) == 2
    assert sum(one["demand"] for one in layers["coverage"]) == 2
    _, said = made.archive()
    assert {layer["id"]: layer["maxzoom"] for layer in said["vector_layers"]} == dict.fromkeys(layers, 12)


def test_a_partner_is_given_its_own_view(town: SessionFactory, export: Any) -> None:
    made_id, _ = partner(town, frozenset(map(str, h3.grid_disk(cell_of(HELSINKI), 3))))
    made = export("--audience", "partner", "--agreement", "Food bank")
    assert made.code == 0, made.said
    needs = made.layers()["needs"]
    assert sum(one["count"] for one in needs) == 1
    assert {name for one in needs for name in one} <= {"mvt_id", *ALLOWED[AgreedInCell][Audience.PARTNER]}
    assert "homes" not in made.layers()
    assert export("--audience", "organizer", "--agreement", "Food bank").code == 2
    assert export("--audience", "partner", "--agreement", "Nobody").code != 0
    with transaction(town) as session:
        end_agreement(session, made_id)
    before = made.path.read_bytes()
    assert export("--audience", "partner", "--agreement", "Food bank").code != 0
    # what was there stays until another is whole
    assert made.path.read_bytes() == before


def test_what_cannot_be_written_leaves_no_file(installed: Engine, export: Any) -> None:
    assert installed
    for given in (("--audience", "public"), ("--audience", "asker"), ("--audience", "public", "--format", "csv")):
        refused = export(*given)
        assert refused.code != 0
        assert not list(refused.path.parent.glob("*.p*"))
    assert export("--audience", "public", "--format", "pmtiles", what="needs").code == 2
    assert export("--audience", "public", "--agreement", "x", what="needs").code == 2
    assert run(["export", "tiles", "--audience", "public"]) == 2
