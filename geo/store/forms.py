"""Forms of campaigns: versions that never change, asked while they are active, kept for what they asked."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.domain.forms import CampaignForm, FormVersion, read_model
from geo.domain.ids import new_id
from geo.errors import Conflict, InvalidInput
from geo.store.audit import record
from geo.store.form_tables import MAX_MODEL, MAX_XML, form, form_entry, form_version
from geo.store.rows import MAX_LIMIT, get_row, insert_row, mine, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.forms import FormModel

MAX_FORMS: Final = 100
MAX_VERSIONS: Final = 100
"""Versions of one form."""
MAX_ACTIVE: Final = 5
"""Forms that phones carry at once."""
_VERSION: Final = [form_version.c[name] for name in ("id", "form_id", "model", "xml", "is_active", "created_at")]


def add_version(session: Session, model: FormModel, xml: str, content_hash: bytes) -> tuple[FormVersion, bool]:
    """Store a version of a form, and the form with its first; tells whether it is new.

    It is asked by nobody before `activate_form`. The same sheets under the same version are the version that is there.

    Raises
    ------
    Conflict
        If this version of the form is there and asks otherwise.
    InvalidInput
        If the form is too large for phones, or there are too many.
    """
    written = model.as_json()
    if len(json.dumps(written, ensure_ascii=False).encode()) > MAX_MODEL * 3 // 4 or len(xml.encode()) > MAX_XML:
        raise InvalidInput("this form is too large for phones; ask less, or in fewer languages", field="form")
    form_id = _form_named(session, model.name)
    query = select(*_VERSION, form_version.c.content_hash).where(mine(form_version), form_version.c.form_id == form_id)
    known = session.execute(query.where(form_version.c.version == model.version)).mappings().one_or_none()
    if known is not None:
        if bytes(known["content_hash"]) != content_hash:
            raise Conflict("this version of the form is there and asks otherwise; give it another version")
        return _version(known), False
    if _count(session, select(form_version.c.id).where(form_version.c.form_id == form_id)) >= MAX_VERSIONS:
        raise InvalidInput(f"a form may have {MAX_VERSIONS} versions", field="version")
    version_id = new_id()
    values = {"form_id": form_id, "version": model.version, "model": written, "xml": xml}
    insert_row(session, form_version, {"id": version_id, **values, "content_hash": content_hash})
    return get_version(session, version_id), True


def _form_named(session: Session, name: str) -> UUID:
    found: UUID | None = session.scalar(select(form.c.id).where(form.c.name == name, mine(form)))
    if found is not None:
        return found
    if _count(session, select(form.c.id).where(mine(form))) >= MAX_FORMS:
        raise InvalidInput(f"a network may have {MAX_FORMS} forms", field="form_id")
    form_id = new_id()
    insert_row(session, form, {"id": form_id, "name": name})
    return form_id


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def get_version(session: Session, version_id: UUID) -> FormVersion:
    """Read one version.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    return _version(get_row(session, select(*_VERSION), form_version, version_id))


def find_version(session: Session, name: str, version: str) -> FormVersion | None:
    """Find a version by what programs call it, active or not."""
    query = select(*_VERSION).join(form, form.c.id == form_version.c.form_id)
    where = (mine(form_version), form.c.name == name, form_version.c.version == version)
    row = session.execute(query.where(*where)).mappings().one_or_none()
    return None if row is None else _version(row)


def list_active(session: Session) -> Sequence[FormVersion]:
    """List what is asked now: the active version of each form, at most `MAX_ACTIVE`."""
    query = select(*_VERSION).where(mine(form_version), form_version.c.is_active).order_by(form_version.c.id)
    return [_version(row) for row in session.execute(query.limit(MAX_ACTIVE)).mappings()]


def list_versions(session: Session, form_id: UUID) -> Sequence[FormVersion]:
    """List the versions of a form, the newest first.

    Raises
    ------
    NotFound
        If there is no such form.
    """
    get_form(session, form_id)
    query = select(*_VERSION).where(mine(form_version), form_version.c.form_id == form_id)
    rows = session.execute(query.order_by(form_version.c.id.desc()).limit(MAX_VERSIONS)).mappings()
    return [_version(row) for row in rows]


