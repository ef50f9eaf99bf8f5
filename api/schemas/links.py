"""Links without sign-in as organizers make and list them, and what is answered by way of one."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from geo.domain.links import LONGEST, Answer, HelpStep, LinkKind
from geo.domain.listed import ListedAnswer, ListedChange
from geo.domain.match import MatchReason

from api.schemas.common import Body, ClientId, Page, Yes, count

_LONGEST_H = int(LONGEST.total_seconds()) // 3600


class LinkIn(Body):
    """What a link is to open: one match for its helper, one need for whoever asked, a promised shift, or an asset."""

    match_id: ClientId | None = None
    need_id: ClientId | None = None
    sign_up_id: ClientId | None = None
    asset_id: ClientId | None = None
    valid_h: Annotated[int, count(1, _LONGEST_H)] | None = Field(
        default=None,
        description="hours for which it opens something; two weeks, or 60 days for needs and assets, by default",
    )

    @model_validator(mode="after")
    def _about_one(self) -> Self:
        if sum(one is not None for one in (self.match_id, self.need_id, self.sign_up_id, self.asset_id)) != 1:
            raise ValueError("name one match, one need, one sign-up or one asset")
        return self

    def about(self) -> tuple[LinkKind, UUID]:
        """Give what it is about."""
        named = {
            LinkKind.HELP: self.match_id, LinkKind.NEED: self.need_id, LinkKind.SHIFT: self.sign_up_id,
            LinkKind.ASSET: self.asset_id,
        }  # fmt: skip
        return next((kind, found) for kind, found in named.items() if found is not None)


class LinkOut(BaseModel):
    """A link as it is listed; what stands behind its address is never shown again."""

    id: UUID
    kind: LinkKind
    match_id: UUID | None
    need_id: UUID | None
    sign_up_id: UUID | None
    asset_id: UUID | None
    created_at: AwareDatetime
    expires_at: AwareDatetime
    opened_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class NewLinkOut(BaseModel):
    """A link that was just made, with the address to hand on."""

    link: LinkOut
    address: str


class LinkPage(Page):
    """A page of links."""

    items: list[LinkOut]


class AskIn(Body):
    """That the helper is to be asked now."""

    ask: Yes


class EscalationOut(BaseModel):
    """A need organizers were told of, because nobody answered."""

    need_id: UUID
    match_id: UUID
    level: int
    at: AwareDatetime
    next_match_id: UUID | None
    told_at: AwareDatetime | None


class Escalations(BaseModel):
    """What nobody has settled yet, the longest waiting first."""

    items: list[EscalationOut]


class HelpIn(Body):
    """What a helper does about a match, with the reason where it is a no or did not work out."""

    step: HelpStep
    reason: MatchReason | None = None


class PlaceIn(Body):
    """That the address is to be shown; the look is noted."""

    show: Yes


class AnswerIn(Body):
    """What whoever asked says."""

    answer: Answer


class ListedIn(Body):
    """What an organization says of what is listed; where it has changed, what of it."""

    answer: ListedAnswer
    reason: ListedChange | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.reason is not None) != (self.answer is ListedAnswer.CHANGED):
            raise ValueError("say what has changed, and only where something has")
        return self


class CannotComeIn(Body):
    """That somebody cannot come to their shift."""

    cancel: Yes


class FactOut(BaseModel):
    """One line of a page: what it is called, and what it is."""

    label: str
    value: str


class ChoiceOut(BaseModel):
    """One of the reasons that may be given."""

    name: str
    label: str


class ActionOut(BaseModel):
    """Something that may be done, with its button; where there are choices, one has to be made."""

    name: str
    label: str
    is_main: bool
    question: str | None
    choices: list[ChoiceOut]


class FollowedOut(BaseModel):
    """A page in its reader's language: what is so, and what may be done."""

    language: str
    direction: str
    languages: list[ChoiceOut]
    state: str
    title: str
    lead: str
    facts: list[FactOut]
    note: str | None
    actions: list[ActionOut]
    place: bool = Field(description="whether the exact place may be asked for")
    words: dict[str, str]


class PlaceOut(BaseModel):
    """Where help goes; ``map`` opens in whatever map program the reader has, and goes nowhere before it is tapped."""

    address: str | None
    lon: float | None
    lat: float | None
    uncertainty_m: float | None
    map: str | None
    note: str


LINK_EXAMPLES: dict[str, Any] = {
    "help": {"summary": "For the helper of a match", "value": {"match_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41"}},
    "need": {
        "summary": "For whoever asked, for a week",
        "value": {"need_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c42", "valid_h": 168},
    },
}
HELP_EXAMPLES: dict[str, Any] = {
    "accept": {"value": {"step": "accept"}},
    "decline": {"value": {"step": "decline", "reason": "no_time"}},
}
LISTED_EXAMPLES: dict[str, Any] = {
    "true": {"value": {"answer": "true"}},
    "changed": {"value": {"answer": "changed", "reason": "hours"}},
}
ANSWER_EXAMPLES: dict[str, Any] = {"helped": {"value": {"answer": "helped"}}}
