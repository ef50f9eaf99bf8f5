"""The geocoder of this house: first what people have decided for the same text, then the gazetteer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.place import GeocodeResult
from geo.domain.words import COARSE_QUALITIES, Decision
from geo.store.aliases import find_aliases
from geo.store.audit import record
from geo.store.gazetteer import LocalGeocoder
from geo.store.review_tables import address_alias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.place import Point

_CHUNK: Final = 5000


class HouseGeocoder:
    """Places addresses as people here have placed the same text before, and all others by the gazetteer.

    An alias tells where somebody lives: this geocoder is for placing records, and for those who may review.

    Parameters
    ----------
    session
        Any session; nothing is written.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._gazetteer = LocalGeocoder(session)
        self.answered: list[UUID] = []
        """The aliases that have answered."""

    def geocode(self, q: str) -> GeocodeResult:
        """Geocode one address.

        Parameters
        ----------
        q
            Whatever was typed.

        Returns
        -------
        GeocodeResult
            Accepted with the source ``decision`` where a person has decided; never raises for a text.
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
        known: dict[str, GeocodeResult] = {}
        for start in range(0, len(texts), _CHUNK):
            for text, (alias_id, place) in find_aliases(self._session, texts[start : start + _CHUNK]).items():
                self.answered.append(alias_id)
                known[text] = GeocodeResult(Decision.ACCEPT, (place,))
        rest = [text for text in texts if text not in known]
        answers = iter(self._gazetteer.geocode_many(rest) if rest else ())
        return [known[text] if text in known else next(answers) for text in texts]

    def note_reveals(self) -> None:
        """Note that whoever asked is shown the places of the aliases that have answered."""
        if self.answered:
            record(self._session, "reveal", address_alias.name, self.answered, ("point",))


def look_up(session: Session, addresses: Sequence[str | None]) -> list[GeocodeResult | None]:
    """Geocode a batch of addresses on this host, keeping the places of those that have none."""
    answers = iter(HouseGeocoder(session).geocode_many([address for address in addresses if address]))
    return [next(answers) if address else None for address in addresses]


def sure_point(answer: GeocodeResult | None) -> Point | None:
    """Take the point of an answer that was accepted and names a door."""
    best = answer.best if answer is not None and answer.decision is Decision.ACCEPT else None
    return None if best is None or best.match_quality in COARSE_QUALITIES else best.point
