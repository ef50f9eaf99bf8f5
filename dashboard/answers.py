"""What the API answers, as frozen records the views can rely upon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo.domain.balance import Balance

from dashboard.category_words import CATEGORIES
from dashboard.told_answers import Told

Json = Mapping[str, Any]


def read_instant(told: object) -> datetime | None:
    """Read an instant that may be missing."""
    return datetime.fromisoformat(str(told)) if told else None


def read_line(told: object) -> str | None:
    """Read a text that may be missing."""
    return str(told) if told is not None else None


@dataclass(frozen=True, slots=True)
class Source:
    """Where some of the data comes from, and under which licence."""

    name: str
    licence: str
    attribution: str

    @classmethod
    def read(cls, body: Json) -> Source:
        """Take one source out of an answer."""
        return cls(str(body["name"]), str(body.get("licence") or ""), str(body.get("attribution") or ""))


@dataclass(frozen=True, slots=True)
class Meta:
    """What the network is, what it covers and how travel is reckoned; ``bbox`` is west, south, east, north."""

    network: str
    version: str
    bbox: tuple[float, float, float, float] | None
    centre: tuple[float, float] | None
    categories: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    travel_name: str
    travel_note: Told
    standard_min: int
    basemap: str | None
    time_zone: str = "UTC"
    holds_made_up: bool = False

    @classmethod
    def read(cls, body: Json) -> Meta:
        """Take the description of the network out of an answer."""
        box, centre, travel = body.get("bbox"), body.get("centre"), body.get("travel_model") or {}
        return cls(
            network=str(body["network"]),
            version=str(body.get("version") or ""),
            bbox=(box[0], box[1], box[2], box[3]) if box else None,
            centre=(centre[0], centre[1]) if centre else None,
            categories=tuple((c["value"], CATEGORIES.get(c["value"], c["label"])) for c in body["categories"]),
            sources=tuple(Source.read(s) for s in body.get("sources", ())),
            travel_name=str(travel.get("name") or ""),
            travel_note=Told.of_travel(travel),
            standard_min=round(body["standard_min"]),
            basemap=body.get("basemap"),
            time_zone=str(body.get("time_zone") or "UTC"),
            holds_made_up=bool(body.get("holds_made_up")),
        )

    def label(self, category: str) -> str:
        """Give a category in words."""
        return dict(self.categories).get(category, category)


@dataclass(frozen=True, slots=True)
class Gap:
    """How one kind of need fares in one place: ``demand`` is what is asked, ``gap`` what finds no help in time."""

    key: str
    label: str
    category: str
    demand: float
    covered: float
    gap: float
    why: Told
    is_at_edge: bool = False

    @classmethod
    def read(cls, body: Json) -> Gap:
        """Take one row of the coverage out of an answer."""
        return cls(
            key=str(body["key"]),
            label=str(body.get("label") or body["key"]),
            category=str(body["category"]),
            demand=float(body["demand"]),
            covered=float(body["covered"]),
            gap=float(body["gap"]),
            why=Told.read(body.get("why"), body.get("because")),
            is_at_edge=bool(body.get("edge")),
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """A page of the rows of one question, the worst first, and what all of them add up to.

    ``count`` says how many rows there are, ``widest`` how many needs find no help in the worst place.
    """

    rows: tuple[Gap, ...]
    demand: float
    gap: float
    balance: Balance
    count: int
    widest: float

    @classmethod
    def read(cls, body: Json) -> Coverage:
        """Take the coverage out of an answer."""
        totals = body["totals"].values()
        return cls(
            rows=tuple(Gap.read(row) for row in body["rows"]),
            demand=sum(float(t["demand"]) for t in totals),
            gap=sum(float(t["gap"]) for t in totals),
            balance=read_balance(body["balance"]),
            count=int(body["count"]),
            widest=float(body["widest"]),
        )


@dataclass(frozen=True, slots=True)
class Area:
    """A named part of town; ``geometry`` is GeoJSON in WGS 84."""

    id: str
    name: str
    geometry: Json

    @classmethod
    def read(cls, body: Json) -> Area:
        """Take one area out of an answer."""
        return cls(str(body["id"]), str(body["name"]), body["geometry"])


@dataclass(frozen=True, slots=True)
class Need:
    """A need as the dashboard knows it: no name, no address, no exact place."""

    id: str
    category: str
    urgency: str
    status: str
    location_state: str
    cell: str | None
    household_size: int
    languages: tuple[str, ...]
    received_at: datetime
    version: int
    review_mark: str | None = None

    @classmethod
    def read(cls, body: Json) -> Need:
        """Take one need out of an answer."""
        return cls(
            id=str(body["id"]),
            category=str(body["category"]),
            urgency=str(body["urgency"]),
            status=str(body["status"]),
            location_state=str(body["location_state"]),
            cell=body.get("cell"),
            household_size=int(body.get("household_size") or 1),
            languages=tuple(body.get("languages") or ()),
            received_at=datetime.fromisoformat(body["received_at"]),
            version=int(body["version"]),
            review_mark=body.get("review_mark"),
        )


@dataclass(frozen=True, slots=True)
class Nearby:
    """A helper or asset that could meet a need, and why it was chosen; travel in minutes of their own mode."""

    name: str
    travel_min: float
    mode: str
    reason: Told

    @classmethod
    def read(cls, body: Json) -> Nearby:
        """Take one result out of an answer."""
        reason = Told.read(body.get("reason"), body.get("because"))
        return cls(str(body["name"]), float(body["travel_min"]), str(body["mode"]), reason)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that what was typed might mean; ``uncertainty_m`` in metres."""

    index: int
    label: str
    match_quality: str
    uncertainty_m: float
    faults: tuple[str, ...]
    lon: float = 0.0
    lat: float = 0.0

    @classmethod
    def read(cls, body: Json) -> Candidate:
        """Take one candidate out of an answer."""
        return cls(
            index=int(body["index"]),
            lon=float(body["lon"]),
            lat=float(body["lat"]),
            label=str(body["label"]),
            match_quality=str(body["match_quality"]),
            uncertainty_m=float(body["uncertainty_m"]),
            faults=tuple(body.get("faults") or ()),
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A need whose address waits for a person; ``note`` is what is to be asked."""

    need: Need
    address_typed: str | None
    candidates: tuple[Candidate, ...]
    state: str = "waiting"
    note: str | None = None
    can_remember: bool = False

    @classmethod
    def read(cls, body: Json) -> Waiting:
        """Take one entry of the review queue out of an answer."""
        return cls(
            need=Need.read(body["need"]),
            address_typed=body.get("address_typed"),
            candidates=tuple(Candidate.read(c) for c in body.get("candidates") or ()),
            state=str(body.get("state") or "waiting"),
            note=body.get("note"),
            can_remember=bool(body.get("can_remember")),
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many needs are on each list of the queue, and how many were decided today."""

    waiting: int
    ask_again: int
    outside_area: int
    decided_today: int

    @classmethod
    def read(cls, body: Json) -> Counts:
        """Take the counts out of an answer."""
        return cls(**{name: int(body[name]) for name in cls.__dataclass_fields__})

    @property
    def queue(self) -> int:
        """What waits, and what is to be asked."""
        return self.waiting + self.ask_again


@dataclass(frozen=True, slots=True)
class Queue:
    """The first page of one list of the review queue, and how many are on each."""

    items: tuple[Waiting, ...]
    count: int
    counts: Counts

    @classmethod
    def read(cls, body: Json) -> Queue:
        """Take the queue out of an answer."""
        items = tuple(Waiting.read(item) for item in body["items"])
        return cls(items, int(body["count"]), Counts.read(body["counts"]))


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that stands: what, by whom (an id, or nobody for the command line), and when."""

    need: Need
    kind: str
    decided_by: str | None
    decided_at: datetime
    address_typed: str | None
    note: str | None
    remembered: bool
    can_undo: bool

    @classmethod
    def read(cls, body: Json) -> Decided:
        """Take one decision out of an answer."""
        return cls(
            need=Need.read(body["need"]),
            kind=str(body["kind"]),
            decided_by=body.get("decided_by"),
            decided_at=datetime.fromisoformat(body["decided_at"]),
            address_typed=body.get("address_typed"),
            note=body.get("note"),
            remembered=bool(body["remembered"]),
            can_undo=bool(body["can_undo"]),
        )


def read_balance(body: Json) -> Balance:
    """Take the balance line out of an answer.

    Raises
    ------
    GeoError
        When the figures do not add up.
    """
    return Balance(**{name: int(body[name]) for name in Balance.__dataclass_fields__})
