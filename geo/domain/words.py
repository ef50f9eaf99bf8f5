"""The closed vocabularies: every one of these words means one thing everywhere (docs/glossary.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Audience(StrEnum):
    """Who is looking; what may leave depends on it alone."""

    PUBLIC = "public"
    PARTNER = "partner"
    CANVASSER = "canvasser"
    HELPER = "helper"
    ASKER = "asker"
    ORGANIZER = "organizer"
    ADMIN = "admin"


class Category(StrEnum):
    """What is needed or offered."""

    FOOD = "food"
    WATER = "water"
    MEDICINE = "medicine"
    SHELTER = "shelter"
    TRANSPORT = "transport"
    CHILDCARE = "childcare"
    COMPANY = "company"
    HOUSEHOLD = "household"
    PAPERWORK = "paperwork"
    HYGIENE = "hygiene"


class MatchQuality(StrEnum):
    """What a location was matched to, best first; never a bare number."""

    ROOFTOP = "rooftop"
    PARCEL = "parcel"
    INTERPOLATED = "interpolated"
    INTERSECTION = "intersection"
    STREET = "street"
    PLACE = "place"
    POSTCODE = "postcode"
    LOCALITY = "locality"
    MANUAL = "manual"
    GPS = "gps"
    NONE = "none"


class LocationState(StrEnum):
    """How far a record's location has come."""

    NONE = "none"
    PENDING = "pending"
    NEEDS_REVIEW = "needs_review"
    APPROXIMATE = "approximate"
    LOCATED = "located"
    CONFIRMED = "confirmed"


class Decision(StrEnum):
    """What to do with a geocoder's best answer."""

    ACCEPT = "accept"
    REVIEW = "review"
    NONE = "none"


class ReviewMark(StrEnum):
    """What a person found out about a need that still waits for a place."""

    ASK_AGAIN = "ask_again"
    OUTSIDE_AREA = "outside_area"


class ReviewState(StrEnum):
    """Which list of the review queue a need is on."""

    WAITING = "waiting"
    ASK_AGAIN = "ask_again"
    OUTSIDE_AREA = "outside_area"
    DECIDED = "decided"


class DecisionKind(StrEnum):
    """What a person decided about where a need is."""

    CANDIDATE = "candidate"
    PIN = "pin"
    CONFIRM = "confirm"
    ASK_AGAIN = "ask_again"
    OUTSIDE_AREA = "outside_area"


class NearbyKind(StrEnum):
    """By what a point is named, the closest kind first."""

    DOOR = "door"
    CROSSING = "crossing"
    STREET = "street"
    AREA = "area"
    NONE = "none"


class SuggestionKind(StrEnum):
    """What is suggested while an address is being typed."""

    DOOR = "door"
    CROSSING = "crossing"
    STREET = "street"
    PLACE = "place"
    POSTCODE = "postcode"


