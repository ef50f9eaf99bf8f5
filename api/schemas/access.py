"""Signing in, people, phones, agreements and keys: as they are sent and as they leave."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from geo.domain.canaries import CanaryAsker, CanaryDoor
from geo.domain.principals import CredentialKind, NetworkRole, Permission, PrincipalKind, Tier
from geo.domain.words import Category, Urgency
from geo.privacy.passwords import MAX_LOGIN, MAX_PASSWORD
from geo.privacy.tokens import MAX_TOKEN

from api.schemas.common import Body, Categories, Instant, Page, ShortLine, count

Login = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LOGIN)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9 ]{6,8}$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), AfterValidator(str)]
Secret = Annotated[str, Field(max_length=MAX_TOKEN, description="shown this once; keep it")]
ReferralField = Annotated[str, StringConstraints(pattern=r"^(household_size|languages|access|urgency|category)$")]


class SignIn(Body):
    """A name and a password, and a one-time code where the account has them."""

    login: Login
    password: Password
    code: Code | None = None


class Accept(Body):
    """What somebody answers to their one-time link."""

    password: Password
    name: ShortLine | None = None


class Proof(Body):
    """The password once more."""

    password: Password
    code: Code | None = None


class NewPassword(Body):
    """A new password."""

    password: Password


class TotpIn(Body):
    """The secret that was offered, and a code to show that the app makes them."""

    secret: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{32}$")]
    code: Code


class NetworkChoice(Body):
    """Which of one's networks to act in."""

    network: UUID


class LanguageChoice(Body):
    """In which language somebody reads; null is what their browser asks for."""

    language: LanguageCode | None


class HomeOut(BaseModel):
    """A network somebody belongs to."""

    id: UUID
    slug: str
    name: str
    role: NetworkRole


class SessionOut(BaseModel):
    """Who is asking, as the server sees it."""

    kind: PrincipalKind
    name: str
    network: UUID | None
    role: NetworkRole | None
    permissions: list[Permission]
    expires_at: AwareDatetime | None
    fresh_until: AwareDatetime | None
    needs_totp: bool
    has_totp: bool
    language: str | None
    networks: list[HomeOut]


class TotpOffer(BaseModel):
    """A new secret for an authenticator app; nothing changes before a code has shown that it works."""

    secret: str
    address: str
    qr_svg: str


class PersonIn(Body):
    """Somebody to invite."""

    login: Login
    name: ShortLine
    role: NetworkRole = NetworkRole.ORGANIZER


class PersonChange(Body):
    """What a member is."""

    role: NetworkRole


class PersonOut(BaseModel):
    """A member of the network."""

    id: UUID
    login: str
    name: str
    role: NetworkRole
    joined_at: Instant
    disabled_at: Instant | None


class PeoplePage(Page):
    """The members."""

    items: list[PersonOut]


class LinkOut(BaseModel):
    """A one-time link: its secret stands behind the ``#``, which a browser never sends."""

    person: PersonOut
    link: str
    token: Secret


class DeviceIn(Body):
    """A phone that is to be enrolled."""

    label: ShortLine
    days: Annotated[int, count(1, 30)] = 30


class DeviceOut(BaseModel):
    """A canvasser's phone."""

    id: UUID
    label: str
    created_at: Instant
    enrolled_at: Instant | None
    expires_at: Instant
    ended_at: Instant | None


class DevicePage(Page):
    """A page of phones."""

    items: list[DeviceOut]


class EnrolmentOut(BaseModel):
    """A phone's code: good for fifteen minutes, and once."""

    device: DeviceOut
    link: str
    qr_svg: str
    token: Secret


class ConnectedOut(BaseModel):
    """What a program that speaks OpenRosa is set up with; ``settings`` is the text of the code for ODK Collect."""

    device: DeviceOut
    server_url: str
    user: str
    password: Secret
    settings: Annotated[str, Field(max_length=2_000, description="shown this once")]
    qr_svg: str


class EnrolledOut(BaseModel):
    """What the phone carries from now on."""

    token: Secret


