"""Referrals, who serves already, and how agreements are used, as the API answers them: frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Json


def _instant(told: object) -> datetime | None:
    return datetime.fromisoformat(str(told)) if told else None


def _line(told: object) -> str | None:
    return str(told) if told is not None else None


@dataclass(frozen=True, slots=True)
class Referral:
    """A need handed to a partner."""

    id: str
    need_id: str
    agreement_id: str
    partner: str
    service: str | None
    category: str
    need_status: str
    state: str
    reason: str | None
    created_at: datetime
    created_by: str | None
    answered_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime
    is_due_soon: bool

    @property
    def is_running(self) -> bool:
        """Whether the partner has the need."""
        return self.state in ("waiting", "accepted")

    @classmethod
    def read(cls, body: Json) -> Referral:
        """Take one referral out of an answer."""
        return cls(
            id=str(body["id"]),
            need_id=str(body["need_id"]),
            agreement_id=str(body["agreement_id"]),
            partner=str(body["partner"]),
            service=_line(body.get("service")),
            category=str(body["category"]),
            need_status=str(body["need_status"]),
            state=str(body["state"]),
            reason=_line(body.get("reason")),
            created_at=datetime.fromisoformat(body["created_at"]),
            created_by=_line(body.get("created_by")),
            answered_at=_instant(body.get("answered_at")),
            ended_at=_instant(body.get("ended_at")),
            expires_at=datetime.fromisoformat(body["expires_at"]),
            is_due_soon=bool(body.get("is_due_soon")),
        )


@dataclass(frozen=True, slots=True)
class Referrals:
    """Referrals of one state, the longest waiting first, and how many stand how."""

    items: tuple[Referral, ...]
    counts: Mapping[str, int]

    @classmethod
    def read(cls, body: Json) -> Referrals:
        """Take a page out of an answer."""
        counts = {str(name): int(number) for name, number in body["counts"].items()}
        return cls(tuple(Referral.read(item) for item in body["items"]), counts)


@dataclass(frozen=True, slots=True)
class ReferralStep:
    """One step of a referral."""

    at: datetime
    actor: str | None
    was: str | None
    then: str
    reason: str | None
    is_undo: bool

    @classmethod
    def read(cls, body: Json) -> ReferralStep:
        """Take one step out of an answer."""
        return cls(
            datetime.fromisoformat(body["at"]),
            _line(body.get("actor")),
            _line(body.get("from_state")),
            str(body["to_state"]),
            _line(body.get("reason")),
            bool(body["is_undo"]),
        )


@dataclass(frozen=True, slots=True)
class ServingPlace:
    """A service for this kind of need that is there already."""

    id: str
    name: str
    organization_id: str | None
    opening_hours: str | None
    travel_min: int | None
    reason: str
    referred: int

    @classmethod
    def read(cls, body: Json) -> ServingPlace:
        """Take one service out of an answer."""
        minutes = body.get("travel_min")
        return cls(
            str(body["asset_id"]),
            str(body["name"]),
            _line(body.get("organization_id")),
            _line(body.get("opening_hours")),
            None if minutes is None else int(minutes),
            str(body.get("reason") or ""),
            int(body["referred"]),
        )


@dataclass(frozen=True, slots=True)
class ServingPartner:
    """A partner needs can be referred to."""

    id: str
    name: str
    organization_id: str | None
    covers: bool
    referred: int

    @classmethod
    def read(cls, body: Json) -> ServingPartner:
        """Take one partner out of an answer."""
        owner = _line(body.get("organization_id"))
        return cls(str(body["agreement_id"]), str(body["name"]), owner, bool(body["covers"]), int(body["referred"]))


@dataclass(frozen=True, slots=True)
class Serving:
    """Who serves a kind of need already."""

    places: tuple[ServingPlace, ...]
    partners: tuple[ServingPartner, ...]
    referrals: tuple[Referral, ...]

    @classmethod
    def read(cls, body: Json) -> Serving:
        """Take it out of an answer."""
        return cls(
            tuple(ServingPlace.read(item) for item in body["places"]),
            tuple(ServingPartner.read(item) for item in body["partners"]),
            tuple(Referral.read(item) for item in body["referrals"]),
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """That a made-up need of a feed was asked for by somebody else."""

    door: str
    who: str
    asker: str | None
    last_at: datetime
    count: int

    @classmethod
    def read(cls, body: Json) -> Hit:
        """Take one out of an answer."""
        at = datetime.fromisoformat(body["last_at"])
        return cls(str(body["door"]), str(body["who"]), _line(body.get("asker")), at, int(body["count"]))


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change would make of an agreement."""

    changed: tuple[str, ...]
    counts: Json

    @classmethod
    def read(cls, body: Json) -> Difference:
        """Take it out of an answer."""
        return cls(tuple(body["changed"]), body)


@dataclass(frozen=True, slots=True)
class AgreementUse:
    """How an agreement is used."""

    quota_per_day: int
    used_today: int
    last_seen_at: datetime | None
    looks: int
    referrals_running: int
    days: tuple[tuple[date, int], ...]
    canaries: int = 0
    can_undo: bool = False
    hits: tuple[Hit, ...] = ()

    @classmethod
    def read(cls, body: Json) -> AgreementUse:
        """Take it out of an answer."""
        return cls(
            int(body["quota_per_day"]),
            int(body["used_today"]),
            _instant(body.get("last_seen_at")),
            int(body["looks"]),
            int(body["referrals_running"]),
            tuple((date.fromisoformat(one["day"]), int(one["records"])) for one in body["days"]),
            int(body.get("canaries") or 0),
            bool(body.get("can_undo")),
            tuple(Hit.read(one) for one in body.get("hits") or ()),
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """Needs as a partner's key gives them: the first of them, and how many there are."""

    features: tuple[Json, ...]
    matched: int

    @classmethod
    def read(cls, body: Json) -> Preview:
        """Take it out of a GeoJSON collection."""
        return cls(tuple(body["features"]), int(body["numberMatched"]))
