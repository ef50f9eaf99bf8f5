"""Callers with a good secret: organizers, phones and partners, made in the test's own database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from geo.domain.principals import NetworkRole, Tier
from geo.domain.words import Category
from geo.store.accounts import invite
from geo.store.agreements import AgreementDraft, issue_key, make_agreement
from geo.store.devices import add_device
from geo.store.engine import AUTH_ROLE, DEFAULT_NETWORK, Acting, transaction
from geo.store.signing_in import accept_invitation, enrol, open_session

if TYPE_CHECKING:
    from uuid import UUID

    from geo.privacy.tokens import Token
    from geo.store.engine import SessionFactory

PASSWORD = "correct horse battery"  # noqa: S105 - made up, and of nobody
SIGNING_IN = Acting(network=None, role=AUTH_ROLE)


def bearing(token: Token) -> dict[str, str]:
    """The header that carries a secret."""
    return {"Authorization": f"Bearer {token.text}"}


def acting(network: UUID = DEFAULT_NETWORK) -> Acting:
    return Acting(network)


def organizer(
    sessions: SessionFactory,
    login: str = "aino",
    role: NetworkRole = NetworkRole.ADMIN,
    network: UUID = DEFAULT_NETWORK,
) -> Token:
    """Make somebody a member and open a session for them, as if they had just given a password."""
    with transaction(sessions, acting(network)) as session:
        person_id, _ = invite(session, login, login.title(), role)
    with transaction(sessions, SIGNING_IN) as session:
        return open_session(session, person_id, network_id=network)


def welcomed(sessions: SessionFactory, login: str = "aino", network: UUID = DEFAULT_NETWORK) -> Token:
    """Make somebody a member who chooses a password; hashing it takes a while, so only where passwords matter."""
    with transaction(sessions, acting(network)) as session:
        _, link = invite(session, login, login.title(), NetworkRole.ADMIN)
    with transaction(sessions, SIGNING_IN) as session:
        return accept_invitation(session, link, PASSWORD)


def enrolled_device(sessions: SessionFactory, label: str = "phone 1", network: UUID = DEFAULT_NETWORK) -> Token:
    with transaction(sessions, acting(network)) as session:
        _, code = add_device(session, label)
    with transaction(sessions, SIGNING_IN) as session:
        return enrol(session, code)


def partner(
    sessions: SessionFactory,
    cells: frozenset[str],
    tier: Tier = Tier.COARSE,
    name: str = "Food bank",
    network: UUID = DEFAULT_NETWORK,
    **values: Any,
) -> tuple[UUID, Token]:
    """Make an agreement and a key under it."""
    draft = {
        "categories": frozenset(Category),
        "purpose": "bring food",
        "expires_at": datetime.now(UTC) + timedelta(days=300),
    }
    with transaction(sessions, acting(network)) as session:
        made = make_agreement(session, AgreementDraft(name=name, tier=tier, cells=cells, **(draft | values)))
        return made.id, issue_key(session, made.id, label="first")
