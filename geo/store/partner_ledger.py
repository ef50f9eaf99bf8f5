"""What has changed in a partner's own view of needs: found by comparing it with what the partner was given last.

The view follows from rules that look at whole cells, so no list of changed records could tell what of it has changed.
And nothing of a need that the partner never saw is ever in the ledger.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.domain.changes import Change, ChangePage, GoneReason
from geo.errors import InvalidInput, PositionForgotten
from geo.store.change_tables import partner_item, partner_ledger
from geo.store.changes import KEEP
from geo.store.engine import keys_of
from geo.store.partner_feed import partner_features
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement

_POSITION: Final = re.compile(r"p\.([0-9]{1,18})\.([0-9]{1,18})")


def read_partner_changes(
    session: Session, agreement: Agreement, *, since: str | None = None, limit: int = 1000
) -> ChangePage:
    """Read what has changed in what a partner may have of needs.

    Parameters
    ----------
    session
        One that acts as ``PARTNER_ROLE`` for the agreement.
    since
        ``next`` of the page before; nothing at first.

    Returns
    -------
    ChangePage
        What went says only that it is gone, by the partner's own name for it.

    Raises
    ------
    InvalidInput
        If the position is none of ours.
    PositionForgotten
        If what went since then is no longer kept.
    """
    view = {str(one["id"]): one for one in partner_features(session, agreement)}
    last, floor = bring_up_to_date(session, agreement, view)
    # what went before the first reading began was never read
    position, began = (0, last) if since is None else _read(since)
    if (began < floor and position < floor) or position > last:
        raise PositionForgotten
    rows = _after(session, agreement, position, limit)
    changes = [
        Change(row.name, view.get(row.name), None if row.digest else GoneReason.GONE)
        for row in rows
        if row.digest is not None or row.number > began
    ]
    reached = rows[-1].number if rows else position
    has_more = len(rows) == limit
    # once caught up, everything that follows is a change
    following = f"p.{reached}.{began if has_more else min(began, reached)}"
    return ChangePage(tuple(changes), following, has_more)


def _read(since: str) -> tuple[int, int]:
    found = _POSITION.fullmatch(since)
    if found is None:
        raise InvalidInput("this is no position of ours", field="cursor")
    return int(found[1]), int(found[2])


def _after(session: Session, agreement: Agreement, position: int, limit: int) -> Any:  # noqa: ANN401 - rows
    columns = partner_item.c.name, partner_item.c.number, partner_item.c.digest
    own = [mine(partner_item), partner_item.c.agreement_id == agreement.id, partner_item.c.number > position]
    return session.execute(select(*columns).where(*own).order_by(partner_item.c.number).limit(limit)).all()


def bring_up_to_date(session: Session, agreement: Agreement, view: Mapping[str, Any]) -> tuple[int, int]:
    """Compare a partner's view with what it was given last, and note the differences.

    One at a time for each agreement.

    Parameters
    ----------
    view
        The features the partner may have now, by their names.

    Returns
    -------
    tuple of int
        How many changes there have been, and the last one that is no longer kept.
    """
    last, floor = _lock(session, agreement)
    known = _known(session, agreement)
    key = keys_of(session).derive("partner-changes")
    digests = {name: _digest(key, one) for name, one in view.items()}
    changed = [name for name, digest in digests.items() if known.get(name) != digest]
    gone = [name for name, digest in known.items() if digest is not None and name not in digests]
    rows = [
        {"agreement_id": agreement.id, "name": name, "number": last + n, "digest": digests.get(name)}
        for n, name in enumerate((*sorted(gone), *sorted(changed)), start=1)
    ]
    if rows:
        _write(session, agreement, rows)
    return last + len(rows), floor


def _lock(session: Session, agreement: Agreement) -> tuple[int, int]:
    session.execute(upsert(partner_ledger).values(agreement_id=agreement.id).on_conflict_do_nothing())
    own = select(partner_ledger.c.last, partner_ledger.c.floor).where(
        mine(partner_ledger), partner_ledger.c.agreement_id == agreement.id
    )
    row = session.execute(own.with_for_update()).one()
    return row.last, row.floor


def _known(session: Session, agreement: Agreement) -> dict[str, bytes | None]:
    own = [mine(partner_item), partner_item.c.agreement_id == agreement.id]
    rows = session.execute(select(partner_item.c.name, partner_item.c.digest).where(*own))
    return {row.name: None if row.digest is None else bytes(row.digest) for row in rows}


def _digest(key: bytes, one: Any) -> bytes:  # noqa: ANN401 - a feature
    # with a key: what was said may be a place, and a plain hash of a place can be searched for
    return hmac.new(key, json.dumps(one, sort_keys=True).encode(), hashlib.sha256).digest()


def _write(session: Session, agreement: Agreement, rows: list[dict[str, Any]]) -> None:
    new = upsert(partner_item)
    again = {name: new.excluded[name] for name in ("number", "digest")} | {"changed_at": func.now()}
    keys = ["network_id", "agreement_id", "name"]
    session.execute(new.on_conflict_do_update(index_elements=keys, set_=again), rows)
    counted = update(partner_ledger).where(mine(partner_ledger), partner_ledger.c.agreement_id == agreement.id)
    session.execute(counted.values(last=partner_ledger.c.last + len(rows)))


def prune_ledgers(session: Session, *, now: datetime) -> int:
    """Forget what went long ago from partners' views.

    Parameters
    ----------
    session
        With the operator's rights.

    Returns
    -------
    int
        How many were forgotten.
    """
    old = [mine(partner_item), partner_item.c.digest.is_(None), partner_item.c.changed_at < now - KEEP]
    returned = partner_item.c.agreement_id, partner_item.c.number
    gone = session.execute(delete(partner_item).where(*old).returning(*returned)).all()
    for agreement_id in {row.agreement_id for row in gone}:
        floor = max(row.number for row in gone if row.agreement_id == agreement_id)
        own = update(partner_ledger).where(mine(partner_ledger), partner_ledger.c.agreement_id == agreement_id)
        session.execute(own.values(floor=func.greatest(partner_ledger.c.floor, floor)))
    return len(gone)
