"""Entries as phones seal them: stored unopened, taken in one by one, and what became of each for organizers to see."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, text, tuple_, update

from geo.domain.entries import UNDO_WITHIN, EntryStatus, Fault
from geo.domain.retention import DEFAULT_RETENTION
from geo.domain.words import EntryChannel, EntryKind, EntryRefusal, EntryState
from geo.errors import Conflict, IdempotencyClash, NotFound
from geo.store import tables
from geo.store.audit import record
from geo.store.erased import is_erased
from geo.store.privacy_rules import retention_of
from geo.store.rows import MAX_LIMIT, mine, refused_as_ours
from geo.store.sealing import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.retention import Retention

submission = tables.submission
MAX_BOX: Final = 700_000
"""Bytes a sealed entry may have, its photo included."""
_MOST: Final = 1_400_000
_BOX, _TYPED, _CORRECTED, _PHOTO = "box", "typed", "corrected", "photo"
_KNOWS: Final = text("SELECT restricted.knows_entry(:id, :hash)")


@dataclass(frozen=True, slots=True)
class Box:
    """An entry as it arrives: sealed to the installation, under the id the phone made."""

    id: UUID
    kind: EntryKind
    content: bytes

    @property
    def body_hash(self) -> bytes:
        """By what the same box is known again."""
        return hashlib.sha256(self.content).digest()


@dataclass(frozen=True, slots=True)
class Opened:
    """What an entry holds: what was typed, a photo fit to be shown, and what could not be used."""

    typed: Mapping[str, Any]
    photo: bytes | None = None
    device_at: datetime | None = None
    faults: tuple[Fault, ...] = ()
    corrected: Mapping[str, Any] | None = None
    form: int | None = None
    accuracy_m: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Write what is sealed again."""
        photo = None if self.photo is None else b64encode(self.photo).decode()
        return {_TYPED: dict(self.typed), _CORRECTED: self.corrected and dict(self.corrected), _PHOTO: photo}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that waits to be taken in, and whose it is."""

    id: UUID
    handed_in_by: UUID | None


def hand_in(
    session: Session, box: Box, *, quarantined: bool = False, channel: EntryChannel = EntryChannel.DOOR
) -> bool:
    """Store a sealed entry once, without opening it; tells whether it is new.

    Parameters
    ----------
    quarantined
        Whether it came from a phone that was ended: it then waits for an organizer.
    channel
        By which way it came in.

    Raises
    ------
    IdempotencyClash
        If the id came before with another box; what was stored stays as it is.
    """
    # two copies of one entry at the same moment wait for each other here
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:id, 0))")
    session.execute(lock, {"id": str(box.id)})
    if session.scalar(_KNOWS, {"id": box.id, "hash": box.body_hash}) or is_erased(session, "submission", box.id):
        return False
    sealed, key_id = seal(session, box.id, {_BOX: b64encode(box.content).decode()}, most=_MOST)
    state = EntryState.QUARANTINED if quarantined else EntryState.RECEIVED
    values = {"id": box.id, "kind": box.kind.value, "body_hash": box.body_hash, "sealed": sealed, "key_id": key_id}
    try:
        with refused_as_ours():
            session.execute(insert(submission).values(**values, result={}, state=state.value, channel=channel.value))
    except Conflict:
        raise IdempotencyClash(field="id") from None
    record(session, "receive", submission.name, [box.id])
    return True


def count_quarantined(session: Session) -> int:
    """Count what whoever acts has in quarantine."""
    where = (submission.c.state == EntryState.QUARANTINED.value, submission.c.submitted_by == func.current_actor())
    return session.scalar(select(func.count()).select_from(submission).where(mine(submission), *where)) or 0


def list_waiting(session: Session, *, among: Sequence[UUID] | None = None, limit: int = 500) -> Sequence[Waiting]:
    """List entries that wait to be taken in, the oldest first.

    Parameters
    ----------
    among
        Only these, when given.
    """
    where = [mine(submission), submission.c.state == EntryState.RECEIVED.value]
    if among is not None:
        where.append(submission.c.id.in_(among))
    query = select(submission.c.id, submission.c.submitted_by).where(*where)
    rows = session.execute(query.order_by(submission.c.received_at, submission.c.id).limit(min(limit, MAX_LIMIT)))
    return [Waiting(row.id, row.submitted_by) for row in rows]


def take_box(session: Session, entry_id: UUID) -> Box | None:
    """Take an entry that waits for as long as the transaction lasts; none when another takes it, or it waits no more.

    Raises
    ------
    KeysUnavailable
        If the session has no keys, or none that fits.
    """
    where = (mine(submission), submission.c.id == entry_id, submission.c.state == EntryState.RECEIVED.value)
    query = select(submission.c.kind, submission.c.sealed).where(*where, submission.c.sealed.is_not(None))
    row = session.execute(query.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    return Box(entry_id, EntryKind(row.kind), b64decode(unseal(session, entry_id, row.sealed)[_BOX]))


def note_made(session: Session, entry_id: UUID, opened: Opened, record_id: UUID) -> None:
    """Note the record an entry has become; what was typed stays beside it, sealed."""
    _note(session, entry_id, opened, EntryState.MADE, record_id)


def note_held(session: Session, entry_id: UUID, opened: Opened) -> None:
    """Note that an entry cannot become a record as it is, and why; it waits for an organizer to correct it."""
    _note(session, entry_id, opened, EntryState.HELD, None)


def note_unreadable(session: Session, entry_id: UUID, fault: Fault) -> None:
    """Note that a box does not open; it is kept as it came."""
    values = {"state": EntryState.HELD.value, "result": _result((fault,))}
    _set(session, entry_id, values)


def _note(session: Session, entry_id: UUID, opened: Opened, state: EntryState, record_id: UUID | None) -> None:
    sealed, key_id = seal(session, entry_id, opened.as_json(), most=_MOST)
    values = {"sealed": sealed, "key_id": key_id, "state": state.value, "record_id": record_id}
    told = {"result": _result(opened.faults), "device_at": opened.device_at, "has_photo": opened.photo is not None}
    known = {"form": opened.form, "accuracy_m": opened.accuracy_m}
    # a correction knows neither, and they stay
    _set(session, entry_id, values | told | {name: value for name, value in known.items() if value is not None})


def _set(session: Session, entry_id: UUID, values: Mapping[str, Any]) -> None:
    changed = update(submission).where(submission.c.id == entry_id, mine(submission)).values(**values)
    session.execute(changed)
    record(session, f"note_{values['state']}", submission.name, [entry_id])


def _result(faults: Sequence[Fault]) -> dict[str, Any]:
    return {"faults": [{"pointer": f.pointer, "reason": f.reason} for f in faults]} if faults else {}


_COLUMNS: Final = [
    submission.c[name]
    for name in (
        "id", "kind", "state", "record_id", "submitted_by", "device_at", "received_at", "result", "channel", "form",
        "accuracy_m", "has_photo", "photo_hidden_at", "state_before", "decided_at", "refused_because",
    )
]  # fmt: skip
_IS_KEPT: Final = submission.c.sealed.is_not(None).label("is_kept")


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries are listed; everything that is left out is no matter."""

    states: Sequence[EntryState] = ()
    kind: EntryKind | None = None
    channel: EntryChannel | None = None


