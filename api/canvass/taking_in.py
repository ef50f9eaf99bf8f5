"""From a sealed entry to the record it is about: opened, read, made; or held, with what was typed, for an organizer.

Nothing about an entry's content is answered to the phone: it cannot read the entry any more, so it could not mend it.
"""

from __future__ import annotations

import base64
import binascii
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic import ValidationError

from geo.domain.entries import Fault
from geo.domain.place import Point
from geo.domain.words import ConsentWay, EntryKind
from geo.errors import GeoError, InvalidInput, KeysUnavailable, NotFound, OutsideServiceArea
from geo.privacy.entry_box import EntryKey
from geo.store.assets import create_asset
from geo.store.engine import Acting, keys_of, make_sessions, transaction
from geo.store.entries import Box, Opened, list_waiting, note_held, note_made, note_unreadable, take_box
from geo.store.forms import note_versions
from geo.store.helpers import create_helper

from api import strict_json
from api.canvass.photos import encode_anew
from api.handlers import errors_of
from api.locating import locate, store_need
from api.rounds import each_network, going_round, never
from api.schemas.entries import BODIES, AssetEntryIn, HelperEntryIn, TypedIn
from api.schemas.needs import LocationIn, NeedIn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

Body = NeedIn | AssetEntryIn | HelperEntryIn
log = logging.getLogger(__name__)
_BROKEN = Fault("", "this entry does not open: it was sealed to another key, or changed on its way")


EVERY_S: Final = 20.0


def taking_in(engine: Engine, keys: KeyRing, *, every_s: float = EVERY_S) -> AbstractAsyncContextManager[None]:
    """Go on the round that takes in what a request left behind, at once and then every so often."""

    def go(stop: Callable[[], bool]) -> int:
        networks = each_network(engine, stop)
        return sum(take_in(make_sessions(engine, network=n, keys=keys), n, stop=stop) for n in networks)

    return going_round(go, every_s=every_s, failed="what phones have handed in is not all taken in yet")


def take_in(
    sessions: SessionFactory, network: UUID, *, among: Sequence[UUID] | None = None, stop: Callable[[], bool] = never
) -> int:
    """Take in entries that wait, each in a transaction of its own; and count them.

    Parameters
    ----------
    sessions
        With the installation's keys.
    network
        Whose entries.
    among
        Only these, when given.
    """
    with transaction(sessions, Acting(network)) as session:
        waiting = list_waiting(session, among=among)
    count = 0
    for entry in waiting:
        if stop():
            break
        try:
            # whoever handed it in is who the record is from
            with transaction(sessions, Acting(network, actor=entry.handed_in_by, kind="device")) as session:
                count += take_in_one(session, network, entry.id)
        except Exception as error:  # noqa: BLE001 - one entry that cannot be taken in must not hold up the others
            log.warning("an entry is not taken in yet; it is tried again: %s", type(error).__name__)
    return count


def take_in_one(session: Session, network: UUID, entry_id: UUID) -> bool:
    """Take in one entry; tells whether it was there to be taken."""
    box = take_box(session, entry_id)
    if box is None:
        return False
    found = _read(keys_of(session), network, box)
    if found is None:
        note_unreadable(session, entry_id, _BROKEN)
        return True
    opened, is_good = _open(found)
    if not is_good:
        note_held(session, entry_id, opened)
        return True
    opened = _note_forms(session, entry_id, opened)
    make_record(session, entry_id, box.kind, opened)
    return True


def look_into(session: Session, network: UUID, box: Box) -> Opened:
    """Open an entry only to be looked at; nothing is stored.

    Raises
    ------
    NotFound
        If it does not open.
    """
    found = _read(keys_of(session), network, box)
    if found is None:
        raise NotFound("this entry does not open")
    return _open(found)[0]


