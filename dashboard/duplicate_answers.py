"""Pairs of requests that may be one as the API answers them: frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.answers import Need
from dashboard.told_answers import Told

if TYPE_CHECKING:
    from dashboard.answers import Json


@dataclass(frozen=True, slots=True)
class Side:
    """One request of a pair; ``uncertainty_m`` is none where there is no place."""

    need: Need
    match_quality: str
    uncertainty_m: float | None
    access: tuple[str, ...]
    has_contact: bool
    has_phone: bool

    @classmethod
    def read(cls, body: Json) -> Side:
        """Take one request out of an answer."""
        need = body["need"]
        return cls(
            need=Need.read(need),
            match_quality=str(need["match_quality"]),
            uncertainty_m=need.get("uncertainty_m"),
            access=tuple(need.get("access") or ()),
            has_contact=bool(body["has_contact"]),
            has_phone=bool(body["has_phone"]),
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two requests that may be one; ``facts`` are what of the later the earlier may take."""

    id: str
    state: str
    bits: float
    metres_apart: int | None
    same_phone: bool
    why: tuple[Told, ...]
    facts: tuple[str, ...]
    can_undo: bool
    earlier: Side
    later: Side

    @classmethod
    def read(cls, body: Json) -> Pair:
        """Take one pair out of an answer."""
        apart = body.get("metres_apart")
        return cls(
            id=str(body["id"]),
            state=str(body["state"]),
            bits=float(body["bits"]),
            metres_apart=None if apart is None else int(apart),
            same_phone=float(body["parts"]["reach"]) > 0,
            why=Told.read_each(body["why"], body.get("because")),
            facts=tuple(body["facts"]),
            can_undo=bool(body["can_undo"]),
            earlier=Side.read(body["earlier"]),
            later=Side.read(body["later"]),
        )


@dataclass(frozen=True, slots=True)
class Pairs:
    """A page of pairs, and how many wait altogether."""

    items: tuple[Pair, ...]
    count: int

    @classmethod
    def read(cls, body: Json) -> Pairs:
        """Take a page out of an answer."""
        return cls(tuple(Pair.read(item) for item in body["items"]), int(body["count"]))
