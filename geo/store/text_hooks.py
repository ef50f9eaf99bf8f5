"""Where gateways hand texts in: set up with a secret that is kept sealed, found by their id, ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, tuple_, update

from geo.domain.ids import new_id
from geo.domain.texts import HookKind, TextHook
from geo.errors import InvalidInput, NotFound
from geo.privacy.hook_signatures import mint_hook_secret
from geo.store.audit import record
from geo.store.rows import MAX_LIMIT, get_row, mine, refused_as_ours
from geo.store.sealing import seal, unseal
from geo.store.texting_tables import text_hook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

MAX_SECRET: Final = 300
_LEAST_SECRET: Final = 16
_LISTED: Final = [text_hook.c[name] for name in ("id", "kind", "label", "created_at", "revoked_at")]


@dataclass(frozen=True, slots=True)
class OpenHook:
    """A gateway that may hand texts in: whose network it is, and what it signs with."""

    id: UUID
    network_id: UUID
    kind: HookKind
    secret: str

    def __repr__(self) -> str:
        return f"OpenHook({self.id})"


def open_hook(session: Session, kind: HookKind, *, secret: str | None = None, label: str = "") -> tuple[TextHook, str]:
    """Let a gateway hand texts in, and give the secret it signs with.

    Parameters
    ----------
    secret
        What the other side gave, such as Twilio's auth token; made here for a plain gateway.
    label
        What it is called in lists.

    Raises
    ------
    InvalidInput
        If a secret is missing or given where none belongs, or is too short to be one.
    KeysUnavailable
        If the session has no keys.
    """
    if (secret is None) != (kind is HookKind.PLAIN):
        raise InvalidInput("Twilio gives its auth token; a plain gateway is given a secret made here", field="secret")
    signs_with = secret or mint_hook_secret()
    if not _LEAST_SECRET <= len(signs_with) <= MAX_SECRET or not (signs_with.isascii() and signs_with.isprintable()):
        raise InvalidInput(f"a secret has {_LEAST_SECRET} to {MAX_SECRET} plain characters", field="secret")
    hook_id = new_id()
    sealed, key_id = seal(session, hook_id, {"secret": signs_with}, most=1_000)
    with refused_as_ours():
        values = {"id": hook_id, "kind": kind.value, "label": label, "sealed": sealed, "key_id": key_id}
        session.execute(insert(text_hook).values(**values))
    record(session, "create", text_hook.name, [hook_id], ("kind", "label"))
    return get_hook(session, hook_id), signs_with


def _hook(row: Any) -> TextHook:  # noqa: ANN401 - a row
    return TextHook(**(dict(row) | {"kind": HookKind(row["kind"])}))


def get_hook(session: Session, hook_id: UUID) -> TextHook:
    """Read one gateway's entry.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    return _hook(get_row(session, select(*_LISTED), text_hook, hook_id))


def list_hooks(session: Session, *, after: UUID | None = None, limit: int = 100) -> Sequence[TextHook]:
    """List the network's gateways by when they were set up, ended ones too; never a secret."""
    query = select(*_LISTED).where(mine(text_hook)).order_by(text_hook.c.id).limit(min(limit, MAX_LIMIT))
    if after is not None:
        query = query.where(tuple_(text_hook.c.id) > tuple_(after))
    return [_hook(row) for row in session.execute(query).mappings()]


def end_hook(session: Session, hook_id: UUID) -> None:
    """End a gateway: its secret is removed, and what it signs is refused from now on; doing so again changes nothing.

    Raises
    ------
    NotFound
        If the network has none with this id.
    """
    theirs = update(text_hook).where(text_hook.c.id == hook_id, mine(text_hook))
    gone = {"revoked_at": func.coalesce(text_hook.c.revoked_at, func.now()), "sealed": None, "key_id": None}
    if session.execute(theirs.values(**gone).returning(text_hook.c.id)).one_or_none() is None:
        raise NotFound("there is no such gateway")
    record(session, "end", text_hook.name, [hook_id])


def find_hook(session: Session, hook_id: UUID) -> OpenHook | None:
    """Find a gateway by its id; unknown and ended ones are both ``None``.

    Parameters
    ----------
    session
        One that acts as ``AUTH_ROLE``, with keys.
    """
    columns = (text_hook.c.network_id, text_hook.c.kind, text_hook.c.sealed)
    query = select(*columns).where(text_hook.c.id == hook_id, text_hook.c.sealed.is_not(None))
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    return OpenHook(hook_id, row.network_id, HookKind(row.kind), unseal(session, hook_id, row.sealed)["secret"])
