"""How needs, matches, helpers and shifts stand, in plain words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from dashboard.access_words import MINUTE_S, ago
from dashboard.sentences import DAY_S, HOUR_S, URGENCY, since
from dashboard.translation import Phrases, at_time, listed, name_of_language, number, tr, trn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboard.answers import Meta, Need
    from dashboard.board_answers import Card, Helper, Lane, Match, Proposals, Step

LANES: Final = Phrases(
    {"waiting": "Waiting", "asked": "Asked", "accepted": "Accepted", "under_way": "Under way", "done": "Done"}
)
LANE_LEADS: Final = Phrases(
    {
        "waiting": "Nobody has been found for these yet. Open one to see who could help soonest.",
        "asked": "Somebody has been asked about these, and has not answered yet.",
        "accepted": "Somebody has promised to help with these, and has not set out yet.",
        "under_way": "Somebody is helping with these now.",
        "done": "Help was given within the last seven days.",
    }
)
LANE_EMPTY: Final = Phrases(
    {
        "waiting": ("Nobody waits.", "Every open need has somebody who was asked, has accepted or is helping."),
        "asked": ("Nobody is asked at present.", "Open a need that waits and ask somebody, or let “Matches” propose."),
        "accepted": ("No promise is open.", "A need comes here when somebody says yes."),
        "under_way": ("Nobody is on the way.", "A need comes here when help begins."),
        "done": ("Nothing was done in the last seven days.", "A need comes here when help was given."),
    }
)
STATUS: Final = Phrases(
    {
        "proposed": "asked",
        "accepted": "accepted",
        "declined": "said no",
        "under_way": "on the way",
        "done": "done",
        "failed": "did not come about",
        "expired": "lapsed without an answer",
        "withdrawn": "the question was taken back",
    }
)
REASONS: Final = Phrases(
    {
        "no_time": "no time",
        "not_for_me": "not for them",
        "nobody_home": "nobody was home",
        "wrong_address": "the address was wrong",
        "not_wanted": "it was not wanted",
        "too_far": "too far",
        "unsafe": "it was not safe",
        "other": "another reason",
    }
)
DECLINES: Final = ("no_time", "too_far", "not_for_me", "unsafe", "other")
FAILURES: Final = ("nobody_home", "wrong_address", "not_wanted", "too_far", "unsafe", "other")
LEFT_OUT: Final = Phrases(
    {
        "no_place": ("It has no place on the map", "Place it in the review queue."),
        "needs_an_organizer": ("It needs you first", "Nobody answered, or help failed. Open it on the board."),
        "nobody_offers_it": ("Nobody offers it", "Look for helpers who do, or hand it to a partner."),
        "no_shared_language": ("Nobody speaks their language", "Look for an interpreter."),
        "no_car": ("It takes a car", "Look for a driver."),
        "not_at_that_time": ("Nobody is free at that time", "Ask for another time."),
        "no_room_this_week": ("Nobody has room this week", "Ask helpers for more room, or wait for next week."),
        "asked_lately": ("Whoever could was asked lately", "Wait, or ask them yourself on the board."),
        "too_far": ("Nobody is near enough", "Let helpers come from farther away."),
        "kept_apart": ("Only people who are kept apart could", "Look for somebody else."),
        "all_declined": ("Everybody who could has said no", "Look for somebody else, or ask again on the board."),
        "others_come_first": ("More urgent needs come first", "Let each helper take more."),
    }
)
VEHICLES: Final = Phrases({"none": "on foot", "bicycle": "by bicycle", "car": "by car"})
HELPER_STATUS: Final = Phrases({"active": "Active", "paused": "Paused", "left": "Has left"})
SIGN_UP: Final = Phrases(
    {"signed_up": "comes", "cancelled": "cancelled", "done": "was there", "no_show": "did not come"}
)
_DAYS: Final = Phrases(
    {
        "MO": "Mondays",
        "TU": "Tuesdays",
        "WE": "Wednesdays",
        "TH": "Thursdays",
        "FR": "Fridays",
        "SA": "Saturdays",
        "SU": "Sundays",
    }
)
_SIMPLE: Final = re.compile(
    r"DTSTART:\d{8}T(\d{2})(\d{2})\d{2}\nDURATION:PT(\d{1,2})H\nRRULE:FREQ=(?:WEEKLY;BYDAY=((?:[A-Z]{2},?)+)|(DAILY))",
    re.ASCII,
)
_ALMOST: Final = 0.0005


def lane_label(lane: Lane) -> str:
    """Name a lane with its count."""
    return f"{LANES[lane.lane]} {number(lane.count)}"


def board_headline(lane: Lane) -> str:
    """Say how many needs are in the lane that is looked at."""
    n = lane.count
    return {
        "waiting": trn("{n} need waits for somebody", "{n} needs wait for somebody", n),
        "asked": trn("{n} need waits for an answer", "{n} needs wait for an answer", n),
        "accepted": trn("{n} need has a promise", "{n} needs have a promise", n),
        "under_way": trn("{n} need is being met now", "{n} needs are being met now", n),
        "done": trn("{n} need met within seven days", "{n} needs met within seven days", n),
    }[lane.lane]


def about(meta: Meta, need: Need) -> str:
    """Name a need by its kind and, where it presses, how urgent it is."""
    kind = meta.label(need.category)
    return in_a_row(kind, URGENCY[need.urgency].lower() if need.urgency in ("critical", "high") else "")


def who_asks(need: Need) -> str:
    """Say for whom a need is and what they speak."""
    home = trn("one person", "household of {n}", need.household_size)
    return in_a_row(home, speaks(need.languages) if need.languages else "")


def speaks(languages: Iterable[str]) -> str:
    """Say which languages are spoken."""
    return tr("speaks {languages}", languages=name_languages(languages))


def name_languages(languages: Iterable[str]) -> str:
    """Name languages as a sentence does."""
    return listed(name_of_language(code) for code in languages)


def and_list(words: list[str]) -> str:
    """Join words as a sentence does."""
    return listed(words)


def in_a_row(*words: str) -> str:
    """Write words behind each other with commas, without those that are empty."""
    return tr(", ").join(word for word in words if word)


def card_line(card: Card) -> str:
    """Say on the board how a need stands."""
    if card.match is None or card.who is None:
        noted = {"under_way": tr("under way, noted by hand"), "done": tr("met, noted by hand")}.get(card.lane)
        waited = tr("asked for {ago}", ago=since(card.need.received_at))
        return f"{noted} · {waited}" if noted else waited
    who = card.who
    if card.asked > 1:
        who = trn("{who} and {n} other", "{who} and {n} others", card.asked - 1, who=card.who)
    return in_a_row(who, _lately(card.match) or ends(card.match) or STATUS[card.match.status])


def _lately(match: Match) -> str:
    if match.status == "proposed":
        return tr("asked {ago}", ago=ago(match.updated_at))
    return tr("done {ago}", ago=ago(match.updated_at)) if match.status == "done" else ""


def ends(match: Match, now: datetime | None = None) -> str:
    """Say how long a question or a promise still stands, if it lapses by itself."""
    if match.expires_at is None:
        return ""
    seconds = (match.expires_at - (now or datetime.now(UTC))).total_seconds()
    if seconds <= 0:
        return tr("has lapsed")
    if seconds > 2 * DAY_S:
        return trn("stands for {n} more day", "stands for {n} more days", seconds // DAY_S)
    if seconds > 2 * HOUR_S:
        return trn("stands for {n} more hour", "stands for {n} more hours", seconds // HOUR_S)
    return trn("stands for {n} more minute", "stands for {n} more minutes", max(1, seconds // MINUTE_S))


def step_words(step: Step) -> str:
    """Say what a step of a match was."""
    said = STATUS[step.to_status]
    if step.is_undo:
        return tr("taken back: {state} again", state=said)
    if step.from_status == step.to_status == "done":
        return tr("the person helped says so too")
    return in_a_row(said, REASONS.get(step.reason, step.reason) if step.reason else "")


def stands(match: Match) -> str:
    """Say how a match stands."""
    if match.status == "done" and match.confirmed_at:
        return tr("done, and the person helped says so too")
    why = f" ({REASONS.get(match.reason, match.reason)})" if match.reason else ""
    left = ends(match) if match.status in ("proposed", "accepted") else ""
    return in_a_row(f"{STATUS[match.status]}{why}", left)


def proposals_headline(found: Proposals) -> str:
    """Say how many needs could be met by asking how many people."""
    whole = len(found.pairs) + len(found.unmatched)
    if not whole:
        return tr("No open need waits to be matched")
    if not found.pairs:
        return trn("Nobody can be asked about this one need", "Nobody can be asked about any of these {n} needs", whole)
    people = len({pair.helper_id for pair in found.pairs})
    helpers, needs = trn("{n} helper", "{n} helpers", people), trn("{n} need", "{n} needs", whole)
    some = number(len(found.pairs))
    return tr("Ask {helpers} about {some} of {needs}", helpers=helpers, some=some, needs=needs)


def how_good(found: Proposals) -> str:
    """Say how much better any other choice could be."""
    if not found.pairs:
        return ""
    if found.is_optimal or found.gap < _ALMOST:
        return tr("No other choice that serves as many costs less time, by urgency and waiting. This is proven.")
    share = number(100 * found.gap, 1)
    return tr("Another choice could cost at most {share} % less time, by urgency and waiting.", share=share)


def load_words(helper: Helper) -> str:
    """Say how much of a helper's week is taken."""
    return tr("{load} of {most} this week", load=number(helper.load), most=number(helper.capacity_per_week))


def asked_words(helper: Helper, now: datetime | None = None) -> str:
    """Say when a helper was last asked."""
    if helper.last_asked_at is None:
        return tr("never asked yet")
    return tr("last asked {ago}", ago=since(helper.last_asked_at, now))


def when_free(availability: str | None) -> str:
    """Say when a helper is free; what is more than a plain week is given as it was written."""
    if availability is None:
        return tr("has not said when")
    found = _SIMPLE.fullmatch(availability.replace("\r", "").strip())
    if found is None:
        return tr("by a calendar of their own")
    starts = datetime(2000, 1, 1, int(found[1]), int(found[2]), tzinfo=UTC)
    hours = tr("{start} to {end}", start=at_time(starts), end=at_time(starts + timedelta(hours=int(found[3]))))
    days = tr("every day") if found[5] else listed(_DAYS.get(day, day) for day in found[4].rstrip(",").split(","))
    return in_a_row(days, hours)
