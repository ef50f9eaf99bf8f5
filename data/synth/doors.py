"""The doors synthetic people live behind: real addresses that stand for one place each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.crs import metric_crs, to_metres
from geo.errors import InvalidInput
from geo.geocode.normalise import number_key, street_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from geo.domain.place import Point
    from geo.store.gazetteer_sources import AddressRow

_PLAIN_NUMBER: Final = re.compile(r"\d{1,4}(?: ?[A-Za-z])?")
_PLAIN_STREET: Final = re.compile(r"[^\W\d_][^\d,;/()]{2,60}")
_ONE_DOOR_M: Final = 40.0
_LANES: Final = 8
_HOT_SPOTS: Final = 4
_HOT_RADIUS_M: Final = 180.0
_HOT_WEIGHT: Final = 12.0


@dataclass(frozen=True, slots=True)
class Door:
    """One address and its place.

    ``other_streets`` are the street's names in other languages; ``takes_flat`` tells whether a flat can be written
    after the number without meaning another door.
    """

    street: str
    other_streets: tuple[str, ...]
    number: str
    point: Point
    postcode: str | None
    locality: str | None
    takes_flat: bool


@dataclass(frozen=True, slots=True)
class Town:
    """All doors, where they lie in metres, and the neighbourhoods in which need gathers."""

    doors: tuple[Door, ...]
    xy: NDArray[np.float64]
    hot_spots: NDArray[np.intp]
    street_keys: frozenset[str]

    def pull(self) -> NDArray[np.float64]:
        """Weigh each door by each hot spot, between 0 and 1: shape ``(doors, hot spots)``."""
        apart_m = np.linalg.norm(self.xy[:, None, :] - self.xy[self.hot_spots][None, :, :], axis=2)
        return np.asarray(np.exp(-((apart_m / _HOT_RADIUS_M) ** 2)), dtype=float)

    def need_weights(self) -> NDArray[np.float64]:
        """Probability of each door to hold a need: high around the hot spots, low but real elsewhere."""
        weights = 1.0 + _HOT_WEIGHT * self.pull().sum(axis=1)
        return np.asarray(weights / weights.sum(), dtype=float)


def make_town(addresses: Iterable[AddressRow], rng: np.random.Generator) -> Town:
    """Choose the doors and the hot spots.

    Parameters
    ----------
    addresses
        The gazetteer, the surest point of each door first.
    rng
        Chooses the hot spots, far from one another.

    Raises
    ------
    InvalidInput
        If there are fewer than twenty doors to live behind.
    """
    addresses = list(addresses)
    doors = tuple(_doors(addresses))
    if len(doors) < 20:  # noqa: PLR2004 - below this a city has no neighbourhoods
        raise InvalidInput("too few addresses are loaded to make people for; load a city first")
    lon, lat = np.array([d.point.lon for d in doors]), np.array([d.point.lat for d in doors])
    xy = to_metres(lon, lat, metric_crs(lon, lat))
    keys = frozenset(street_key(row.street) for row in addresses)
    return Town(doors, xy, _far_apart(xy, rng), keys)


def _doors(addresses: Sequence[AddressRow]) -> Iterable[Door]:
    by_label: dict[tuple[str, str], list[AddressRow]] = {}
    for row in addresses:
        by_label.setdefault((street_key(row.street), number_key(row.number)), []).append(row)
    lettered = {
        (street, number.rstrip("abcdefghijklmnopqrstuvwxyz")) for street, number in by_label if number[-1:].isalpha()
    }
    at_point: dict[tuple[str, Point], list[tuple[str, AddressRow]]] = {}
    for (street, number), rows in by_label.items():
        plain = _PLAIN_NUMBER.fullmatch(rows[0].number) and _PLAIN_STREET.fullmatch(rows[0].street)
        if plain and _spread_m(rows) <= _ONE_DOOR_M:
            codes = {row.postcode for row in rows if row.postcode}
            code = next(iter(codes)) if len(codes) == 1 else None
            at_point.setdefault((number, rows[0].point), []).append((street, replace(rows[0], postcode=code)))
    for (number, point), same in at_point.items():
        (street, first), others = same[0], tuple(row.street for _, row in same[1:])
        takes_flat = number.isdigit() and (street, number) not in lettered
        yield Door(first.street, others, first.number, point, first.postcode, first.locality, takes_flat)


def _spread_m(rows: Sequence[AddressRow]) -> float:
    if len(rows) == 1:
        return 0.0
    lon, lat = np.array([r.point.lon for r in rows]), np.array([r.point.lat for r in rows])
    xy = to_metres(lon, lat, metric_crs(lon, lat))
    return float(np.hypot(*np.ptp(xy, axis=0)))


def _far_apart(xy: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    chosen = [int(rng.integers(len(xy)))]
    while len(chosen) < _HOT_SPOTS:
        # each next one is the farthest of a few at random, so that they neither touch nor hug the edges
        few = rng.choice(len(xy), size=_LANES, replace=False)
        apart = np.linalg.norm(xy[few][:, None, :] - xy[chosen][None, :, :], axis=2).min(axis=1)
        chosen.append(int(few[int(apart.argmax())]))
    return np.array(chosen, dtype=np.intp)