class NeedStatus(StrEnum):
    """Where a need stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    MET = "met"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    MERGED = "merged"


class Urgency(StrEnum):
    """How soon a need must be met."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class AssetStatus(StrEnum):
    """Whether an asset can be used (HSDS service status)."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEFUNCT = "defunct"
    TEMPORARILY_CLOSED = "temporarily_closed"


class HelperStatus(StrEnum):
    """Whether a helper may be asked."""

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


class Vehicle(StrEnum):
    """What a helper gets about with."""

    NONE = "none"
    BICYCLE = "bicycle"
    CAR = "car"


class Mode(StrEnum):
    """How somebody travels."""

    WALK = "walk"
    WHEELCHAIR = "wheelchair"
    BICYCLE = "bicycle"
    CAR = "car"


class Access(StrEnum):
    """What stands between a household and help."""

    NO_CAR = "no_car"
    WHEELCHAIR = "wheelchair"
    NO_PHONE = "no_phone"


class StepFree(StrEnum):
    """Whether a wheelchair gets in (OpenStreetMap's ``wheelchair``)."""

    YES = "yes"
    LIMITED = "limited"
    NO = "no"
    UNKNOWN = "unknown"


class MatchStatus(StrEnum):
    """Where a match between a need and a helper or asset stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class SubjectKind(StrEnum):
    """Whom a consent or an erasure is about."""

    NEED = "need"
    HELPER = "helper"
    HOUSEHOLD = "household"


class ConsentScope(StrEnum):
    """What a person agreed to."""

    KEEP_CONTACT = "keep_contact"
    SHARE_WITH_PARTNER = "share_with_partner"
    PUBLISH = "publish"
    REMOTE_GEOCODING = "remote_geocoding"


class RemoteProvider(StrEnum):
    """Which kind of outside address service a network may ask."""

    NOMINATIM = "nominatim"
    PHOTON = "photon"
    PELIAS = "pelias"
    CENSUS = "census"


class ConsentWay(StrEnum):
    """How a person agreed."""

    SPOKEN = "spoken"
    WRITTEN = "written"
    FORM = "form"


class EntryKind(StrEnum):
    """What a phone's entry tells of."""

    NEED = "need"
    ASSET = "asset"
    HELPER = "helper"


class EntryState(StrEnum):
    """What has become of a phone's entry."""

    RECEIVED = "received"
    QUARANTINED = "quarantined"
    HELD = "held"
    MADE = "made"
    REFUSED = "refused"
    DISCARDED = "discarded"


class EntryChannel(StrEnum):
    """By which way an entry came in."""

    DOOR = "door"
    HOTLINE = "hotline"
    TEXT = "text"
    FORM_APP = "form_app"
    IMPORT = "import"


class EntryRefusal(StrEnum):
    """Why an entry is not to become a record."""

    SENT_TWICE = "sent_twice"
    TRYING_OUT = "trying_out"
    NOT_FOR_US = "not_for_us"
    NOT_WANTED = "not_wanted"
    NOT_TRUE = "not_true"
    UNREADABLE = "unreadable"
    OTHER = "other"
    NOBODY_DECIDED = "nobody_decided"


CATEGORY_LABELS: Final = {
    Category.FOOD: "Food",
    Category.WATER: "Drinking water",
    Category.MEDICINE: "Medicine",
    Category.SHELTER: "Shelter",
    Category.TRANSPORT: "Transport",
    Category.CHILDCARE: "Childcare",
    Category.COMPANY: "Company",
    Category.HOUSEHOLD: "Household help",
    Category.PAPERWORK: "Paperwork",
    Category.HYGIENE: "Hygiene",
}
"""How categories are called on screens; in the middle of a sentence in lower case."""

MODE_WORDS: Final = {
    Mode.WALK: "on foot",
    Mode.WHEELCHAIR: "by wheelchair",
    Mode.BICYCLE: "by bicycle",
    Mode.CAR: "by car",
}
"""How a way of travelling is said after a number of minutes."""

CLOSED_STATUSES: Final = frozenset({NeedStatus.MET, NeedStatus.WITHDRAWN, NeedStatus.EXPIRED, NeedStatus.MERGED})
LOCATED_STATES: Final = frozenset({LocationState.LOCATED, LocationState.CONFIRMED})
MAPPED_STATES: Final = LOCATED_STATES | {LocationState.APPROXIMATE}
COARSE_QUALITIES: Final = frozenset(
    {MatchQuality.STREET, MatchQuality.PLACE, MatchQuality.POSTCODE, MatchQuality.LOCALITY}
)
"""Qualities that say roughly where, not which door."""

URGENCY_RANK: Final = {Urgency.CRITICAL: 0, Urgency.HIGH: 1, Urgency.NORMAL: 2, Urgency.LOW: 3}
"""Serving order: lower is served first."""

CELL_RESOLUTION: Final = 9
"""H3 resolution of the cell a household is known by outside the restricted tables (edge about 201 m)."""
