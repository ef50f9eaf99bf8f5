"""Secrets' keyed hashes: made, listed, revoked. A secret itself is seen once, by whoever it was made for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select, tuple_, update

from geo.domain.ids import new_id
from geo.domain.principals import Credential, CredentialKind
from geo.errors import NotFound
from geo.privacy.tokens import Token, fingerprint, mint
from geo.store.access_tables import credential
from geo.store.audit import record
from geo.store.engine import keys_of
from geo.store.rows import MAX_LIMIT, mine, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

COLUMNS: Final = [
    credential.c[name]
    for name in (
        "id", "kind", "kid", "label", "person_id", "device_id", "agreement_id", "created_at", "expires_at",
        "last_seen_at", "used_at", "revoked_at",
    )
]  # fmt: skip
KEPT_AFTER: Final = timedelta(days=30)
"""How long a useless secret's entry stays in the table."""
IS_LIVE: Final = credential.c.revoked_at.is_(None) & (credential.c.expires_at > func.now())


def issue(session: Session, kind: CredentialKind, lasts: timedelta, *, label: str = "", **owner: UUID) -> Token:
    """Make a secret for a person, device or agreement and keep its keyed hash.

    Parameters
    ----------
    kind
        What it is for.
    lasts
        How long it is good; at most 90 days for a partner's key.
    label
        What it is called in lists.
    **owner
        ``person_id``, ``device_id`` or ``agreement_id``; ``network_id`` where the session has none of its own.

    Returns
    -------
    Token
        To be handed over once and never shown again.
    """
    token = mint(kind)
    values: dict[str, Any] = {
        "id": new_id(),
        "kind": kind.value,
        "kid": token.kid,
        "fingerprint": fingerprint(keys_of(session).pepper, token),
        "label": label,
        "expires_at": func.now() + lasts,
        **owner,
    }
    if kind is CredentialKind.SESSION:
        values |= {"last_seen_at": func.now(), "fresh_at": func.now()}
    with refused_as_ours():
        session.execute(insert(credential).values(**values))
    return token


def list_credentials(
    session: Session,
    *,
    kinds: Sequence[CredentialKind] = (),
    live_only: bool = True,
    after: UUID | None = None,
    limit: int = 100,
    **owner: UUID,
) -> Sequence[Credential]:
    """List what is good in the network, by when it was made; never a secret or its hash."""
    where: list[ColumnElement[bool]] = [
        mine(credential),
        *(credential.c[name] == value for name, value in owner.items()),
    ]
    if kinds:
        where.append(credential.c.kind.in_([kind.value for kind in kinds]))
    if live_only:
        where.append(IS_LIVE)
    if after is not None:
        where.append(tuple_(credential.c.id) > tuple_(after))
    query = select(*COLUMNS).where(*where).order_by(credential.c.id).limit(min(limit, MAX_LIMIT))
    rows = session.execute(query).mappings()
    return [Credential(**(dict(row) | {"kind": CredentialKind(row["kind"])})) for row in rows]


def revoke(session: Session, credential_id: UUID) -> None:
    """Make one secret useless from this transaction's end on.

    Raises
    ------
    NotFound
        If the network has no such secret.
    """
    statement = update(credential).where(credential.c.id == credential_id, mine(credential))
    found = session.execute(
        statement.values(revoked_at=func.coalesce(credential.c.revoked_at, func.now())).returning(credential.c.id)
    )
    if found.one_or_none() is None:
        raise NotFound("there is no such key")


def issue_script(session: Session, person_id: UUID, lasts: timedelta, *, label: str) -> Token:
    """Make a token with which a script of a person acts as that person."""
    record(session, "issue", credential.name, fields=("script",))
    return issue(session, CredentialKind.SCRIPT, lasts, label=label, person_id=person_id)


def issue_monitor(session: Session, lasts: timedelta, *, label: str) -> Token:
    """Make a token that reads the server's counters and nothing else."""
    record(session, "issue", credential.name, fields=("monitor",))
    return issue(session, CredentialKind.MONITOR, lasts, label=label)


def revoke_one(session: Session, credential_id: UUID) -> None:
    """Revoke one secret by hand.

    Raises
    ------
    NotFound
        If the network has no such secret.
    """
    revoke(session, credential_id)
    record(session, "revoke", credential.name, [credential_id])


def revoke_all(session: Session, **owner: UUID) -> int:
    """Revoke all that a person, device or agreement carries.

    Parameters
    ----------
    **owner
        ``person_id``, ``device_id`` or ``agreement_id``.

    Returns
    -------
    int
        How many were good until now.
    """
    where = [mine(credential), IS_LIVE, *(credential.c[name] == value for name, value in owner.items())]
    gone = session.execute(update(credential).where(*where).values(revoked_at=func.now()).returning(credential.c.id))
    return len(gone.all())


def forget_old(session: Session, *, now: datetime) -> int:
    """Remove what has been useless for a month; gives how many went.

    Parameters
    ----------
    session
        With the operator's rights.
    """
    over = func.least(func.coalesce(credential.c.revoked_at, credential.c.expires_at), credential.c.expires_at)
    gone = delete(credential).where(mine(credential), over < now - KEPT_AFTER).returning(credential.c.id)
    return len(session.execute(gone).all())


def end_by(session: Session, latest: datetime, **owner: UUID) -> None:
    """Let what an owner carries end by an instant, if it would last longer: the grace of a rotation."""
    where = [mine(credential), IS_LIVE, credential.c.expires_at > latest]
    where += [credential.c[name] == value for name, value in owner.items()]
    session.execute(update(credential).where(*where).values(expires_at=latest))
