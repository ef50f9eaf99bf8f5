"""What has come in and is no record: kept for its term, not a moment less, and gone after it."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from geo.domain.ids import new_id
from geo.domain.words import EntryKind, EntryRefusal, EntryState
from geo.errors import Conflict
from geo.store.entries import Box, Opened, find_opened, get_entry, hand_in, note_held, submission
from geo.store.entry_deciding import hide_photo, keep_photo, refuse, undo_decision
from geo.store.retention import RetentionReport, apply_retention, count_overdue

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def day(count: float) -> datetime:
    return NOW + timedelta(days=count)


def held(session: Session, *, photo: bytes | None = None, opened: bool = True) -> UUID:
    entry = new_id()
    hand_in(session, Box(entry, EntryKind.NEED, b64encode(entry.bytes)), quarantined=not opened)
    if opened:
        note_held(session, entry, Opened({"body": {}}, photo))
    session.execute(update(submission).where(submission.c.id == entry).values(received_at=NOW))
    return entry


@pytest.mark.parametrize("opened", [True, False])
def test_what_nobody_decided_about_is_given_up_after_its_term(session: Session, *, opened: bool) -> None:
    entry = held(session, opened=opened)
    assert get_entry(session, entry).kept_until == day(90)
    assert apply_retention(session, day(89.9)) == RetentionReport()
    assert count_overdue(session, day(90)).entries == 1
    assert apply_retention(session, day(90)) == RetentionReport(entries=1)
    found = get_entry(session, entry)
    assert (found.state, found.refused_because) == (EntryState.DISCARDED, EntryRefusal.NOBODY_DECIDED)
    assert not found.is_kept
    assert apply_retention(session, day(400)) == RetentionReport()


def test_what_was_refused_can_be_had_back_until_it_goes(session: Session) -> None:
    entry, other = held(session), held(session)
    for one in (entry, other):
        assert refuse(session, one, EntryRefusal.OTHER, now=day(80)).kept_until == day(94)
    assert undo_decision(session, other, now=day(85)).state is EntryState.HELD
    assert apply_retention(session, day(89)) == RetentionReport()
    # a second thought gives no new term: what waits again goes as if nothing had been decided
    assert apply_retention(session, day(94)) == RetentionReport(entries=2)
    found = get_entry(session, entry)
    assert (found.state, found.refused_because, found.is_kept) == (EntryState.REFUSED, EntryRefusal.OTHER, False)
    with pytest.raises(Conflict):
        undo_decision(session, entry, now=day(94))


def test_a_photo_goes_before_what_was_typed(session: Session) -> None:
    entry = held(session, photo=b"jpeg")
    assert get_entry(session, entry).photo_until == day(30)
    assert apply_retention(session, day(29.9)) == RetentionReport()
    assert apply_retention(session, day(30)) == RetentionReport(photos=1)
    kept = find_opened(session, entry)
    assert kept is not None
    assert (kept.photo, kept.typed, get_entry(session, entry).has_photo) == (None, {"body": {}}, False)
    assert apply_retention(session, day(30)) == RetentionReport()


def test_a_photo_that_was_taken_away_is_back_within_a_quarter_of_an_hour_or_never(session: Session) -> None:
    entry, other = held(session, photo=b"jpeg"), held(session, photo=b"jpeg")
    for one in (entry, other):
        hide_photo(session, one, now=day(1))
    soon = day(1) + timedelta(minutes=14)
    assert keep_photo(session, other, now=soon).has_photo
    assert apply_retention(session, soon) == RetentionReport()
    late = day(1) + timedelta(minutes=16)
    with pytest.raises(Conflict):
        keep_photo(session, entry, now=late)
    assert apply_retention(session, late) == RetentionReport(photos=1)
    kept = find_opened(session, other)
    assert kept is not None
    assert kept.photo == b"jpeg"
