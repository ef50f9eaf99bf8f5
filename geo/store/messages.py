"""Messages: queued in the transaction of what they are about, listed for organizers, tried again or dropped by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import and_, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from geo.domain.ids import new_id
from geo.domain.message_texts import Template, check_parameters, choose_language, write_text
from geo.domain.messages import (
    A_PERSON_ASKING,
    A_PERSON_ORGANIZING,
    AN_ORGANIZATION,
    MAX_KEY,
    Channel,
    Message,
    MessageCounts,
    MessageFault,
    MessageState,
    MessageText,
    Recipient,
    RecipientKind,
)
from geo.errors import Conflict, InvalidInput, NotFound
from geo.store.access_tables import membership
from geo.store.audit import record
from geo.store.message_tables import message
from geo.store.network import get_network
from geo.store.preferences import find_languages, find_preference
from geo.store.rows import list_rows, mine, refused_as_ours
from geo.store.sealing import seal, unseal
from geo.store.tables import helper, need, organization

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.engine import CursorResult, RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.message_texts import Value
    from geo.domain.messages import Preference

MAX_SEALED: Final = 1_000
WAITING: Final = (MessageState.QUEUED.value, MessageState.SENDING.value)
_OWNERS: Final = {
    RecipientKind.HELPER: message.c.helper_id,
    RecipientKind.NEED: message.c.need_id,
    RecipientKind.PERSON: message.c.person_id,
    RecipientKind.ORGANIZATION: message.c.organization_id,
}
_TABLES: Final = {
    RecipientKind.HELPER: helper, RecipientKind.NEED: need, RecipientKind.ORGANIZATION: organization,
}  # fmt: skip
_GIVEN_UP: Final = {
    "state": MessageState.DROPPED.value, "last_error": MessageFault.DROPPED.value, "sealed": None, "key_id": None,
}  # fmt: skip
RECIPIENT_ID: Final = func.coalesce(
    message.c.helper_id, message.c.need_id, message.c.person_id, message.c.organization_id
)


def queue_message(
    session: Session,
    *,
    key: str,
    recipient: Recipient,
    template: Template,
    parameters: Mapping[str, object],
    due_at: datetime | None = None,
) -> UUID | None:
    """Queue a message in the caller's transaction: it is sent if that commits, and never was if it does not.

    Parameters
    ----------
    key
        Names the effect within the network, such as ``match:UUID:accepted``. What is queued with a key that is known is
        not queued again, whatever became of the first.
    recipient
        A helper, a need (whoever asked), a person with an account or an organization, of the session's network.
    parameters
        What the text is filled with, as ``check_parameters`` takes it. A link is sealed, because it opens a door.
    due_at
        Not before this instant; at once when left out.

    Returns
    -------
    uuid.UUID or None
        The message's id; nothing when one of this key was queued before.

    Raises
    ------
    InvalidInput
        If a parameter is not in its form, or there is no such recipient.
    KeysUnavailable
        If there is a link and the session has no keys.
    """
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise InvalidInput(f"must have 1 to {MAX_KEY} plain characters", field="key")
    checked = check_parameters(template, parameters)
    _check_recipient(session, recipient)
    message_id = new_id()
    values = _values(session, message_id, checked) | {"key": key, "template": template.value}
    values[_OWNERS[recipient.kind].name] = recipient.id
    if due_at is not None:
        values |= {"due_at": due_at, "next_try_at": due_at}
    statement = insert(message).values(id=message_id, **values)
    once = statement.on_conflict_do_nothing(index_elements=["network_id", "key"]).returning(message.c.id)
    with refused_as_ours():
        made: UUID | None = session.scalar(once)
    if made is not None:
        record(session, "queue", message.name, [message_id], (template.value,))
    return made


def _values(session: Session, message_id: UUID, checked: Mapping[str, Value]) -> dict[str, Any]:
    open_ones = {name: value for name, value in checked.items() if name != "link"}
    if "link" not in checked:
        return {"parameters": open_ones}
    sealed, key_id = seal(session, message_id, {"link": checked["link"]}, most=MAX_SEALED)
    return {"parameters": open_ones, "sealed": sealed, "key_id": key_id}


def _check_recipient(session: Session, recipient: Recipient) -> None:
    if recipient.kind is RecipientKind.PERSON:
        known = select(membership.c.person_id).where(membership.c.person_id == recipient.id, mine(membership))
    else:
        table = _TABLES[recipient.kind]
        known = select(table.c.id).where(table.c.id == recipient.id, mine(table))
    if session.scalar(known) is None:
        raise InvalidInput("there is nobody of this id to be told", field="recipient")


def list_messages(
    session: Session, *, state: MessageState | None = None, after: UUID | None = None, limit: int = 100
) -> Sequence[Message]:
    """List messages in the order they were queued; ``after`` is the last id of the page before."""
    where = [] if state is None else [message.c.state == state.value]
    return [_from_row(row) for row in list_rows(session, _listed(), message, where=where, after=after, limit=limit)]


def get_message(session: Session, message_id: UUID) -> Message:
    """Read one message.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    """
    row = session.execute(_listed().where(message.c.id == message_id, mine(message))).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such message")
    return _from_row(row)


def _listed() -> Select[Any]:
    kinds = case(
        (message.c.helper_id.is_not(None), RecipientKind.HELPER.value),
        (message.c.need_id.is_not(None), RecipientKind.NEED.value),
        (message.c.organization_id.is_not(None), RecipientKind.ORGANIZATION.value),
        else_=RecipientKind.PERSON.value,
    )
    names = case(
        (message.c.helper_id.is_not(None), helper.c.public_name),
        (message.c.need_id.is_not(None), literal(A_PERSON_ASKING)),
        (message.c.organization_id.is_not(None), literal(AN_ORGANIZATION)),
        else_=literal(A_PERSON_ORGANIZING),
    )
    plain = (
        "id", "template", "language", "channel", "state", "tries", "due_at", "next_try_at", "sent_at", "last_error",
        "created_at",
    )  # fmt: skip
    columns = [message.c[name] for name in plain]
    who = (kinds.label("recipient_kind"), RECIPIENT_ID.label("recipient_id"), names.label("recipient"))
    theirs = and_(helper.c.id == message.c.helper_id, helper.c.network_id == message.c.network_id)
    return select(*columns, *who).select_from(message.outerjoin(helper, theirs))


def _from_row(row: RowMapping) -> Message:
    values = dict(row)
    return Message(
        **values
        | {
            "recipient_kind": RecipientKind(values["recipient_kind"]),
            "state": MessageState(values["state"]),
            "channel": values["channel"] and Channel(values["channel"]),
            "last_error": values["last_error"] and MessageFault(values["last_error"]),
        }
    )


def read_text(session: Session, message_id: UUID) -> MessageText:
    """Write out what a message says, link included, for an organizer who passes it on; noted as a reading.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    Conflict
        If its link is gone, because it was sent outside or dropped.
    KeysUnavailable
        If there is a link and no key that opens it.
    """
    found = get_message(session, message_id)
    told = write_for(session, message_id, Recipient(found.recipient_kind, found.recipient_id))
    record(session, "read", message.name, [message_id])
    return told


def write_for(session: Session, message_id: UUID, recipient: Recipient, wants: Preference | None = None) -> MessageText:
    """Write out what a message says in the recipient's language."""
    columns = (message.c.template, message.c.parameters, message.c.sealed)
    row = session.execute(select(*columns).where(message.c.id == message_id, mine(message))).one()
    wants = wants or find_preference(session, recipient)
    template = Template(row.template)
    parameters = dict(row.parameters) | ({} if row.sealed is None else unseal(session, message_id, row.sealed))
    try:
        checked = check_parameters(template, parameters)
    except InvalidInput:
        raise Conflict("its link was removed when it was sent or dropped") from None
    language = choose_language([wants.language, *find_languages(session, recipient)])
    zone = wants.time_zone or get_network(session).time_zone
    return MessageText(message_id, language, write_text(template, checked, language=language, time_zone=zone))


