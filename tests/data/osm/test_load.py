"""The bundled extract of central Helsinki, loaded for real."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import geopandas
import pytest
import shapely
from sqlalchemy import Engine, text

from geo.analysis.opening import is_readable
from geo.crs import geodesic_m
from geo.domain.words import AssetStatus, StepFree
from geo.errors import SourceUnreadable
from geo.store.areas import list_areas
from geo.store.assets import AssetFilter, list_assets
from geo.store.dwellings import get_dwellings
from geo.store.engine import SessionFactory, make_sessions, transaction
from geo.store.gazetteer import LocalGeocoder
from geo.store.gazetteer_sources import count_rows, find_bounds, find_source, list_addresses
from geo.store.network import get_network

from data.categories import KINDS
from data.loaders.osm import bundled_extract, load_osm
from data.loaders.osm.graph import graph_files
from data.loaders.report import LoadReport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

Loaded = tuple[SessionFactory, LoadReport, list[tuple[str, int, int]]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def city(engine: Engine, home: Path) -> Iterator[Loaded]:
    """The city loaded once, in an outer transaction that is rolled back at the end of the module."""
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = make_sessions(connection, role=None)
        steps: list[tuple[str, int, int]] = []
        report = load_osm(sessions, bundled_extract(), home=home, progress=lambda *step: steps.append(step))
        yield sessions, report, steps
        outer.rollback()


@pytest.fixture
def loaded(city: Loaded) -> Iterator[Session]:
    with city[0]() as session:
        yield session


def test_enough_doors_and_streets_are_found(loaded: Session) -> None:
    counts = count_rows(loaded)
    assert counts["address_points"] >= 1_400
    assert counts["streets"] >= 80
    assert counts["places"] >= 200
    assert counts["postcodes"] >= 5


def test_every_row_read_is_taken_or_skipped_with_a_reason(city: Loaded) -> None:
    report = city[1].as_dict()
    json.dumps(report)
    assert report["unchanged"] is False
    for layer in report["layers"].values():
        assert layer["read"] == layer["taken"] + sum(layer["skipped"].values())
    assert report["layers"]["addresses"]["skipped"] == {"no_street": 19}
    assert report["attribution"] == "© OpenStreetMap contributors"


def test_both_languages_lead_to_the_same_door(loaded: Session) -> None:
    finnish, swedish = LocalGeocoder(loaded).geocode_many(["Fabianinkatu 28", "Fabiansgatan 28"])
    assert finnish.best is not None
    assert swedish.best is not None
    assert finnish.best.point == swedish.best.point
    assert (finnish.best.label[:15], swedish.best.label[:15]) == ("Fabianinkatu 28", "Fabiansgatan 28")


def test_lengths_are_true_metres(loaded: Session) -> None:
    lengths = loaded.execute(text("SELECT length_m, ST_Length(geom::geography) FROM geo_street")).all()
    assert all(ours == pytest.approx(theirs, rel=0.0005, abs=0.06) for ours, theirs in lengths)


def test_the_service_area_reaches_half_a_kilometre_further(loaded: Session) -> None:
    bounds = find_bounds(loaded)
    assert bounds is not None
    west, south, east, north = bounds
    box = get_network(loaded).bbox
    assert box is not None
    assert float(geodesic_m([west], [south], [box[0]], [south])[0]) == pytest.approx(500, abs=15)
    assert float(geodesic_m([east], [north], [east], [box[3]])[0]) == pytest.approx(500, abs=15)


def test_assets_keep_what_the_map_says_and_own_up_to_what_it_does_not(loaded: Session) -> None:
    assets = list_assets(loaded, limit=1000)
    assert len(assets) > 100
    kinds = Counter(asset.kind for asset in assets)
    assert {"library", "pharmacy", "supermarket", "place_of_worship", "toilets"} <= kinds.keys()
    for asset in assets:
        assert asset.categories == KINDS[asset.kind].categories
        assert asset.description is not None
        assert "assumption" in asset.description
        assert asset.source == "osm"
        assert asset.source_ref is not None
    assert any(asset.opening_hours for asset in assets)
    unreadable = [asset for asset in assets if asset.opening_hours and not is_readable(asset.opening_hours)]
    assert [asset.opening_hours for asset in unreadable] == ["Mo-Fr 7:00-21; Sa-Su 12:00-18:00"]
    assert {StepFree.YES, StepFree.LIMITED, StepFree.UNKNOWN} <= {asset.step_free for asset in assets}


def test_areas_have_names_people_use_and_cover_every_door(loaded: Session) -> None:
    areas = list_areas(loaded)
    assert len({area.name for area in areas}) == len(areas) >= 4
    assert not any("hex" in area.name.lower() for area in areas)
    everything = shapely.union_all([area.geometry for area in areas])
    doors = [shapely.Point(row.point.lon, row.point.lat) for row in list_addresses(loaded)]
    assert all(everything.covers(door) for door in doors)


def test_dwellings_are_counted_where_people_live(loaded: Session) -> None:
    dwellings = get_dwellings(loaded)
    assert len(dwellings) >= 20
    assert 1_000 < sum(dwellings.values()) < 20_000


@pytest.mark.usefixtures("city")
def test_the_street_graph_is_written_with_lengths(home: Path) -> None:
    files = graph_files(home)
    nodes, edges = geopandas.read_parquet(files.nodes), geopandas.read_parquet(files.edges)
    assert len(nodes) > 5_000
    assert edges["length_m"].gt(0).mean() > 0.99
    assert set(edges["u"]) | set(edges["v"]) <= set(nodes["id"])
    assert sorted(path.name for path in files.nodes.parent.iterdir()) == ["walk_edges.parquet", "walk_nodes.parquet"]


def test_progress_runs_from_nothing_to_all(city: Loaded) -> None:
    done = [(done, total) for _, done, total in city[2]]
    assert done[0][0] == 0
    assert done[-1][0] == done[-1][1]
    assert done == sorted(done)


def test_the_same_file_again_changes_nothing(city: Loaded, home: Path) -> None:
    sessions, first, _ = city
    with sessions() as session:
        before = find_source(session, "osm")
    again = load_osm(sessions, bundled_extract(), home=home)
    assert again.unchanged
    assert again.as_dict() | {"unchanged": False, "elapsed_s": 0} == first.as_dict() | {"elapsed_s": 0}
    with sessions() as session:
        assert find_source(session, "osm") == before


def test_a_lost_graph_file_is_made_again_and_the_rows_stay_the_same(city: Loaded, home: Path) -> None:
    sessions, first, _ = city
    with sessions() as session:
        rows = list_addresses(session)
    graph_files(home).nodes.unlink()
    again = load_osm(sessions, bundled_extract(), home=home)
    assert not again.unchanged
    assert again.as_dict()["layers"] == first.as_dict()["layers"]
    assert graph_files(home).exist
    with sessions() as session:
        assert list_addresses(session) == rows


def test_another_extract_takes_the_place_of_the_first(city: Loaded, home: Path, tmp_path: Path) -> None:
    sessions = city[0]
    other = bundled_extract().with_name("test.osm.pbf")
    try:
        load_osm(sessions, other, home=tmp_path)
        with sessions() as session:
            live = list_assets(session, where=AssetFilter(status=AssetStatus.ACTIVE), limit=1000)
            assert 0 < len(live) < 20
            assert len(list_assets(session, limit=1000)) > 100
            assert not any("Keskusta" in area.name for area in list_areas(session))
            assert count_rows(session)["address_points"] == 7
    finally:
        graph_files(home).nodes.unlink()
        load_osm(sessions, bundled_extract(), home=home)
    with sessions() as session:
        live = list_assets(session, where=AssetFilter(status=AssetStatus.ACTIVE), limit=1000)
        assert len(live) > 100


def _broken(folder: Path, name: str) -> Path:
    whole = bundled_extract().read_bytes()
    contents = {
        "cut.osm.pbf": whole[: len(whole) // 2],
        "empty.osm.pbf": b"",
        "noise.osm.pbf": bytes(range(256)) * 40,
        "text.txt": b"street,number\n" * 50,
        "spoilt.osm.pbf": whole[:200_000] + bytes(200) + whole[200_200:],
    }
    path = folder / name
    path.write_bytes(contents[name])
    return path


@pytest.mark.parametrize("name", ["cut.osm.pbf", "empty.osm.pbf", "noise.osm.pbf", "text.txt", "spoilt.osm.pbf"])
def test_a_broken_file_is_refused_and_nothing_is_written(sessions: SessionFactory, tmp_path: Path, name: str) -> None:
    path = _broken(tmp_path, name)
    with pytest.raises(SourceUnreadable, match=name.split(".", maxsplit=1)[0]) as caught:
        load_osm(sessions, path, home=tmp_path / "home")
    assert str(tmp_path) not in str(caught.value)
    with transaction(sessions) as session:
        assert count_rows(session)["address_rows"] == 0
        assert list_assets(session) == []
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("missing", ["nothing.osm.pbf", "."])
def test_a_file_that_cannot_be_opened_is_named(sessions: SessionFactory, tmp_path: Path, missing: str) -> None:
    with pytest.raises(SourceUnreadable, match="cannot be opened"):
        load_osm(sessions, tmp_path / missing, home=tmp_path)


def test_a_failure_while_storing_keeps_the_old_graph_and_the_old_rows(
    city: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = city[0]
    with sessions() as session:
        before = find_source(session, "osm")
    files = graph_files(tmp_path)
    files.nodes.parent.mkdir()
    files.nodes.write_bytes(b"old")

    def refuse(*_args: object) -> None:
        raise SourceUnreadable("refused")

    monkeypatch.setattr("data.loaders.osm.load.upsert_assets", refuse)
    with pytest.raises(SourceUnreadable, match="refused"):
        load_osm(sessions, bundled_extract(), home=tmp_path)
    assert files.nodes.read_bytes() == b"old"
    assert [path.name for path in files.nodes.parent.iterdir()] == [files.nodes.name]
    with sessions() as session:
        assert find_source(session, "osm") == before
        assert count_rows(session)["address_points"] >= 1_400
