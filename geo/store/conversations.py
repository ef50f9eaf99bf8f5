"""Conversations by text message: taken one text at a time, sealed between two, and never ended with a need lost.

Whoever writes is known by a keyed hash of their number. Texts of one number wait for each other; a text that is handed
in again is answered as before and does nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, insert, select, text, tuple_, update

from geo.domain.ids import new_id
from geo.domain.texting.conversation import House, Outcome, Reach, Step, Talk, Turn, ask, keep, take
from geo.domain.texting.words import find_command
from geo.domain.texts import TalkState, TextAnswer, TextConversation, Texting
from geo.domain.words import Category
from geo.errors import IdempotencyClash
from geo.privacy.phone_numbers import sender_fingerprint
from geo.store.audit import record
from geo.store.gazetteer import LocalGeocoder
from geo.store.locations import candidate_from_json, candidate_to_json
from geo.store.network import get_network
from geo.store.rows import MAX_LIMIT, mine
from geo.store.sealing import seal, unseal
from geo.store.submissions import MAX_PAYLOAD_BYTES
from geo.store.text_needs import submit
from geo.store.text_stops import is_stopped, number_key, start, stop
from geo.store.texting_tables import text_conversation, text_received

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.texts import InboundText

KEEP: Final = timedelta(days=90)
"""For how long ended conversations and the keys of texts are kept."""
LISTED: Final = [
    text_conversation.c[name] for name in ("id", "state", "step", "language", "need_id", "handed_over_at", "taken_at")
] + [text_conversation.c.created_at.label("begun_at"), text_conversation.c.updated_at.label("changed_at")]
_ENDS: Final = {Outcome.SUBMIT: TalkState.DONE, Outcome.HAND_OVER: TalkState.HANDED_OVER}


@dataclass(frozen=True, slots=True)
class _Going:
    """A conversation that goes on."""

    id: UUID
    talk: Talk
    number: str
    changed_at: datetime


def take_text(session: Session, hook_id: UUID, sent: InboundText, texting: Texting, *, now: datetime) -> TextAnswer:
    """Take one text in the caller's transaction.

    Parameters
    ----------
    session
        One that acts for the gateway's network, with keys.
    hook_id
        The gateway. Its id for the text makes that the text is taken once.
    sent
        With the sender as ``geo.privacy.phone_numbers.read_number`` gives it.

    Raises
    ------
    IdempotencyClash
        If the gateway has used the text's id for another text.
    """
    sender = sender_fingerprint(number_key(session), sent.sender)
    _hold(session, sender)
    message_hash, body_hash = (hashlib.sha256(part.encode()).digest() for part in (sent.message_id, _body(sent)))
    house = House(get_network(session).name, LocalGeocoder(session).geocode, texting.person)
    before = _find_received(session, hook_id, message_hash)
    if before is not None:
        if bytes(before.body_hash) != body_hash:
            raise IdempotencyClash(field="id")
        return TextAnswer(_answer_again(session, before.conversation_id, sent.text, house))
    answer, conversation_id = _answer(session, sender, sent, texting, house, now)
    keys = {"hook_id": hook_id, "message_hash": message_hash, "body_hash": body_hash}
    session.execute(insert(text_received).values(**keys, conversation_id=conversation_id, received_at=now))
    return answer


def _body(sent: InboundText) -> str:
    return f"{sent.sender}\n{sent.text}"


def _hold(session: Session, sender: bytes) -> None:
    """Let texts of one number wait for each other."""
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:sender, 2))")
    session.execute(lock, {"sender": sender.hex()})


def _find_received(session: Session, hook_id: UUID, message_hash: bytes) -> Any:  # noqa: ANN401 - a row, or none
    known = text_received.c.hook_id == hook_id, text_received.c.message_hash == message_hash, mine(text_received)
    query = select(text_received.c.body_hash, text_received.c.conversation_id).where(*known)
    return session.execute(query).one_or_none()


def _answer_again(session: Session, conversation_id: UUID | None, said: str, house: House) -> str | None:
    """TextAnswer a text that was taken before: with what is asked now, or as its conversation ended."""
    if conversation_id is None:
        return take(Talk(), said, house).reply if find_command(said) else None
    columns = [text_conversation.c[name] for name in ("id", "state", "language", "sealed", "updated_at")]
    query = select(*columns).where(text_conversation.c.id == conversation_id, mine(text_conversation))
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    talk = Talk(language=row.language)
    if row.state == TalkState.GOING:
        return ask(_open(session, row).talk, house)
    ended = {
        TalkState.DONE.value: talk.phrases.done,
        TalkState.STOPPED.value: talk.phrases.stopped,
        TalkState.HANDED_OVER.value: talk.phrases.handed_over,
    }
    return ended.get(row.state)


def _answer(
    session: Session, sender: bytes, sent: InboundText, texting: Texting, house: House, now: datetime
) -> tuple[TextAnswer, UUID | None]:
    going = _find_going(session, sender)
    if going is not None and (going.talk.is_full or going.changed_at <= now - texting.expires_after):
        _lapse(session, going, now)
        going = None
    talk = going.talk if going else Talk(language=_last_language(session, sender))
    turn = take(talk, sent.text, house)
    if turn.outcome is Outcome.STOP:
        is_news = stop(session, sent.sender, sender)
        if going is not None:
            _end(session, going, TalkState.STOPPED, now)
        return TextAnswer(turn.reply if is_news else None), going.id if going else None
    if turn.outcome is Outcome.START:
        start(session, sent.sender, sender)
    elif is_stopped(session, sent.sender) and turn.outcome is not Outcome.HELP:
        # it is received all the same, and answered by nobody but an organizer
        turn = Turn(keep(talk, sent.text) if turn.outcome is not Outcome.HAND_OVER else talk, None, turn.outcome)
        turn = replace(turn, outcome=Outcome.GO_ON) if turn.outcome is Outcome.SUBMIT else turn
    return _follow(session, sender, sent, going, turn, now)


def _follow(
    session: Session, sender: bytes, sent: InboundText, going: _Going | None, turn: Turn, now: datetime
) -> tuple[TextAnswer, UUID | None]:
    """Store what a text led to."""
    if turn.outcome is Outcome.HAND_OVER and going is None:
        waiting = _find_handed_over(session, sender)
        if waiting is not None:
            return TextAnswer(turn.reply), waiting
    if going is None and not _is_kept(turn):
        return TextAnswer(turn.reply), None
    kept = _Going(going.id if going else new_id(), turn.talk, sent.sender, now)
    _store(session, sender, kept, is_new=going is None)
    if turn.outcome not in _ENDS:
        return TextAnswer(turn.reply), kept.id
    _end(session, kept, _ENDS[turn.outcome], now)
    return TextAnswer(turn.reply, kept.id if turn.outcome is Outcome.HAND_OVER else None), kept.id


def _is_kept(turn: Turn) -> bool:
    """Tell whether a text begins a conversation; a question about us, or thanks, do not."""
    return turn.outcome in (Outcome.GO_ON, Outcome.SUBMIT, Outcome.HAND_OVER)


def _end(session: Session, going: _Going, state: TalkState, now: datetime) -> None:
    """End a conversation; whatever was said becomes a need, finished or not."""
    asks, is_finished = state is TalkState.HANDED_OVER, state is TalkState.DONE
    need_id = None
    if asks or going.talk.says_something:
        # whoever wants to be left alone is not called; that they asked stays
        talk = replace(going.talk, consent=False) if state is TalkState.STOPPED else going.talk
        at = going.changed_at
        need_id = submit(session, going.id, talk, going.number, at=at, is_finished=is_finished, asks=asks)
    values: dict[str, Any] = {"state": state.value, "need_id": need_id, "sealed": None, "key_id": None}
    values |= {"updated_at": now, "handed_over_at": now if asks else None}
    this = text_conversation.c.id == going.id, mine(text_conversation)
    session.execute(update(text_conversation).where(*this).values(**values))
    record(session, state.value, text_conversation.name, [going.id])


def _lapse(session: Session, going: _Going, now: datetime) -> None:
    _end(session, going, TalkState.LAPSED, now)


def lapse_one(session: Session, texting: Texting, *, now: datetime) -> bool:
    """End the conversation that has been silent for longest, if it has been for too long; tells whether there was one.

    What was said in it becomes a need that waits for a person.
    """
    quiet = text_conversation.c.updated_at <= now - texting.expires_after
    state = text_conversation.c.state == TalkState.GOING.value
    query = select(text_conversation.c.sender).where(mine(text_conversation), state, quiet)
    sender = session.scalar(query.order_by(text_conversation.c.updated_at, text_conversation.c.id).limit(1))
    if sender is None:
        return False
    _hold(session, bytes(sender))
    going = _find_going(session, bytes(sender))
    # whoever wrote while this waited goes on
    if going is not None and going.changed_at <= now - texting.expires_after:
        _lapse(session, going, now)
    return True


def prune_texts(session: Session, *, now: datetime) -> int:
    """Remove what was kept long enough of conversations that ended, and the keys of texts; needs stay.

    A conversation that was handed over stays until somebody has taken it.

    Parameters
    ----------
    session
        One with the operator's rights.
    """
    old = now - KEEP
    session.execute(delete(text_received).where(mine(text_received), text_received.c.received_at < old))
    ended = text_conversation.c.state != TalkState.GOING.value, text_conversation.c.updated_at < old
    waits = text_conversation.c.handed_over_at.is_not(None) & text_conversation.c.taken_at.is_(None)
    gone = delete(text_conversation).where(mine(text_conversation), *ended, ~waits)
    ids = session.scalars(gone.returning(text_conversation.c.id)).all()
    if ids:
        record(session, "prune", text_conversation.name, count=len(ids))
    return len(ids)


def list_conversations(
    session: Session, *, state: TalkState | None = None, after: UUID | None = None, limit: int = 100
) -> Sequence[TextConversation]:
    """List conversations in the order they began: how they stand, never a number or a word of them."""
    query = select(*LISTED).where(mine(text_conversation)).order_by(text_conversation.c.id)
    if state is not None:
        query = query.where(text_conversation.c.state == state.value)
    if after is not None:
        query = query.where(tuple_(text_conversation.c.id) > tuple_(after))
    return [conversation_from_row(row) for row in session.execute(query.limit(min(limit, MAX_LIMIT))).mappings()]


def conversation_from_row(row: Any) -> TextConversation:  # noqa: ANN401 - a row
    """Read a conversation from a row that has ``LISTED``."""
    return TextConversation(**dict(row) | {"state": TalkState(row["state"])})


def _find_handed_over(session: Session, sender: bytes) -> UUID | None:
    theirs = text_conversation.c.sender == sender, text_conversation.c.state == TalkState.HANDED_OVER.value
    query = select(text_conversation.c.id).where(
        mine(text_conversation), *theirs, text_conversation.c.taken_at.is_(None)
    )
    return session.scalar(query.order_by(text_conversation.c.id.desc()).limit(1))


def _find_going(session: Session, sender: bytes) -> _Going | None:
    columns = [text_conversation.c[name] for name in ("id", "sealed", "updated_at")]
    theirs = text_conversation.c.sender == sender, text_conversation.c.state == TalkState.GOING.value
    row = session.execute(select(*columns).where(mine(text_conversation), *theirs).with_for_update()).one_or_none()
    return None if row is None else _open(session, row)


def _last_language(session: Session, sender: bytes) -> str | None:
    theirs = text_conversation.c.sender == sender, text_conversation.c.language.is_not(None)
    query = select(text_conversation.c.language).where(mine(text_conversation), *theirs)
    return session.scalar(query.order_by(text_conversation.c.id.desc()).limit(1))


def _store(session: Session, sender: bytes, going: _Going, *, is_new: bool) -> None:
    content = _talk_to_json(going.talk) | {"number": going.number}
    sealed, key_id = seal(session, going.id, content, most=MAX_PAYLOAD_BYTES)
    values: dict[str, Any] = {
        "step": going.talk.step.value,
        "language": going.talk.language,
        "sealed": sealed,
        "key_id": key_id,
    }
    values["updated_at"] = going.changed_at
    if is_new:
        fresh = values | {"id": going.id, "sender": sender, "created_at": going.changed_at}
        session.execute(insert(text_conversation).values(**fresh))
        record(session, "create", text_conversation.name, [going.id])
    else:
        this = text_conversation.c.id == going.id, mine(text_conversation)
        session.execute(update(text_conversation).where(*this).values(**values))


def _open(session: Session, row: Any) -> _Going:  # noqa: ANN401 - a row
    content = unseal(session, row.id, row.sealed)
    number = content.pop("number")
    return _Going(row.id, _talk_from_json(content), number, row.updated_at)


def _talk_to_json(talk: Talk) -> dict[str, Any]:
    return asdict(talk) | {"places": [candidate_to_json(one) for one in talk.places]}


def _talk_from_json(kept: Mapping[str, Any]) -> Talk:
    words = {"step": Step, "category": Category, "reach": Reach}
    told = {name: word(kept[name]) if kept[name] else None for name, word in words.items()}
    places = tuple(candidate_from_json(one) for one in kept["places"])
    return Talk(**dict(kept) | told | {"places": places, "said": tuple(kept["said"])})
