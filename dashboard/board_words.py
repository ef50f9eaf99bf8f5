"""How needs, matches, helpers and shifts stand, in plain words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from geo.domain.languages import language_name

from dashboard.access_words import MINUTE_S, ago
from dashboard.sentences import DAY_S, HOUR_S, URGENCY, plural, since

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboard.answers import Meta, Need
    from dashboard.board_answers import Card, Helper, Lane, Match, Proposals, Step

LANES: Final = {
    "waiting": "Waiting",
    "asked": "Asked",
    "accepted": "Accepted",
    "under_way": "Under way",
    "done": "Done",
}
LANE_LEADS: Final = {
    "waiting": "Nobody has been found for these yet. Open one to see who could help soonest.",
    "asked": "Somebody has been asked about these, and has not answered yet.",
    "accepted": "Somebody has promised to help with these, and has not set out yet.",
    "under_way": "Somebody is helping with these now.",
    "done": "Help was given within the last seven days.",
}
LANE_EMPTY: Final = {
    "waiting": ("Nobody waits.", "Every open need has somebody who was asked, has accepted or is helping."),
    "asked": ("Nobody is asked at present.", "Open a need that waits and ask somebody, or let “Matches” propose."),
    "accepted": ("No promise is open.", "A need comes here when somebody says yes."),
    "under_way": ("Nobody is on the way.", "A need comes here when help begins."),
    "done": ("Nothing was done in the last seven days.", "A need comes here when help was given."),
}
STATUS: Final = {
    "proposed": "asked",
    "accepted": "accepted",
    "declined": "said no",
    "under_way": "on the way",
    "done": "done",
    "failed": "did not come about",
    "expired": "lapsed without an answer",
    "withdrawn": "the question was taken back",
}
REASONS: Final = {
    "no_time": "no time",
    "not_for_me": "not for them",
    "nobody_home": "nobody was home",
    "wrong_address": "the address was wrong",
    "not_wanted": "it was not wanted",
    "too_far": "too far",
    "unsafe": "it was not safe",
    "other": "another reason",
}
DECLINES: Final = ("no_time", "too_far", "not_for_me", "unsafe", "other")
FAILURES: Final = ("nobody_home", "wrong_address", "not_wanted", "too_far", "unsafe", "other")
LEFT_OUT: Final = {
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
VEHICLES: Final = {"none": "on foot", "bicycle": "by bicycle", "car": "by car"}
HELPER_STATUS: Final = {"active": "Active", "paused": "Paused", "left": "Has left"}
SIGN_UP: Final = {"signed_up": "comes", "cancelled": "cancelled", "done": "was there", "no_show": "did not come"}
_DAYS: Final = {
    "MO": "Mondays", "TU": "Tuesdays", "WE": "Wednesdays", "TH": "Thursdays", "FR": "Fridays", "SA": "Saturdays",
    "SU": "Sundays",
}  # fmt: skip
_SIMPLE: Final = re.compile(
    r"DTSTART:\d{8}T(\d{2})(\d{2})\d{2}\nDURATION:PT(\d{1,2})H\nRRULE:FREQ=(?:WEEKLY;BYDAY=((?:[A-Z]{2},?)+)|(DAILY))",
    re.ASCII,
)
_ALMOST: Final = 0.0005


def lane_label(lane: Lane) -> str:
    """Name a lane with its count."""
    return f"{LANES[lane.lane]} {lane.count:,}"


def board_headline(lane: Lane) -> str:
    """Say how many needs are in the lane that is looked at."""
    count = plural(lane.count, "need", "needs")
    one = lane.count == 1
    return {
        "waiting": f"{count} {'waits' if one else 'wait'} for somebody",
        "asked": f"{count} {'waits' if one else 'wait'} for an answer",
        "accepted": f"{count} {'has' if one else 'have'} a promise",
        "under_way": f"{count} {'is' if one else 'are'} being met now",
        "done": f"{count} met within seven days",
    }[lane.lane]


def about(meta: Meta, need: Need) -> str:
    """Name a need by its kind and, where it presses, how urgent it is."""
    kind = meta.label(need.category)
    return f"{kind}, {URGENCY[need.urgency].lower()}" if need.urgency in ("critical", "high") else kind


def who_asks(need: Need) -> str:
    """Say for whom a need is and what they speak."""
    home = "one person" if need.household_size == 1 else f"household of {need.household_size}"
    return f"{home}, {speaks(need.languages)}" if need.languages else home


def speaks(languages: Iterable[str]) -> str:
    """Say which languages are spoken."""
    return f"speaks {and_list([language_name(code) for code in languages])}"


def and_list(words: list[str]) -> str:
    """Join words as a sentence does."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def card_line(card: Card) -> str:
    """Say on the board how a need stands."""
    if card.match is None or card.who is None:
        noted = {"under_way": "under way, noted by hand · ", "done": "met, noted by hand · "}.get(card.lane, "")
        return f"{noted}asked for {since(card.need.received_at)}"
    others = f" and {plural(card.asked - 1, 'other', 'others')}" if card.asked > 1 else ""
    when = {"proposed": f"asked {ago(card.match.updated_at)}", "done": f"done {ago(card.match.updated_at)}"}
    return f"{card.who}{others}, {when.get(card.match.status) or ends(card.match) or STATUS[card.match.status]}"


