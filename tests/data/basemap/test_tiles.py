"""The base map of the bundled extract, cut for real."""

from __future__ import annotations

import gzip
import json
import logging
import struct
from pathlib import Path
from typing import Any

import pytest

from geo.errors import SourceUnreadable

from data.basemap import build_basemap, tiles
from data.loaders.osm import bundled_extract

HEADER = struct.Struct("<7sB11Q")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = build_basemap(bundled_extract(), tmp_path_factory.mktemp("tiles") / "tiles" / "base.pmtiles")
    assert out is not None
    return out


def metadata(path: Path) -> dict[str, Any]:
    raw = path.read_bytes()
    magic, version, _root, _root_length, start, length, *_ = HEADER.unpack_from(raw)
    assert (magic, version) == (b"PMTiles", 3)
    found = json.loads(gzip.decompress(raw[start : start + length]))
    assert isinstance(found, dict)
    return found


def test_one_small_file_is_drawn(drawn: Path) -> None:
    assert 100_000 < drawn.stat().st_size < 1_000_000
    assert sorted(path.name for path in drawn.parent.iterdir()) == ["base.pmtiles", "base.source"]
    min_zoom, max_zoom = drawn.read_bytes()[100:102]
    assert (min_zoom, max_zoom) == (10, 16)


def test_all_layers_are_there_with_the_attribution(drawn: Path) -> None:
    found = metadata(drawn)
    layers = {layer["id"]: layer["fields"] for layer in found["vector_layers"]}
    assert layers.keys() == {"roads", "water", "green", "buildings", "places"}
    assert layers["roads"].keys() == {"kind", "name"} == layers["places"].keys()
    assert "OpenStreetMap contributors" in found["attribution"]


def test_the_tiles_tell_nothing_of_this_machine(drawn: Path) -> None:
    assert str(drawn.parent) not in json.dumps(metadata(drawn))
    assert "/" not in metadata(drawn)["generator_options"].replace("</a>", "").replace("https://www.", "").replace(
        "org/copyright", ""
    )


def test_the_same_extract_is_not_drawn_twice(drawn: Path) -> None:
    before = drawn.stat().st_mtime_ns
    assert build_basemap(bundled_extract(), drawn) == drawn
    assert drawn.stat().st_mtime_ns == before


def test_without_the_cutter_there_is_a_warning_and_no_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tiles, "find_tippecanoe", lambda: None)
    with caplog.at_level(logging.WARNING):
        assert build_basemap(bundled_extract(), tmp_path / "base.pmtiles") is None
    assert "plain background" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_failing_cutter_leaves_the_old_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "base.pmtiles"
    out.write_bytes(b"old")
    monkeypatch.setattr(tiles, "find_tippecanoe", lambda: Path("/bin/false"))
    with pytest.raises(SourceUnreadable, match="cutter failed"):
        build_basemap(bundled_extract(), out)
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["base.pmtiles"]


def test_a_file_that_is_no_extract_is_refused(tmp_path: Path) -> None:
    noise = tmp_path / "noise.osm.pbf"
    noise.write_bytes(b"noise" * 100)
    with pytest.raises(SourceUnreadable, match=r"noise\.osm\.pbf"):
        build_basemap(noise, tmp_path / "out" / "base.pmtiles")
    assert not (tmp_path / "out").exists()