def retry_message(session: Session, message_id: UUID, *, now: datetime) -> Message:
    """Try a message again that failed, or that waits for its next try, from now on.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    Conflict
        If it was sent or dropped, or is being sent.
    """
    again = {"state": MessageState.QUEUED.value, "tries": 0, "next_try_at": now, "last_error": None}
    _change(session, message_id, (MessageState.FAILED, MessageState.QUEUED), again)
    record(session, "retry", message.name, [message_id])
    return get_message(session, message_id)


def drop_message(session: Session, message_id: UUID) -> Message:
    """Give a message up that was not sent; its link goes at once.

    Raises
    ------
    NotFound
        If there is none with this id in the network.
    Conflict
        If it was sent or dropped, or is being sent.
    """
    _change(session, message_id, (MessageState.FAILED, MessageState.QUEUED), _GIVEN_UP)
    record(session, "drop", message.name, [message_id])
    return get_message(session, message_id)


def find_state(session: Session, key: str) -> MessageState | None:
    """Find how far the message of a key has come; none when no such message was queued."""
    state = session.scalar(select(message.c.state).where(message.c.key == key, mine(message)))
    return None if state is None else MessageState(state)


def free_key(session: Session, key: str) -> None:
    """Let what was dropped under a key be queued once more; the dropped message keeps its row, under a key of its own.

    The update takes the dropped row alone, so that two who ask at the same moment free it once.
    """
    gone = update(message).where(message.c.key == key, mine(message), message.c.state == MessageState.DROPPED.value)
    session.execute(gone.values(key=func.concat(key, ":", message.c.id)))


