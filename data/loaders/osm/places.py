"""Places that people give instead of an address: neighbourhoods, squares, stations, public buildings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.geocode.normalise import name_key
from geo.store.gazetteer_import import PlaceRow

from data.loaders.osm.names import names_of
from data.loaders.osm.near import any_within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo.domain.place import Point

    from data.loaders.osm.extract import Feature
    from data.loaders.report import Layer

SETTLEMENTS: Final = ("neighbourhood", "quarter", "suburb", "village", "hamlet", "town", "borough", "city")
"""Finest first."""
_KEYS: Final = ("place", "railway", "public_transport", "amenity", "healthcare", "tourism", "leisure", "building")
_ONLY: Final = {
    "place": frozenset({*SETTLEMENTS, "square", "island", "islet", "locality"}),
    "railway": frozenset({"station", "halt", "tram_stop", "subway_entrance"}),
    "public_transport": frozenset({"station"}),
}
_NOT_GIVEN: Final = frozenset(
    {
        "artwork", "atm", "bar", "bench", "bicycle_rental", "cafe", "fast_food", "information", "nightclub", "parking",
        "pub", "recycling", "restaurant", "vending_machine", "yes",
    }
)  # fmt: skip
"""Names of bars and works of art are words: taken as places they would answer for misspelt streets."""
_SHOPS: Final = frozenset({"supermarket", "mall", "department_store", "convenience"})
_OFFICES: Final = frozenset({"government", "ngo", "association", "charity", "educational_institution"})
_ONE_PLACE_M: Final = 300.0
CRITERIA: Final[dict[str, bool | list[str]]] = {"name": True}


def kind_of(feature: Feature) -> str | None:
    """Say what kind of place something is; ``None`` if nobody would give it as an address."""
    tags = feature.tags
    for key in _KEYS:
        value = tags.get(key)
        if not value or value == "no" or (key in _ONLY and value not in _ONLY[key]):
            continue
        if key == "building":
            return "building"
        if value not in _NOT_GIVEN:
            return value.split(";")[0][:60]
    if tags.get("shop") in _SHOPS:
        return tags["shop"]
    if tags.get("office") in _OFFICES:
        return tags["office"]
    if tags.get("highway") == "pedestrian" and "Polygon" in feature.geometry.geom_type:
        return "square"
    return None


def read_places(features: Iterable[Feature], layer: Layer, *, languages: Iterable[str]) -> list[PlaceRow]:
    """Make places, each with every name it goes by.

    Parameters
    ----------
    features
        Whatever has a name.
    layer
        Counts them; further names are counted as made.
    languages
        The languages spoken there.

    Returns
    -------
    list of PlaceRow
        Of things with the same name and kind within 300 m, such as the two sides of a tram stop, only the first.
    """
    languages = tuple(languages)
    known = MappedOnce()
    for feature in features:
        names, kind = names_of(feature.tags, languages), kind_of(feature)
        if not names or kind is None:
            layer.skip("not_a_place")
            continue
        if not known.add(PlaceRow(names[0], kind, feature.point, tuple(names[1:]))):
            layer.skip("mapped_twice")
            continue
        layer.take()
        layer.made += len(names) - 1
    return known.rows


class MappedOnce:
    """Keeps places, of those with one name and kind near one another only the first."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], list[Point]] = {}
        self.rows: list[PlaceRow] = []

    def add(self, row: PlaceRow) -> bool:
        """Keep a place; false if it has no key, or its like is within 300 m."""
        key = name_key(row.name)
        same = self._seen.setdefault((key, row.kind), [])
        if not key or any_within(row.point, same, _ONE_PLACE_M):
            return False
        same.append(row.point)
        self.rows.append(row)
        return True
