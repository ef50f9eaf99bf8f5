"""Forms of campaigns, as organizers manage them and as phones carry them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from geo.domain.forms import FormField, QuestionType

from api.schemas.common import Instant, Page

Texts = dict[str, str]


class ChoiceOut(BaseModel):
    """One answer that can be chosen; texts are by language."""

    name: str
    labels: Texts


class QuestionOut(BaseModel):
    """One question; what is empty is left out."""

    name: str
    type: QuestionType
    labels: Texts
    hints: Texts = {}
    choices: list[ChoiceOut] = []
    required: bool = False
    relevant: list[Any] | None = Field(None, description="a condition as nested lists: an operation, then its parts")
    constraint: list[Any] | None = None
    constraint_messages: Texts = {}
    field: FormField | None = Field(None, description="what of an entry it asks for; nothing for a campaign's own")


class FormOut(BaseModel):
    """A form, with the version that is asked, or the newest where none is."""

    id: UUID
    name: str
    title: str
    version_id: UUID
    version: str
    questions: int
    is_active: bool
    entries: int
    created_at: Instant
    withdrawn_at: Instant | None


class FormPage(Page):
    """A page of forms."""

    items: list[FormOut]


class CarriedForm(BaseModel):
    """What phones read of a version that is asked."""

    id: UUID
    name: str
    title: str
    version: str
    languages: list[str]
    default_language: str
    questions: list[QuestionOut]


class CarriedForms(BaseModel):
    """All that is asked now; a phone carries the whole."""

    items: list[CarriedForm]


class VersionOut(CarriedForm):
    """One version of a form; it never changes."""

    form_id: UUID
    hash: str = Field(description="MD5 of what ODK programs read")
    is_active: bool
    created_at: Instant


class VersionsOut(BaseModel):
    """The versions of a form, the newest first."""

    items: list[VersionOut]
