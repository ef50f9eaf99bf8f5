"""What the API says about asking an outside address service: frozen records the pages can rely upon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dashboard.translation import Phrases

if TYPE_CHECKING:
    from dashboard.answers import Json

PROVIDERS: Final = Phrases(
    {"nominatim": "Nominatim", "photon": "Photon", "pelias": "Pelias", "census": "the US Census geocoder"}
)
"""The kinds of service as people know them."""


@dataclass(frozen=True, slots=True)
class Service:
    """The service a network allows."""

    provider: str
    endpoint: str
    gap_ms: int
    country: str
    town: str
    keep_days: int

    @property
    def name(self) -> str:
        """What it is called."""
        return PROVIDERS.get(self.provider, self.provider)


@dataclass(frozen=True, slots=True)
class Outside:
    """Whether this host permits asking outside at all, and whom the network allows."""

    is_permitted: bool
    service: Service | None

    @classmethod
    def read(cls, body: Json) -> Outside:
        """Take it out of an answer."""
        told = body.get("service")
        service = None
        if told:
            texts = {name: str(told.get(name) or "") for name in ("provider", "endpoint", "country", "town")}
            service = Service(gap_ms=int(told["gap_ms"]), keep_days=int(told["keep_days"]), **texts)
        return cls(bool(body["is_permitted"]), service)


@dataclass(frozen=True, slots=True)
class OutsideView:
    """How asking about one need stands; ``line`` is what would leave, ``bar`` what is in the way."""

    provider: str
    host: str
    bar: str
    line: str

    @classmethod
    def read(cls, body: Json) -> OutsideView:
        """Take it out of an answer."""
        return cls(*(str(body.get(name) or "") for name in ("provider", "host", "bar", "line")))

    @property
    def is_ready(self) -> bool:
        """Whether nothing is in the way."""
        return not self.bar and bool(self.line)

    @property
    def name(self) -> str:
        """What the service is called."""
        return PROVIDERS.get(self.provider, self.provider)