def list_entries(
    session: Session,
    *,
    where: EntryFilter = EntryFilter(),
    after: UUID | None = None,
    limit: int = 100,
    newest_first: bool = False,
    now: datetime | None = None,
) -> Sequence[EntryStatus]:
    """List what has come in and what became of each; ``after`` is the last id of the page before.

    Parameters
    ----------
    newest_first
        In the order in which they came, the last one first; by their ids otherwise.
    """
    conditions = [mine(submission)]
    if where.states:
        conditions.append(submission.c.state.in_([state.value for state in where.states]))
    conditions += [
        submission.c[name] == value.value for name in ("kind", "channel") if (value := getattr(where, name)) is not None
    ]
    key = (submission.c.received_at, submission.c.id) if newest_first else (submission.c.id,)
    if after is not None and newest_first:
        last = select(submission.c.received_at, submission.c.id).where(submission.c.id == after, mine(submission))
        conditions.append(tuple_(*key) < last.scalar_subquery())
    elif after is not None:
        conditions.append(tuple_(*key) > tuple_(after))
    order = [column.desc() if newest_first else column for column in key]
    query = select(*_COLUMNS, _IS_KEPT).where(*conditions).order_by(*order).limit(min(limit, MAX_LIMIT))
    rows = session.execute(query).mappings().all()
    kept = retention_of(session) if rows else DEFAULT_RETENTION
    return [_status(row, kept, now or datetime.now(UTC)) for row in rows]


