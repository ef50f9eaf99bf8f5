"""The one outside address service a network allows; none unless an admin says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from geo.domain.outside import MAX_TOWN, OutsideService
from geo.domain.words import RemoteProvider
from geo.errors import InvalidInput
from geo.geocode.remote.endpoint import parse_endpoint
from geo.store.audit import record
from geo.store.remote_cache import forget_answers
from geo.store.remote_tables import remote_service
from geo.store.rows import mine, refused_as_ours

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.geocode.remote.endpoint import Reach

_COUNTRY: Final = re.compile(r"[a-z]{2}")
_NAMES: Final = (
    "provider", "endpoint", "gap_ms", "country", "town", "keep_days", "keep_none_days", "updated_at",
)  # fmt: skip


def find_service(session: Session) -> OutsideService | None:
    """Find what the network allows; nothing when it allows none."""
    columns = [remote_service.c[name] for name in _NAMES]
    row = session.execute(select(*columns).where(mine(remote_service))).mappings().one_or_none()
    return None if row is None else OutsideService(**dict(row) | {"provider": RemoteProvider(row["provider"])})


def allow_service(session: Session, service: OutsideService, reach: Reach) -> OutsideService:
    """Let the network ask a service, in place of the one before.

    Parameters
    ----------
    service
        Its endpoint as it was typed.
    reach
        What the operator of this host permits.

    Raises
    ------
    InvalidInput
        If the endpoint, or another value, cannot be used.
    """
    endpoint = parse_endpoint(service.endpoint, reach)
    before = find_service(session)
    if service.country is not None and not _COUNTRY.fullmatch(service.country):
        raise InvalidInput("write the country as two small letters", field="country")
    if service.town is not None and not (service.town.isprintable() and 0 < len(service.town.strip()) <= MAX_TOWN):
        raise InvalidInput("write the town as a short plain name", field="town")
    values = {name: getattr(service, name) for name in _NAMES if name != "updated_at"}
    values |= {"provider": service.provider.value, "endpoint": endpoint.url, "updated_at": func.now()}
    statement = insert(remote_service).values(**values)
    with refused_as_ours():
        session.execute(statement.on_conflict_do_update(index_elements=[remote_service.c.network_id], set_=values))
    if before is not None and (before.provider, before.endpoint) != (service.provider, endpoint.url):
        forget_answers(session)
    record(session, "allow", remote_service.name, fields=(service.provider.value,))
    found = find_service(session)
    return found if found is not None else service


def forbid_service(session: Session) -> None:
    """Let the network ask nobody outside, and forget what was answered; doing so again changes nothing."""
    gone = session.execute(delete(remote_service).where(mine(remote_service)).returning(remote_service.c.provider))
    for provider in gone.scalars().all():
        forget_answers(session)
        record(session, "forbid", remote_service.name, fields=(provider,))
