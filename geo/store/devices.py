"""Canvassers' phones: enrolled once by a code, known by a label alone, ended at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, insert, select, tuple_, update

from geo.domain.ids import new_id
from geo.domain.principals import CredentialKind, Device
from geo.errors import NotFound
from geo.store.access_tables import device
from geo.store.audit import record
from geo.store.credentials import issue, revoke_all
from geo.store.rows import MAX_LIMIT, get_row, mine, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.privacy.tokens import Token

ENROLMENT_LASTS: Final = timedelta(minutes=15)
MAX_DEVICE: Final = timedelta(days=30)
_COLUMNS: Final = [device.c[name] for name in ("id", "label", "created_at", "enrolled_at", "expires_at", "ended_at")]


def add_device(session: Session, label: str, *, lasts: timedelta = MAX_DEVICE) -> tuple[Device, Token]:
    """Expect a phone, and give the secret of its enrolment code: good for fifteen minutes, and once.

    Parameters
    ----------
    label
        What organizers call it.
    lasts
        How long the phone may hand in, thirty days at most.
    """
    device_id = new_id()
    values = {"id": device_id, "label": label, "expires_at": func.now() + min(lasts, MAX_DEVICE)}
    with refused_as_ours():
        session.execute(insert(device).values(**values))
    record(session, "create", device.name, [device_id], ("label", "expires_at"))
    token = issue(session, CredentialKind.ENROLMENT, ENROLMENT_LASTS, label=label, device_id=device_id)
    return get_device(session, device_id), token


def get_device(session: Session, device_id: UUID) -> Device:
    """Read one phone.

    Raises
    ------
    NotFound
        If the network has no such phone.
    """
    return Device(**get_row(session, select(*_COLUMNS), device, device_id))


def list_devices(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[Device]:
    """List the network's phones by when they were added."""
    query = select(*_COLUMNS).where(mine(device)).order_by(device.c.id).limit(min(limit, MAX_LIMIT))
    if after is not None:
        query = query.where(tuple_(device.c.id) > tuple_(after))
    return [Device(**row) for row in session.execute(query).mappings()]


def enrol_again(session: Session, device_id: UUID) -> Token:
    """Give a phone a new code, as after it was lost and found; what it carried until now ends.

    Raises
    ------
    NotFound
        If there is no such phone, or it was ended.
    """
    found = get_device(session, device_id)
    if found.ended_at is not None:
        raise NotFound("there is no such phone")
    revoke_all(session, device_id=device_id)
    record(session, "enrol_again", device.name, [device_id])
    return issue(session, CredentialKind.ENROLMENT, ENROLMENT_LASTS, label=found.label, device_id=device_id)


def connect_device(session: Session, device_id: UUID) -> tuple[Device, Token]:
    """Give a phone the token it carries from now on, for a program that cannot enrol by itself; what it carried ends.

    Raises
    ------
    NotFound
        If there is no such phone, or its time is over.
    """
    found = get_device(session, device_id)
    lasts = found.expires_at - datetime.now(UTC)
    if found.ended_at is not None or lasts <= timedelta():
        raise NotFound("there is no such phone")
    revoke_all(session, device_id=device_id)
    session.execute(update(device).where(device.c.id == device_id, mine(device)).values(enrolled_at=func.now()))
    record(session, "connect", device.name, [device_id])
    return found, issue(session, CredentialKind.DEVICE, lasts, label=found.label, device_id=device_id)


def end_device(session: Session, device_id: UUID) -> None:
    """End a phone: nothing it carries is good from now on.

    Raises
    ------
    NotFound
        If the network has no such phone.
    """
    theirs = update(device).where(device.c.id == device_id, mine(device))
    ended = theirs.values(ended_at=func.coalesce(device.c.ended_at, func.now())).returning(device.c.id)
    if session.execute(ended).one_or_none() is None:
        raise NotFound("there is no such phone")
    revoke_all(session, device_id=device_id)
    record(session, "end", device.name, [device_id])
