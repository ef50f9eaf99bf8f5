"""What every geocoder answers, wherever it looks, and the one that looks in a gazetteer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from geo.geocode.cascade import geocode_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.domain.place import GeocodeResult
    from geo.geocode.gazetteer import Gazetteer


@dataclass(frozen=True, slots=True)
class ReverseResult:
    """What lies at a point.

    ``address`` is the label of the nearest door or crossing, ``distance_m`` how far the first of door, crossing and
    street that was found is away, in metres.
    """

    address: str | None
    distance_m: float | None
    street: str | None
    area: str | None


class Geocoder(Protocol):
    """Turns what somebody typed into a place, and says how sure that is."""

    def geocode(self, q: str) -> GeocodeResult:
        """Geocode one address."""

    def geocode_many(self, texts: Sequence[str]) -> list[GeocodeResult]:
        """Geocode addresses in order, one answer for each."""


class GazetteerGeocoder:
    """Geocodes against a gazetteer of this host; nothing leaves it.

    Parameters
    ----------
    gazetteer
        Where to look.
    batch
        How many addresses share one set of questions.
    """

    def __init__(self, gazetteer: Gazetteer, *, batch: int = 1000) -> None:
        self.gazetteer = gazetteer
        self.batch = batch

    def geocode(self, q: str) -> GeocodeResult:
        """Geocode one address.

        Parameters
        ----------
        q
            Whatever was typed.

        Returns
        -------
        GeocodeResult
            Never raises for a text: what cannot be read has no candidates.
        """
        return self.geocode_many([q])[0]

    def geocode_many(self, texts: Sequence[str]) -> list[GeocodeResult]:
        """Geocode addresses in order.

        Parameters
        ----------
        texts
            Whatever was typed.

        Returns
        -------
        list of GeocodeResult
            One for each text.
        """
        results: list[GeocodeResult] = []
        for start in range(0, len(texts), self.batch):
            results += geocode_batch(self.gazetteer, texts[start : start + self.batch])
        return results
