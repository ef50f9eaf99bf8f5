"""What is outside, as it is asked about needs: a world that answers as it is told to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geo.domain.consent import ConsentDraft
from geo.domain.drafts import NeedDraft
from geo.domain.outside import OutsideService
from geo.domain.place import Candidate, Fault, Location, Point
from geo.domain.words import (
    Category,
    ConsentScope,
    ConsentWay,
    LocationState,
    MatchQuality,
    RemoteProvider,
    SubjectKind,
)
from geo.geocode.remote.endpoint import Reach
from geo.store.audit import list_audit
from geo.store.consents import record_consent
from geo.store.needs import create_need
from geo.store.remote_lookup import ask_outside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.geocode.remote.question import Question
    from geo.store.engine import SessionFactory

TYPED = "Kanarialinnunkatu 12 A 5, 00170 Helsinki, Matti Meikäläinen"
SERVICE = OutsideService(RemoteProvider.NOMINATIM, "http://127.0.0.1:8088", 1000, "fi", "Helsinki")
REACH = Reach(is_on=True, loopback=True)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def outside(lon: float = 24.95, *, label: str = "Kanarialinnunkatu 12, Helsinki") -> Candidate:
    faults = (Fault("remote.unverified", 20),)
    return Candidate(Point(lon, 60.17), label, MatchQuality.PARCEL, 30.0, 80, "remote:nominatim", faults)


class World:
    """What is outside: answers what it is told to, and remembers what it was asked."""

    def __init__(self, *answers: Candidate) -> None:
        self.answers: Sequence[Candidate] | Exception = answers
        self.asked: list[str] = []
        self.waited: list[float] = []
        self.meanwhile: Callable[[], Any] = lambda: None
        self.now = NOW

    def ask(self, _service: OutsideService, question: Question, _reach: Reach) -> Sequence[Candidate]:
        self.asked.append(question.text)
        self.meanwhile()
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers

    def look_up(self, sessions: SessionFactory, need_id: UUID, reach: Reach = REACH, **more: Any) -> Any:
        how = {"ask": self.ask, "pause": self.waited.append, "clock": lambda: self.now}
        return ask_outside(sessions, None, need_id, reach, **(how | more))


def waiting(session: Session, typed: str | None = TYPED, ours: int = 1) -> UUID:
    candidates = tuple(
        Candidate(Point(24.94 + n / 1000, 60.17), f"Ours {n}", MatchQuality.ROOFTOP, 5.0, 70 - n, "osm")
        for n in range(ours)
    )
    location = Location(LocationState.NEEDS_REVIEW, address_typed=typed, candidates=candidates)
    return create_need(session, NeedDraft(Category.FOOD), location).id


def agree(session: Session, need_id: UUID) -> UUID:
    draft = ConsentDraft(ConsentScope.REMOTE_GEOCODING, ConsentWay.SPOKEN)
    return record_consent(session, SubjectKind.NEED, need_id, draft).id


def told(session: Session) -> list[tuple[str, ...]]:
    return [entry.fields for entry in list_audit(session, action="remote_geocode")][::-1]


def consent_of(session: Session, need_id: UUID) -> UUID:
    found: UUID = session.scalar(text("SELECT id FROM consent WHERE subject_id = :id"), {"id": need_id})  # type: ignore[assignment]
    return found
