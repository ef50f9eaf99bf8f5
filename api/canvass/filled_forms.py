"""A filled-in form of an ODK program, on the road of all entries of phones: sealed, handed in once, taken in later."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Final

from geo.domain.forms import FormField
from geo.domain.words import EntryChannel, EntryKind
from geo.errors import InvalidInput
from geo.interchange.form_entry import entries_of
from geo.interchange.xform_submission import read_submission
from geo.privacy.entry_box import EntryKey, seal_entry
from geo.store.engine import keys_of
from geo.store.entries import hand_in
from geo.store.form_parts import MAX_PHOTO, FilledBox, is_known, keep_part, take_part
from geo.store.forms import find_version

from api.canvass.photos import encode_anew

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.forms import FormVersion
    from geo.interchange.form_entry import FormEntry
    from geo.interchange.xform_submission import Submission

    from api.openrosa import Sent

_HASH: Final = "form-answers"
_UNREADABLE: Final = ""
"""Stands where a photo was that cannot be read; the entry is taken in without, and says so."""


def take_filled(
    session: Session, network: UUID, owner: UUID, sent: Sent, *, quarantined: bool = False
) -> tuple[UUID, ...]:
    """Take one post of a filled-in form; gives the entries that are new with it, none until the whole is there.

    Raises
    ------
    InvalidInput
        If it cannot be read, or is no form of the network's.
    IdempotencyClash
        If its instance came before with other answers; what was stored stays as it is.
    """
    filled = read_submission(sent.xml)
    version = find_version(session, filled.form, filled.version)
    if version is None:
        raise InvalidInput("this form, or this version of it, is none of this network's", field="xml_submission_file")
    told = _hash(session, filled)
    if is_known(session, filled.id, told):
        return ()
    photo = _photo(version, filled, sent)
    if sent.is_incomplete:
        if photo:
            keep_part(session, filled.id, owner, photo)
        return ()
    waiting = take_part(session, filled.id, owner)
    if waiting and not photo:
        photo = waiting
    made = entries_of(version.model, version.id, filled)
    # two programs with the same entries in another order would otherwise wait for each other
    boxes = sorted((_seal(session, network, one, photo if one is made[0] else None, told) for one in made), key=_id_of)
    come = [box for box in boxes if hand_in(session, box, quarantined=quarantined, channel=EntryChannel.FORM_APP)]
    return tuple(box.id for box in come)


def _id_of(box: FilledBox) -> UUID:
    return box.id


def _hash(session: Session, filled: Submission) -> bytes:
    """Know the same answers again; under a key, so that nobody guesses them from what is stored."""
    told = [str(filled.id), filled.form, filled.version, sorted(filled.answers.items())]
    return hmac.new(keys_of(session).derive(_HASH), json.dumps(told).encode(), hashlib.sha256).digest()


def _photo(version: FormVersion, filled: Submission, sent: Sent) -> bytes | None:
    """Find the photo that the answers name among what was sent, without what a camera writes into it."""
    name = version.model.named(FormField.PHOTO)
    content = sent.files.get(filled.answers.get(name or "", ""))
    if content is None:
        return None
    try:
        return encode_anew(content, most=MAX_PHOTO)
    except InvalidInput:
        return b""


def _seal(session: Session, network: UUID, entry: FormEntry, photo: bytes | None, told: bytes) -> FilledBox:
    typed = dict(entry.typed)
    if photo is not None:
        typed["photo"] = base64.b64encode(photo).decode() if photo else _UNREADABLE
    kind, public = EntryKind.NEED, EntryKey(keys_of(session), network).public
    content = seal_entry(public, json.dumps(typed, ensure_ascii=False).encode(), entry.id, kind.value)
    return FilledBox(entry.id, kind, content, told)