def get_entry(session: Session, entry_id: UUID, *, now: datetime | None = None) -> EntryStatus:
    """Read what became of an entry.

    Raises
    ------
    NotFound
        If the network has received none under this id.
    """
    query = select(*_COLUMNS, _IS_KEPT).where(submission.c.id == entry_id, mine(submission))
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such entry")
    return _status(row, retention_of(session), now or datetime.now(UTC))


def _status(row: RowMapping, kept: Retention, now: datetime) -> EntryStatus:
    faults = tuple(Fault(f["pointer"], f["reason"]) for f in row["result"].get("faults", ()))
    plain = {n: row[n] for n in ("id", "record_id", "device_at", "received_at", "is_kept", "form", "accuracy_m")}
    kind, state, why = EntryKind(row["kind"]), EntryState(row["state"]), row["refused_because"]
    has_photo = row["is_kept"] and row["has_photo"] and row["photo_hidden_at"] is None
    ends = kept.entry_until(state, row["received_at"], row["decided_at"]) if row["is_kept"] else None
    photo_ends = kept.photo_until(row["received_at"])
    return EntryStatus(
        **plain, kind=kind, state=state, handed_in_by=row["submitted_by"], faults=faults,
        channel=EntryChannel(row["channel"]), has_photo=has_photo, decided_at=row["decided_at"],
        refused_because=None if why is None else EntryRefusal(why), kept_until=ends,
        photo_until=min(photo_ends, ends or photo_ends) if has_photo else None,
        can_undo=row["is_kept"] and _can_undo(kind, state, row, now),
    )  # fmt: skip


def _can_undo(kind: EntryKind, state: EntryState, row: RowMapping, now: datetime) -> bool:
    if row["state_before"] is None or row["decided_at"] is None:
        return False
    fresh = now - row["decided_at"] <= UNDO_WITHIN
    return state is EntryState.REFUSED or (state is EntryState.MADE and kind is EntryKind.NEED and fresh)


def count_entries(session: Session) -> Mapping[EntryState, int]:
    """Count the entries in each state."""
    query = select(submission.c.state, func.count()).where(mine(submission)).group_by(submission.c.state)
    found = {row[0]: row[1] for row in session.execute(query)}
    return {state: found.get(state.value, 0) for state in EntryState}


def find_opened(session: Session, entry_id: UUID, *, lock: bool = False) -> Opened | None:
    """Read what was typed, if it was taken in and is still kept.

    Parameters
    ----------
    lock
        Whether it is held until the transaction ends.
    """
    query = select(submission.c.sealed, submission.c.device_at).where(submission.c.id == entry_id, mine(submission))
    row = session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None or row.sealed is None:
        return None
    kept = unseal(session, entry_id, row.sealed)
    if _BOX in kept:
        return None
    photo = kept.get(_PHOTO)
    # an entry that came in the open holds what was sent and nothing else
    typed = kept.get(_TYPED, kept)
    return Opened(typed, b64decode(photo) if photo else None, row.device_at, corrected=kept.get(_CORRECTED))


def find_box(session: Session, entry_id: UUID) -> bytes | None:
    """Read an entry that nobody has opened yet, as it came."""
    query = select(submission.c.sealed).where(submission.c.id == entry_id, mine(submission))
    sealed = session.scalar(query)
    box = None if sealed is None else unseal(session, entry_id, sealed).get(_BOX)
    return None if box is None else b64decode(box)


def reseal_without_photo(session: Session, entry_id: UUID) -> None:
    """Take the photo out of what is kept of an entry, for good.

    Raises
    ------
    KeysUnavailable
        If the session has no keys, or none that fits.
    """
    here = submission.c.id == entry_id, mine(submission)
    kept = unseal(session, entry_id, session.execute(select(submission.c.sealed).where(*here)).scalar_one())
    sealed, key_id = seal(session, entry_id, kept | ({_PHOTO: None} if _PHOTO in kept else {}), most=_MOST)
    values = {"sealed": sealed, "key_id": key_id, "has_photo": False, "photo_hidden_at": None}
    session.execute(update(submission).where(*here).values(**values))