def _version(row: RowMapping) -> FormVersion:
    # by this ODK programs know whether they have a version; it protects nothing
    told = hashlib.md5(row["xml"].encode(), usedforsecurity=False).hexdigest()
    plain = {name: row[name] for name in ("id", "form_id", "xml", "is_active", "created_at")}
    return FormVersion(**plain, model=read_model(row["model"]), hash=told)


def _forms() -> Select[Any]:
    """Write each form with its newest version, the one that is asked before all others."""
    entries = (
        select(func.count(func.distinct(form_entry.c.entry_id)))
        .join(form_version, form_version.c.id == form_entry.c.version_id)
        .where(form_version.c.form_id == form.c.id)
        .correlate(form)
        .scalar_subquery()
    )
    shown = (
        select(form_version)
        .where(form_version.c.form_id == form.c.id)
        .order_by(form_version.c.is_active.desc(), form_version.c.id.desc())
        .limit(1)
        .lateral()
    )
    return select(
        *(form.c[name] for name in ("id", "name", "created_at", "withdrawn_at")),
        shown.c.id.label("version_id"),
        shown.c.version,
        shown.c.is_active,
        shown.c.model["title"].astext.label("title"),
        func.jsonb_array_length(shown.c.model["questions"]).label("questions"),
        entries.label("entries"),
    ).select_from(form.join(shown, onclause=true()))


def list_forms(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[CampaignForm]:
    """List the network's forms by when they were first added; ``after`` is the last id of the page before."""
    query = _forms().where(mine(form)).order_by(form.c.id).limit(min(limit, MAX_LIMIT))
    if after is not None:
        query = query.where(tuple_(form.c.id) > tuple_(after))
    return [CampaignForm(**row) for row in session.execute(query).mappings()]


def get_form(session: Session, form_id: UUID) -> CampaignForm:
    """Read one form.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    return CampaignForm(**get_row(session, _forms(), form, form_id))


def activate_version(session: Session, version_id: UUID) -> CampaignForm:
    """Ask this version of a form from now on, in place of any other of it.

    Raises
    ------
    NotFound
        If there is no such version.
    Conflict
        If as many other forms are asked already as phones carry.
    """
    found = get_version(session, version_id)
    # of two at once, the second sees what the first has made active
    session.execute(select(form.c.id).where(mine(form)).order_by(form.c.id).with_for_update())
    others = select(form_version.c.id).where(
        mine(form_version), form_version.c.is_active, form_version.c.form_id != found.form_id
    )
    if _count(session, others) >= MAX_ACTIVE:
        raise Conflict(f"phones carry {MAX_ACTIVE} forms; withdraw another first")
    _set_active(session, found.form_id, None)
    _set_active(session, found.form_id, version_id)
    session.execute(update(form).where(form.c.id == found.form_id, mine(form)).values(withdrawn_at=None))
    record(session, "activate", form.name, [found.form_id], ("version",))
    return get_form(session, found.form_id)


def withdraw_form(session: Session, form_id: UUID) -> CampaignForm:
    """Ask no version of a form any more; what is filled in already still comes in.

    Raises
    ------
    NotFound
        If there is no such form.
    """
    get_form(session, form_id)
    _set_active(session, form_id, None)
    withdrawn = func.coalesce(form.c.withdrawn_at, func.now())
    session.execute(update(form).where(form.c.id == form_id, mine(form)).values(withdrawn_at=withdrawn))
    record(session, "withdraw", form.name, [form_id])
    return get_form(session, form_id)


def _set_active(session: Session, form_id: UUID, version_id: UUID | None) -> None:
    of_form = (mine(form_version), form_version.c.form_id == form_id)
    which = form_version.c.is_active if version_id is None else form_version.c.id == version_id
    session.execute(update(form_version).where(*of_form, which).values(is_active=version_id is not None))


def note_versions(session: Session, entry_id: UUID, versions: Sequence[UUID]) -> Sequence[UUID]:
    """Note with which versions an entry was made; gives those the network does not have."""
    query = select(form_version.c.id).where(mine(form_version), form_version.c.id.in_(versions))
    known = set(session.scalars(query))
    if known:
        rows = [{"entry_id": entry_id, "version_id": one} for one in sorted(known)]
        with refused_as_ours():
            session.execute(upsert(form_entry).on_conflict_do_nothing(), rows)
        record(session, "note_form", "submission", [entry_id])
    return [one for one in versions if one not in known]
