"""Sending what is due: taken under a lease, handed to whoever sends, and marked, so that no kill loses a message.

What is left for organizers is left and marked in one transaction: once, whatever is killed. What goes outside is sent
between two transactions, so a kill in between, or an answer that is lost, sends it again under the same key: at least
once. Whoever sends and knows keys makes it once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from sqlalchemy import insert, select, update

from geo.domain.ids import new_id
from geo.domain.messages import Channel, MessageFault, MessageState, Recipient, RecipientKind
from geo.errors import GeoError
from geo.store.audit import record
from geo.store.contacts import find_contact
from geo.store.engine import transaction
from geo.store.message_tables import local_outbox, message
from geo.store.messages import RECIPIENT_ID, WAITING, write_for
from geo.store.network import get_network
from geo.store.preferences import OWNERS, find_preference
from geo.store.rows import mine
from geo.store.text_stops import is_stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from sqlalchemy.engine import CursorResult
    from sqlalchemy.orm import Session

    from geo.domain.drafts import Contact
    from geo.domain.messages import Preference
    from geo.store.engine import SessionFactory

BATCH: Final = 50
LEASE: Final = timedelta(minutes=3)
"""For how long whoever took a message is waited for; longer than any sender may take."""
MAX_TRIES: Final = 10
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=6)
_FIELDS: Final = {Channel.EMAIL: "email", Channel.SMS: "phone", Channel.SIGNAL: "phone"}
_OUTSIDE: Final = (Channel.EMAIL, Channel.SMS, Channel.SIGNAL)


class NotSent(Exception):
    """Whoever sends could not; ``fault`` says of which kind that was."""

    def __init__(self, fault: MessageFault = MessageFault.REFUSED, *, is_final: bool = False) -> None:
        super().__init__(fault.value)
        self.fault, self.is_final = fault, is_final


class Sender(Protocol):
    """Whoever takes messages out of the house."""

    @property
    def channels(self) -> frozenset[Channel]:
        """By which ways; none, where everything is left for organizers."""

    def send(self, channel: Channel, address: str, text: str, *, key: str) -> None:
        """Send a text to a phone number or an e-mail address.

        Parameters
        ----------
        key
            The message's own; the same each time it is tried.

        Raises
        ------
        NotSent
            If it was not sent, and may be tried again.
        """


class NobodySends:
    """The default: nothing leaves the house, and organizers pass messages on."""

    channels: frozenset[Channel] = frozenset()

    def send(self, channel: Channel, address: str, text: str, *, key: str) -> None:  # noqa: ARG002 - as Sender has it
        """Refuse; nothing is ever handed over."""
        raise NotSent


@dataclass(frozen=True, slots=True)
class SendReport:
    """What became of the messages that were due. ``lost`` are those somebody else had taken meanwhile."""

    sent: int = 0
    left: int = 0
    put_off: int = 0
    dropped: int = 0
    again: int = 0
    failed: int = 0
    lost: int = 0

    def __add__(self, other: SendReport) -> SendReport:
        return SendReport(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def as_dict(self) -> dict[str, int]:
        """Give the counts by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class _Taken:
    id: UUID
    recipient: Recipient
    tries: int
    lease: UUID


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is about to be handed over; held in memory alone."""

    channel: Channel
    address: str
    text: str
    language: str

    def __repr__(self) -> str:
        return f"_Letter({self.channel.value})"


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def send_due(
    sessions: SessionFactory,
    sender: Sender,
    *,
    clock: Callable[[], datetime] = utc_now,
    stop: Callable[[], bool] = lambda: False,
    batch: int = BATCH,
) -> SendReport:
    """Send all that is due in the sessions' network.

    Parameters
    ----------
    sessions
        With keys, where the sender has channels: a contact is opened at the moment it is used, and kept nowhere.
    clock
        Asked anew for each message.
    stop
        Asked between messages; what was taken and not sent is taken again when its lease is over.
    """
    total = SendReport()
    while not stop():
        with transaction(sessions) as session:
            taken, stalled = take_due(session, now=clock(), limit=batch)
        total += SendReport(failed=stalled)
        for one in taken:
            if stop():
                return total
            total += _deliver(sessions, sender, one, clock)
        if not taken and not stalled:
            break
    return total


def take_due(session: Session, *, now: datetime, limit: int = BATCH) -> tuple[Sequence[_Taken], int]:
    """Take what is due, the longest waiting first, and what somebody took and never settled.

    Two who take at once take different messages. What was taken ``MAX_TRIES`` times is given up.

    Returns
    -------
    tuple
        What was taken, and how many were given up.
    """
    kinds = (message.c.helper_id, message.c.need_id, message.c.organization_id)
    due = select(message.c.id, message.c.tries, RECIPIENT_ID.label("recipient"), *kinds).where(
        mine(message), message.c.state.in_(WAITING), message.c.next_try_at <= now
    )
    held = due.order_by(message.c.next_try_at, message.c.id).limit(limit).with_for_update(skip_locked=True)
    rows = session.execute(held).all()
    lease = new_id()
    _set(session, [row.id for row in rows if row.tries >= MAX_TRIES], _ended(MessageState.FAILED, MessageFault.STALLED))
    going = [row for row in rows if row.tries < MAX_TRIES]
    values = {"state": MessageState.SENDING.value, "lease": lease, "next_try_at": now + LEASE}
    _set(session, [row.id for row in going], values | {"tries": message.c.tries + 1})
    taken = [_Taken(row.id, Recipient(_kind_of(row), row.recipient), row.tries + 1, lease) for row in going]
    return taken, len(rows) - len(going)


def _kind_of(row: Any) -> RecipientKind:  # noqa: ANN401 - a row of the statement above
    if row.helper_id is not None:
        return RecipientKind.HELPER
    if row.organization_id is not None:
        return RecipientKind.ORGANIZATION
    return RecipientKind.PERSON if row.need_id is None else RecipientKind.NEED


def _set(session: Session, ids: Sequence[UUID], values: dict[str, Any]) -> None:
    if ids:
        session.execute(update(message).where(message.c.id.in_(ids), mine(message)).values(**values))


def _ended(state: MessageState, fault: MessageFault) -> dict[str, Any]:
    return {"state": state.value, "last_error": fault.value, "lease": None}


def _stopped() -> dict[str, Any]:
    return _ended(MessageState.DROPPED, MessageFault.STOPPED) | {"sealed": None, "key_id": None}


def _deliver(sessions: SessionFactory, sender: Sender, one: _Taken, clock: Callable[[], datetime]) -> SendReport:
    try:
        with transaction(sessions) as session:
            letter = _prepare(session, sender, one, clock())
        if isinstance(letter, SendReport):
            return letter
        sender.send(letter.channel, letter.address, letter.text, key=str(one.id))
    except NotSent as error:
        return _not_sent(sessions, one, error, clock())
    except GeoError:
        return _not_sent(sessions, one, NotSent(MessageFault.BROKEN), clock())
    with transaction(sessions) as session:
        is_ours = _settle_sent(session, one, letter.channel, letter.language, clock())
    return SendReport(sent=1) if is_ours else SendReport(lost=1)


def _prepare(session: Session, sender: Sender, one: _Taken, now: datetime) -> _Letter | SendReport:
    """Look whether a message may go now, and by which way; what stays in the house is done at once."""
    if not _settle(session, one, {"next_try_at": now + LEASE}):
        return SendReport(lost=1)
    wants = find_preference(session, one.recipient)
    if wants.is_stopped:
        _settle(session, one, _stopped())
        return SendReport(dropped=1)
    over = _quiet_until(session, wants, now)
    if over > now:
        waits = {"state": MessageState.QUEUED.value, "lease": None, "next_try_at": over, "tries": message.c.tries - 1}
        _settle(session, one, waits)
        return SendReport(put_off=1)
    return _by_which_way(session, sender, one, wants, now)


def _quiet_until(session: Session, wants: Preference, now: datetime) -> datetime:
    if wants.quiet is None:
        return now
    return wants.quiet.over_at(now, wants.time_zone or get_network(session).time_zone)


def _by_which_way(
    session: Session, sender: Sender, one: _Taken, wants: Preference, now: datetime
) -> _Letter | SendReport:
    stays = one.recipient.kind is RecipientKind.PERSON or not sender.channels
    # whoever wants a way that this host has not is told by an organizer, not by a way they did not want
    if stays or (wants.channel is not None and wants.channel not in sender.channels):
        session.execute(insert(local_outbox).values(message_id=one.id))
        _settle_sent(session, one, Channel.LOCAL, None, now)
        return SendReport(left=1)
    owner: Any = OWNERS[one.recipient.kind]
    way = _choose(find_contact(session, owner, one.recipient.id), wants, sender.channels)
    if way is None:
        raise NotSent(MessageFault.NO_CONTACT, is_final=True)
    if way[0] is not Channel.EMAIL and is_stopped(session, way[1]):
        _settle(session, one, _stopped())
        return SendReport(dropped=1)
    told = write_for(session, one.id, one.recipient, wants)
    return _Letter(*way, told.text, told.language)


def _choose(contact: Contact | None, wants: Preference, offered: frozenset[Channel]) -> tuple[Channel, str] | None:
    for channel in (wants.channel,) if wants.channel else _OUTSIDE:
        address = channel in offered and getattr(contact, _FIELDS[channel], None)
        if address:
            return channel, address
    return None


def _settle(session: Session, one: _Taken, values: dict[str, Any]) -> bool:
    """Change a message that is still ours; tells whether it was."""
    ours = update(message).where(message.c.id == one.id, mine(message), message.c.lease == one.lease)
    return cast("CursorResult[Any]", session.execute(ours.values(**values))).rowcount > 0


def _settle_sent(session: Session, one: _Taken, channel: Channel, language: str | None, now: datetime) -> bool:
    values = {"state": MessageState.SENT.value, "lease": None, "sent_at": now, "last_error": None}
    values |= {"channel": channel.value, "language": language}
    if channel is not Channel.LOCAL:
        # whoever it was for has the link now
        values |= {"sealed": None, "key_id": None}
    is_ours = _settle(session, one, values)
    if is_ours:
        record(session, "send", message.name, [one.id], (channel.value,))
    return is_ours


def _not_sent(sessions: SessionFactory, one: _Taken, error: NotSent, now: datetime) -> SendReport:
    is_final = error.is_final or one.tries >= MAX_TRIES
    values = _ended(MessageState.FAILED if is_final else MessageState.QUEUED, error.fault)
    with transaction(sessions) as session:
        is_ours = _settle(session, one, values | {"next_try_at": now if is_final else now + wait_after(one.tries)})
    if not is_ours:
        return SendReport(lost=1)
    return SendReport(failed=1) if is_final else SendReport(again=1)


def wait_after(tries: int) -> timedelta:
    """Tell how long to wait after so many tries: twice as long each time, up to ``LONGEST_WAIT``."""
    return min(FIRST_WAIT * (1 << min(tries - 1, 20)), LONGEST_WAIT)
