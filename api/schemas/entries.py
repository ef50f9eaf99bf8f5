"""Entries as phones write and seal them, and what organizers see of each."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from geo.domain.drafts import AssetDraft, HelperDraft
from geo.domain.entries import ENTRY_FORM
from geo.domain.words import AssetStatus, EntryChannel, EntryKind, EntryRefusal, EntryState, HelperStatus
from geo.interchange.xform_submission import MAX_ANSWER, MAX_ANSWERS
from geo.privacy.entry_box import OVERHEAD
from geo.store.entries import MAX_BOX
from geo.store.forms import MAX_ACTIVE

from api.schemas.assets import AssetIn
from api.schemas.common import Body, BodyLat, BodyLon, ClientId, Flag, Instant, Language, Page
from api.schemas.helpers import HelperIn
from api.schemas.needs import LocationIn, NeedIn
from api.schemas.submissions import FaultOut

MAX_BOXES = 50
MAX_NOTE = 2_000
_BASE64_MOST = MAX_BOX * 4 // 3 + 4


def _base64(value: str) -> str:
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64") from None
    if len(content) < OVERHEAD:
        raise ValueError("is too short for a sealed entry")
    return value


class SealedIn(Body):
    """One sealed entry, under the id the phone gave it."""

    id: ClientId
    kind: Annotated[EntryKind, Field(strict=False)]
    box: Annotated[str, StringConstraints(min_length=1, max_length=_BASE64_MOST), AfterValidator(_base64)]

    @property
    def content(self) -> bytes:
        """The box itself."""
        return base64.b64decode(self.box)


class HandedIn(Body):
    """A part of a phone's queue; entries are judged one by one."""

    entries: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_BOXES)]


class ArrivalOut(BaseModel):
    """Whether an entry arrived. ``id`` is null when the entry named none that can be used."""

    id: UUID | None
    status: Literal["received", "already_received", "rejected"]
    code: int = Field(description="as an HTTP status: 201, 200, 409 or 422")
    errors: list[FaultOut] | None = None


class ArrivalsOut(BaseModel):
    """One result for each entry, in the order they were sent."""

    results: list[ArrivalOut]


class EntryKeyOut(BaseModel):
    """What a phone needs to know: to which key it seals, and how long it may hand in."""

    network: str
    key: str = Field(description="the name of the key")
    public: str = Field(description="the key, an uncompressed point of P-256 in base64")
    form: int
    expires_at: AwareDatetime | None


class PositionIn(Body):
    """Where the phone was, as it measured it; kept as it is."""

    lon: BodyLon
    lat: BodyLat
    accuracy_m: Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]


class AssetEntryIn(AssetIn):
    """An asset as it is told of at a door; its place is found from ``location``."""

    point: None = None
    address: None = None
    location: LocationIn | None = None

    def to_draft(self) -> AssetDraft:
        """Make the draft, still without its place; nobody is sent there before an organizer has asked."""
        given = {name: getattr(self, name) for name in AssetIn.model_fields if name not in ("point", "address")}
        return AssetDraft(**(given | {"status": AssetStatus.INACTIVE, "source": "canvass"}))


class HelperEntryIn(HelperIn):
    """A volunteer as they sign up at a door; their home is found from ``location``."""

    home: None = None
    location: LocationIn | None = None

    def to_draft(self) -> HelperDraft:
        """Make the draft, without a home; nobody is asked to help before an organizer has spoken with them."""
        apart = {"home", "contact"}
        given = {name: getattr(self, name) for name in HelperIn.model_fields if name not in apart}
        return HelperDraft(**(given | {"status": HelperStatus.PAUSED}))


class CustomIn(Body):
    """Answers to one form of a campaign, as they were typed; ``form`` is the version that was asked."""

    form: Annotated[UUID, Field(strict=False)]
    answers: Annotated[
        dict[
            Annotated[str, StringConstraints(max_length=64)], Annotated[str, StringConstraints(max_length=MAX_ANSWER)]
        ],
        Field(max_length=MAX_ANSWERS),
    ]


class TypedIn(Body):
    """What is inside a sealed entry, and what an organizer puts in its place."""

    form: Annotated[int, Field(ge=1, le=1_000)] = ENTRY_FORM
    made_at: Instant | None = None
    language: Language | None = None
    for_other: Flag = False
    position: PositionIn | None = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NOTE)] | None = None
    photo: Annotated[str, StringConstraints(max_length=_BASE64_MOST)] | None = None
    custom: Annotated[list[CustomIn], Field(max_length=MAX_ACTIVE)] | None = None
    body: dict[str, Any]

    @model_validator(mode="after")
    def _nobody_elses_position(self) -> TypedIn:
        location = self.body.get("location")
        by_gps = isinstance(location, dict) and location.get("method") == "gps"
        if self.for_other and (by_gps or self.position is not None):
            raise ValueError("the phone's position is not the place of somebody else")
        return self


BODIES: dict[EntryKind, type[NeedIn | AssetEntryIn | HelperEntryIn]] = {
    EntryKind.NEED: NeedIn,
    EntryKind.ASSET: AssetEntryIn,
    EntryKind.HELPER: HelperEntryIn,
}


class CorrectionIn(Body):
    """What an organizer makes of an entry that could not be used: the record it is to become, by its kind."""

    need: NeedIn | None = None
    asset: AssetEntryIn | None = None
    helper: HelperEntryIn | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> CorrectionIn:
        if len(self.model_fields_set) != 1 or self.kind is None:
            raise ValueError("give a need, an asset or a helper")
        return self

    @property
    def kind(self) -> EntryKind | None:
        """Which it is."""
        return next((kind for kind in EntryKind if getattr(self, kind.value) is not None), None)

    def as_typed(self) -> dict[str, Any]:
        """Write it as a phone would have."""
        given: dict[str, dict[str, Any]] = self.model_dump(mode="json", exclude_unset=True)
        return next(iter(given.values()))


class RefuseIn(Body):
    """Why an entry is not to become a record."""

    reason: Annotated[EntryRefusal, Field(strict=False)]


class EntryStatusOut(BaseModel):
    """What has become of an entry; what was typed is asked for by itself."""

    id: UUID
    kind: EntryKind
    state: EntryState
    record_id: UUID | None
    handed_in_by: UUID | None
    device_at: Instant | None
    received_at: Instant
    is_kept: bool
    faults: list[FaultOut]
    channel: EntryChannel
    form: int | None
    accuracy_m: float | None
    has_photo: bool
    refused_because: EntryRefusal | None
    decided_at: Instant | None
    kept_until: Instant | None = Field(description="when what was typed goes; null where it goes with its record")
    photo_until: Instant | None
    can_undo: bool


class EntryPage(Page):
    """A page of entries, and how many there are in each state."""

    items: list[EntryStatusOut]
    counts: dict[EntryState, int]


class TypedOut(BaseModel):
    """What was typed at a door, as it was typed."""

    id: UUID
    kind: EntryKind
    typed: dict[str, Any]
    corrected: dict[str, Any] | None
    has_photo: bool


HAND_IN_EXAMPLES = {
    "one": {
        "summary": "One sealed entry",
        "value": {
            "entries": [
                {
                    "id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c43",
                    "kind": "need",
                    "box": base64.b64encode(b"\x01" + bytes(OVERHEAD + 40)).decode(),
                }
            ]
        },
    }
}
CORRECTION_EXAMPLES = {"need": {"summary": "As a need", "value": {"need": {"category": "food", "household_size": 2}}}}
REFUSE_EXAMPLES = {"twice": {"summary": "It was sent twice", "value": {"reason": "sent_twice"}}}
