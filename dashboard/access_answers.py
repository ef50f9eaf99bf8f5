"""Who may come in, and what has happened, as the API answers it: frozen records the pages can rely upon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from dashboard.answers import read_instant, read_line
from dashboard.translation import number, tr

if TYPE_CHECKING:
    from dashboard.answers import Json

ADMIN: Final = "admin"
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Home:
    """A network somebody belongs to."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Me:
    """Who is looking at the page, and what they may do."""

    name: str
    network: str
    role: str
    permissions: frozenset[str]
    needs_totp: bool
    has_totp: bool
    language: str | None
    homes: tuple[Home, ...]

    @classmethod
    def read(cls, body: Json) -> Me:
        """Take whoever is signed in out of an answer."""
        return cls(
            name=str(body["name"]),
            network=str(body.get("network") or ""),
            role=str(body.get("role") or ""),
            permissions=frozenset(body["permissions"]),
            needs_totp=bool(body["needs_totp"]),
            has_totp=bool(body["has_totp"]),
            language=body.get("language"),
            homes=tuple(Home(str(home["id"]), str(home["name"])) for home in body["networks"]),
        )

    def may(self, permission: str) -> bool:
        """Tell whether this person has a permission."""
        return permission in self.permissions

    @property
    def here(self) -> str:
        """The name of the network the person is in."""
        return next((home.name for home in self.homes if home.id == self.network), "")


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the network."""

    id: str
    login: str
    name: str
    role: str
    joined_at: datetime

    @classmethod
    def read(cls, body: Json) -> Person:
        """Take one member out of an answer."""
        joined = datetime.fromisoformat(body["joined_at"])
        return cls(str(body["id"]), str(body["login"]), str(body["name"]), str(body["role"]), joined)

    @property
    def is_admin(self) -> bool:
        """Whether they decide who belongs here."""
        return self.role == ADMIN


@dataclass(frozen=True, slots=True)
class Invitation:
    """A member and their one-time link."""

    person: Person
    link: str

    @classmethod
    def read(cls, body: Json) -> Invitation:
        """Take a link out of an answer."""
        return cls(Person.read(body["person"]), str(body["link"]))


@dataclass(frozen=True, slots=True)
class Phone:
    """A canvasser's phone."""

    id: str
    label: str
    enrolled_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None

    @classmethod
    def read(cls, body: Json) -> Phone:
        """Take one phone out of an answer."""
        return cls(
            id=str(body["id"]),
            label=str(body["label"]),
            enrolled_at=read_instant(body.get("enrolled_at")),
            expires_at=datetime.fromisoformat(body["expires_at"]),
            ended_at=read_instant(body.get("ended_at")),
        )


@dataclass(frozen=True, slots=True)
class Connected:
    """What a program that speaks OpenRosa is set up with; ``qr_svg`` holds all of it, for ODK Collect to scan."""

    phone: Phone
    server_url: str
    user: str
    password: str
    qr_svg: str

    @classmethod
    def read(cls, body: Json) -> Connected:
        """Take the settings out of an answer."""
        words = (str(body[name]) for name in ("server_url", "user", "password", "qr_svg"))
        return cls(Phone.read(body["device"]), *words)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A phone and the code it scans; ``qr_svg`` is drawn by the API."""

    phone: Phone
    link: str
    qr_svg: str

    @classmethod
    def read(cls, body: Json) -> Enrolment:
        """Take a code out of an answer."""
        return cls(Phone.read(body["device"]), str(body["link"]), str(body["qr_svg"]))


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is agreed with a partner."""

    id: str
    name: str
    tier: str
    cell_count: int
    categories: tuple[str, ...]
    purpose: str
    expires_at: datetime
    ended_at: datetime | None
    fields: tuple[str, ...] = ()
    quota_per_day: int = 0
    is_marked: bool = False
    version: int = 1

    @classmethod
    def read(cls, body: Json) -> Agreement:
        """Take one agreement out of an answer."""
        return cls(
            id=str(body["id"]),
            name=str(body["name"]),
            tier=str(body["tier"]),
            cell_count=int(body["cell_count"]),
            categories=tuple(sorted(body["categories"])),
            purpose=str(body["purpose"]),
            expires_at=datetime.fromisoformat(body["expires_at"]),
            ended_at=read_instant(body.get("ended_at")),
            fields=tuple(body["fields"]),
            quota_per_day=int(body.get("quota_per_day") or 0),
            is_marked=bool(body.get("is_marked")),
            version=int(body.get("version") or 1),
        )


