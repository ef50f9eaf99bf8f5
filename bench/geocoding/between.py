"""Nine real streets from another interpolator's tests: every third house is taken away and asked for.

Two points may be meant by an interpolated house: its door, and the spot on the street in front of it. The cases know
both, so errors are told against each.
"""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import shapely

from geo.domain.place import Point

from bench.geocoding.county import apart_m
from bench.geocoding.exam import Exam, Goal, Query
from bench.geocoding.gazetteer import AddressRow, Rows, StreetRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_ROOT: Final = "test/functional/"
_MICRO: Final = 1e-6
_EVERY: Final = 3
_SOUNDS: Final = ("Ab", "Bel", "Cor", "Dun", "Es", "Far", "Gol", "Hart", "Iv", "Jop", "Kel", "Lum", "Mor", "Nes", "Ost")
_NUMBER_FIRST: Final = frozenset({"basic", "west26th", "willow_ave", "nevern_square"})
_LEFT_OUT: Final = ("lueppold_rd: made of ranges along its edges, which are not loaded as addresses",)


def _files(reference: Path) -> dict[str, bytes]:
    path = reference / "geocoding" / "suites" / "pelias_interpolation_functional.tar.gz"
    with tarfile.open(path) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {m.name.removeprefix(_ROOT): f.read() for m in members if (f := archive.extractfile(m))}


def read_polyline(text: str) -> list[tuple[float, float]]:
    """Decode an encoded line of six decimals into longitudes and latitudes."""
    values, value, shift = [], 0, 0
    for sign in text:
        bits = ord(sign) - 63
        value |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            values.append(~(value >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    lon = lat = 0
    line = []
    for north, east in zip(values[::2], values[1::2], strict=True):
        lat, lon = lat + north, lon + east
        line.append((lon * _MICRO, lat * _MICRO))
    return line


def _streets(text: str) -> Iterator[StreetRow]:
    lines: dict[str, list[list[tuple[float, float]]]] = defaultdict(list)
    for row in text.splitlines():
        code, _, rest = row.partition("\0")
        line = read_polyline(code)
        for name in rest.split("\0") if len(line) > 1 else ():
            lines[name].append(line)
    for name, parts in lines.items():
        metres = sum(apart_m(Point(*a), Point(*b)) for part in parts for a, b in pairwise(part))
        yield StreetRow(name, shapely.MultiLineString(parts), round(metres, 1))


def _houses(case: str, files: Mapping[str, bytes]) -> Iterator[AddressRow]:
    if table := files.get(f"{case}/oa.csv"):
        for row in csv.DictReader(io.StringIO(table.decode("utf-8"))):
            point = Point(float(row["LON"]), float(row["LAT"]))
            town = row["CITY"] or (None if row["POSTCODE"] else _town_at(point))
            yield AddressRow(row["STREET"], row["NUMBER"], point, row["POSTCODE"] or None, town)
    for line in files.get(f"{case}/osm.addresses.json", b"").decode("utf-8").splitlines():
        found = json.loads(line)
        centre = found.get("centroid", found)
        tags = found["tags"]
        point = Point(float(centre["lon"]), float(centre["lat"]))
        yield AddressRow(tags["addr:street"], tags["addr:housenumber"], point, tags.get("addr:postcode"))


def _town_at(point: Point) -> str:
    """Name a made-up town of some ten kilometres, for a file that has one street of many towns and names none."""
    return (
        _SOUNDS[round(point.lon * 10) % len(_SOUNDS)] + _SOUNDS[round(point.lat * 10) % len(_SOUNDS)].lower() + "ville"
    )


def _on_street(case: str, files: Mapping[str, bytes]) -> dict[tuple[int, int, int], Point]:
    """Give the spot on the street of each house the case has, by its place in millionths of a degree and its number."""
    spots = {}
    for name, content in files.items():
        if not (name.startswith(f"{case}/fixture/") and name.endswith(".dump")):
            continue
        for line in content.decode("utf-8").splitlines():
            _, _, source, _, number, lat, lon, *spot = line.split("|")
            if source in ("OA", "OSM") and spot[-2:] != ["", ""] and float(number).is_integer():
                spots[_near(float(lon)), _near(float(lat)), int(float(number))] = Point(
                    float(spot[-1]), float(spot[-2])
                )
    return spots


def _near(degrees: float) -> int:
    return round(degrees / _MICRO / 10)


def _hold_out(rows: Iterable[AddressRow]) -> tuple[list[AddressRow], list[AddressRow]]:
    """Take every third house away that is the only one of its number and stands between others of its side."""
    sides: dict[tuple[str, str | None, str | None, int], dict[int, list[AddressRow]]] = defaultdict(
        lambda: defaultdict(list)
    )
    kept = []
    for row in rows:
        if row.number.isdigit():
            sides[row.street, row.postcode, row.locality, int(row.number) % 2][int(row.number)].append(row)
        else:
            kept.append(row)
    gone: list[AddressRow] = []
    for side in sides.values():
        ordered = sorted(side)
        for at, number in enumerate(ordered):
            inside = 0 < at < len(ordered) - 1 and at % _EVERY == 1
            (gone if inside and len(side[number]) == 1 else kept).extend(side[number])
    return kept, gone


def between(reference: Path) -> Exam:
    """Load the streets with their lines and two thirds of their houses; ask for the others."""
    files = _files(reference)
    cases = sorted({name.split("/")[0] for name in files if name.endswith(("oa.csv", "osm.addresses.json"))})
    addresses: list[AddressRow] = []
    streets: list[StreetRow] = []
    queries = []
    for case in cases:
        lines = list(_streets(files[f"{case}/osm.polylines"].decode("utf-8")))
        kept, gone = _hold_out(_houses(case, files))
        spots = _on_street(case, files)
        addresses += kept
        streets += lines
        for row in gone:
            text = _written(case, row)
            queries.append(Query(f"{case} door", text, (row.point,)))
            if spot := spots.get((_near(row.point.lon), _near(row.point.lat), int(row.number))):
                queries.append(Query(f"{case} street", text, (spot,)))
    doors = tuple(f"{case} door" for case in cases)
    return Exam(
        "between",
        lambda: Rows(addresses=addresses, streets=streets),
        queries,
        (
            Goal("interpolated, median error m, to the door", doors, "interpolated_median_m", 15.0, at_least=False),
            Goal("accepted over 100 m off, % of all", doors, "over_100_share", 0.5, at_least=False),
        ),
        (*_LEFT_OUT, "the limit of 15 m is ours: the cases name none"),
    )


def _written(case: str, row: AddressRow) -> str:
    line = f"{row.number} {row.street}" if case in _NUMBER_FIRST else f"{row.street} {row.number}"
    towns = " ".join(part for part in (row.postcode, row.locality) if part)
    return line + (f", {towns}" if towns else "")


EXAMS: Final = {"between": between}
