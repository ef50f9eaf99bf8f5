from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.turf import KEYS, OLDEST, DoorProgress, Outcome, VisitDraft, happened_at, progress_of

NOW = datetime(2026, 5, 4, 18, tzinfo=UTC)


def visit(device_at: datetime | None, sent_at: datetime | None = None) -> VisitDraft:
    return VisitDraft(new_id(), new_id(), 1, Outcome.VISITED, device_at, sent_at)


@given(st.timedeltas(timedelta(0), OLDEST), st.timedeltas(timedelta(days=-5000), timedelta(days=5000)))
def test_a_clock_that_is_wrong_says_how_long_ago_it_was(age: timedelta, wrong: timedelta) -> None:
    sent = NOW + wrong
    assert happened_at(visit(sent - age, sent), NOW) == NOW - age


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given beside
def test_no_visit_is_in_the_future_or_long_ago(device_at: datetime) -> None:
    assert NOW - OLDEST <= happened_at(visit(device_at), NOW) <= NOW


def test_a_visit_without_a_time_is_of_now() -> None:
    assert happened_at(visit(None), NOW) == NOW


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, *Outcome])), max_size=30))
def test_progress_adds_up(doors: list[tuple[str, Outcome | None]]) -> None:
    met = [
        DoorProgress(
            at, street, str(at), Point(24.9, 60.2), outcome, NOW if outcome else None, int(outcome is not None)
        )
        for at, (street, outcome) in enumerate(doors, 1)
    ]
    found = progress_of(new_id(), met)
    assert found.left + sum(found.outcomes.values()) == found.doors == len(doors)
    assert sum(street.doors for street in found.streets) == len(doors)
    for outcome in Outcome:
        assert sum(street.outcomes[outcome.value] for street in found.streets) == found.outcomes[outcome.value]
    assert [street.street for street in found.streets] == list(dict.fromkeys(street for street, _ in doors))


def test_each_outcome_has_a_letter_of_its_own() -> None:
    assert set(KEYS) == set(Outcome)
    assert len(set(KEYS.values())) == len(Outcome)
