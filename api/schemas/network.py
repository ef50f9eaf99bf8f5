"""How a network is set up, as an admin sends it and as everybody in it reads it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, StringConstraints

from geo.store.network import MOST_HOURS

from api.schemas.common import Change, Languages, Line, Version, count
from api.schemas.reasons import ReasonOut

NETWORK_EXAMPLES: Final[dict[str, Any]] = {
    "standard": {"summary": "Help within ten minutes", "value": {"standard_min": 10}},
    "usual": {"summary": "The installation's standard again", "value": {"standard_min": None}},
    "speech": {"value": {"time_zone": "Europe/Helsinki", "languages": ["fi", "sv", "en"]}},
}
ZoneName = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_+/-]+$")]


class NetworkChange(Change):
    """What an admin may change; a standard of null is the installation's."""

    nullable = frozenset({"standard_min"})

    name: Line | None = None
    time_zone: ZoneName | None = Field(None, examples=["Europe/Helsinki"])
    languages: Languages | None = None
    escalate_after_h: Annotated[int, count(1, MOST_HOURS)] | None = None
    standard_min: Annotated[int, count(1, 240)] | None = None


class InstallationOut(BaseModel):
    """What is decided where Barnraiser runs."""

    release: str = Field(description="the version of Barnraiser")
    standard_min: float = Field(description="minutes, where a network says nothing")
    place_days: int = Field(description="days after closing when the exact place goes")
    contact_days: int = Field(description="days after closing when the contact goes")
    message_days: int = Field(description="days what was sent is kept")
    verify_days: int = Field(description="days a confirmation of an asset lasts")
    reads_per_min: int
    asks_outside: bool = Field(description="networks may allow an outside address service")
    channels: list[str] = Field(description="ways by which messages leave this host; empty when they do not")
    travel_name: str
    travel_note: str = Field(description="how travel is reckoned, in English")
    travel_how: list[ReasonOut] = Field(description="the same as codes with their parts")


class NetworkOut(BaseModel):
    """How a network is set up."""

    name: str
    time_zone: str
    languages: list[str]
    escalate_after_h: int = Field(description="hours without an answer, then somebody else is asked")
    standard_min: int | None = Field(description="minutes; null while the installation's holds")
    version: Version
    installation: InstallationOut
