"""How people want to be told: by which way, in which language, when not, and whether at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from geo.domain.ids import new_id
from geo.domain.messages import Channel, Preference, QuietHours, RecipientKind
from geo.store.audit import record
from geo.store.message_tables import preference
from geo.store.rows import mine, refused_as_ours
from geo.store.tables import helper, need

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geo.domain.messages import Recipient

OWNERS: Final = {
    RecipientKind.HELPER: "helper_id",
    RecipientKind.NEED: "need_id",
    RecipientKind.PERSON: "person_id",
    RecipientKind.ORGANIZATION: "organization_id",
}
_NAMES: Final = ("channel", "language", "quiet_from", "quiet_until", "time_zone", "is_stopped")


def find_preference(session: Session, recipient: Recipient) -> Preference:
    """Find how somebody wants to be told; where nothing was said, nothing is preferred."""
    columns = [preference.c[name] for name in _NAMES]
    theirs = preference.c[OWNERS[recipient.kind]] == recipient.id
    row = session.execute(select(*columns).where(theirs, mine(preference))).one_or_none()
    if row is None:
        return Preference()
    quiet = None if row.quiet_from is None else QuietHours(row.quiet_from, row.quiet_until)
    channel = None if row.channel is None else Channel(row.channel)
    return Preference(channel, row.language, quiet, row.time_zone, row.is_stopped)


def set_preference(session: Session, recipient: Recipient, wants: Preference) -> Preference:
    """Keep how somebody wants to be told, in place of what was kept before.

    Raises
    ------
    InvalidInput
        If the database refuses a value, or there is nobody of this id.
    """
    owner = OWNERS[recipient.kind]
    values = {name: getattr(wants, name) for name in _NAMES} | {"updated_at": func.now()}
    values["channel"] = wants.channel and wants.channel.value
    statement = insert(preference).values(id=new_id(), **{owner: recipient.id}, **values)
    with refused_as_ours():
        session.execute(statement.on_conflict_do_update(index_elements=["network_id", owner], set_=values))
    record(session, "set_preference", recipient.kind.value, [recipient.id], _NAMES)
    return find_preference(session, recipient)


def stop_contacting(session: Session, recipient: Recipient) -> None:
    """Leave somebody alone from now on, whatever else they had said; what waits for them is dropped when it is due."""
    owner = OWNERS[recipient.kind]
    statement = insert(preference).values(id=new_id(), is_stopped=True, **{owner: recipient.id})
    changed = {"is_stopped": True, "updated_at": func.now()}
    with refused_as_ours():
        session.execute(statement.on_conflict_do_update(index_elements=["network_id", owner], set_=changed))
    record(session, "set_preference", recipient.kind.value, [recipient.id], ("is_stopped",))


def find_languages(session: Session, recipient: Recipient) -> Sequence[str]:
    """List the languages that a helper or a household is known to speak, as they were named."""
    if recipient.kind in (RecipientKind.PERSON, RecipientKind.ORGANIZATION):
        return ()
    table = helper if recipient.kind is RecipientKind.HELPER else need
    found = session.scalar(select(table.c.languages).where(table.c.id == recipient.id, mine(table)))
    return found or ()