@dataclass(frozen=True, slots=True)
class Key:
    """A session, link, token or key as it is listed: never the secret. ``owner`` is a person, phone or agreement."""

    id: str
    kind: str
    kid: str
    label: str
    owner: str | None
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime | None

    @classmethod
    def read(cls, body: Json) -> Key:
        """Take one key out of an answer."""
        return cls(
            id=str(body["id"]),
            kind=str(body["kind"]),
            kid=str(body["kid"]),
            label=str(body["label"]),
            owner=read_line(body.get("person_id") or body.get("device_id") or body.get("agreement_id")),
            created_at=datetime.fromisoformat(body["created_at"]),
            expires_at=datetime.fromisoformat(body["expires_at"]),
            last_seen_at=read_instant(body.get("last_seen_at")),
        )


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A new secret for an authenticator app; nothing changes before a code has shown that it works."""

    secret: str
    qr_svg: str

    @classmethod
    def read(cls, body: Json) -> TotpOffer:
        """Take the offer out of an answer."""
        return cls(str(body["secret"]), str(body["qr_svg"]))


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that has happened."""

    at: datetime
    actor_kind: str
    actor: str | None
    action: str
    object_kind: str
    object_ids: tuple[str, ...]
    fields: frozenset[str]
    count: int
    reason: str | None

    @classmethod
    def read(cls, body: Json) -> Entry:
        """Take one entry out of an answer."""
        return cls(
            at=datetime.fromisoformat(body["at"]),
            actor_kind=str(body["actor_kind"]),
            actor=read_line(body.get("actor")),
            action=str(body["action"]),
            object_kind=str(body["object_kind"]),
            object_ids=tuple(body["object_ids"]),
            fields=frozenset(body["fields"]),
            count=int(body["count"]),
            reason=read_line(body.get("reason")),
        )


@dataclass(frozen=True, slots=True)
class Revealed:
    """The exact place or the contact behind a need, as lines of a label and a text."""

    lines: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, body: Json) -> Revealed:
        """Take what was asked for out of an answer."""
        place, contact = body.get("place") or {}, body.get("contact") or {}
        told = [(tr("Address as typed"), place.get("address_typed")), (tr("Position"), _position(place))]
        names = (
            (tr("Name"), "name"),
            (tr("Telephone"), "phone"),
            (tr("E-mail"), "email"),
            (tr("Best reached by"), "preferred_channel"),
        )
        told += [(label, contact.get(name)) for label, name in (*names, (tr("Note"), "note"))]
        return cls(tuple((label, str(text)) for label, text in told if text))


def _position(place: Json) -> str | None:
    if place.get("lon") is None or place.get("lat") is None:
        return None
    give = place.get("uncertainty_m")
    lat, lon = float(place["lat"]), float(place["lon"])
    up, along = f"{abs(lat):.5f}", f"{abs(lon):.5f}"
    north = tr("{degrees} north", degrees=up) if lat >= 0 else tr("{degrees} south", degrees=up)
    east = tr("{degrees} east", degrees=along) if lon >= 0 else tr("{degrees} west", degrees=along)
    at = tr("{first}, {second}", first=north, second=east)
    if give is None:
        return at
    metres = tr("{n} m", n=number(max(1, round(float(give)))))
    return tr("{known}, give or take {metres}", known=at, metres=metres)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of a list, and the marker of what follows."""

    items: tuple[Item, ...]
    following: str | None