def make_record(session: Session, entry_id: UUID, kind: EntryKind, opened: Opened) -> Opened:
    """Make the record an entry is about, or hold it; gives the entry with what could not be used."""
    body = opened.typed.get("body", {}) if opened.corrected is None else opened.corrected
    try:
        sent = BODIES[kind].model_validate({**body, "id": str(entry_id)})
    except ValidationError as error:
        opened = replace(opened, faults=_faults(error, "body"))
        note_held(session, entry_id, opened)
        return opened
    try:
        record_id, faults = _make_somewhere(session, sent)
    except GeoError as error:
        if isinstance(error, KeysUnavailable):
            raise
        opened = replace(opened, faults=(Fault(f"/body/{error.field or ''}".rstrip("/"), str(error)),))
        note_held(session, entry_id, opened)
        return opened
    opened = replace(opened, faults=(*opened.faults, *faults))
    note_made(session, entry_id, opened, record_id)
    return opened


def _note_forms(session: Session, entry_id: UUID, opened: Opened) -> Opened:
    """Note with which forms of campaigns it was made; the answers stay with what was typed, sealed."""
    named = [UUID(one["form"]) for one in opened.typed.get("custom") or ()]
    if not named or not note_versions(session, entry_id, named):
        return opened
    return replace(opened, faults=(*opened.faults, Fault("/custom", "a form is named that is none of this network's")))


def _read(keys: KeyRing, network: UUID, box: Box) -> dict[str, Any] | None:
    try:
        found = strict_json.loads(EntryKey(keys, network).open(box.content, box.id, box.kind.value))
    except (KeysUnavailable, strict_json.Unreadable, strict_json.BadText):
        return None
    return found if isinstance(found, dict) else None


def _open(found: dict[str, Any]) -> tuple[Opened, bool]:
    """Take the photo apart from what was typed, and tell whether the rest is written as entries are."""
    photo, left_out = _photo(found.pop("photo", None))
    try:
        read = TypedIn.model_validate(found)
    except ValidationError as error:
        return Opened(found, photo, None, (*left_out, *_faults(error))), False
    accuracy_m = None if read.position is None else read.position.accuracy_m
    return Opened(found, photo, read.made_at, left_out, form=read.form, accuracy_m=accuracy_m), True


def _photo(sent: object) -> tuple[bytes | None, tuple[Fault, ...]]:
    if sent is None:
        return None, ()
    try:
        return encode_anew(base64.b64decode(str(sent), validate=True)), ()
    except (InvalidInput, binascii.Error, ValueError) as error:
        reason = str(error) if isinstance(error, InvalidInput) else "this is no photo that can be read"
        return None, (Fault("/photo", reason),)


def _faults(error: ValidationError, *inside: str) -> tuple[Fault, ...]:
    return tuple(Fault(f["pointer"], f["reason"]) for f in errors_of(error.errors(), inside=inside))


def _make_somewhere(session: Session, sent: Body) -> tuple[UUID, tuple[Fault, ...]]:
    """Make the record where it was said to be; or nowhere, when the network does not serve that place."""
    try:
        with session.begin_nested():
            return _make(session, sent), ()
    except OutsideServiceArea as error:
        with session.begin_nested():
            nowhere = sent.model_copy(update={"location": None})
            return _make(session, nowhere), (Fault("/body/location", str(error)),)


def _make(session: Session, sent: Body) -> UUID:
    if isinstance(sent, NeedIn):
        return store_need(session, sent, need_id=sent.id, source="canvass").id
    if isinstance(sent, HelperEntryIn):
        return _make_helper(session, sent)
    return _make_asset(session, sent)


def _make_helper(session: Session, sent: HelperEntryIn) -> UUID:
    contact = None if sent.contact is None else sent.contact.to_contact(ConsentWay.SPOKEN)
    return create_helper(session, sent.to_draft(), _point(session, sent.location), contact).id


def _make_asset(session: Session, sent: AssetEntryIn) -> UUID:
    typed = None if sent.location is None or sent.is_private else sent.location.address
    draft = replace(sent.to_draft(), point=_point(session, sent.location), address=typed)
    return create_asset(session, draft).id


def _point(session: Session, sent: LocationIn | None) -> Point | None:
    return locate(session, sent).point if sent is not None else None