class AgreementIn(Body):
    """What is agreed with a partner. The area is snapped to whole cells now, once; no request carries one later."""

    name: ShortLine
    tier: Tier
    area: dict[str, Any] | None = Field(
        default=None, description="GeoJSON Polygon or MultiPolygon, WGS 84; the whole area served when left out"
    )
    categories: Categories
    fields: Annotated[tuple[ReferralField, ...], Field(max_length=5)] = ()
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    quota_per_day: Annotated[int, count(1, 1_000_000)] = 10_000
    days: Annotated[int, count(1, 1_100)] = 365
    organization_id: UUID | None = Field(default=None, description="whose services needs are referred to")
    is_marked: bool = Field(
        default=False, description="whether a few needs in its feed are made up, by which a copy is known again"
    )


class AgreementOut(BaseModel):
    """An agreement."""

    id: UUID
    name: str
    tier: Tier
    cell_count: int
    categories: list[Category]
    fields: list[str]
    purpose: str
    quota_per_day: int
    expires_at: Instant
    ended_at: Instant | None
    organization_id: UUID | None
    created_at: Instant | None
    is_marked: bool
    version: int


class AgreementPage(Page):
    """A page of agreements."""

    items: list[AgreementOut]


class DayUseOut(BaseModel):
    """How many records were drawn on one day."""

    day: date
    records: int


class CanaryHitOut(BaseModel):
    """That a made-up need was seen where its partner was not: by which door, by whom, since when and how often."""

    door: CanaryDoor
    who: CanaryAsker
    asker: str | None
    first_at: Instant
    last_at: Instant
    count: int


class CanaryOut(BaseModel):
    """A made-up need of a marked feed, under the partner's own id for it."""

    name: str
    cell: str
    category: Category
    urgency: Urgency
    received_at: Instant
    planted_at: Instant
    ends_at: Instant


class CanaryList(BaseModel):
    """Every made-up need that a feed has had, the oldest first."""

    items: list[CanaryOut]


class AgreementUseOut(BaseModel):
    """How an agreement is used, what was drawn by day, and where its made-up needs were seen elsewhere.

    Of days there are those of the last thirty on which anything was drawn.
    """

    agreement_id: UUID
    quota_per_day: int
    used_today: int
    last_seen_at: Instant | None
    live_keys: int
    looks: int
    referrals_running: int
    canaries: int
    can_undo: bool
    days: list[DayUseOut]
    hits: list[CanaryHitOut]


class KeyIn(Body):
    """A key to be made."""

    label: Label = ""
    days: Annotated[int, count(1, 90)] = 90


class KeyOut(BaseModel):
    """A key or token as it is listed: never the secret."""

    id: UUID
    kind: CredentialKind
    kid: str
    label: str
    person_id: UUID | None
    device_id: UUID | None
    agreement_id: UUID | None
    created_at: Instant
    expires_at: Instant
    last_seen_at: Instant | None
    revoked_at: Instant | None


class KeyPage(Page):
    """A page of keys."""

    items: list[KeyOut]


class NewKeyOut(BaseModel):
    """A key that was just made."""

    kid: str
    token: Secret


SIGN_IN_EXAMPLES: Final = {"one": {"value": {"login": "aino", "password": "four words nobody guesses"}}}
ACCEPT_EXAMPLES: Final = {"one": {"value": {"password": "four words nobody guesses", "name": "Aino K."}}}
PROOF_EXAMPLES: Final = {"one": {"value": {"password": "four words nobody guesses"}}}
NEW_PASSWORD_EXAMPLES: Final = {"one": {"value": {"password": "another four words here"}}}
TOTP_IN_EXAMPLES: Final = {"one": {"value": {"secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "code": "123456"}}}
NETWORK_CHOICE_EXAMPLES: Final = {"one": {"value": {"network": "00000000-0000-7000-8000-000000000001"}}}
LANGUAGE_CHOICE_EXAMPLES: Final = {"one": {"value": {"language": "fi"}}}
PERSON_IN_EXAMPLES: Final = {"one": {"value": {"login": "mirja", "name": "Mirja K.", "role": "organizer"}}}
PERSON_CHANGE_EXAMPLES: Final = {"one": {"value": {"role": "admin"}}}
DEVICE_IN_EXAMPLES: Final = {"one": {"value": {"label": "Turf 3", "days": 14}}}
AGREEMENT_IN_EXAMPLES: Final = {
    "one": {"value": {"name": "Food bank", "tier": "coarse", "categories": ["food"], "purpose": "plan deliveries"}}
}
KEY_IN_EXAMPLES: Final = {"one": {"value": {"label": "nightly script", "days": 30}}}
