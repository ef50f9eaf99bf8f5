"""The rules of release that a network has pinned; without any it has the defaults."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from geo.domain.retention import Retention
from geo.errors import Conflict, InvalidInput
from geo.privacy.rules import ReleaseRules
from geo.store.audit import record
from geo.store.release_tables import privacy_rule, release
from geo.store.rows import mine, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

NAMES = tuple(field.name for field in fields(ReleaseRules))


@dataclass(frozen=True, slots=True)
class PinnedRules:
    """A network's rules and how often they were changed; version 0 are the defaults."""

    rules: ReleaseRules
    version: int


def get_rules(session: Session) -> PinnedRules:
    """Read the network's rules.

    Raises
    ------
    InvalidInput
        If what is stored is laxer than this version allows.
    """
    row = session.execute(select(privacy_rule).where(mine(privacy_rule))).mappings().one_or_none()
    if row is None:
        return PinnedRules(ReleaseRules(), 0)
    return PinnedRules(ReleaseRules(**{name: row[name] for name in NAMES}), row["version"])


def retention_of(session: Session) -> Retention:
    """Tell how long the session's network keeps what it knows."""
    rules = get_rules(session).rules
    return Retention(rules.coarsen_after_days, rules.contact_after_days)


def set_rules(session: Session, changes: Mapping[str, Any], *, restart: bool = False) -> PinnedRules:
    """Change rules; the others stay.

    Parameters
    ----------
    changes
        Any fields of ``ReleaseRules``.
    restart
        Forget all releases first, so that the grid may change. Two grids over the same households can be subtracted
        from each other: whoever kept the old files learns more than either shows.

    Raises
    ------
    InvalidInput
        Naming the rule that is not known, laxer than allowed, or senseless.
    Conflict
        If the grid would change after a release without a restart.
    """
    if unknown := set(changes) - set(NAMES):
        raise InvalidInput(f"there is no rule {', '.join(sorted(unknown))}")
    before = get_rules(session)
    after = replace(before.rules, **changes)
    if restart:
        session.execute(delete(release).where(mine(release)))
    elif after.resolution != before.rules.resolution and _has_released(session):
        raise Conflict(
            "the resolution cannot change once there is a release: two grids over the same households can be "
            "subtracted from each other. --restart forgets the releases and accepts that."
        )
    values = after.as_dict() | {"version": before.version + 1, "updated_at": func.now()}
    statement = insert(privacy_rule).values(**values)
    with refused_as_ours():
        session.execute(statement.on_conflict_do_update(index_elements=[privacy_rule.c.network_id], set_=values))
    record(session, "restart" if restart else "change", privacy_rule.name, fields=sorted(changes))
    return PinnedRules(after, before.version + 1)


def _has_released(session: Session) -> bool:
    return session.scalar(select(release.c.id).where(mine(release)).limit(1)) is not None
