"""The ``Idempotency-Key`` header: a create that is repeated gives the record the first one made."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Request

from geo.store.idempotency import find_made, remember

from api.schemas.common import ClientId

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session


class HasId(Protocol):
    """A record."""

    @property
    def id(self) -> UUID:
        """Its id."""


R = TypeVar("R", bound=HasId)


def hash_body(body: object) -> bytes:
    """Hash what a body says, whatever its spacing and the order of its keys."""
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()


@dataclass(frozen=True, slots=True)
class Once:
    """One create request: its key, if the client gave one, and what it says."""

    key: UUID | None
    route: str
    body_hash: bytes

    def create(self, session: Session, make: Callable[[], R], get: Callable[[Session, UUID], R]) -> tuple[R, bool]:
        """Make the record, or find the one made before.

        Returns
        -------
        tuple
            The record, and whether it is new.

        Raises
        ------
        IdempotencyClash
            If the key came before with another body.
        """
        if self.key is None:
            return make(), True
        known = find_made(session, self.key, route=self.route, body_hash=self.body_hash)
        if known is not None:
            return get(session, known), False
        made = make()
        remember(session, self.key, route=self.route, body_hash=self.body_hash, record_id=made.id)
        return made, True


async def _once(
    request: Request,
    idempotency_key: Annotated[
        ClientId | None, Header(description="a UUID; the same key with the same body makes one record")
    ] = None,
) -> Once:
    # without a body the route itself says what is missing
    sent = await request.json() if await request.body() else None
    return Once(idempotency_key, request.url.path, hash_body(sent))


OnceDep = Annotated[Once, Depends(_once)]
