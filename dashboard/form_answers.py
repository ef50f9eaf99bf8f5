"""Forms of campaigns and their versions, as the API answers them: frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashboard.answers import Json


@dataclass(frozen=True, slots=True)
class Form:
    """A form, with the version that is asked, or the newest where none is."""

    id: str
    name: str
    title: str
    version_id: str
    version: str
    questions: int
    entries: int
    is_active: bool

    @classmethod
    def read(cls, body: Json) -> Form:
        """Take one form out of a list."""
        return cls(
            id=str(body["id"]),
            name=str(body["name"]),
            title=str(body["title"]),
            version_id=str(body["version_id"]),
            version=str(body["version"]),
            questions=int(body["questions"]),
            entries=int(body["entries"]),
            is_active=bool(body["is_active"]),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its words in the form's first language, its kind, and what of an entry it asks for."""

    label: str
    kind: str
    choices: tuple[str, ...]
    is_required: bool
    has_condition: bool
    field: str | None

    @classmethod
    def read(cls, body: Json, language: str) -> Question:
        """Take one question out of a version."""
        return cls(
            label=_text(body["labels"], language) or str(body["name"]),
            kind=str(body["type"]),
            choices=tuple(_text(one["labels"], language) or str(one["name"]) for one in body.get("choices") or ()),
            is_required=bool(body.get("required")),
            has_condition=body.get("relevant") is not None,
            field=body.get("field"),
        )


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One version of a form, with all it asks."""

    id: str
    form_id: str
    title: str
    version: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    is_active: bool
    created_at: datetime

    @classmethod
    def read(cls, body: Json) -> FormVersion:
        """Take one version out of an answer."""
        language = str(body["default_language"])
        return cls(
            id=str(body["id"]),
            form_id=str(body["form_id"]),
            title=str(body["title"]),
            version=str(body["version"]),
            languages=tuple(str(one) for one in body["languages"]),
            questions=tuple(Question.read(one, language) for one in body["questions"]),
            is_active=bool(body["is_active"]),
            created_at=datetime.fromisoformat(body["created_at"]),
        )


def _text(texts: Json, language: str) -> str:
    return str(texts.get(language) or next(iter(texts.values()), ""))
