"""Words for imports: their kinds and states, the fields of a row, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.imports import ImportState, RowOutcome
from geo.domain.words import EntryKind

from dashboard.translation import Phrases, number, tr, trn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.import_answers import Brought

KINDS: Final = Phrases(
    {
        EntryKind.NEED: ("need", "needs"),
        EntryKind.HELPER: ("helper", "helpers"),
        EntryKind.ASSET: ("place that helps", "places that help"),
    }
)
"""What a row is, and what several are."""
FIELDS: Final = Phrases(
    {
        "key": "How the row is called there",
        "category": "What is needed",
        "categories": "What they help with",
        "urgency": "How urgent",
        "household_size": "How many people",
        "languages": "Languages",
        "access": "What makes access hard",
        "address": "Address",
        "lon": "Longitude",
        "lat": "Latitude",
        "geopoint": "Point (latitude, longitude)",
        "accuracy_m": "Accuracy in metres",
        "received_at": "When it came in",
        "withheld": "Keep off the map",
        "consent": "Agreed that we keep how to reach them",
        "contact_name": "Name",
        "phone": "Telephone",
        "email": "E-mail",
        "contact_note": "Note about reaching them",
        "public_name": "Name others may see",
        "vehicle": "Vehicle",
        "status": "Status",
        "capacity_per_week": "How much a week",
        "max_travel_min": "Longest way in minutes",
        "name": "Name",
        "kind": "Kind of place",
        "description": "Description",
        "opening_hours": "Opening hours",
        "step_free": "Without steps",
    }
)
JOINED: Final = frozenset({"address", "contact_note", "description", "contact_name"})
"""Fields that often stand in several columns."""
STATES: Final = Phrases(
    {
        ImportState.UPLOADED: "not checked",
        ImportState.CHECKING: "being checked",
        ImportState.CHECKED: "checked",
        ImportState.RUNNING: "being taken in",
        ImportState.DONE: "taken in",
        ImportState.UNDONE: "taken back",
    }
)
WOULD: Final = Phrases(
    {
        RowOutcome.MADE: "can be taken in",
        RowOutcome.HELD: "would be held",
        RowOutcome.KNOWN: "came before",
        RowOutcome.REPEATED: "repeats a row above",
    }
)
WAS: Final = Phrases(
    {
        RowOutcome.MADE: "taken in",
        RowOutcome.HELD: "held",
        RowOutcome.KNOWN: "came before",
        RowOutcome.REPEATED: "repeats a row above",
    }
)
_MOST_PAIRS: Final = 200


def outcomes_of(one: Brought) -> Mapping[str, str]:
    """Give the words for what became of rows, or would."""
    return WAS if one.is_in else WOULD


def summary(one: Brought) -> str:
    """Say in one line what became of the rows, or would."""
    told = _were if one.is_in else _would
    return tr(", ").join(told(outcome, count) for outcome, count in one.counts.items() if count)


def _would(outcome: RowOutcome, count: int) -> str:
    if outcome is RowOutcome.MADE:
        return trn("{n} row can be taken in", "{n} rows can be taken in", count)
    if outcome is RowOutcome.HELD:
        return trn("{n} row would be held", "{n} rows would be held", count)
    return _as_before(outcome, count)


def _were(outcome: RowOutcome, count: int) -> str:
    if outcome is RowOutcome.MADE:
        return trn("{n} row taken in", "{n} rows taken in", count)
    if outcome is RowOutcome.HELD:
        return trn("{n} row held", "{n} rows held", count)
    return _as_before(outcome, count)


def _as_before(outcome: RowOutcome, count: int) -> str:
    if outcome is RowOutcome.KNOWN:
        return trn("{n} row came before", "{n} rows came before", count)
    return trn("{n} row repeats a row above", "{n} rows repeat a row above", count)


def take_in(kind: EntryKind, count: int) -> str:
    """Offer to take in so many."""
    if kind is EntryKind.NEED:
        return trn("Take in {n} need", "Take in {n} needs", count)
    if kind is EntryKind.HELPER:
        return trn("Take in {n} helper", "Take in {n} helpers", count)
    return trn("Take in {n} place that helps", "Take in {n} places that help", count)


def read_pairs(text: str) -> dict[str, str]:
    """Read lines of ``this = that``.

    Raises
    ------
    ValueError
        If a line is none, or there are too many.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > _MOST_PAIRS:
        raise ValueError(tr("At most {most} lines.", most=number(_MOST_PAIRS)))
    found = {}
    for line in lines:
        left, equals, right = (part.strip() for part in line.partition("="))
        if not (left and equals and right):
            raise ValueError(tr("Write each line as: their word = ours."))
        found[left] = right
    return found


def write_pairs(pairs: Mapping[str, str]) -> str:
    """Write pairs as lines of ``this = that``."""
    return "\n".join(f"{left} = {right}" for left, right in pairs.items())
