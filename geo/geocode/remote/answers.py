"""What each service's answer says about a place, in our words: how well it is matched and how far off it may be.

Services disagree on what "exact" means, and none says what a point stands on. So a house is never better than its plot
here, a number that was worked out from a range says so, and everything else is as wide as what it names.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geo.crs import geodesic_m
from geo.domain.place import MAX_UNCERTAINTY_M, Candidate, Fault, Point
from geo.domain.words import MatchQuality, RemoteProvider
from geo.errors import InvalidGeometry
from geo.geocode.normalise import fold
from geo.geocode.parse import postcode_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from geo.geocode.remote.question import Question

    Raw = Mapping[str, Any]

MOST_ANSWERS: Final = 5
MAX_LABEL: Final = 200
PENALTIES: Final[Mapping[str, int]] = {
    "remote.unverified": 20,
    "remote.number_differs": 30,
    "remote.postcode_differs": 15,
}
"""What an answer from outside costs: always the first, because nobody here can check it."""
PARCEL_M, INTERPOLATED_M, RANGE_M, PLACE_M = 30.0, 100.0, 250.0, 100.0
"""Metres; a range of house numbers along a block was off by 78 m in the middle and 460 m for one in ten."""
STREET_M, POSTCODE_M, LOCALITY_M = 500.0, 3_000.0, 5_000.0
"""Where an answer does not say how large what it names is."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_STREET_RANKS: Final = (26, 27)
_HOUSE_RANK: Final = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """One place as a service gave it, read."""

    point: Point
    label: str
    match_quality: MatchQuality
    uncertainty_m: float
    number: str | None = None
    postcode: str | None = None


def read_answers(provider: RemoteProvider, found: Sequence[Raw], question: Question) -> tuple[Candidate, ...]:
    """Turn a service's answer into candidates.

    Parameters
    ----------
    provider
        Whose.
    found
        The single places, each as the service wrote it.
    question
        What was asked, which tells what differs.

    Returns
    -------
    tuple of Candidate
        At most five, the best first; places without a usable point are left out.
    """
    read = _READERS[provider]
    candidates = []
    for raw in found[:MOST_ANSWERS]:
        try:
            candidates.append(_candidate(provider, read(raw), question))
        except (InvalidGeometry, LookupError, TypeError, ValueError, AttributeError, OverflowError):
            continue
    return tuple(sorted(candidates, key=lambda c: (-c.score, c.uncertainty_m)))


def _candidate(provider: RemoteProvider, answer: Answer, question: Question) -> Candidate:
    if abs(answer.point.lon) + abs(answer.point.lat) < 0.001:  # noqa: PLR2004 - null island, where nothing was found
        raise ValueError
    names = ["remote.unverified"]
    if answer.number is not None and fold(answer.number) != fold(question.number):
        names.append("remote.number_differs")
    if answer.postcode and question.postcode and postcode_key(answer.postcode) != postcode_key(question.postcode):
        names.append("remote.postcode_differs")
    faults = tuple(Fault(name, PENALTIES[name]) for name in names)
    score = max(0, 100 - sum(fault.penalty for fault in faults))
    uncertainty_m = round(min(max(answer.uncertainty_m, 1.0), MAX_UNCERTAINTY_M), 1)
    source = f"remote:{provider.value}"
    return Candidate(answer.point, answer.label, answer.match_quality, uncertainty_m, score, source, faults)


def _nominatim(raw: Raw) -> Answer:
    parts, rank = raw.get("address") or {}, int(raw.get("place_rank") or 0)
    point, number, reach_m = _point(raw["lon"], raw["lat"]), _line(parts.get("house_number")), _box_m(raw)
    kind = raw.get("class") or raw.get("category")
    if number:
        # an address worked out between two others is the way that carries the rule, not a house
        between = raw.get("osm_type") == "way" and (kind, raw.get("type")) == ("place", "house")
        quality, wide_m = _between(INTERPOLATED_M) if between else (MatchQuality.PARCEL, PARCEL_M)
    elif raw.get("type") == "postcode" or raw.get("addresstype") == "postcode":
        quality, wide_m = MatchQuality.POSTCODE, reach_m or POSTCODE_M
    elif rank in _STREET_RANKS or kind == "highway":
        quality, wide_m = MatchQuality.STREET, reach_m or STREET_M
    elif rank >= _HOUSE_RANK:
        quality, wide_m = MatchQuality.PLACE, max(reach_m, PLACE_M)
    else:
        quality, wide_m = MatchQuality.LOCALITY, reach_m or LOCALITY_M
    return Answer(point, _label(raw.get("display_name")), quality, wide_m, number, _line(parts.get("postcode")))


