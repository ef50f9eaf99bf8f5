"""Places of help and what organizations have answered about them, as the API answers: frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashboard.answers import Json


@dataclass(frozen=True, slots=True)
class Place:
    """An asset as its page shows it, WGS 84 degrees; one at a private home has neither address nor place here."""

    id: str
    name: str
    categories: tuple[str, ...]
    status: str
    address: str | None
    opening_hours: str | None
    assured_on: date | None
    is_private: bool
    is_unconfirmed: bool
    source: str
    version: int
    lon: float | None = None
    lat: float | None = None

    @property
    def is_on_map(self) -> bool:
        """Whether everybody may know where it is."""
        return self.lon is not None and self.lat is not None

    @classmethod
    def read(cls, body: Json) -> Place:
        """Take one asset out of a list."""
        confirmed = body.get("assured_on")
        return cls(
            id=str(body["id"]),
            name=str(body["name"]),
            categories=tuple(str(word) for word in body["categories"]),
            status=str(body["status"]),
            address=_text(body, "address"),
            opening_hours=_text(body, "opening_hours"),
            assured_on=date.fromisoformat(confirmed) if confirmed else None,
            is_private=bool(body["is_private"]),
            is_unconfirmed=bool(body["is_unconfirmed"]),
            source=str(body["source"]),
            version=int(body["version"]),
            lon=None if body.get("lon") is None else float(body["lon"]),
            lat=None if body.get("lat") is None else float(body["lat"]),
        )


@dataclass(frozen=True, slots=True)
class Check:
    """What an organization has answered about a place, while nobody has seen to it."""

    id: str
    asset_id: str
    answer: str
    reason: str | None

    @classmethod
    def read(cls, body: Json) -> Check:
        """Take one answer out of a list."""
        return cls(str(body["id"]), str(body["asset_id"]), str(body["answer"]), _text(body, "reason"))


def _text(body: Json, name: str) -> str | None:
    return None if body.get(name) is None else str(body[name])
