from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from geo.errors import SourceUnreadable
from geo.store.areas import list_areas

from data.loaders.areas import load_areas

if TYPE_CHECKING:
    from pathlib import Path

    from geo.store.engine import SessionFactory

SQUARE = [[[24.94, 60.17], [24.95, 60.17], [24.95, 60.18], [24.94, 60.18], [24.94, 60.17]]]
BOW_TIE = [[[24.94, 60.17], [24.95, 60.18], [24.95, 60.17], [24.94, 60.18], [24.94, 60.17]]]


def feature(coordinates: Any = SQUARE, **properties: Any) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": coordinates}
    return {"type": "Feature", "properties": {"name": "Old Town"} | properties, "geometry": shape}


def write(tmp_path: Path, *features: Any) -> Path:
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_polygons_are_stored_with_their_people(sessions: SessionFactory, tmp_path: Path) -> None:
    path = write(tmp_path, feature(population=120, kind="ward"), feature(name="Ny Åstad", dwellings=7))
    assert load_areas(sessions, path).as_dict()["taken"] == 2
    with sessions() as session:
        areas = {area.slug: area for area in list_areas(session)}
    assert areas.keys() == {"old-town", "ny-astad"}
    assert (areas["old-town"].kind, areas["old-town"].population) == ("ward", 120)
    assert areas["ny-astad"].dwellings == 7


def test_loading_again_replaces(sessions: SessionFactory, tmp_path: Path) -> None:
    load_areas(sessions, write(tmp_path, feature(population=1)))
    load_areas(sessions, write(tmp_path, feature(population=2)))
    with sessions() as session:
        assert [area.population for area in list_areas(session)] == [2]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (feature(BOW_TIE), "bad_polygon"),
        (feature([SQUARE[0][:-1]]), "bad_polygon"),
        (feature([[[60.17, 24.94], [24.95]]]), "bad_polygon"),
        (feature([[[n * 1e-5 + 24, 60.0] for n in range(600)]]), "bad_polygon"),
        (feature(name=" "), "no_name"),
        (feature(name=7), "no_name"),
        (feature(population=-1), "bad_population"),
        (feature(population=True), "bad_population"),
        ({"type": "feature"}, "not_a_feature"),
        (7, "not_a_feature"),
        (feature() | {"geometry": None}, "bad_polygon"),
        (feature(name="Fine"), "same_name_twice"),
    ],
)
def test_a_bad_feature_is_told_by_its_place_and_left_out(
    sessions: SessionFactory, tmp_path: Path, bad: Any, reason: str
) -> None:
    report = load_areas(sessions, write(tmp_path, feature(name="Fine"), bad))
    assert report.layers["areas"].taken == 1
    assert [problem.line for problem in report.problems] == [2]
    assert report.problems[0].reason.startswith(reason)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"type": "FeatureCollection", "features": {}}',
        b'{"type": "Feature"}',
        b"7",
        b'{"type": "FeatureCollection", "features": [], "x": NaN}',
        b'{"type": "FeatureCollection", "features": [], "x": 1e999}',
        b'{"type": "FeatureCollection", "features": [], "crs": {"type": "name"}}',
        b'\xff\xfe{"type"',
    ],
)
def test_a_file_that_is_no_collection_is_refused(sessions: SessionFactory, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "areas.geojson"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match=r"areas\.geojson"):
        load_areas(sessions, path)
