"""Agreements changed while they run: what a change would make of them is told first, and the last is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from geo.domain.agreements import AgreementChange, AgreementDifference
from geo.domain.principals import Tier
from geo.domain.words import Category
from geo.errors import Conflict, InvalidInput, StaleVersion
from geo.privacy.cells import drawn_from
from geo.store.access_tables import agreement
from geo.store.agreement_tables import agreement_edit
from geo.store.agreements import get_agreement
from geo.store.audit import record
from geo.store.partner_feed import list_as_agreed
from geo.store.rows import mine, refused_as_ours

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement

_KEPT: Final = ("cells", "categories", "fields", "purpose", "quota_per_day", "is_marked", "expires_at")


def compare_agreement(session: Session, agreement_id: UUID, change: AgreementChange) -> AgreementDifference:
    """Tell what a change would make of an agreement and of what its partner sees; nothing is changed.

    Raises
    ------
    NotFound, Conflict, InvalidInput
        As :func:`change_agreement`.
    """
    before = _running(session, agreement_id)
    after = _with(before, change)
    seen, then = _seen(session, before), _seen(session, after)
    return AgreementDifference(
        agreement_id=agreement_id,
        changed=tuple(_changed(before, after)),
        cells_before=len(before.cells),
        cells_after=len(after.cells),
        cells_added=len(after.cells - before.cells),
        cells_removed=len(before.cells - after.cells),
        categories_added=tuple(sorted(after.categories - before.categories)),
        categories_removed=tuple(sorted(before.categories - after.categories)),
        fields_added=tuple(one for one in after.fields if one not in before.fields),
        fields_removed=tuple(one for one in before.fields if one not in after.fields),
        expires_before=before.expires_at,
        expires_after=after.expires_at,
        quota_before=before.quota_per_day,
        quota_after=after.quota_per_day,
        needs_before=None if seen is None else len(seen),
        needs_after=None if then is None else len(then),
        needs_added=None if seen is None or then is None else len(then - seen),
        needs_removed=None if seen is None or then is None else len(seen - then),
    )


def _seen(session: Session, terms: Agreement) -> frozenset[str] | None:
    if terms.tier is Tier.AGGREGATE:
        return None
    return frozenset(str(one["id"]) for one in list_as_agreed(session, terms))


def change_agreement(
    session: Session, agreement_id: UUID, change: AgreementChange, *, expected_version: int | None = None
) -> Agreement:
    """Change an agreement: the partner's next request is answered by the new terms. How it stood is kept.

    Parameters
    ----------
    expected_version
        The version it was read at; ``None`` changes any.

    Raises
    ------
    NotFound
        If the network has none with this id.
    Conflict
        If it is over.
    StaleVersion
        If it is no longer at ``expected_version``.
    InvalidInput
        If the area has no whole cell, the end is not in the future, or a term does not go with its tier.
    """
    before = _running(session, agreement_id, expected_version=expected_version)
    after = _with(before, change)
    changed = _changed(before, after)
    if changed:
        _write(session, before, after)
        record(session, "update", agreement.name, [agreement_id], changed)
    return get_agreement(session, agreement_id)


def undo_agreement_change(session: Session, agreement_id: UUID) -> Agreement:
    """Take the last change of an agreement back.

    Raises
    ------
    NotFound
        If the network has none with this id.
    Conflict
        If it is over, was never changed, the last change was taken back already, or its old end has passed.
    """
    now = _running(session, agreement_id)
    past = _last(session, agreement_id)
    if past is None or past["is_undo"]:
        raise Conflict("there is no change to take back")
    before = replace(now, **_terms(past))
    if before.expires_at <= datetime.now(UTC):
        raise Conflict("what it was before would be over by now")
    _write(session, now, before, is_undo=True)
    record(session, "undo", agreement.name, [agreement_id], _changed(now, before))
    return get_agreement(session, agreement_id)


def can_undo_change(session: Session, agreement_id: UUID) -> bool:
    """Tell whether an agreement's last change can be taken back."""
    past = _last(session, agreement_id)
    return past is not None and not past["is_undo"] and bool(past["expires_at"] > datetime.now(UTC))


def _running(session: Session, agreement_id: UUID, *, expected_version: int | None = None) -> Agreement:
    own = (agreement.c.id == agreement_id, mine(agreement))
    session.execute(select(agreement.c.id).where(*own).with_for_update())
    found = get_agreement(session, agreement_id)
    if found.ended_at is not None or found.expires_at <= datetime.now(UTC):
        raise Conflict("this agreement is over")
    if expected_version is not None and found.version != expected_version:
        raise StaleVersion
    return found


def _with(before: Agreement, change: AgreementChange) -> Agreement:
    after = replace(before, **change.given())
    if not after.cells:
        raise InvalidInput("the area is too small to hold the middle of a cell", field="area")
    if not after.categories:
        raise InvalidInput("name at least one kind of need", field="categories")
    if after.expires_at <= datetime.now(UTC):
        raise InvalidInput("an agreement ends in the future; end it to end it now", field="days")
    if after.fields and after.tier is not Tier.REFERRAL:
        raise InvalidInput("only referred needs have further fields", field="fields")
    if after.is_marked and after.tier is Tier.AGGREGATE:
        raise InvalidInput("figures cannot be marked, only feeds of single needs", field="is_marked")
    return after


def _changed(before: Agreement, after: Agreement) -> list[str]:
    return [name for name in _KEPT if getattr(before, name) != getattr(after, name)]


def _write(session: Session, before: Agreement, after: Agreement, *, is_undo: bool = False) -> None:
    session.execute(insert(agreement_edit).values(agreement_id=before.id, is_undo=is_undo, **_columns(before)))
    own = update(agreement).where(agreement.c.id == before.id, mine(agreement))
    values = _columns(after) | {"reach": sorted(drawn_from(after.cells)), "version": agreement.c.version + 1}
    with refused_as_ours():
        session.execute(own.values(**values))


def _columns(terms: Agreement) -> dict[str, Any]:
    words = {"cells": sorted(terms.cells), "categories": sorted(one.value for one in terms.categories)}
    return {name: getattr(terms, name) for name in _KEPT} | words | {"fields": list(terms.fields)}


def _last(session: Session, agreement_id: UUID) -> dict[str, Any] | None:
    own = (agreement_edit.c.agreement_id == agreement_id, mine(agreement_edit))
    columns = [agreement_edit.c[name] for name in (*_KEPT, "is_undo")]
    query = select(*columns).where(*own).order_by(agreement_edit.c.id.desc()).limit(1)
    row = session.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def _terms(row: dict[str, Any]) -> dict[str, Any]:
    words = {
        "cells": frozenset(row["cells"]),
        "categories": frozenset(Category(word) for word in row["categories"]),
        "fields": tuple(row["fields"]),
    }
    return {name: row[name] for name in _KEPT} | words