def _between(wide_m: float) -> tuple[MatchQuality, float]:
    return MatchQuality.INTERPOLATED, wide_m


def _photon(raw: Raw) -> Answer:
    told, point = raw["properties"], _of_feature(raw)
    number, street = _line(told.get("housenumber")), told.get("street")
    kind, reach_m = told.get("type"), _extent_m(told.get("extent"))
    if number:
        quality, wide_m = MatchQuality.PARCEL, PARCEL_M
    elif kind == "street" or told.get("osm_key") == "highway":
        quality, wide_m = MatchQuality.STREET, reach_m or STREET_M
    elif told.get("osm_value") == "postcode" or kind == "postcode":
        quality, wide_m = MatchQuality.POSTCODE, reach_m or POSTCODE_M
    elif kind == "house":
        quality, wide_m = MatchQuality.PLACE, max(reach_m, PLACE_M)
    else:
        quality, wide_m = MatchQuality.LOCALITY, reach_m or LOCALITY_M
    door = " ".join(part for part in (_line(street), number) if part)
    town = " ".join(part for part in (_line(told.get("postcode")), _line(told.get("city"))) if part)
    label = ", ".join(dict.fromkeys(part for part in (_line(told.get("name")), door, town) if part))
    return Answer(point, _label(label), quality, wide_m, number, _line(told.get("postcode")))


_PELIAS_LAYERS: Final[Mapping[str, tuple[MatchQuality, float]]] = {
    "street": (MatchQuality.STREET, STREET_M),
    "intersection": (MatchQuality.INTERSECTION, PARCEL_M),
    "venue": (MatchQuality.PLACE, PLACE_M),
    "postalcode": (MatchQuality.POSTCODE, POSTCODE_M),
}


def _pelias(raw: Raw) -> Answer:
    told, point = raw["properties"], _of_feature(raw)
    number, layer = _line(told.get("housenumber")), told.get("layer")
    is_point = told.get("accuracy") == "point"
    if layer == "address" and number and told.get("match_type") == "exact" and is_point:
        quality, wide_m = MatchQuality.PARCEL, PARCEL_M
    elif layer == "address" and number:
        quality, wide_m = MatchQuality.INTERPOLATED, INTERPOLATED_M
    else:
        quality, wide_m = _PELIAS_LAYERS.get(str(layer), (MatchQuality.LOCALITY, LOCALITY_M))
        number = None
    return Answer(point, _label(told.get("label")), quality, wide_m, number, _line(told.get("postalcode")))


def _census(raw: Raw) -> Answer:
    # every answer is worked out from a range of house numbers along one side of a block
    parts, at = raw.get("addressComponents") or {}, raw["coordinates"]
    label = _label(raw.get("matchedAddress"))
    number = label.split(" ", 1)[0] if label[:1].isdigit() else None
    return Answer(_point(at["x"], at["y"]), label, MatchQuality.INTERPOLATED, RANGE_M, number, _line(parts.get("zip")))


_READERS: Final[Mapping[RemoteProvider, Callable[[Raw], Answer]]] = {
    RemoteProvider.NOMINATIM: _nominatim,
    RemoteProvider.PHOTON: _photon,
    RemoteProvider.PELIAS: _pelias,
    RemoteProvider.CENSUS: _census,
}


def _point(lon: object, lat: object) -> Point:
    return Point(float(str(lon)), float(str(lat)))


def _of_feature(raw: Raw) -> Point:
    lon, lat = raw["geometry"]["coordinates"][:2]
    return _point(lon, lat)


def _line(told: object) -> str | None:
    if not isinstance(told, str | int):
        return None
    return " ".join(_CONTROL.sub(" ", str(told)).split())[:MAX_LABEL] or None


def _label(told: object) -> str:
    return _line(told) or "a place without a name"


def _box_m(raw: Raw) -> float:
    box = raw.get("boundingbox")
    if not isinstance(box, list) or len(box) != 4:  # noqa: PLR2004 - south, north, west, east
        return 0.0
    south, north, west, east = (float(side) for side in box)
    return _half_m((west, south, east, north))


def _extent_m(extent: object) -> float:
    if not isinstance(extent, list) or len(extent) != 4:  # noqa: PLR2004 - west, north, east, south
        return 0.0
    west, north, east, south = (float(side) for side in extent)
    return _half_m((west, south, east, north))


def _half_m(sides: Iterable[float]) -> float:
    """Measure half the diagonal of a box, in metres: nothing in it is farther from its middle."""
    west, south, east, north = sides
    if not all(math.isfinite(side) for side in (west, south, east, north)):
        return 0.0
    return float(geodesic_m(west, south, east, north)[()]) / 2
