"""Words for imports: their kinds and states, the fields of a row, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.imports import ImportState, RowOutcome
from geo.domain.words import EntryKind

from dashboard.sentences import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.import_answers import Brought

KINDS: Final[Mapping[EntryKind, tuple[str, str]]] = {
    EntryKind.NEED: ("need", "needs"),
    EntryKind.HELPER: ("helper", "helpers"),
    EntryKind.ASSET: ("place that helps", "places that help"),
}
FIELDS: Final[Mapping[str, str]] = {
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
JOINED: Final = frozenset({"address", "contact_note", "description", "contact_name"})
"""Fields that often stand in several columns."""
STATES: Final[Mapping[ImportState, str]] = {
    ImportState.UPLOADED: "not checked",
    ImportState.CHECKING: "being checked",
    ImportState.CHECKED: "checked",
    ImportState.RUNNING: "being taken in",
    ImportState.DONE: "taken in",
    ImportState.UNDONE: "taken back",
}
WOULD: Final[Mapping[RowOutcome, str]] = {
    RowOutcome.MADE: "can be taken in",
    RowOutcome.HELD: "would be held",
    RowOutcome.KNOWN: "came before",
    RowOutcome.REPEATED: "repeats a row above",
}
WAS: Final[Mapping[RowOutcome, str]] = {
    RowOutcome.MADE: "taken in",
    RowOutcome.HELD: "held",
    RowOutcome.KNOWN: "came before",
    RowOutcome.REPEATED: "repeats a row above",
}
_MOST_PAIRS: Final = 200


def outcomes_of(one: Brought) -> Mapping[RowOutcome, str]:
    """Give the words for what became of rows, or would."""
    return WAS if one.is_in else WOULD


def summary(one: Brought) -> str:
    """Say in one line what became of the rows, or would."""
    words = outcomes_of(one)
    told = [f"{plural(count, 'row', 'rows')} {words[outcome]}" for outcome, count in one.counts.items() if count]
    return ", ".join(told)


def read_pairs(text: str) -> dict[str, str]:
    """Read lines of ``this = that``.

    Raises
    ------
    ValueError
        If a line is none, or there are too many.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > _MOST_PAIRS:
        raise ValueError(f"At most {_MOST_PAIRS} lines.")
    found = {}
    for line in lines:
        left, equals, right = (part.strip() for part in line.partition("="))
        if not (left and equals and right):
            raise ValueError("Write each line as: their word = ours.")
        found[left] = right
    return found


def write_pairs(pairs: Mapping[str, str]) -> str:
    """Write pairs as lines of ``this = that``."""
    return "\n".join(f"{left} = {right}" for left, right in pairs.items())
