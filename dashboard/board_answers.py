"""Needs on the board, matches, proposals and helpers as the API answers them: frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dashboard.answers import Need, read_balance, read_instant, read_line
from dashboard.told_answers import Told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.domain.balance import Balance

    from dashboard.answers import Json


@dataclass(frozen=True, slots=True)
class Match:
    """A need brought together with a helper or a place, as it stands now."""

    id: str
    need_id: str
    helper_id: str | None
    status: str
    reason: str | None
    expires_at: datetime | None
    confirmed_at: datetime | None
    updated_at: datetime
    version: int

    @classmethod
    def read(cls, body: Json) -> Match:
        """Take one match out of an answer."""
        return cls(
            id=str(body["id"]),
            need_id=str(body["need_id"]),
            helper_id=read_line(body.get("helper_id")),
            status=str(body["status"]),
            reason=read_line(body.get("reason")),
            expires_at=read_instant(body.get("expires_at")),
            confirmed_at=read_instant(body.get("confirmed_at")),
            updated_at=datetime.fromisoformat(body["updated_at"]),
            version=int(body["version"]),
        )


@dataclass(frozen=True, slots=True)
class Lane:
    """How many needs stand in one way, and how many of them are pressing."""

    lane: str
    count: int
    pressing: int
    oldest_at: datetime | None

    @classmethod
    def read(cls, body: Json) -> Lane:
        """Take one lane out of an answer."""
        return cls(str(body["lane"]), int(body["count"]), int(body["pressing"]), read_instant(body.get("oldest_at")))


@dataclass(frozen=True, slots=True)
class Card:
    """A need on the board; ``match`` says how it stands, ``who`` is its helper or place."""

    lane: str
    need: Need
    match: Match | None
    who: str | None
    asked: int

    @classmethod
    def read(cls, body: Json) -> Card:
        """Take one card out of an answer."""
        match = body.get("match")
        return cls(
            lane=str(body["lane"]),
            need=Need.read(body["need"]),
            match=Match.read(match) if match else None,
            who=read_line(body.get("who")),
            asked=int(body["asked"]),
        )


@dataclass(frozen=True, slots=True)
class Steps:
    """What became of several needs: those that were changed, as they are now, and the ids of those left."""

    needs: tuple[Need, ...]
    left: tuple[str, ...]

    @classmethod
    def read(cls, body: Json) -> Steps:
        """Take it out of an answer."""
        results = body["results"]
        needs = tuple(Need.read(one["need"]) for one in results if one.get("need"))
        return cls(needs, tuple(str(one["id"]) for one in results if not one.get("need")))


@dataclass(frozen=True, slots=True)
class Board:
    """One lane's cards, and the counts of every lane."""

    lanes: Mapping[str, Lane]
    lane: str
    cards: tuple[Card, ...]
    balance: Balance

    @classmethod
    def read(cls, body: Json) -> Board:
        """Take the board out of an answer."""
        lanes = {one["lane"]: Lane.read(one) for one in body["lanes"]}
        cards = tuple(Card.read(item) for item in body["items"])
        return cls(lanes, str(body["lane"]), cards, read_balance(body["balance"]))


