"""Where entries come from, what became of them and what was typed, in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from dashboard.access_words import ago
from dashboard.sentences import DAY_S, HOUR_S, metres
from dashboard.translation import Phrases, at_time, on_day, tr, trn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboard.entry_answers import Arrival

KINDS: Final = Phrases({"need": "A need", "asset": "A place that helps", "helper": "A helper"})
MADE: Final = Phrases(
    {"need": "It is a need now.", "asset": "It is a place that helps now.", "helper": "It is a helper now."}
)
NEED_STATUS: Final = Phrases(
    {
        "open": "open",
        "in_progress": "in progress",
        "met": "met",
        "withdrawn": "withdrawn",
        "expired": "expired",
        "merged": "merged",
    }
)
CHANNELS: Final = Phrases(
    {
        "door": "at the door",
        "hotline": "by the hotline",
        "text": "by text message",
        "form_app": "by a form app",
        "import": "from a table",
    }
)
STATES: Final = Phrases(
    {
        "received": "waits to be taken in",
        "quarantined": "in quarantine",
        "held": "held",
        "made": "taken in",
        "refused": "refused",
        "discarded": "thrown away",
    }
)
WHY: Final = Phrases(
    {
        "quarantined": "It came from a phone that was ended. Nothing is made of it before you let it in.",
        "received": "It is here and unopened; it is taken in within seconds.",
    }
)
REFUSALS: Final = Phrases(
    {
        "sent_twice": "It was sent twice",
        "trying_out": "Somebody tried it out",
        "not_for_us": "It is not for this network",
        "not_wanted": "They do not want it any more",
        "not_true": "It is not true",
        "unreadable": "It cannot be read",
        "other": "Another reason",
    }
)
BECAUSE: Final = Phrases(
    {
        "sent_twice": "it was sent twice",
        "trying_out": "somebody tried it out",
        "not_for_us": "it is not for this network",
        "not_wanted": "they do not want it any more",
        "not_true": "it is not true",
        "unreadable": "it cannot be read",
        "other": "another reason",
        "nobody_decided": "nobody decided in time",
    }
)
FIELDS: Final = Phrases(
    {
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
)
_CLOCK_S: Final = 120.0
_LONG_S: Final = 30 * DAY_S
MOST_LINES: Final = 200


def headline(counts: Mapping[str, int]) -> str:
    """Say how many entries wait for a decision."""
    waiting = counts.get("held", 0) + counts.get("quarantined", 0)
    if waiting:
        return trn("{n} entry waits for you", "{n} entries wait for you", waiting)
    return tr("No entry waits for you") if any(counts.values()) else tr("Entries")


def arrival_label(one: Arrival) -> str:
    """Write one entry in a list: how it stands, by which way and when it came."""
    return f"{STATES.get(one.state, one.state)} · {CHANNELS.get(one.channel, one.channel)} · {ago(one.received_at)}"


def field_name(pointer: str) -> str:
    """Name what a pointer points at, as the page calls it."""
    parts = [part for part in pointer.split("/") if part and part != "body"]
    return tr(", ").join(FIELDS.get(part, part.replace("_", " ")) for part in parts) or tr("the entry")


def fault_words(fault: tuple[str, str]) -> str:
    """Say what of an entry could not be used, and why."""
    name = field_name(fault[0])
    return f"{name[0].upper()}{name[1:]}: {fault[1]}"


def clock_words(one: Arrival) -> str:
    """Say when the phone says it was typed, and how far that is from when it came."""
    if one.device_at is None:
        return tr("not told")
    seconds = (one.received_at - one.device_at).total_seconds()
    at = moment(one.device_at)
    if abs(seconds) <= _CLOCK_S:
        return tr("{at}, just before it came", at=at)
    if seconds < 0:
        return tr("{at}: its clock is {span} ahead", at=at, span=_span(-seconds))
    span = _span(seconds)
    if seconds > _LONG_S:
        return tr("{at}, {span} before it came, or its clock is behind", at=at, span=span)
    return tr("{at}, {span} before it came", at=at, span=span)


def _span(seconds: float) -> str:
    if seconds >= 2 * DAY_S:
        return trn("{n} day", "{n} days", round(seconds / DAY_S))
    if seconds >= 2 * HOUR_S:
        return trn("{n} hour", "{n} hours", round(seconds / HOUR_S))
    return trn("{n} minute", "{n} minutes", max(1, round(seconds / 60)))


def moment(at: datetime) -> str:
    """Write an instant to the minute."""
    there = at.astimezone(UTC)
    return tr("{day}, {time} UTC", day=on_day(there), time=at_time(there))


def facts(one: Arrival, names: Mapping[str, str], now: datetime | None = None) -> list[tuple[str, str]]:
    """Say all that is known of an entry without opening it, as labels and texts."""
    way, measured = CHANNELS.get(one.channel, one.channel), ""
    if one.accuracy_m is not None:
        measured = tr("measured to within {metres}", metres=metres(one.accuracy_m))
    told = [
        (tr("Came"), tr("{first}, {second}", first=moment(one.received_at), second=way)),
        (tr("Phone's time"), clock_words(one) if one.channel == "door" or one.device_at else ""),
        (
            tr("From"),
            names.get(one.handed_in_by) or tr("somebody no longer here") if one.handed_in_by else tr("not told"),
        ),
        (tr("Phone's position"), measured),
        (tr("Version of the questions"), "" if one.form is None else str(one.form)),
        (tr("Decided"), "" if one.decided_at is None else ago(one.decided_at, now)),
        (tr("Kept until"), _kept(one, now)),
    ]
    return [(label, text) for label, text in told if text]


def _kept(one: Arrival, now: datetime | None) -> str:
    if not one.is_kept:
        return tr("what was typed is gone")
    told = tr("as long as what was made of it")
    if one.kept_until is not None:
        days = (one.kept_until - (now or datetime.now(UTC))).total_seconds() / DAY_S
        told = trn("{day}, {n} more day", "{day}, {n} more days", max(0, round(days)), day=on_day(one.kept_until))
    if one.photo_until and one.has_photo:
        told = tr("{told}; its photo until {day}", told=told, day=on_day(one.photo_until))
    return told


def became(one: Arrival) -> str:
    """Say what has become of an entry, or why nothing has."""
    if one.state == "held":
        return tr("It could not be made into a record as it is. Look at what was typed and put it right, or refuse it.")
    if one.state in ("refused", "discarded"):
        why = BECAUSE.get(one.refused_because or "", "")
        return _refused(why) if one.state == "refused" else _discarded(why)
    if one.state == "made":
        return MADE.get(one.kind, one.kind)
    return WHY.get(one.state, "")


def _refused(why: str) -> str:
    return tr("It was refused: {why}.", why=why) if why else tr("It was refused.")


def _discarded(why: str) -> str:
    return tr("It was thrown away: {why}.", why=why) if why else tr("It was thrown away.")


def typed_lines(typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Write what was typed as labels and texts, as it was typed; a very long one is cut, and says so."""
    found = list(_lines(typed, ()))
    left = len(found) - MOST_LINES
    if left <= 0:
        return found
    cut = tr("and more"), trn("{n} line is left out", "{n} lines are left out", left)
    return [*found[:MOST_LINES], cut]


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
        return tr("yes") if value else tr("no")
    return tr(", ").join(str(one) for one in value) if isinstance(value, list) else str(value)
