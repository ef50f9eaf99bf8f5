"""Every way through the life of a match against a plain model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.domain.match import FOLLOWS, LIVE, START_WITHIN, UNDO_WITHIN, MatchReason
from geo.domain.words import MatchStatus, NeedStatus
from geo.errors import Conflict
from geo.store.helpers import get_helper
from geo.store.match_steps import confirm, lapse_due, propose_match, step, undo
from geo.store.matches import get_match, list_events
from geo.store.needs import get_need

from tests.factories import add_helper, add_need

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
A = MatchStatus


@dataclass
class Model:
    """What one match, its need and its helper's load should be."""

    status: MatchStatus = A.PROPOSED
    ends: datetime | None = None
    confirmed: bool = False
    past: list[tuple[MatchStatus, datetime | None, bool]] = field(default_factory=list)
    stepped_at: datetime = NOW

    def standing(self, now: datetime) -> MatchStatus:
        due = self.status in (A.PROPOSED, A.ACCEPTED) and self.ends is not None and self.ends <= now
        return A.EXPIRED if due else self.status

    def keep(self, now: datetime) -> None:
        self.past = [(self.status, self.ends, self.confirmed)]
        self.stepped_at = now

    def take(self, verb: str, now: datetime) -> bool:  # noqa: PLR0911 - one for each verb
        at = self.standing(now)
        if verb == "lapse":
            if at is A.EXPIRED and self.status is not A.EXPIRED:
                self.status, self.past = at, []
            return True
        if verb == "confirm":
            if self.status is not A.DONE or self.confirmed:
                return False
            self.keep(now)
            self.confirmed = True
            return True
        if verb == "undo":
            if not self.past or now - self.stepped_at > UNDO_WITHIN:
                return False
            (self.status, self.ends, self.confirmed), self.past = self.past[0], []
            return True
        then = MatchStatus(verb)
        if then not in FOLLOWS.get(at, ()):
            return False
        self.keep(now)
        self.status, self.confirmed = then, False
        self.ends = now + START_WITHIN if then is A.ACCEPTED else None
        return True

    @property
    def need(self) -> NeedStatus:
        if self.status in LIVE:
            return NeedStatus.IN_PROGRESS
        return NeedStatus.MET if self.status is A.DONE else NeedStatus.OPEN


VERBS = ("accepted", "declined", "under_way", "done", "failed", "undo", "confirm", "lapse")
WAITS = st.sampled_from([0, 1, 14, 16, 25 * 60, 49 * 60])


@settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(moves=st.lists(st.tuples(st.sampled_from(VERBS), WAITS), max_size=12))
def test_every_way_through_a_life_is_that_of_a_plain_model(session: Session, moves: list[tuple[str, int]]) -> None:
    with session.begin_nested() as point:
        need, helper = add_need(session), add_helper(session)
        one = propose_match(session, need.id, helper_id=helper.id, now=NOW)
        model, now, steps = Model(ends=one.expires_at), NOW, 1
        for verb, wait_min in moves:
            now += timedelta(minutes=wait_min)
            before = model.status, model.confirmed
            should = model.take(verb, now)
            assert _do(session, one.id, need.id, verb, now) is should, (verb, now)
            steps += should and (verb != "lapse" or before != (model.status, model.confirmed))
            found = get_match(session, one.id, now=now)
            assert (found.status, found.confirmed_at is not None) == (model.standing(now), model.confirmed)
            assert get_need(session, need.id).status is model.need
            assert get_helper(session, helper.id).load == int(model.status in (*LIVE, A.DONE))
            assert len(list_events(session, one.id)) == steps
        point.rollback()


def _do(session: Session, match_id: object, need_id: object, verb: str, now: datetime) -> bool:
    reasons = {"declined": MatchReason.TOO_FAR, "failed": MatchReason.UNSAFE}
    try:
        if verb == "lapse":
            lapse_due(session, need_id, now=now)  # type: ignore[arg-type]
        elif verb in ("undo", "confirm"):
            {"undo": undo, "confirm": confirm}[verb](session, match_id, now=now)  # type: ignore[arg-type]
        else:
            step(session, match_id, MatchStatus(verb), reason=reasons.get(verb), now=now)  # type: ignore[arg-type]
    except Conflict:
        return False
    return True
