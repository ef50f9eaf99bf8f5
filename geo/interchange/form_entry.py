"""From the answers to a form to the entries they are: needs as a phone of ours would have written them down.

Nothing is judged here. What cannot be used goes on as it was typed, and the entry is held for an organizer like any
other.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from geo.domain.entries import ENTRY_FORM
from geo.domain.forms import CONTACT_FIELDS, FormField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.domain.forms import FormModel
    from geo.interchange.xform_submission import Submission

_WHOLE: Final = re.compile(r"-?\d{1,9}")
_YES: Final = "yes"
_HOUSEHOLD: Final = "household"


@dataclass(frozen=True, slots=True)
class FormEntry:
    """One entry of a submission: under its id, and what is typed in it (docs/canvass.md)."""

    id: UUID
    typed: Mapping[str, Any]


def entries_of(model: FormModel, version_id: UUID, sent: Submission) -> tuple[FormEntry, ...]:
    """Write a submission as entries: one for each kind of help that is needed, of the same household.

    Parameters
    ----------
    model
        The version of the form that was filled in.
    version_id
        Its id.
    sent
        What was filled in.

    Returns
    -------
    tuple
        The first has the submission's id, the campaign's own answers and the note; the ids of the others are made from
        it, so that the same submission gives the same entries. Without a kind of help, one entry that will be held.
        How to reach somebody is left out unless they agreed.
    """
    asked = _Answers(model, sent.answers)
    categories = list(dict.fromkeys(asked.words(FormField.CATEGORY))) or [""]
    body = _body(asked)
    if len(categories) > 1:
        body["household_id"] = str(uuid5(sent.id, _HOUSEHOLD))
    common = _common(asked, model, sent)
    first = {"note": asked.text(FormField.NOTE), "custom": [{"form": str(version_id), "answers": asked.kept()}]}
    made = []
    for index, category in enumerate(categories):
        typed = common | (first if index == 0 else {}) | {"body": {**body, "category": category}}
        made.append(FormEntry(sent.id if index == 0 else uuid5(sent.id, category), typed))
    return tuple(made)


class _Answers:
    """Answers by what they are about."""

    def __init__(self, model: FormModel, answers: Mapping[str, str]) -> None:
        self.model, self.answers = model, answers

    def text(self, wanted: FormField) -> str | None:
        name = self.model.named(wanted)
        return self.answers.get(name) if name else None

    def words(self, wanted: FormField) -> list[str]:
        return (self.text(wanted) or "").split()

    def is_yes(self, wanted: FormField) -> bool:
        return self.text(wanted) == _YES

    def kept(self) -> dict[str, str]:
        """Give all that was typed; how to reach somebody only if they agreed."""
        dropped = set() if self.is_yes(FormField.CONSENT) else {self.model.named(one) for one in CONTACT_FIELDS}
        return {name: text for name, text in self.answers.items() if name not in dropped}


def _body(asked: _Answers) -> dict[str, Any]:
    size = asked.text(FormField.SIZE)
    told: dict[str, Any] = {
        "urgency": asked.text(FormField.URGENCY),
        "household_size": int(size) if size and _WHOLE.fullmatch(size) else size,
        "languages": asked.words(FormField.LANGUAGES),
        "access": asked.words(FormField.ACCESS),
        "contact": _contact(asked),
        "location": _location(asked),
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def _contact(asked: _Answers) -> dict[str, Any] | None:
    if not asked.is_yes(FormField.CONSENT):
        return None
    told = {
        "name": asked.text(FormField.NAME),
        "phone": asked.text(FormField.PHONE),
        "email": asked.text(FormField.EMAIL),
        "preferred_channel": asked.text(FormField.CHANNEL),
    }
    given = {name: text for name, text in told.items() if text}
    return given | {"consent": True} if given else None


def _position(asked: _Answers) -> dict[str, Any] | None:
    """Read a place as ODK programs write it: latitude, longitude, altitude and accuracy, with blanks between."""
    parts = asked.words(FormField.POINT)
    try:
        lat, lon, _, accuracy_m = (float(part) for part in (*parts, *["0"] * (4 - len(parts))))
    except ValueError:
        return None
    is_place = len(parts) > 1 and all(map(math.isfinite, (lon, lat, accuracy_m)))
    return {"lon": lon, "lat": lat, "accuracy_m": accuracy_m} if is_place else None


def _location(asked: _Answers) -> dict[str, Any] | None:
    found, address = _position(asked), asked.text(FormField.ADDRESS)
    if found is not None:
        # a point that was set on a map by hand comes without an accuracy
        by_gps = found["accuracy_m"] > 0
        return {**found, "method": "gps"} if by_gps else {"lon": found["lon"], "lat": found["lat"], "method": "manual"}
    if asked.text(FormField.POINT) and not address:
        return {"point": asked.text(FormField.POINT)}
    return {"address": address} if address else None


def _common(asked: _Answers, model: FormModel, sent: Submission) -> dict[str, Any]:
    found, for_other = _position(asked), asked.is_yes(FormField.FOR_OTHER)
    by_gps = found if found and found["accuracy_m"] > 0 and not for_other else None
    made_at = next((sent.answers[name] for name in model.times if name in sent.answers), None)
    return {"form": ENTRY_FORM, "made_at": made_at, "for_other": for_other, "position": by_gps}
