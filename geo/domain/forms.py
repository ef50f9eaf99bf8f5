"""Forms of campaigns: what organizers write as an XLSForm, and phones ask besides the questions of their own pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

Condition = list[Any]
"""A condition as nested lists: an operation, then what it works on (docs/forms.md)."""


class QuestionType(StrEnum):
    """What kind of answer a question takes."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    GEOPOINT = "geopoint"
    DATE = "date"
    NOTE = "note"
    IMAGE = "image"


class FormField(StrEnum):
    """What of an entry a question asks for; any other question is the campaign's own."""

    CATEGORY = "need.category"
    URGENCY = "need.urgency"
    SIZE = "household.size"
    LANGUAGES = "household.languages"
    ACCESS = "household.access"
    POINT = "location.point"
    ADDRESS = "location.address"
    NAME = "contact.name"
    PHONE = "contact.phone"
    EMAIL = "contact.email"
    CHANNEL = "contact.channel"
    CONSENT = "contact.consent"
    NOTE = "entry.note"
    PHOTO = "entry.photo"
    FOR_OTHER = "entry.for_other"


CONTACT_FIELDS = frozenset({FormField.NAME, FormField.PHONE, FormField.EMAIL, FormField.CHANNEL})
"""What is dropped unless the person agreed to it being kept."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen; ``labels`` by language."""

    name: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form; texts are by language, and what is empty is left out."""

    name: str
    type: QuestionType
    labels: Mapping[str, str]
    hints: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    is_required: bool = False
    relevant: Condition | None = None
    constraint: Condition | None = None
    constraint_messages: Mapping[str, str] = field(default_factory=dict)
    field: FormField | None = None

    def as_json(self) -> dict[str, Any]:
        """Write it as phones read it."""
        made: dict[str, Any] = {"name": self.name, "type": self.type.value, "labels": dict(self.labels)}
        more = {
            "choices": [{"name": one.name, "labels": dict(one.labels)} for one in self.choices],
            "hints": dict(self.hints),
            "required": self.is_required,
            "relevant": self.relevant,
            "constraint": self.constraint,
            "constraint_messages": dict(self.constraint_messages),
            "field": self.field and self.field.value,
        }
        return made | {name: value for name, value in more.items() if value}


@dataclass(frozen=True, slots=True)
class FormModel:
    """A form as it was read: what it is called, in which languages, and what it asks.

    ``times`` are the names under which a program notes when the form was begun and ended, the latter first.
    """

    name: str
    title: str
    version: str
    languages: tuple[str, ...]
    default_language: str
    questions: tuple[Question, ...]
    times: tuple[str, ...] = ()

    def named(self, wanted: FormField) -> str | None:
        """Find the name of the question that asks for a field; a form has one at most."""
        return next((question.name for question in self.questions if question.field is wanted), None)

    def as_json(self) -> dict[str, Any]:
        """Write it as it is stored."""
        plain = {"name": self.name, "title": self.title, "version": self.version, "times": list(self.times)}
        told = {"languages": list(self.languages), "default_language": self.default_language}
        return plain | told | {"questions": [question.as_json() for question in self.questions]}


def read_model(stored: Mapping[str, Any]) -> FormModel:
    """Read a form back from what `FormModel.as_json` wrote."""
    return FormModel(
        stored["name"],
        stored["title"],
        stored["version"],
        tuple(stored["languages"]),
        stored["default_language"],
        tuple(_question(one) for one in stored["questions"]),
        tuple(stored["times"]),
    )


def _question(stored: Mapping[str, Any]) -> Question:
    return Question(
        stored["name"],
        QuestionType(stored["type"]),
        stored["labels"],
        stored.get("hints", {}),
        tuple(Choice(one["name"], one["labels"]) for one in stored.get("choices", ())),
        is_required=stored.get("required", False),
        relevant=stored.get("relevant"),
        constraint=stored.get("constraint"),
        constraint_messages=stored.get("constraint_messages", {}),
        field=FormField(stored["field"]) if "field" in stored else None,
    )


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """A form and its newest version; ``entries`` were made with any version of it."""

    id: UUID
    name: str
    title: str
    created_at: datetime
    withdrawn_at: datetime | None
    version_id: UUID
    version: str
    questions: int
    is_active: bool
    entries: int


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One version of a form; it never changes, so that each entry tells what was asked.

    ``xml`` is what ODK programs read, ``hash`` the MD5 of it, by which they know whether they have it.
    """

    id: UUID
    form_id: UUID
    model: FormModel
    xml: str
    hash: str
    is_active: bool
    created_at: datetime

    @property
    def name(self) -> str:
        """What programs call the form."""
        return self.model.name

    @property
    def title(self) -> str:
        """What people call the form."""
        return self.model.title

    @property
    def version(self) -> str:
        """What this version is called."""
        return self.model.version

    @property
    def languages(self) -> tuple[str, ...]:
        """In which languages it is asked."""
        return self.model.languages

    @property
    def default_language(self) -> str:
        """Which language stands in for one that is not there."""
        return self.model.default_language

    @property
    def questions(self) -> list[dict[str, Any]]:
        """What is asked, as phones read it."""
        return [question.as_json() for question in self.model.questions]
