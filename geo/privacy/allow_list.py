"""The list of what may leave: the fields of each kind of record, by audience; all that is not on it stays inside.

The exact place and the contact of a person are part of three kinds of record alone, which a reveal or a driver's sheet
makes for organizers and the audit names; so no other list can name them by mistake.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Final

from geo.domain.access_scores import AccessRow
from geo.domain.agreements import AgreementDifference, AgreementUse, DayUse
from geo.domain.audit import AuditEntry, ExactPlace
from geo.domain.board import BoardCard, LaneCount, MatchedNeed
from geo.domain.calendar import Activity, CalendarFeed, FeedEvent, Shift, SignUp
from geo.domain.canaries import Canary, CanaryHit
from geo.domain.consent import Consent
from geo.domain.coverage import CoverageChange, CoverageRow
from geo.domain.directory import Directory, DirectoryRow, DirectoryUndone
from geo.domain.drafts import Contact
from geo.domain.driver_rounds import DriverRound, PlannedRound, PlannedStop, RoundStop, SheetStop, UnservedNeed
from geo.domain.duplicates import DuplicatePair, RequestSide
from geo.domain.entries import EntryStatus, TypedEntry
from geo.domain.escalation import Escalation
from geo.domain.first_steps import FirstSteps
from geo.domain.forms import CampaignForm, FormVersion
from geo.domain.ground import TurfGround
from geo.domain.hotspots import HotSpot
from geo.domain.imports import ImportFile, ImportRow
from geo.domain.links import AskedHelp, HelpPlace, Link, OwnNeed, PromisedShift
from geo.domain.listed import AssetCheck, ListedAsset
from geo.domain.listing import ListedReach
from geo.domain.made_up import LoadedMadeUp, MadeUp, RemovedMadeUp
from geo.domain.match import KeptApart, Match, MatchEvent, WaitingNeed
from geo.domain.messages import Message, MessageText, Preference
from geo.domain.network_setup import InstallationSetup, NetworkSetup
from geo.domain.now import LastVisit, NeedFlow, Task
from geo.domain.outside import OutsideReport, OutsideService, OutsideView
from geo.domain.partnered import PartnerNeed, ReferredNeed
from geo.domain.principals import Agreement, Credential, Device, Person
from geo.domain.proposing import ProposedPair, UnmatchedNeed
from geo.domain.reasons import Reason
from geo.domain.records import (
    Alias,
    Area,
    Asset,
    DecidedItem,
    Helper,
    NearestResult,
    Need,
    Organization,
    ReceivedEntry,
    ReviewItem,
)
from geo.domain.referrals import OwnReferral, Referral, ReferralEvent
from geo.domain.saved_views import SavedView
from geo.domain.serving import ServingPartner, ServingPlace
from geo.domain.siting import ProposedSite
from geo.domain.slots import SlotGap, SlotRow
from geo.domain.texts import TextAnswer, TextConversation
from geo.domain.tiles import CATEGORIES, AgreedInCell, AssetsInCell, CoverageInCell, HomesInCell, NeedsInCell
from geo.domain.turf import Assignment, CarriedTurf, Door, DoorProgress, EnteredCode, StreetProgress, Turf, TurfProgress
from geo.domain.webhooks import Webhook
from geo.domain.what_if import ChangedRow
from geo.domain.words import Audience
from geo.errors import NotPermitted
from geo.privacy.public_coverage import PublicCoverageRow
from geo.privacy.release import ShownCell

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEED_ORGANIZER = (
    "id", "category", "urgency", "status", "location_state", "match_quality", "uncertainty_m", "cell",
    "household_size", "languages", "access", "withheld", "source", "received_at", "closed_at", "updated_at", "version",
    "review_mark",
)  # fmt: skip
_ASSET_PUBLIC = (
    "id", "organization_id", "kind", "categories", "name", "description", "status", "address", "point", "cell",
    "opening_hours", "schedule", "step_free", "languages", "interpreter", "source", "source_ref", "assured_on",
    "updated_at", "version",
)  # fmt: skip
_ASSET_ORGANIZER = (*_ASSET_PUBLIC, "is_private", "capacity_per_week")
_HELPER_ORGANIZER = (
    "id", "public_name", "categories", "languages", "vehicle", "status", "capacity_per_week", "load",
    "max_travel_min", "availability", "interpreter", "cell", "last_asked_at", "updated_at", "version",
)  # fmt: skip
_ORGANIZATION = ("id", "name", "description", "url", "updated_at", "version")
_AREA = ("id", "slug", "name", "kind", "population", "dwellings", "source", "geometry", "updated_at", "version")
_SLOT_ROW = ("weekday", "hour", "category", "group", "totals", "out_of_reach")
_SLOT_GAP = ("category", "group", "demand", "gap", "hours", "sentence")
_PROPOSED_SITE = ("point", "cell", "label", "newly_served", "cumulative")
_CHANGED_ROW = (
    "key", "label", "category", "demand", "gap_before", "gap_after", "change", "newly_within", "no_longer_within",
)  # fmt: skip
# the feeds show the same; where more is told, the reasons as codes stand beside it
_COVERAGE = ("key", "label", "category", "totals", "supply", "out_of_reach", "why", "edge")
_ACCESS = ("key", "label", "demand", "weight", "score", "out_of_reach", "edge")
_HOT_SPOT = ("cell", "label", "demand", "gap", "z", "p", "q", "is_hot", "edge")
_COVERAGE_CHANGE = ("key", "label", "category", "demand_then", "gap_then", "demand", "gap", "gap_change")
_NEAREST = ("kind", "id", "name", "cell", "travel_min", "mode", "reasons", "reason_codes", "reason", "because")
_CONSENT = (
    "id", "subject_kind", "subject_id", "what", "how", "language", "recorded_by", "given_at", "withdrawn_at",
)  # fmt: skip
_REVIEW = ("need", "state", "address_typed", "candidates", "note", "can_remember")
_DECIDED = ("id", "need", "kind", "decided_by", "decided_at", "address_typed", "note", "remembered", "can_undo")
_ALIAS = ("id", "label", "cell", "match_quality", "uncertainty_m", "learned_by", "learned_at")
_PERSON = ("id", "login", "name", "role", "joined_at", "disabled_at")
_DEVICE = ("id", "label", "created_at", "enrolled_at", "expires_at", "ended_at")
_AGREEMENT = (
    "id", "name", "tier", "cell_count", "categories", "fields", "purpose", "quota_per_day", "expires_at", "ended_at",
    "organization_id", "created_at", "is_marked", "version",
)  # fmt: skip
_CREDENTIAL = (
    "id", "kind", "kid", "label", "person_id", "device_id", "agreement_id", "created_at", "expires_at",
    "last_seen_at", "revoked_at",
)  # fmt: skip
_AUDIT = (
    "seq", "at", "actor_kind", "actor", "action", "object_kind", "object_ids", "fields", "count", "reason",
)  # fmt: skip
_EXACT_PLACE = ("need_id", "point", "uncertainty_m", "match_quality", "address_typed")
_CONTACT = ("name", "phone", "email", "preferred_channel", "note", "consent_at")
_PARTNER_NEED = ("id", "cell", "kind", "urgency", "week")
_REFERRED_NEED = (
    "id", "point", "uncertainty_m", "category", "urgency", "household_size", "languages", "access", "expires_at",
)  # fmt: skip
_REFERRAL = (
    "id", "need_id", "agreement_id", "partner", "asset_id", "service", "category", "need_status", "state", "reason",
    "consent_at", "created_at", "created_by", "answered_at", "ended_at", "expires_at", "reminded_at", "is_due_soon",
)  # fmt: skip
_REFERRAL_EVENT = ("referral_id", "at", "actor", "from_state", "to_state", "reason", "is_undo")
_OWN_REFERRAL = (
    "id", "state", "reason", "service", "category", "feature_id", "referred_at", "answered_at", "expires_at",
    "is_due_soon", "answers",
)  # fmt: skip
_SERVING_PLACE = ("asset_id", "name", "organization_id", "opening_hours", "travel_min", "reason", "referred")
_SERVING_PARTNER = ("agreement_id", "name", "organization_id", "covers", "referred")
_AGREEMENT_USE = (
    "agreement_id", "quota_per_day", "used_today", "last_seen_at", "live_keys", "looks", "referrals_running",
    "canaries", "can_undo",
)  # fmt: skip
_AGREEMENT_DIFFERENCE = (
    "agreement_id", "changed", "cells_before", "cells_after", "cells_added", "cells_removed", "categories_added",
    "categories_removed", "fields_added", "fields_removed", "expires_before", "expires_after", "quota_before",
    "quota_after", "needs_before", "needs_after", "needs_added", "needs_removed",
)  # fmt: skip
_CANARY = ("name", "cell", "category", "urgency", "received_at", "planted_at", "ends_at")
_OUTSIDE_SERVICE = (
    "provider", "endpoint", "gap_ms", "country", "town", "keep_days", "keep_none_days", "updated_at",
)  # fmt: skip
_OUTSIDE_VIEW = ("need_id", "provider", "host", "is_ready", "bar", "line")
_OUTSIDE_REPORT = ("need_id", "provider", "outcome", "found", "is_cached")
_ACTIVITY = (
    "id", "title", "kind", "schedule", "time_zone", "roles", "asset_id", "area_id", "organization_id", "place", "uid",
    "updated_at", "version",
)  # fmt: skip
_SHIFT = (
    "id", "activity_id", "title", "kind", "place", "asset_id", "starts_at", "ends_at", "roles", "taken",
)  # fmt: skip
_SIGN_UP = ("id", "shift_id", "helper_id", "role", "state", "starts_at", "ends_at", "updated_at", "version")
_TEXT_CONVERSATION = (
    "id", "state", "step", "language", "need_id", "begun_at", "changed_at", "handed_over_at", "taken_at",
)  # fmt: skip
_CALENDAR_FEED = ("id", "kind", "helper_id", "asset_id", "label", "created_at", "revoked_at")
_FEED_EVENT = ("uid", "title", "place", "roles", "starts_at", "ends_at", "changed_at")
_MATCH = (
    "id", "need_id", "helper_id", "asset_id", "status", "reason", "travel_min", "expires_at", "done_at",
    "confirmed_at", "created_at", "updated_at", "version",
)  # fmt: skip
_MATCH_EVENT = ("match_id", "at", "actor", "from_status", "to_status", "reason", "is_undo")
_WAITING_NEED = ("need_id", "unanswered", "reason")
_KEPT_APART = ("id", "helper_id", "household_id", "created_at")
_PROPOSED_PAIR = ("need_id", "helper_id", "helper_name", "travel_min", "reason", "because", "match_id")
_UNMATCHED_NEED = ("need_id", "why")
_BOARD_CARD = ("lane", "need", "match", "who", "asked")
_LANE_COUNT = ("lane", "count", "pressing", "oldest_at")
_MATCHED_NEED = ("match", "need", "who")
_MESSAGE = (
    "id", "recipient_kind", "recipient_id", "recipient", "template", "language", "channel", "state", "tries", "due_at",
    "next_try_at", "sent_at", "last_error", "created_at",
)  # fmt: skip
_MESSAGE_TEXT = ("id", "language", "text")
_PREFERENCE = ("channel", "language", "quiet_from", "quiet_until", "time_zone", "is_stopped")
_PLANNED_ROUND = (
    "helper_id", "helper_name", "mode", "start_asset_id", "ends", "from_at", "leave_at", "end_at", "travel_min",
)  # fmt: skip
_PLANNED_STOP = (
    "need_id", "demand", "service_min", "earliest_at", "latest_at", "travel_min", "arrive_at", "begin_at", "leave_at",
)  # fmt: skip
_UNSERVED_NEED = ("need_id", "why")
_DRIVER_ROUND = (
    "id", "helper_id", "state", "mode", "start_asset_id", "ends", "from_at", "leave_at", "end_at", "travel_min",
    "travel_model", "stop_count", "created_at", "updated_at", "version",
)  # fmt: skip
_ROUND_STOP = (
    "id", "round_id", "position", "code", "match_id", "need_id", "asset_id", "demand", "service_min", "earliest_at",
    "latest_at", "travel_min", "arrive_at", "begin_at", "leave_at", "is_late", "outcome", "reason",
)  # fmt: skip
_SHEET_STOP = (
    "position", "code", "begin_at", "earliest_at", "latest_at", "demand", "category", "household_size", "languages",
    "access", "label", "address_typed", "point", "uncertainty_m", "name", "phone", "outcome",
)  # fmt: skip
_TURF = (
    "id", "number", "cut_id", "name", "note", "geometry", "doors", "ends_on", "closed_at", "created_at", "updated_at",
    "version",
)  # fmt: skip
_TURF_PROGRESS = ("turf_id", "doors", "left", "outcomes")
_STREET_PROGRESS = ("street", "doors", "outcomes")
_DOOR_PROGRESS = ("position", "street", "number", "point", "outcome", "happened_at", "visits")
_ASSIGNMENT = ("id", "turf_id", "device_id", "device_label", "from_on", "until_on")
_CARRIED_TURF = ("id", "name", "note", "doors", "from_on", "until_on", "version", "geometry")
_DOOR = ("position", "street", "number", "side", "point", "postcode", "locality")
_TURF_GROUND = (
    "turf_id", "version", "attribution", "origin_lon", "origin_lat", "step_deg", "width", "height", "door_m", "outline",
    "streets", "paths", "water", "green", "buildings", "addresses",
)  # fmt: skip
_ENTERED_CODE = ("line", "state", "code", "position", "label", "outcome", "meant", "reason")
_LINK = (
    "id", "kind", "match_id", "need_id", "sign_up_id", "asset_id", "created_at", "expires_at", "opened_at",
    "revoked_at",
)  # fmt: skip
_ASKED_HELP = (
    "state", "category", "urgency", "area", "travel_min", "languages", "answer_by", "steps", "shows_place",
)  # fmt: skip
_HELP_PLACE = ("point", "uncertainty_m", "address_typed")
_OWN_NEED = ("state", "category", "asked_at", "is_stopped", "answers")
_PROMISED_SHIFT = ("state", "title", "role", "place", "starts_at", "ends_at", "may_cancel")
_LISTED_ASSET = ("state", "name", "categories", "address", "opening_hours", "phone", "assured_on", "answers")
_ASSET_CHECK = ("id", "asset_id", "answer", "reason", "answered_at", "settled_at")
_ESCALATION = ("need_id", "match_id", "level", "at", "next_match_id", "told_at")
_ENTRY_STATUS = (
    "id", "kind", "state", "record_id", "handed_in_by", "device_at", "received_at", "is_kept", "faults",
    "channel", "form",
    "accuracy_m", "has_photo", "refused_because", "decided_at", "kept_until", "photo_until", "can_undo",
)  # fmt: skip
_CAMPAIGN_FORM = (
    "id", "name", "title", "version_id", "version", "questions", "is_active", "entries", "created_at", "withdrawn_at",
)  # fmt: skip
_CARRIED_FORM = ("id", "name", "title", "version", "languages", "default_language", "questions", "hash", "xml")
_TYPED_ENTRY = ("id", "kind", "typed", "corrected", "has_photo")
_REQUEST_SIDE = ("need", "has_place", "has_contact", "has_phone")
# how far apart two homes are says where neither is
_DUPLICATE_PAIR = (
    "id", "state", "bits", "parts", "metres_apart", "found_at", "decided_at", "earlier", "later", "why", "because",
    "facts", "can_undo",
)  # fmt: skip
_IMPORT_FILE = (
    "id", "kind", "name", "source", "format", "encoding", "sheet", "columns", "mapping", "state", "next_row",
    "total_rows", "error", "created_by", "created_at", "ended_at", "counts",
)  # fmt: skip
_IMPORT_ROW = ("row", "outcome", "entry_id", "record_id", "faults")
_DIRECTORY_ROW = ("line", "ref", "name", "done", "reasons", "asset_id", "ours")
_WEBHOOK = (
    "id", "agreement_id", "collection", "url", "created_at", "failures", "last_sent_at", "last_error", "ended_at",
    "ended_reason",
)  # fmt: skip
_IN_CELL = ("cell", "count", *CATEGORIES)
_RELEASED = ("cell", "kind", "band")
_COVERED_PUBLICLY = (*_RELEASED, "places", "nearest_min", "standard_min", "travel_model")

_NEED_FLOW = ("since", "open_then", "came_in", "met", "withdrawn", "expired", "merged", "open_now")
_SAVED_VIEW = ("id", "page", "name", "words", "is_shared", "is_mine", "updated_at", "version")
_FIRST_STEPS = ("has_area", "has_gazetteer", "has_asset", "has_company", "has_turf", "is_away")
_EVERYONE: Final = tuple(audience for audience in Audience if audience is not Audience.ASKER)
"""Whoever asked is shown their own request, and what is for everybody where everybody finds it."""
STAFF: Final = (Audience.ORGANIZER, Audience.ADMIN)
"""The network's own people."""

