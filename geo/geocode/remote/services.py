"""The four kinds of address service, through geopy, over a connection of our own.

geopy writes each service's questions. It would log them word for word, so its logger is silenced for good: what was
asked is an address.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeopyError
from geopy.geocoders import Nominatim, Pelias, Photon
from geopy.geocoders.base import Geocoder as GeopyGeocoder

from geo.domain.place import GeocodeResult
from geo.domain.words import Decision, RemoteProvider
from geo.errors import OutsideFailed
from geo.geocode.remote.answers import MOST_ANSWERS, read_answers
from geo.geocode.remote.question import make_question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo.domain.outside import OutsideService
    from geo.domain.place import Candidate
    from geo.geocode.remote.pinned import PinnedFetcher
    from geo.geocode.remote.question import Question

    Asking = Callable[[], Sequence[Any]]

USER_AGENT: Final = "barnraiser/0.1"
"""Names the program, as services ask for, and nobody who runs it."""
_BENCHMARK: Final = "Public_AR_Current"
_UNREADABLE: Final = (GeopyError, LookupError, TypeError, ValueError, AttributeError, RecursionError)

logging.getLogger("geopy").addFilter(lambda _record: False)


class _Adapter(BaseSyncAdapter):  # type: ignore[misc] # geopy has no types
    """Lets geopy ask through a pinned connection, and through nothing else."""

    def __init__(self, *, proxies: object, ssl_context: object, fetcher: PinnedFetcher) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._fetcher = fetcher

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever JSON knows
        """Fetch and read JSON."""
        try:
            return json.loads(self.get_text(url, timeout=timeout, headers=headers), parse_constant=_refuse)
        except (ValueError, RecursionError):
            pass
        raise OutsideFailed("unreadable")

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:  # noqa: ARG002 - the fetcher keeps its own time
        """Fetch as text."""
        origin = self._fetcher.endpoint.origin
        if not url.startswith(f"{origin}/"):
            raise OutsideFailed("refused_address")
        return self._fetcher.get(url.removeprefix(origin), headers).decode("utf-8", "strict")


def _refuse(name: str) -> object:
    raise ValueError(name)


class _Nominatim(Nominatim):  # type: ignore[misc] # geopy has no types
    """Gives places as the service wrote them: geopy would drop all for one that is broken."""

    def _parse_json(self, told: Any, exactly_one: bool) -> list[Any]:  # noqa: ANN401, ARG002, FBT001 - as geopy calls it
        return _list(told)


class _Photon(Photon):  # type: ignore[misc] # geopy has no types
    """Likewise."""

    def _parse_json(self, told: Any, exactly_one: bool = True) -> list[Any]:  # noqa: ANN401, ARG002, FBT001, FBT002 - as geopy calls it
        return _list(told["features"])


class _Pelias(Pelias):  # type: ignore[misc] # geopy has no types
    """Likewise."""

    def _parse_json(self, told: Any, exactly_one: bool) -> list[Any]:  # noqa: ANN401, ARG002, FBT001 - as geopy calls it
        return _list(told["features"])


def _list(told: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON knows
    if not isinstance(told, list):
        raise TypeError
    return told


class _Census(GeopyGeocoder):  # type: ignore[misc] # geopy has no types
    """The geocoder of the US Census Bureau, which geopy lacks; one line in, matches out."""

    path = "/geocoder/locations/address"

    def __init__(self, domain: str, **how: object) -> None:
        super().__init__(**how)
        self.api = f"{self.scheme}://{domain.strip('/')}{self.path}"

    def geocode(self, question: Mapping[str, str]) -> list[Any]:
        """Look a street and ZIP up."""
        url = f"{self.api}?{urlencode({**question, 'benchmark': _BENCHMARK, 'format': 'json'})}"
        found: list[Any] = self._call_geocoder(url, lambda told: _list(told["result"]["addressMatches"]))
        return found


class RemoteGeocoder:
    """Asks one outside service; shaped like the geocoder of this host, and never sure.

    Parameters
    ----------
    service
        What the network allows.
    fetcher
        The connection to its endpoint.
    """

    def __init__(self, service: OutsideService, fetcher: PinnedFetcher) -> None:
        self._service = service
        self._fetcher = fetcher

    def geocode(self, q: str) -> GeocodeResult:
        """Look up what was typed, as far as it may leave.

        Returns
        -------
        GeocodeResult
            For a person to decide on, or none; never accepted. Where nothing may leave, nothing is asked.

        Raises
        ------
        OutsideFailed
            If no usable answer came.
        """
        question = make_question(q)
        found = self.ask(question) if question else ()
        return GeocodeResult(Decision.REVIEW if found else Decision.NONE, found)

    def geocode_many(self, texts: Sequence[str]) -> list[GeocodeResult]:
        """Look texts up one after the other; services forbid asking in bulk, so nothing here calls it with many."""
        return [self.geocode(text) for text in texts]

    def ask(self, question: Question) -> tuple[Candidate, ...]:
        """Ask one question.

        Returns
        -------
        tuple of Candidate
            At most five; empty when the service knows no such place.

        Raises
        ------
        OutsideFailed
            If no usable answer came; its ``reason`` says why, and never repeats what was asked.
        """
        try:
            found = _ASKING[self._service.provider](self, question)()
            return read_answers(self._service.provider, found[:MOST_ANSWERS], question)
        except OutsideFailed as failure:
            reason = failure.reason
        except _UNREADABLE:
            reason = "unreadable"
        # raised here, outside of what caught it, so that it drags no text of the service or of geopy along
        raise OutsideFailed(reason)

    def _make(self, kind: Callable[..., Any]) -> Any:  # noqa: ANN401 - geopy has no types
        endpoint = self._fetcher.endpoint
        return kind(
            domain=f"{endpoint.netloc}{endpoint.path}",
            scheme=endpoint.scheme,
            user_agent=USER_AGENT,
            timeout=None,
            proxies=None,
            adapter_factory=partial(_Adapter, fetcher=self._fetcher),
        )

    def _nominatim(self, question: Question) -> Asking:
        parts = {"street": question.line, "postalcode": question.postcode, "city": self._service.town}
        asked = {name: value for name, value in parts.items() if value}
        more = {"addressdetails": True, "country_codes": self._service.country, "limit": MOST_ANSWERS}
        return partial(self._make(_Nominatim).geocode, asked, exactly_one=False, **more)

    def _photon(self, question: Question) -> Asking:
        return partial(self._make(_Photon).geocode, self._line(question), exactly_one=False, limit=MOST_ANSWERS)

    def _pelias(self, question: Question) -> Asking:
        country = self._service.country
        countries = [country.upper()] if country else None
        return partial(self._make(_Pelias).geocode, self._line(question), exactly_one=False, countries=countries)

    def _census(self, question: Question) -> Asking:
        parts = {"street": question.line, "zip": question.postcode, "city": self._service.town}
        return partial(self._make(_Census).geocode, {name: value for name, value in parts.items() if value})

    def _line(self, question: Question) -> str:
        town = " ".join(part for part in (question.postcode, self._service.town) if part)
        return f"{question.line}, {town}" if town else question.line


_ASKING: Final[Mapping[RemoteProvider, Callable[[RemoteGeocoder, Question], Asking]]] = {
    RemoteProvider.NOMINATIM: RemoteGeocoder._nominatim,  # noqa: SLF001 - of this very module
    RemoteProvider.PHOTON: RemoteGeocoder._photon,  # noqa: SLF001
    RemoteProvider.PELIAS: RemoteGeocoder._pelias,  # noqa: SLF001
    RemoteProvider.CENSUS: RemoteGeocoder._census,  # noqa: SLF001
}