def drop_waiting(session: Session, keys: Sequence[str] = (), *, recipient: Recipient | None = None) -> Sequence[UUID]:
    """Give up what waits under some keys, or for somebody; give the ids. What is being sent at the moment is not."""
    whose = message.c.key.in_(keys) if recipient is None else _OWNERS[recipient.kind] == recipient.id
    waits = message.c.state.in_([MessageState.QUEUED.value, MessageState.FAILED.value])
    gone = update(message).where(whose, waits, mine(message)).values(**_GIVEN_UP).returning(message.c.id)
    ids = session.scalars(gone).all()
    if ids:
        record(session, "drop", message.name, ids)
    return ids


def _change(session: Session, message_id: UUID, among: Sequence[MessageState], values: Mapping[str, Any]) -> None:
    states = [state.value for state in among]
    theirs = update(message).where(message.c.id == message_id, mine(message), message.c.state.in_(states))
    if not cast("CursorResult[Any]", session.execute(theirs.values(**values))).rowcount:
        found = get_message(session, message_id)
        raise Conflict(f"a message that is {found.state.value} cannot be changed", field="state")


def count_messages(session: Session, *, now: datetime) -> MessageCounts:
    """Count what waits, what of it is due, and what failed."""
    waits = message.c.state.in_(WAITING)
    is_due = and_(waits, message.c.due_at <= now)
    query = select(
        func.count().filter(waits),
        func.count().filter(is_due),
        func.count().filter(message.c.state == MessageState.FAILED.value),
        func.min(message.c.due_at).filter(is_due),
    ).where(mine(message), _of_interest())
    return MessageCounts(*session.execute(query).one())


def _of_interest() -> ColumnElement[bool]:
    return message.c.state.in_([*WAITING, MessageState.FAILED.value])


def prune_messages(session: Session, *, now: datetime, keep: timedelta) -> int:
    """Remove what was sent, dropped or given up longer ago than it is kept; give how many went.

    Parameters
    ----------
    session
        With the operator's rights: a request may not remove messages.
    """
    ended = message.c.state.in_([MessageState.SENT.value, MessageState.DROPPED.value, MessageState.FAILED.value])
    old = or_(message.c.sent_at < now - keep, and_(message.c.sent_at.is_(None), message.c.next_try_at < now - keep))
    gone = cast("CursorResult[Any]", session.execute(delete(message).where(mine(message), ended, old))).rowcount
    if gone:
        record(session, "prune", message.name, count=gone)
    return gone
