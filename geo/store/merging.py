"""Merging two requests that are one: the earlier goes on with what the later brings, and the later is closed.

Nothing of the later request is changed but that it is merged, and nothing of it is lost. The entries they came from
stay with them: whoever hands one in again is answered as before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, insert, select, update

from geo.domain.duplicates import Fact, PairState
from geo.domain.ids import new_id
from geo.domain.match import LIVE
from geo.domain.messages import Recipient, RecipientKind
from geo.domain.words import CLOSED_STATUSES, ConsentScope, MatchStatus, NeedStatus, SubjectKind
from geo.errors import Conflict, InvalidInput, NotFound, StaleVersion
from geo.store import tables
from geo.store.access_tables import referral
from geo.store.audit import record
from geo.store.contacts import MAX_LENGTHS, contact_as_json, delete_contact, find_contact, put_contact
from geo.store.duplicate_tables import need_merge, need_pair
from geo.store.exact_rows import read_exact, write_exact
from geo.store.match_locks import hold_lapsed, hold_needs
from geo.store.match_steps import lapse_due
from geo.store.match_tables import kept_apart
from geo.store.message_tables import preference
from geo.store.people_tables import consent
from geo.store.preferences import find_preference, stop_contacting
from geo.store.rows import get_row, mine, update_row
from geo.store.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

need, match = tables.need, tables.match
PLACE: Final = ("location_state", "match_quality", "uncertainty_m", "cell", "public_cell", "review_mark")
PLAIN: Final = {
    Fact.HOUSEHOLD_SIZE: ("household_size",),
    Fact.URGENCY: ("urgency",),
    Fact.LANGUAGES: ("languages",),
    Fact.ACCESS: ("access",),
    Fact.PLACE: PLACE,
}
"""The columns of a request that each fact is kept in."""
WATCHED: Final = ("status", *(name for names in PLAIN.values() for name in names))
MAX_BYTES: Final = 150_000
DECIDED: Final = "somebody has decided about this pair already"
_UNANSWERED: Final = (MatchStatus.PROPOSED.value, *sorted(status.value for status in LIVE))
_LIVE: Final = sorted(status.value for status in LIVE)


@dataclass(frozen=True, slots=True)
class Sides:
    """Two requests that are held until the transaction ends: the one that is kept, and the one that goes into it."""

    kept: RowMapping
    merged: RowMapping


def merge(session: Session, pair_id: UUID, take: Collection[Fact] = (), *, now: datetime | None = None) -> UUID:
    """Make one request of a pair.

    The earlier one is kept; it takes those facts of the later one that are named. Matches go over, but those that are
    done. Whom the later household is kept apart from, the earlier one is kept apart from as well; and whoever wants no
    messages gets none.

    Parameters
    ----------
    take
        Which facts of the later request the earlier one takes.

    Returns
    -------
    uuid.UUID
        The merge, by which it can be taken back.

    Raises
    ------
    NotFound
        If there is no such pair.
    Conflict
        If it was decided already, either is not open or not shown, somebody has claimed each of the two, the later one
        was referred to a partner, or a helper of one is kept apart from the other's household.
    KeysUnavailable
        If the session has no keys.
    """
    moment = now or datetime.now(UTC)
    sides = _hold(session, pair_id, moment)
    kept_id, merged_id = sides.kept["id"], sides.merged["id"]
    before = _look(session, kept_id) | {"merged_status": sides.merged["status"]}
    moved: dict[str, Any] = {"take": sorted(fact.value for fact in take)}
    moved["matches"] = [str(found) for found in _move_matches(session, kept_id, merged_id)]
    moved["apart"] = [str(found) for found in _keep_apart(session, sides)]
    _check_apart(session, kept_id)
    moved["stopped_at"] = _keep_stopped(session, kept_id, merged_id)
    moved["consents"] = [str(found) for found in _take_contact(session, sides, take)]
    _take_plain(session, sides, take)
    update_row(session, need, merged_id, {"status": NeedStatus.MERGED.value, "closed_at": moment}, action="merge")
    _decide(session, pair_id, PairState.MERGED)
    merge_id = new_id()
    kept = {"before": before, "after": _look(session, kept_id)}
    sealed, key_id = seal(session, merge_id, kept, most=MAX_BYTES)
    values = {"id": merge_id, "pair_id": pair_id, "kept_id": kept_id, "merged_id": merged_id, "merged_at": moment}
    session.execute(insert(need_merge).values(**values, moved=moved, sealed=sealed, key_id=key_id))
    record(session, "merge", need_merge.name, [kept_id, merged_id], moved["take"])
    return merge_id


def say_different(session: Session, pair_id: UUID) -> None:
    """Say that two requests are not one; they are not shown together again.

    Raises
    ------
    NotFound
        If there is no such pair.
    Conflict
        If it was decided already.
    """
    get_row(session, select(need_pair.c.id), need_pair, pair_id)
    _decide(session, pair_id, PairState.DIFFERENT)
    record(session, "keep_separate", need_pair.name, [pair_id])


def _decide(session: Session, pair_id: UUID, state: PairState) -> None:
    waits = and_(need_pair.c.id == pair_id, mine(need_pair), need_pair.c.state == PairState.WAITING.value)
    values = {"state": state.value, "decided_by": func.current_actor(), "decided_at": func.now()}
    if session.execute(update(need_pair).where(waits).values(**values).returning(need_pair.c.id)).first() is None:
        raise Conflict(DECIDED)


def _hold(session: Session, pair_id: UUID, moment: datetime) -> Sides:
    pair = get_row(session, select(need_pair.c.earlier_id, need_pair.c.later_id), need_pair, pair_id)
    ids = [pair["earlier_id"], pair["later_id"]]
    hold_needs(session, ids)
    if get_row(session, select(need_pair.c.state), need_pair, pair_id)["state"] != PairState.WAITING.value:
        raise Conflict(DECIDED)
    hold_lapsed(session, ids, moment)
    for found in sorted(ids):
        lapse_due(session, found, now=moment)
    theirs = select(match.c.id).where(match.c.need_id == func.any(ids), mine(match)).order_by(match.c.id)
    session.execute(theirs.with_for_update())
    query = select(need.c.id, need.c.household_id, need.c.withheld, need.c.version, *(need.c[name] for name in WATCHED))
    rows = {row["id"]: row for row in session.execute(query.where(need.c.id == func.any(ids), mine(need))).mappings()}
    if len(rows) != len(ids):
        raise NotFound("there is no such pair")
    sides = Sides(rows[ids[0]], rows[ids[1]])
    _check(session, sides)
    return sides


def _check(session: Session, sides: Sides) -> None:
    for row in (sides.kept, sides.merged):
        if row["withheld"] or NeedStatus(row["status"]) in CLOSED_STATUSES:
            raise Conflict("one of the two requests is not open any more")
    claimed = select(func.count()).select_from(match).where(
        match.c.need_id == func.any([sides.kept["id"], sides.merged["id"]]), mine(match), match.c.status.in_(_LIVE)
    )  # fmt: skip
    if (session.scalar(claimed) or 0) > 1:
        raise Conflict("somebody has claimed each of the two; end one of the claims first")
    shared = select(referral.c.id).where(
        referral.c.need_id == sides.merged["id"], mine(referral), referral.c.ended_at.is_(None),
        referral.c.expires_at > func.now(),
    )  # fmt: skip
    if session.scalar(shared.limit(1)) is not None:
        raise Conflict("the later request was referred to a partner; take that back first")


def _move_matches(session: Session, kept_id: UUID, merged_id: UUID) -> list[UUID]:
    """Bring over all that is not done; a helper who is asked about both already is asked once."""
    waits = match.c.status == MatchStatus.PROPOSED.value
    asked = select(match.c.helper_id).where(match.c.need_id == kept_id, mine(match), waits)
    twice = and_(waits, match.c.helper_id.in_(asked.where(match.c.helper_id.is_not(None))))
    theirs = and_(match.c.need_id == merged_id, mine(match), match.c.status != MatchStatus.DONE.value)
    ids = session.scalars(select(match.c.id).where(theirs, func.coalesce(twice, False).is_(False))).all()
    change = update(match).where(match.c.id == func.any(list(ids)), mine(match))
    session.execute(change.values(need_id=kept_id, version=match.c.version + 1, updated_at=func.now()))
    return sorted(ids)


def _keep_apart(session: Session, sides: Sides) -> list[UUID]:
    one, other = sides.kept["household_id"], sides.merged["household_id"]
    known = select(kept_apart.c.helper_id).where(kept_apart.c.household_id == one, mine(kept_apart))
    theirs = select(kept_apart.c.helper_id).where(kept_apart.c.household_id == other, mine(kept_apart))
    rows = [
        {"id": new_id(), "helper_id": found, "household_id": one}
        for found in session.scalars(
            theirs.where(kept_apart.c.helper_id.not_in(known)).order_by(kept_apart.c.helper_id)
        )
    ]
    if rows:
        session.execute(insert(kept_apart), rows)
    return [row["id"] for row in rows]


def _check_apart(session: Session, kept_id: UUID) -> None:
    query = (
        select(match.c.id)
        .join(need, need.c.id == match.c.need_id)
        .join(kept_apart, and_(kept_apart.c.household_id == need.c.household_id, mine(kept_apart)))
        .where(need.c.id == kept_id, kept_apart.c.helper_id == match.c.helper_id, match.c.status.in_(_UNANSWERED))
    )
    if session.scalar(query.limit(1)) is not None:
        raise Conflict("a helper of one of the two is kept apart from the other's household")


def _keep_stopped(session: Session, kept_id: UUID, merged_id: UUID) -> str | None:
    kept, merged = (Recipient(RecipientKind.NEED, found) for found in (kept_id, merged_id))
    if not find_preference(session, merged).is_stopped or find_preference(session, kept).is_stopped:
        return None
    stop_contacting(session, kept)
    query = select(preference.c.updated_at).where(preference.c.need_id == kept_id, mine(preference))
    said: datetime = session.execute(query).scalar_one()
    return said.isoformat()


def _take_contact(session: Session, sides: Sides, take: Collection[Fact]) -> list[UUID]:
    """Take how to reach the person, the note, or both; and copy what was agreed to with it."""
    kept_id, merged_id = sides.kept["id"], sides.merged["id"]
    if not {Fact.CONTACT, Fact.NOTE} & set(take):
        return []
    ours, theirs = find_contact(session, "need_id", kept_id), find_contact(session, "need_id", merged_id)
    if theirs is None:
        raise InvalidInput("the later request has no contact", field="take")
    notes = [one.note for one in (ours, theirs if Fact.NOTE in take or ours is None else None) if one and one.note]
    base = theirs if Fact.CONTACT in take or ours is None else ours
    note = "\n".join(dict.fromkeys(notes)) or None
    if len(note or "") > MAX_LENGTHS["note"]:
        raise InvalidInput("the two notes are too long together", field="take")
    delete_contact(session, "need_id", kept_id)
    put_contact(session, "need_id", kept_id, replace(base, note=note))
    return _copy_consents(session, kept_id, merged_id) if base is theirs else []


def _copy_consents(session: Session, kept_id: UUID, merged_id: UUID) -> list[UUID]:
    agreed = select(consent).where(
        consent.c.subject_kind == SubjectKind.NEED.value, consent.c.subject_id == merged_id, mine(consent),
        consent.c.what == ConsentScope.KEEP_CONTACT.value, consent.c.withdrawn_at.is_(None),
    )  # fmt: skip
    rows = [dict(row) | {"id": new_id(), "subject_id": kept_id} for row in session.execute(agreed).mappings()]
    if rows:
        session.execute(insert(consent), rows)
    return [row["id"] for row in rows]


def _take_plain(session: Session, sides: Sides, take: Collection[Fact]) -> None:
    names = [name for fact, names in PLAIN.items() if fact in take for name in names]
    values = {name: sides.merged[name] for name in names}
    if sides.merged["status"] == NeedStatus.IN_PROGRESS.value:
        values["status"] = NeedStatus.IN_PROGRESS.value
    update_row(session, need, sides.kept["id"], values, action="merge")
    if Fact.PLACE in take:
        write_exact(session, sides.kept["id"], read_exact(session, sides.merged["id"]))


def _look(session: Session, need_id: UUID) -> dict[str, Any]:
    """Write down how a request is, so that it can be told later whether it is still so, and made so again."""
    query = select(*(need.c[name] for name in WATCHED))
    found = find_contact(session, "need_id", need_id)
    return {
        "need": dict(get_row(session, query, need, need_id)),
        "exact": read_exact(session, need_id),
        "contact": None if found is None else contact_as_json(found),
    }


def check_versions(session: Session, pair_id: UUID, earlier: int | None, later: int | None) -> None:
    """See that neither request of a pair has changed since it was looked at.

    Raises
    ------
    NotFound, StaleVersion
        As their names say.
    """
    pair = get_row(session, select(need_pair.c.earlier_id, need_pair.c.later_id), need_pair, pair_id)
    hold_needs(session, [pair["earlier_id"], pair["later_id"]])
    for name, wanted in (("earlier_id", earlier), ("later_id", later)):
        found = session.scalar(select(need.c.version).where(need.c.id == pair[name], mine(need)))
        if wanted is not None and found != wanted:
            raise StaleVersion
