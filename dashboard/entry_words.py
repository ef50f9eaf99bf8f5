"""Where entries come from, what became of them and what was typed, in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from dashboard.access_words import ago
from dashboard.sentences import DAY_S, HOUR_S, metres, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboard.entry_answers import Arrival

KINDS: Final = {"need": "A need", "asset": "A place that helps", "helper": "A helper"}
CHANNELS: Final = {
    "door": "at the door",
    "hotline": "by the hotline",
    "text": "by text message",
    "form_app": "by a form app",
    "import": "from a table",
}
STATES: Final = {
    "received": "waits to be taken in",
    "quarantined": "in quarantine",
    "held": "held",
    "made": "taken in",
    "refused": "refused",
    "discarded": "thrown away",
}
WHY: Final = {
    "quarantined": "It came from a phone that was ended. Nothing is made of it before you let it in.",
    "received": "It is here and unopened; it is taken in within seconds.",
}
REFUSALS: Final = {
    "sent_twice": "It was sent twice",
    "trying_out": "Somebody tried it out",
    "not_for_us": "It is not for this network",
    "not_wanted": "They do not want it any more",
    "not_true": "It is not true",
    "unreadable": "It cannot be read",
    "other": "Another reason",
}
BECAUSE: Final = {name: words[0].lower() + words[1:] for name, words in REFUSALS.items()} | {
    "nobody_decided": "nobody decided in time"
}
FIELDS: Final = {
    "access": "what stands in the way",
    "accuracy_m": "give or take, metres",
    "body": "what was typed",
    "capacity_per_week": "how much in a week",
    "categories": "kinds of help",
    "category": "kind of need",
    "consent": "they agreed",
    "email": "e-mail",
    "for_other": "typed for somebody else",
    "form": "version of the questions",
    "household_size": "how many people",
    "kind": "what kind of place",
    "lat": "latitude",
    "lon": "longitude",
    "made_at": "phone's time",
    "max_travel_min": "minutes they travel",
    "note": "note",
    "phone": "telephone",
    "position": "the phone's position",
    "preferred_channel": "best reached by",
    "public_name": "name shown",
    "urgency": "how urgent",
    "vehicle": "gets about",
}
_CLOCK_S: Final = 120.0
_LONG_S: Final = 30 * DAY_S
MOST_LINES: Final = 200


def headline(counts: Mapping[str, int]) -> str:
    """Say how many entries wait for a decision."""
    waiting = counts.get("held", 0) + counts.get("quarantined", 0)
    if waiting:
        return f"{plural(waiting, 'entry waits', 'entries wait')} for you"
    return "No entry waits for you" if any(counts.values()) else "Entries"


def arrival_label(one: Arrival) -> str:
    """Write one entry in a list: how it stands, by which way and when it came."""
    return f"{STATES.get(one.state, one.state)} · {CHANNELS.get(one.channel, one.channel)} · {ago(one.received_at)}"


def field_name(pointer: str) -> str:
    """Name what a pointer points at, as the page calls it."""
    parts = [part for part in pointer.split("/") if part and part != "body"]
    return ", ".join(FIELDS.get(part, part.replace("_", " ")) for part in parts) or "the entry"


def fault_words(fault: tuple[str, str]) -> str:
    """Say what of an entry could not be used, and why."""
    name = field_name(fault[0])
    return f"{name[0].upper()}{name[1:]}: {fault[1]}"


def clock_words(one: Arrival) -> str:
    """Say when the phone says it was typed, and how far that is from when it came."""
    if one.device_at is None:
        return "not told"
    seconds = (one.received_at - one.device_at).total_seconds()
    at = moment(one.device_at)
    if abs(seconds) <= _CLOCK_S:
        return f"{at}, just before it came"
    if seconds < 0:
        return f"{at}: its clock is {_span(-seconds)} ahead"
    doubt = ", or its clock is behind" if seconds > _LONG_S else ""
    return f"{at}, {_span(seconds)} before it came{doubt}"


def _span(seconds: float) -> str:
    for unit_s, one in ((DAY_S, "day"), (HOUR_S, "hour")):
        if seconds >= 2 * unit_s:
            return plural(round(seconds / unit_s), one, f"{one}s")
    return plural(max(1, round(seconds / 60)), "minute", "minutes")


def moment(at: datetime) -> str:
    """Write an instant to the minute."""
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def facts(one: Arrival, names: Mapping[str, str], now: datetime | None = None) -> list[tuple[str, str]]:
    """Say all that is known of an entry without opening it, as labels and texts."""
    told = [
        ("Came", f"{moment(one.received_at)}, {CHANNELS.get(one.channel, one.channel)}"),
        ("Phone's time", clock_words(one) if one.channel == "door" or one.device_at else ""),
        ("From", names.get(one.handed_in_by, "somebody no longer here") if one.handed_in_by else "not told"),
        ("Phone's position", "" if one.accuracy_m is None else f"measured to within {metres(one.accuracy_m)}"),
        ("Version of the questions", "" if one.form is None else str(one.form)),
        ("Decided", "" if one.decided_at is None else ago(one.decided_at, now)),
        ("Kept until", _kept(one, now)),
    ]
    return [(label, text) for label, text in told if text]


def _kept(one: Arrival, now: datetime | None) -> str:
    if not one.is_kept:
        return "what was typed is gone"
    photo = f"; its photo until {one.photo_until:%-d %B %Y}" if one.photo_until and one.has_photo else ""
    if one.kept_until is None:
        return f"as long as what was made of it{photo}"
    days = (one.kept_until - (now or datetime.now(UTC))).total_seconds() / DAY_S
    return f"{one.kept_until:%-d %B %Y}, {plural(max(0, round(days)), 'more day', 'more days')}{photo}"


def became(one: Arrival) -> str:
    """Say what has become of an entry, or why nothing has."""
    if one.state == "held":
        return "It could not be made into a record as it is. Look at what was typed and put it right, or refuse it."
    if one.state in ("refused", "discarded"):
        why = BECAUSE.get(one.refused_because or "", "")
        return f"It was {STATES[one.state]}{': ' if why else ''}{why}."
    if one.state == "made":
        return f"It is {KINDS.get(one.kind, one.kind).lower()} now."
    return WHY.get(one.state, "")


def typed_lines(typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Write what was typed as labels and texts, as it was typed; a very long one is cut, and says so."""
    found = list(_lines(typed, ()))
    cut = [("and more", f"{len(found) - MOST_LINES} lines are left out")] if len(found) > MOST_LINES else []
    return found[:MOST_LINES] + cut


def _lines(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - whatever was typed
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _lines(inner, (*path, str(name)))
    elif isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value):
        for number, inner in enumerate(value, 1):
            yield from _lines(inner, (*path, str(number)))
    elif value not in (None, [], ""):
        yield field_name("/".join(path)).capitalize(), _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