@dataclass(frozen=True, slots=True)
class Matched:
    """A match, the need it is about, and the helper or place by name."""

    match: Match
    need: Need
    who: str | None

    @classmethod
    def read(cls, body: Json) -> Matched:
        """Take one of them out of an answer."""
        return cls(Match.read(body["match"]), Need.read(body["need"]), read_line(body.get("who")))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a match."""

    at: datetime
    actor: str | None
    from_status: str | None
    to_status: str
    reason: str | None
    is_undo: bool

    @classmethod
    def read(cls, body: Json) -> Step:
        """Take one step out of an answer."""
        return cls(
            at=datetime.fromisoformat(body["at"]),
            actor=read_line(body.get("actor")),
            from_status=read_line(body.get("from_status")),
            to_status=str(body["to_status"]),
            reason=read_line(body.get("reason")),
            is_undo=bool(body["is_undo"]),
        )


@dataclass(frozen=True, slots=True)
class Stuck:
    """A need that wants an organizer: nobody answers, or help failed for a grave reason."""

    need_id: str
    unanswered: int
    reason: str | None

    @classmethod
    def read(cls, body: Json) -> Stuck:
        """Take one of them out of an answer."""
        return cls(str(body["need_id"]), int(body["unanswered"]), read_line(body.get("reason")))


@dataclass(frozen=True, slots=True)
class Suggested:
    """A helper or place that could meet a need, and why it was chosen."""

    kind: str
    id: str
    name: str
    reason: Told
    travel_min: float
    mode: str

    @classmethod
    def read(cls, body: Json) -> Suggested:
        """Take one result out of an answer."""
        return cls(
            kind=str(body["kind"]),
            id=str(body["id"]),
            name=str(body["name"]),
            reason=Told.read(body.get("reason"), body.get("because")),
            travel_min=float(body["travel_min"]),
            mode=str(body["mode"]),
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """A helper who could be asked about a need, and why."""

    need_id: str
    helper_id: str
    helper_name: str
    travel_min: int
    reason: Told

    @classmethod
    def read(cls, body: Json) -> Pair:
        """Take one pair out of an answer."""
        return cls(
            need_id=str(body["need_id"]),
            helper_id=str(body["helper_id"]),
            helper_name=str(body["helper_name"]),
            travel_min=int(body["travel_min"]),
            reason=Told.read(body.get("reason"), body.get("because")),
        )


@dataclass(frozen=True, slots=True)
class Proposals:
    """Who could be asked about what, and how good any other choice could be."""

    pairs: tuple[Pair, ...]
    unmatched: tuple[tuple[str, str], ...]
    gap: float
    is_optimal: bool
    helper_count: int
    travel_note: Told
    balance: Balance

    @classmethod
    def read(cls, body: Json) -> Proposals:
        """Take a batch of proposals out of an answer."""
        return cls(
            pairs=tuple(Pair.read(item) for item in body["pairs"]),
            unmatched=tuple((str(one["need_id"]), str(one["why"])) for one in body["unmatched"]),
            gap=float(body["gap"]),
            is_optimal=bool(body["optimal"]),
            helper_count=int(body["helper_count"]),
            travel_note=Told.of_travel(body.get("travel_model") or {}),
            balance=read_balance(body["balance"]),
        )


@dataclass(frozen=True, slots=True)
class Helper:
    """A volunteer by the name they chose; ``load`` of ``capacity_per_week`` needs are theirs this week."""

    id: str
    name: str
    categories: tuple[str, ...]
    languages: tuple[str, ...]
    vehicle: str
    status: str
    capacity_per_week: int
    load: int
    max_travel_min: int
    availability: str | None
    is_interpreter: bool
    last_asked_at: datetime | None
    version: int

    @classmethod
    def read(cls, body: Json) -> Helper:
        """Take one helper out of an answer."""
        return cls(
            id=str(body["id"]),
            name=str(body["public_name"]),
            categories=tuple(body["categories"]),
            languages=tuple(body.get("languages") or ()),
            vehicle=str(body["vehicle"]),
            status=str(body["status"]),
            capacity_per_week=int(body["capacity_per_week"]),
            load=int(body["load"]),
            max_travel_min=int(body["max_travel_min"]),
            availability=read_line(body.get("availability")),
            is_interpreter=bool(body.get("interpreter")),
            last_asked_at=read_instant(body.get("last_asked_at")),
            version=int(body["version"]),
        )

    @property
    def room(self) -> int:
        """How many more needs they take this week."""
        return max(0, self.capacity_per_week - self.load)


@dataclass(frozen=True, slots=True)
class Apart:
    """A helper and a household that are never brought together."""

    id: str
    helper_id: str
    created_at: datetime

    @classmethod
    def read(cls, body: Json) -> Apart:
        """Take one of them out of an answer."""
        return cls(str(body["id"]), str(body["helper_id"]), datetime.fromisoformat(body["created_at"]))
