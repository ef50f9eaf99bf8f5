"""Who is asking, and what they may do: organizers, canvassers' devices, partners with a key, and everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.words import Audience

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from geo.domain.links import OpenLink
    from geo.domain.words import Category


class PrincipalKind(StrEnum):
    """What sort of caller it is; a person, a phone, a program, or nobody known."""

    PUBLIC = "public"
    ORGANIZER = "organizer"
    DEVICE = "device"
    PARTNER = "partner"
    MONITOR = "monitor"
    WEBHOOK = "webhook"


class NetworkRole(StrEnum):
    """What a person is in a network; an admin also decides who else belongs to it."""

    ORGANIZER = "organizer"
    ADMIN = "admin"


class Tier(StrEnum):
    """How closely a partner may look, by its agreement."""

    AGGREGATE = "aggregate"
    COARSE = "coarse"
    REFERRAL = "referral"


class Permission(StrEnum):
    """What a route may demand of its caller."""

    OPEN = "open"
    ENTER = "enter"
    ENROL = "enrol"
    FOLLOW = "follow"
    SIGNED_IN = "signed_in"
    READ_TOWN = "read_town"
    GEOCODE = "geocode"
    SUBMIT = "submit"
    HAND_IN = "hand_in"
    READ_OWN = "read_own"
    READ_NEEDS = "read_needs"
    CHANGE_NEEDS = "change_needs"
    REVIEW = "review"
    READ_HELP = "read_help"
    CHANGE_HELP = "change_help"
    CHANGE_TOWN = "change_town"
    READ_FIGURES = "read_figures"
    READ_FEEDS = "read_feeds"
    REVEAL = "reveal"
    ERASE = "erase"
    READ_AUDIT = "read_audit"
    MANAGE_ACCESS = "manage_access"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_OUTSIDE = "manage_outside"
    MANAGE_NETWORK = "manage_network"
    MANAGE_MESSAGES = "manage_messages"
    MANAGE_TURFS = "manage_turfs"
    MANAGE_FORMS = "manage_forms"
    IMPORT = "import"
    READ_METRICS = "read_metrics"
    RECEIVE_TEXTS = "receive_texts"
    ANSWER_REFERRALS = "answer_referrals"


_ANYBODY: Final = frozenset({Permission.OPEN, Permission.ENTER, Permission.ENROL, Permission.FOLLOW})
_ADMIN: Final = frozenset({Permission.MANAGE_PEOPLE, Permission.MANAGE_OUTSIDE, Permission.MANAGE_NETWORK})
_NOT_FOR_PEOPLE: Final = frozenset({Permission.READ_OWN, Permission.RECEIVE_TEXTS, Permission.ANSWER_REFERRALS})
_ORGANIZER: Final = frozenset(Permission) - _ADMIN - _NOT_FOR_PEOPLE
PERMISSIONS: Final[Mapping[PrincipalKind, frozenset[Permission]]] = {
    PrincipalKind.PUBLIC: _ANYBODY,
    PrincipalKind.ORGANIZER: _ORGANIZER,
    PrincipalKind.DEVICE: _ANYBODY
    | {Permission.SUBMIT, Permission.HAND_IN, Permission.READ_OWN, Permission.GEOCODE, Permission.READ_TOWN},
    PrincipalKind.PARTNER: _ANYBODY | {Permission.READ_FEEDS, Permission.ANSWER_REFERRALS},
    PrincipalKind.MONITOR: _ANYBODY | {Permission.READ_METRICS},
    PrincipalKind.WEBHOOK: _ANYBODY | {Permission.RECEIVE_TEXTS},
}
"""What each kind may do. A permission that is not named is not had."""

AUDIENCES: Final[Mapping[PrincipalKind, Audience]] = {
    PrincipalKind.PUBLIC: Audience.PUBLIC,
    PrincipalKind.ORGANIZER: Audience.ORGANIZER,
    PrincipalKind.DEVICE: Audience.CANVASSER,
    PrincipalKind.PARTNER: Audience.PARTNER,
    PrincipalKind.MONITOR: Audience.PUBLIC,
    PrincipalKind.WEBHOOK: Audience.PUBLIC,
}


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed with a partner: how closely it may look, where, at what, until when.

    ``cells`` are H3 cells of resolution 9, snapped from the agreed area once, when the agreement was made; a request
    never carries an area. ``quota_per_day`` counts records. A feed that ``is_marked`` holds a few made-up needs by
    which a copy of it is known again.
    """

    id: UUID
    name: str
    tier: Tier
    cells: frozenset[str]
    categories: frozenset[Category]
    fields: tuple[str, ...]
    purpose: str
    quota_per_day: int
    expires_at: datetime
    ended_at: datetime | None = None
    created_at: datetime | None = None
    organization_id: UUID | None = None
    is_marked: bool = False
    version: int = 1

    @property
    def cell_count(self) -> int:
        """How large the agreed area is."""
        return len(self.cells)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. ``actor`` is the person, device or agreement; ``credential`` what they showed to be known.

    A phone that ``is_ended`` may hand in what it still carries, into quarantine, and nothing else.

    ``fresh_until`` says how long the password given last counts for what needs it anew. Somebody ``is_limited`` has yet
    to set up the one-time codes their network asks for, and can do nothing else until then. Who follows a ``link`` is
    nobody known, and reaches what the link is about.
    """

    kind: PrincipalKind = PrincipalKind.PUBLIC
    network: UUID | None = None
    actor: UUID | None = None
    credential: UUID | None = None
    name: str = ""
    role: NetworkRole | None = None
    agreement: Agreement | None = None
    fresh_until: datetime | None = None
    expires_at: datetime | None = None
    is_limited: bool = False
    link: OpenLink | None = None
    is_ended: bool = False

    @property
    def is_known(self) -> bool:
        """Whether what was shown is somebody's: an account, a phone, a key, or a link that opens something."""
        return self.kind is not PrincipalKind.PUBLIC or self.link is not None

    @property
    def audience(self) -> Audience:
        """Whose eyes what leaves is meant for."""
        return Audience.ADMIN if self.role is NetworkRole.ADMIN else AUDIENCES[self.kind]

    @property
    def permissions(self) -> frozenset[Permission]:
        """All that this caller may do."""
        if self.is_ended:
            return frozenset({Permission.HAND_IN})
        if self.is_limited:
            return _ANYBODY | {Permission.SIGNED_IN}
        more = _ADMIN if self.role is NetworkRole.ADMIN else frozenset[Permission]()
        return PERMISSIONS[self.kind] | more

    def may(self, permission: Permission) -> bool:
        """Tell whether this caller has a permission."""
        return permission in self.permissions


NOBODY: Final = Principal()
"""A caller who has shown nothing."""


class CredentialKind(StrEnum):
    """What a secret is for."""

    SESSION = "session"
    INVITE = "invite"
    SCRIPT = "script"
    DEVICE = "device"
    ENROLMENT = "enrolment"
    PARTNER = "partner"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret as it is listed: never the secret itself. ``kid`` names it in logs and lists."""

    id: UUID
    kind: CredentialKind
    kid: str
    label: str
    person_id: UUID | None
    device_id: UUID | None
    agreement_id: UUID | None
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, as a member of one network."""

    id: UUID
    login: str
    name: str
    role: NetworkRole
    joined_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Device:
    """A canvasser's phone: ``label`` is what organizers call it, nothing more is known of its owner."""

    id: UUID
    label: str
    created_at: datetime
    enrolled_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None