ALLOWED: Final[Mapping[type, Mapping[Audience, tuple[str, ...]]]] = {
    Need: dict.fromkeys(STAFF, _NEED_ORGANIZER),
    Helper: dict.fromkeys(STAFF, _HELPER_ORGANIZER),
    Asset: dict.fromkeys(_EVERYONE, _ASSET_PUBLIC) | dict.fromkeys(STAFF, _ASSET_ORGANIZER),
    Organization: dict.fromkeys(_EVERYONE, _ORGANIZATION),
    ListedAsset: dict.fromkeys(_EVERYONE, _LISTED_ASSET),
    AssetCheck: dict.fromkeys(STAFF, _ASSET_CHECK),
    ListedReach: dict.fromkeys(_EVERYONE, ("phone", "website")),
    Area: dict.fromkeys(_EVERYONE, _AREA),
    CoverageRow: dict.fromkeys(STAFF, _COVERAGE),
    Reason: dict.fromkeys(STAFF, ("code", "parts")),
    SlotRow: dict.fromkeys(STAFF, _SLOT_ROW),
    SlotGap: dict.fromkeys(STAFF, _SLOT_GAP),
    ProposedSite: dict.fromkeys(STAFF, _PROPOSED_SITE),
    ChangedRow: dict.fromkeys(STAFF, _CHANGED_ROW),
    AccessRow: dict.fromkeys(STAFF, _ACCESS),
    HotSpot: dict.fromkeys(STAFF, _HOT_SPOT),
    CoverageChange: dict.fromkeys(STAFF, _COVERAGE_CHANGE),
    NearestResult: dict.fromkeys(STAFF, _NEAREST),
    Consent: dict.fromkeys(STAFF, _CONSENT),
    ReviewItem: dict.fromkeys(STAFF, _REVIEW),
    DecidedItem: dict.fromkeys(STAFF, _DECIDED),
    Alias: dict.fromkeys(STAFF, _ALIAS),
    Person: dict.fromkeys(STAFF, _PERSON),
    Device: dict.fromkeys(STAFF, _DEVICE),
    Agreement: dict.fromkeys(STAFF, _AGREEMENT),
    Credential: dict.fromkeys(STAFF, _CREDENTIAL),
    AuditEntry: dict.fromkeys(STAFF, _AUDIT),
    ExactPlace: dict.fromkeys(STAFF, _EXACT_PLACE),
    Contact: dict.fromkeys(STAFF, _CONTACT),
    OutsideService: dict.fromkeys(STAFF, _OUTSIDE_SERVICE),
    OutsideView: dict.fromkeys(STAFF, _OUTSIDE_VIEW),
    OutsideReport: dict.fromkeys(STAFF, _OUTSIDE_REPORT),
    Activity: dict.fromkeys(STAFF, _ACTIVITY),
    Shift: dict.fromkeys(STAFF, _SHIFT),
    SignUp: dict.fromkeys(STAFF, _SIGN_UP),
    CalendarFeed: dict.fromkeys(STAFF, _CALENDAR_FEED),
    TextConversation: dict.fromkeys(STAFF, _TEXT_CONVERSATION),
    # what is said to whoever wrote, with nothing in it that they have not said themselves or could look up
    TextAnswer: {Audience.PUBLIC: ("reply",)},
    FeedEvent: {Audience.HELPER: _FEED_EVENT},
    Match: dict.fromkeys(STAFF, _MATCH),
    MatchEvent: dict.fromkeys(STAFF, _MATCH_EVENT),
    WaitingNeed: dict.fromkeys(STAFF, _WAITING_NEED),
    KeptApart: dict.fromkeys(STAFF, _KEPT_APART),
    ProposedPair: dict.fromkeys(STAFF, _PROPOSED_PAIR),
    UnmatchedNeed: dict.fromkeys(STAFF, _UNMATCHED_NEED),
    BoardCard: dict.fromkeys(STAFF, _BOARD_CARD),
    LaneCount: dict.fromkeys(STAFF, _LANE_COUNT),
    MatchedNeed: dict.fromkeys(STAFF, _MATCHED_NEED),
    Message: dict.fromkeys(STAFF, _MESSAGE),
    MessageText: dict.fromkeys(STAFF, _MESSAGE_TEXT),
    Preference: dict.fromkeys(STAFF, _PREFERENCE),
    PlannedRound: dict.fromkeys(STAFF, _PLANNED_ROUND),
    PlannedStop: dict.fromkeys(STAFF, _PLANNED_STOP),
    UnservedNeed: dict.fromkeys(STAFF, _UNSERVED_NEED),
    DriverRound: dict.fromkeys(STAFF, _DRIVER_ROUND),
    RoundStop: dict.fromkeys(STAFF, _ROUND_STOP),
    SheetStop: dict.fromkeys(STAFF, _SHEET_STOP),
    Turf: dict.fromkeys(STAFF, _TURF),
    TurfProgress: dict.fromkeys(STAFF, _TURF_PROGRESS),
    StreetProgress: dict.fromkeys(STAFF, _STREET_PROGRESS),
    DoorProgress: dict.fromkeys(STAFF, _DOOR_PROGRESS),
    Assignment: dict.fromkeys(STAFF, _ASSIGNMENT),
    EnteredCode: dict.fromkeys(STAFF, _ENTERED_CODE),
    CarriedTurf: {Audience.CANVASSER: _CARRIED_TURF},
    TurfGround: {Audience.CANVASSER: _TURF_GROUND},
    Door: {Audience.CANVASSER: _DOOR} | dict.fromkeys(STAFF, ("code", *_DOOR)),
    Link: dict.fromkeys(STAFF, _LINK),
    Escalation: dict.fromkeys(STAFF, _ESCALATION),
    AskedHelp: {Audience.HELPER: _ASKED_HELP},
    HelpPlace: {Audience.HELPER: _HELP_PLACE},
    PromisedShift: {Audience.HELPER: _PROMISED_SHIFT},
    OwnNeed: {Audience.ASKER: _OWN_NEED},
    RequestSide: dict.fromkeys(STAFF, _REQUEST_SIDE),
    DuplicatePair: dict.fromkeys(STAFF, _DUPLICATE_PAIR),
    EntryStatus: dict.fromkeys(STAFF, _ENTRY_STATUS),
    TypedEntry: dict.fromkeys(STAFF, _TYPED_ENTRY),
    CampaignForm: dict.fromkeys(STAFF, _CAMPAIGN_FORM),
    FormVersion: {Audience.CANVASSER: _CARRIED_FORM}
    | dict.fromkeys(STAFF, (*_CARRIED_FORM, "form_id", "is_active", "created_at")),
    ImportFile: dict.fromkeys(STAFF, _IMPORT_FILE),
    ImportRow: dict.fromkeys(STAFF, _IMPORT_ROW),
    Directory: dict.fromkeys(STAFF, ("source", "count", "brought_at")),
    DirectoryRow: dict.fromkeys(STAFF, _DIRECTORY_ROW),
    DirectoryUndone: dict.fromkeys(STAFF, ("source", "removed", "kept", "parted", "dry_run")),
    ReceivedEntry: {Audience.CANVASSER: ("id", "kind", "received_at")},
    PartnerNeed: {Audience.PARTNER: _PARTNER_NEED},
    ReferredNeed: {Audience.PARTNER: _REFERRED_NEED},
    Referral: dict.fromkeys(STAFF, _REFERRAL),
    ReferralEvent: dict.fromkeys(STAFF, _REFERRAL_EVENT),
    OwnReferral: {Audience.PARTNER: _OWN_REFERRAL},
    ServingPlace: dict.fromkeys(STAFF, _SERVING_PLACE),
    ServingPartner: dict.fromkeys(STAFF, _SERVING_PARTNER),
    AgreementUse: dict.fromkeys(STAFF, _AGREEMENT_USE),
    AgreementDifference: dict.fromkeys(STAFF, _AGREEMENT_DIFFERENCE),
    DayUse: dict.fromkeys(STAFF, ("day", "records")),
    # nobody but those who planted them may tell them from needs
    Canary: dict.fromkeys(STAFF, _CANARY),
    CanaryHit: dict.fromkeys(STAFF, ("door", "who", "asker", "first_at", "last_at", "count")),
    ShownCell: dict.fromkeys(_EVERYONE, _RELEASED),
    PublicCoverageRow: dict.fromkeys(_EVERYONE, _COVERED_PUBLICLY),
    NeedsInCell: dict.fromkeys(STAFF, (*_IN_CELL, "pressing")),
    AssetsInCell: dict.fromkeys(_EVERYONE, _IN_CELL),
    HomesInCell: dict.fromkeys(STAFF, _IN_CELL),
    CoverageInCell: dict.fromkeys(STAFF, ("cell", "demand", "covered", "gap")),
    Webhook: dict.fromkeys(STAFF, _WEBHOOK),
    FirstSteps: dict.fromkeys(STAFF, _FIRST_STEPS),
    **{
        kind: dict.fromkeys(STAFF, tuple(field.name for field in fields(kind)))
        for kind in (MadeUp, LoadedMadeUp, RemovedMadeUp)
    },
    LastVisit: dict.fromkeys(STAFF, ("before",)),
    SavedView: dict.fromkeys(STAFF, _SAVED_VIEW),
    NetworkSetup: dict.fromkeys(STAFF, tuple(field.name for field in fields(NetworkSetup))),
    InstallationSetup: dict.fromkeys(STAFF, tuple(field.name for field in fields(InstallationSetup))),
    NeedFlow: dict.fromkeys(STAFF, _NEED_FLOW),
    Task: dict.fromkeys(STAFF, ("kind", "count", "is_more")),
    AgreedInCell: {Audience.PARTNER: ("cell", "kind", "count", "soon", "band")},
}
"""Fields by kind of record and audience. An audience that is not named gets nothing of that kind."""

_WITHOUT_PLACE: Final = (
    Need, Helper, ReviewItem, DecidedItem, Alias, BoardCard, MatchedNeed, RequestSide, DuplicatePair,
)  # fmt: skip


def check_lists() -> None:
    """Refuse allow-lists that name a field their record does not have, or one that would carry an exact place.

    Raises
    ------
    NotPermitted
        Naming the list at fault.
    """
    for record, by_audience in ALLOWED.items():
        known = {f.name for f in fields(record)} if is_dataclass(record) else set()
        known |= {name for name in dir(record) if isinstance(getattr(record, name), property)}
        for audience, names in by_audience.items():
            if set(names) - known:
                raise NotPermitted(f"{record.__name__} for {audience.value} names unknown fields")
            if record in _WITHOUT_PLACE and {"point", "lon", "lat", "distance_m"} & set(names):
                raise NotPermitted(f"{record.__name__} for {audience.value} would show an exact place")