def ends(match: Match, now: datetime | None = None) -> str:
    """Say how long a question or a promise still stands, if it lapses by itself."""
    if match.expires_at is None:
        return ""
    seconds = (match.expires_at - (now or datetime.now(UTC))).total_seconds()
    if seconds <= 0:
        return "has lapsed"
    for unit_s, one in ((DAY_S, "day"), (HOUR_S, "hour")):
        if seconds > 2 * unit_s:
            return f"stands for {plural(seconds // unit_s, f'more {one}', f'more {one}s')}"
    return f"stands for {plural(max(1, seconds // MINUTE_S), 'more minute', 'more minutes')}"


def step_words(step: Step) -> str:
    """Say what a step of a match was."""
    if step.is_undo:
        return f"taken back: {STATUS[step.to_status]} again"
    if step.from_status == step.to_status == "done":
        return "the person helped says so too"
    why = f", {REASONS.get(step.reason, step.reason)}" if step.reason else ""
    return f"{STATUS[step.to_status]}{why}"


def stands(match: Match) -> str:
    """Say how a match stands."""
    if match.status == "done" and match.confirmed_at:
        return "done, and the person helped says so too"
    why = f" ({REASONS.get(match.reason, match.reason)})" if match.reason else ""
    left = f", {ends(match)}" if match.status in ("proposed", "accepted") else ""
    return f"{STATUS[match.status]}{why}{left}"


def proposals_headline(found: Proposals) -> str:
    """Say how many needs could be met by asking how many people."""
    whole = len(found.pairs) + len(found.unmatched)
    if not whole:
        return "No open need waits to be matched"
    if not found.pairs:
        return f"Nobody can be asked about {'this one need' if whole == 1 else f'any of these {whole} needs'}"
    people = len({pair.helper_id for pair in found.pairs})
    return f"Ask {plural(people, 'helper', 'helpers')} about {len(found.pairs)} of {plural(whole, 'need', 'needs')}"


def how_good(found: Proposals) -> str:
    """Say how much better any other choice could be."""
    if not found.pairs:
        return ""
    if found.is_optimal or found.gap < _ALMOST:
        return "No other choice that serves as many costs less time, by urgency and waiting. This is proven."
    return f"Another choice could cost at most {100 * found.gap:.1f} % less time, by urgency and waiting."


def load_words(helper: Helper) -> str:
    """Say how much of a helper's week is taken."""
    return f"{helper.load} of {helper.capacity_per_week} this week"


def asked_words(helper: Helper, now: datetime | None = None) -> str:
    """Say when a helper was last asked."""
    return f"last asked {since(helper.last_asked_at, now)}" if helper.last_asked_at else "never asked yet"


def when_free(availability: str | None) -> str:
    """Say when a helper is free; what is more than a plain week is given as it was written."""
    if availability is None:
        return "has not said when"
    found = _SIMPLE.fullmatch(availability.replace("\r", "").strip())
    if found is None:
        return "by a calendar of their own"
    starts = datetime(2000, 1, 1, int(found[1]), int(found[2]), tzinfo=UTC)
    hours = f"{starts:%H:%M} to {starts + timedelta(hours=int(found[3])):%H:%M}"
    days = "every day" if found[5] else and_list([_DAYS.get(day, day) for day in found[4].rstrip(",").split(",")])
    return f"{days}, {hours}"
