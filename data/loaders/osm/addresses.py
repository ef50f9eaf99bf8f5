"""Address points and postcodes of an extract."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.crs import geodesic_m
from geo.domain.place import Point
from geo.geocode.normalise import number_key, street_key
from geo.store.gazetteer_import import PostcodeRow
from geo.store.gazetteer_sources import AddressRow

from data.loaders.osm.house_numbers import split_numbers, within_range
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from data.loaders.osm.extract import Feature
    from data.loaders.report import Layer

MAX_STREET, MAX_POSTCODE, MAX_LOCALITY = 200, 20, 200
_ADDRESS_ONLY: Final = frozenset({"entrance", "door", "source", "note", "ref"})
_MIN_POSTCODE_POINTS: Final = 5
_MIN_RADIUS_M, _MAX_RADIUS_M = 100.0, 50_000.0
_NEARLY_ALL: Final = 95
_MOSTLY: Final = 0.5


def read_addresses(features: Iterable[Feature], layer: Layer) -> list[AddressRow]:
    """Make address points; the surest of each door comes first.

    Parameters
    ----------
    features
        Whatever has ``addr:housenumber``: nodes, and buildings by a point on their surface.
    layer
        Counts each as taken or skipped. A number without a street (``addr:street``, or ``addr:place`` where streets
        have no names) is skipped: the nearest street would be a guess.

    Returns
    -------
    list of AddressRow
        Plain address nodes, then buildings, then shops and the like, which are placed less exactly.
    """
    rows: list[AddressRow] = []
    for feature in sorted(features, key=_sureness):
        tags = feature.tags
        if "addr:housenumber" not in tags:
            continue
        street = clean_text(tags.get("addr:street") or tags.get("addr:place"), MAX_STREET)
        numbers = split_numbers(tags["addr:housenumber"])
        reason = "no_street" if street is None or not street_key(street) else "no_house_number" if not numbers else None
        if reason or street is None:
            layer.skip(reason or "no_street")
            continue
        layer.take()
        layer.made += len(numbers) - 1
        rows += [AddressRow(street, n, feature.point, _postcode(tags), _locality(tags)) for n in numbers]
    return rows


def _sureness(feature: Feature) -> int:
    extra = {key for key in feature.tags if not key.startswith("addr:")} - _ADDRESS_ONLY
    return 0 if not extra else 1 if "building" in extra else 2


def _postcode(tags: Mapping[str, str]) -> str | None:
    return clean_text(tags.get("addr:postcode"), MAX_POSTCODE)


def _locality(tags: Mapping[str, str]) -> str | None:
    name = clean_text(tags.get("addr:city"), MAX_LOCALITY)
    return name if name and any(c.isalpha() for c in name) else None


def doors_in_ranges(rows: list[AddressRow]) -> list[AddressRow]:
    """Make the doors that ranges stand for, where none of them has a point of its own.

    On streets where most numbers carry a hyphen, the hyphen belongs to the number, and nothing is made.
    """
    known = {(street_key(row.street), number_key(row.number)) for row in rows}
    hyphens: dict[str, list[bool]] = defaultdict(list)
    for street, number in known:
        hyphens[street].append("-" in number)
    made: list[AddressRow] = []
    for row in rows:
        key = street_key(row.street)
        if sum(hyphens[key]) > _MOSTLY * len(hyphens[key]):
            continue
        for number in within_range(row.number):
            if (key, number) not in known:
                known.add((key, number))
                made.append(AddressRow(row.street, number, row.point, row.postcode, row.locality))
    return made


def read_postcodes(features: Iterable[Feature], layer: Layer) -> list[PostcodeRow]:
    """Make postcodes from the places that carry them.

    Returns
    -------
    list of PostcodeRow
        The median of the points, with the radius in metres that holds 95 % of them. A postcode seen fewer than
        five times is skipped: it is a slip, or a post-box range.
    """
    points: dict[str, list[Point]] = defaultdict(list)
    for feature in features:
        if code := _postcode(feature.tags):
            points[code].append(feature.point)
    rows: list[PostcodeRow] = []
    for code, found in sorted(points.items()):
        if len(found) < _MIN_POSTCODE_POINTS:
            layer.skip("postcode_seen_fewer_than_5_times")
            continue
        layer.take()
        lon, lat = np.array([p.lon for p in found]), np.array([p.lat for p in found])
        middle = Point(float(np.median(lon)), float(np.median(lat)))
        radius = float(np.percentile(geodesic_m(lon, lat, middle.lon, middle.lat), _NEARLY_ALL))
        rows.append(PostcodeRow(code, middle, round(min(max(radius, _MIN_RADIUS_M), _MAX_RADIUS_M), 1)))
    return rows


def common_locality(rows: Iterable[AddressRow]) -> dict[str, str]:
    """Tell the locality most addresses of a street give, by the street's key."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.locality:
            counts[street_key(row.street)][row.locality] += 1
    return {key: found.most_common(1)[0][0] for key, found in counts.items()}
