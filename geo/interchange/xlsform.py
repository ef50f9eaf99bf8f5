"""XLSForms: a workbook with questions becomes a form for our pages and one for ODK programs.

A subset is taken (docs/forms.md). What is outside of it is refused with its row and the reason, all at once, so that a
form never asks less than it says. pyxform writes the form for ODK programs from the rows that were checked here.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.domain.forms import CONTACT_FIELDS, FormField, FormModel, Question, QuestionType
from geo.errors import FormRefused, InvalidInput
from geo.interchange.form_choices import language_of, read_choices, read_texts
from geo.interchange.form_condition import names_in, read_condition
from geo.interchange.form_sheets import SHEETS, Faults, open_sheets, told_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geo.domain.forms import Choice, Condition
    from geo.interchange.form_sheets import Row

MAX_QUESTIONS: Final = 200
MAX_PHOTO_PX: Final = 1280
"""What ODK programs are told to shrink photos to; larger ones are shrunk here."""
_MAX_TEXT: Final = 2_000
_MOST_NESTED: Final = 10
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_FORM_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_TIMES: Final = ("end", "start")
_LAYOUT: Final = frozenset({"begin_group", "end_group"})
_YES: Final = frozenset({"yes", "true", "true()"})
_NO: Final = frozenset({"", "no", "false", "false()"})
_APPEARANCES: Final = frozenset(
    {"multiline", "minimal", "quick", "field-list", "placement-map", "maps", "horizontal", "columns", "no-calendar"}
)
_PLAIN_COLUMNS: Final = frozenset(
    {"type", "name", "required", "relevant", "constraint", "appearance", "barnraiser", "parameters"}
)
_TEXT_COLUMNS: Final = frozenset({"label", "hint", "constraint_message", "required_message"})
_REFERENCE: Final = re.compile(r"\$\{([^}]*)\}")
_FITS: Final[Mapping[FormField, frozenset[QuestionType]]] = {
    FormField.CATEGORY: frozenset({QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE}),
    FormField.URGENCY: frozenset({QuestionType.SELECT_ONE}),
    FormField.SIZE: frozenset({QuestionType.INTEGER}),
    FormField.LANGUAGES: frozenset({QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE}),
    FormField.ACCESS: frozenset({QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE}),
    FormField.POINT: frozenset({QuestionType.GEOPOINT}),
    FormField.ADDRESS: frozenset({QuestionType.TEXT}),
    FormField.NAME: frozenset({QuestionType.TEXT}),
    FormField.PHONE: frozenset({QuestionType.TEXT}),
    FormField.EMAIL: frozenset({QuestionType.TEXT}),
    FormField.CHANNEL: frozenset({QuestionType.SELECT_ONE}),
    FormField.CONSENT: frozenset({QuestionType.SELECT_ONE}),
    FormField.NOTE: frozenset({QuestionType.TEXT}),
    FormField.PHOTO: frozenset({QuestionType.IMAGE}),
    FormField.FOR_OTHER: frozenset({QuestionType.SELECT_ONE}),
}


@dataclass(frozen=True, slots=True)
class ReadForm:
    """A form that was read: the model for our pages, the text for ODK programs, and a hash of what was asked."""

    model: FormModel
    xml: str
    content_hash: bytes
    warnings: tuple[str, ...] = ()


def read_xlsform(content: bytes) -> ReadForm:
    """Read an XLSForm and write the form for ODK programs.

    Parameters
    ----------
    content
        An ``.xlsx`` workbook of at most `form_sheets.MAX_BYTES`.

    Raises
    ------
    SourceUnreadable
        If it is no such workbook, holds macros or links to others, or is too large.
    FormRefused
        If rows are outside of the subset; with each row and its reason.
    """
    sheets = open_sheets(content)
    faults = Faults()
    settings = _settings(sheets["settings"], faults)
    lists = read_choices(sheets["choices"], faults)
    model, rows = _Survey(sheets["survey"], lists, faults).read(settings, _hash(sheets))
    _check_fields(model, faults)
    faults.stop()
    xml, warnings = _write(model, rows, sheets["choices"])
    return ReadForm(model, xml, _hash(sheets), warnings)


def _hash(sheets: Mapping[str, Sequence[Row]]) -> bytes:
    told = repr([(name, [(row.number, sorted(row.cells.items())) for row in sheets[name]]) for name in SHEETS])
    return hashlib.sha256(told.encode("utf-8", "replace")).digest()


def _settings(rows: Sequence[Row], faults: Faults) -> dict[str, str]:
    known = {"form_title", "form_id", "version", "default_language", "style", "instance_name"}
    given = {name: text.strip() for name, text in (rows[0].cells if rows else {}).items() if text.strip()}
    for name in given.keys() - known:
        faults.add("settings", 2, told_name(name), "this setting is outside of the subset")
    if not _FORM_NAME.fullmatch(given.get("form_id", "")):
        faults.add("settings", 2, "form_id", "give the form an id of letters, digits, dots, hyphens and underscores")
    if not 0 < len(given.get("form_title", "")) <= 100:  # noqa: PLR2004 - characters
        faults.add("settings", 2, "form_title", "give the form a title of at most 100 characters")
    if "${" in given.get("form_title", ""):
        faults.add("settings", 2, "form_title", "a title refers to no question")
    if len(given.get("version", "")) > 40 or not given.get("version", "x").isprintable():  # noqa: PLR2004 - likewise
        faults.add("settings", 2, "version", "a version may have 40 characters")
    return given


class _Survey:
    """Reads the sheet of questions: groups become conditions of what is inside them."""

    def __init__(self, rows: Sequence[Row], lists: Mapping[str, tuple[Choice, ...]], faults: Faults) -> None:
        self.rows, self.lists, self.faults = rows, lists, faults
        self.questions: list[Question] = []
        self.groups: list[Condition | None] = []
        self.names: set[str] = set()
        self.times: dict[str, str] = {}
        self.kept: list[Row] = []

    def read(self, settings: Mapping[str, str], content: bytes) -> tuple[FormModel, list[Row]]:
        for row in self.rows:
            self._row(row)
        if self.groups:
            self.faults.add("survey", self.rows[-1].number, "type", "a group is not ended")
        self._check_references()
        spoken = dict.fromkeys(lang for one in self.questions for lang in (*one.labels, *_of_choices(one)))
        default = language_of(settings.get("default_language", ""))
        languages = tuple(spoken) or ("",)
        first = default if default in languages else languages[0]
        version = settings.get("version") or content.hex()[:12]
        name, title = settings.get("form_id", ""), settings.get("form_title", "")
        times = tuple(self.times[one] for one in _TIMES if one in self.times)
        model = FormModel(name, title, version, languages, first, tuple(self.questions), times)
        return model, self.kept

    def _row(self, row: Row) -> None:
        kind, _, what = row.get("type").partition(" ")
        kind = {"begin": f"begin_{what}", "end": f"end_{what}"}.get(kind, kind) if what == "group" else kind
        before = len(self.faults.found)
        self._check_columns(row)
        if kind == "end_group":
            self._end(row)
        elif kind in _TIMES:
            self.times[kind] = self._check_name(row)
        elif kind in QuestionType:
            self._question(row, QuestionType(kind), what.strip())
        elif kind == "begin_group":
            self._check_name(row)
            self._begin(row)
        else:
            self.faults.add("survey", row.number, "type", "this type is outside of the subset")
        if len(self.faults.found) == before:
            self.kept.append(row)

    def _begin(self, row: Row) -> None:
        if len(self.groups) >= _MOST_NESTED:
            self.faults.add("survey", row.number, "type", "groups are nested too deeply")
        self.groups.append(self._condition(row, "relevant"))

    def _end(self, row: Row) -> None:
        if not self.groups:
            self.faults.add("survey", row.number, "type", "this ends a group that was not begun")
            return
        self.groups.pop()

    def _check_columns(self, row: Row) -> None:
        for column, text in row.cells.items():
            base = column.partition("::")[0]
            if text.strip() and base not in _TEXT_COLUMNS and column not in _PLAIN_COLUMNS:
                self.faults.add("survey", row.number, told_name(column), "this column is outside of the subset")
            elif len(text) > _MAX_TEXT:
                self.faults.add("survey", row.number, told_name(column), f"a cell may have {_MAX_TEXT} characters")
        if set(row.get("appearance").split()) - _APPEARANCES:
            self.faults.add("survey", row.number, "appearance", "this appearance is outside of the subset")
        if row.get("parameters") and not re.fullmatch(r"max-pixels=\d{1,5}", row.get("parameters")):
            self.faults.add("survey", row.number, "parameters", "these parameters are outside of the subset")

    def _check_name(self, row: Row) -> str:
        name = row.get("name")
        if not _NAME.fullmatch(name) or name.lower() == "meta":
            self.faults.add("survey", row.number, "name", "a name has letters, digits, dots, hyphens and underscores")
        elif name in self.names:
            self.faults.add("survey", row.number, "name", "this name is there twice")
        self.names.add(name)
        return name

    def _question(self, row: Row, kind: QuestionType, what: str) -> None:
        name = self._check_name(row)
        texts = {base: read_texts(row.cells, base) for base in ("label", "hint", "constraint_message")}
        if not any(texts["label"].values()):
            self.faults.add("survey", row.number, "label", "a question needs a label")
        if len(self.questions) >= MAX_QUESTIONS:
            self.faults.add("survey", row.number, "", f"a form may have {MAX_QUESTIONS} questions")
            return
        choices = self._choices(row, kind, what)
        self.questions.append(
            Question(
                name,
                kind,
                texts["label"],
                texts["hint"],
                choices,
                is_required=self._required(row),
                relevant=self._relevant(row),
                constraint=self._condition(row, "constraint"),
                constraint_messages=texts["constraint_message"],
                field=self._field(row, name, kind),
            )
        )

    def _choices(self, row: Row, kind: QuestionType, what: str) -> tuple[Choice, ...]:
        selects = kind in (QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE)
        if not selects:
            if what:
                self.faults.add("survey", row.number, "type", "this type takes no list")
            return ()
        if what not in self.lists:
            self.faults.add("survey", row.number, "type", "there is no such list on the sheet of choices")
        return self.lists.get(what, ())

    def _required(self, row: Row) -> bool:
        text = row.get("required").lower()
        if text not in _YES | _NO:
            self.faults.add("survey", row.number, "required", "say yes or no")
        return text in _YES

    def _relevant(self, row: Row) -> Condition | None:
        found = self._condition(row, "relevant")
        for outer in reversed(self.groups):
            if outer is not None:
                found = outer if found is None else ["and", outer, found]
        return found

    def _condition(self, row: Row, column: str) -> Condition | None:
        text = row.get(column)
        if not text:
            return None
        try:
            return read_condition(text)
        except InvalidInput as error:
            self.faults.add("survey", row.number, column, str(error))
            return None

    def _field(self, row: Row, name: str, kind: QuestionType) -> FormField | None:
        wanted = row.get("barnraiser").removeprefix("barnraiser:") or name
        if wanted not in FormField:
            if row.get("barnraiser"):
                self.faults.add("survey", row.number, "barnraiser", "there is no such field")
            elif kind is QuestionType.IMAGE:
                return FormField.PHOTO
            return None
        found = FormField(wanted)
        if kind not in _FITS[found]:
            self.faults.add("survey", row.number, "type", f"{found.value} wants another type of question")
        return found

    def _check_references(self) -> None:
        asked = {question.name for question in self.questions}
        for row in self.rows:
            texts = [text for column, text in row.cells.items() if column.partition("::")[0] in _TEXT_COLUMNS]
            named = {name for text in texts for name in _REFERENCE.findall(text)}
            for column in ("relevant", "constraint"):
                named |= set(_referred(row.get(column)))
            if named - asked:
                self.faults.add("survey", row.number, "", "this refers to a question that is not there")


def _referred(text: str) -> Iterator[str]:
    if text:
        try:
            yield from names_in(read_condition(text))
        except InvalidInput:
            return


def _of_choices(question: Question) -> Iterator[str]:
    return (language for choice in question.choices for language in choice.labels)


def _check_fields(model: FormModel, faults: Faults) -> None:
    asked = [question.field for question in model.questions if question.field is not None]
    for wanted in sorted({one for one in asked if asked.count(one) > 1}):
        faults.add("survey", 1, "barnraiser", f"{wanted.value} is asked more than once")
    if FormField.CATEGORY not in asked:
        faults.add("survey", 1, "", "a form asks for need.category: without it no entry can become a need")
    if CONTACT_FIELDS & set(asked) and FormField.CONSENT not in asked:
        faults.add("survey", 1, "", "a form that asks how to reach somebody asks for contact.consent too")
    for question in model.questions:
        if question.field is FormField.CONSENT and "yes" not in {choice.name for choice in question.choices}:
            faults.add("survey", 1, "", "contact.consent needs a choice named yes")


_ROW: Final = re.compile(r"\[row : (\d{1,5})\]")


def _write(model: FormModel, rows: Sequence[Row], choices: Sequence[Row]) -> tuple[str, tuple[str, ...]]:
    """Let pyxform write the form; it is handed rows that were checked, and never a file."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    setting = {"form_title": model.title, "form_id": model.name, "version": model.version}
    sheets = {"survey": [_told_row(row) for row in rows], "settings": [setting]}
    if choices:
        sheets["choices"] = [{n: t for n, t in row.cells.items() if t.strip()} for row in choices]
    warnings: list[str] = []
    try:
        written = convert(sheets, warnings=warnings, form_name="data", validate=False).xform
    except PyXFormError as error:
        found = _ROW.search(str(error))
        row = int(found[1]) if found else 1
        raise FormRefused([(f"/survey/{row}", "no XLSForm can have this row")]) from None
    return str(written), tuple(text[:300] for text in warnings[:20])


def _told_row(row: Row) -> dict[str, str]:
    told = {name: text for name, text in row.cells.items() if text.strip() and name != "barnraiser"}
    # a photo as a camera takes it is too large to be sent from a door
    return told | ({"parameters": f"max-pixels={MAX_PHOTO_PX}"} if row.get("type") == "image" else {})
