"""Address points and postcodes of an extract."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.crs import geodesic_m
from geo.domain.place import Point
from geo.geocode.normalise import name_key, number_key, street_key
from geo.store.gazetteer_import import PostcodeRow
from geo.store.gazetteer_sources import AddressRow

from data.loaders.osm.house_numbers import split_numbers, within_range
from data.loaders.osm.names import names_of
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.loaders.osm.extract import Feature
    from data.loaders.report import Layer

MAX_STREET, MAX_POSTCODE, MAX_LOCALITY = 200, 20, 200
_ADDRESS_ONLY: Final = frozenset({"entrance", "door", "source", "note", "ref"})
_MIN_POSTCODE_POINTS: Final = 5
_MIN_RADIUS_M, _MAX_RADIUS_M = 100.0, 50_000.0
_NEARLY_ALL: Final = 95
_MOSTLY: Final = 0.5
_TOWN_KEYS: Final = ("addr:city", "addr:suburb", "addr:district", "addr:hamlet", "is_in")
_PARTED: Final = re.compile("[;,]")
NO_TOWNS: Final = MappingProxyType[str, tuple[str, ...]]({})


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


def town_names(towns: Iterable[Feature], languages: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Collect every name of each town and its quarters, by the key of any of them.

    Parameters
    ----------
    towns
        Places and administrative boundaries.
    languages
        Those spoken there.
    """
    languages = tuple(languages)
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for town in towns:
        names = names_of(town.tags, languages)
        for name in names:
            found[name_key(name)].update(dict.fromkeys(names))
    return {key: tuple(names) for key, names in found.items() if key}


def read_postcodes(
    features: Iterable[Feature], layer: Layer, *, towns: Mapping[str, tuple[str, ...]] = NO_TOWNS
) -> list[PostcodeRow]:
    """Make postcodes from the places that carry them.

    Parameters
    ----------
    features
        Whatever has ``addr:postcode``.
    layer
        Counts the postcodes.
    towns
        All names of a town by the key of any of them; they may stand with every postcode whose places name the town
        as ``addr:city``, ``addr:suburb``, ``addr:district``, ``addr:hamlet`` or in ``is_in``.

    Returns
    -------
    list of PostcodeRow
        The median of the points, with the radius in metres that holds 95 % of them. A postcode seen fewer than
        five times is skipped: it is a slip, or a post-box range.
    """
    points: dict[str, list[Point]] = defaultdict(list)
    named: dict[str, Counter[str]] = defaultdict(Counter)
    for feature in features:
        if code := _postcode(feature.tags):
            points[code].append(feature.point)
            named[code].update(_towns(feature.tags))
    return place_postcodes(points, layer, localities={code: _all_names(found, towns) for code, found in named.items()})


def _towns(tags: Mapping[str, str]) -> set[str]:
    pieces = (piece for key in _TOWN_KEYS for piece in _PARTED.split(tags.get(key, "")))
    names = (clean_text(piece, MAX_LOCALITY) for piece in pieces)
    return {name for name in names if name and any(c.isalpha() for c in name)}


def _all_names(found: Counter[str], towns: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    names = (one for name, _ in found.most_common() for one in (name, *towns.get(name_key(name), ())))
    return tuple(dict.fromkeys(names))


def place_postcodes(
    points: Mapping[str, Sequence[Point]], layer: Layer, *, localities: Mapping[str, tuple[str, ...]] = NO_TOWNS
) -> list[PostcodeRow]:
    """Place each postcode in the middle of its points.

    Parameters
    ----------
    points
        WGS 84, by postcode.
    layer
        Counts the postcodes; one with fewer than five points is skipped.
    localities
        The towns that may stand with a postcode.

    Returns
    -------
    list of PostcodeRow
        The median of the points, with the radius in metres that holds 95 % of them.
    """
    rows: list[PostcodeRow] = []
    for code, found in sorted(points.items()):
        if len(found) < _MIN_POSTCODE_POINTS:
            layer.skip("postcode_seen_fewer_than_5_times")
            continue
        layer.take()
        lon, lat = np.array([p.lon for p in found]), np.array([p.lat for p in found])
        middle = Point(float(np.median(lon)), float(np.median(lat)))
        radius = float(np.percentile(geodesic_m(lon, lat, middle.lon, middle.lat), _NEARLY_ALL))
        rows.append(
            PostcodeRow(
                code, middle, round(min(max(radius, _MIN_RADIUS_M), _MAX_RADIUS_M), 1), localities.get(code, ())
            )
        )
    return rows


def common_locality(rows: Iterable[AddressRow]) -> dict[str, str]:
    """Tell the locality most addresses of a street give, by the street's key."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.locality:
            counts[street_key(row.street)][row.locality] += 1
    return {key: found.most_common(1)[0][0] for key, found in counts.items()}
