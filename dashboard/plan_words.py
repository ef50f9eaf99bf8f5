"""What would help, what would be and what has changed, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from geo.domain.languages import language_name
from geo.domain.slots import EVERYBODY, NOT_STATED, OTHERS

from dashboard.sentences import URGENCY, amount, plural, within

if TYPE_CHECKING:
    from dashboard.plan_answers import Changes, Hour, Sites, Totals

WHERE: Final = {"vacant": "Public places", "addresses": "Addresses", "grid": "Anywhere, on a grid"}
GROUPS: Final = {"none": "Everybody", "language": "Language", "access": "What stands in the way", "urgency": "Urgency"}
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ACCESS: Final = {"no_car": "Without a car", "wheelchair": "With a wheelchair", "no_phone": "Without a telephone"}
_GROUP: Final = {EVERYBODY: "Everybody", NOT_STATED: "Not stated", OTHERS: "All others"}


def needs_of(value: float, kind: str) -> str:
    """Write a count of needs of one kind; ``kind`` is like ``food`` or empty."""
    space = " " if kind else ""
    return plural(value, f"{kind}{space}need", f"{kind}{space}needs")


def sites_headline(answer: Sites, kind: str) -> str:
    """Say in one sentence what the proposed places would do."""
    where = within(answer.asked.standard_min)
    if answer.sites:
        places = "One new place" if len(answer.sites) == 1 else f"{len(answer.sites)} new places"
        return f"{places} would help {plural(answer.helped, 'more need', 'more needs')} {where}."
    if answer.before.demand == 0:
        return f"There is no open {kind} need on the map."
    if answer.before.gap == 0:
        return f"Every open {kind} need finds help {where}. No new place is needed."
    return f"No spot looked at would help anybody more {where}."


def of_which(answer: Sites, kind: str) -> str:
    """Say of which kinds the needs are that would be helped, where that is not plain."""
    own = answer.before.gap - answer.after.gap
    others = answer.helped - own
    if not answer.sites or others <= 0:
        return ""
    whose = "is another" if others == 1 else "are others"
    return (
        f"{amount(own)} of them {'is a' if own == 1 else 'are'} {needs_of(own, kind).partition(' ')[2]}; "
        f"{amount(others)} {whose}, because help that gives both gets room again."
    )


def fewer_than_asked(answer: Sites) -> str:
    """Say why there are fewer places than were asked for."""
    if not answer.sites or len(answer.sites) >= answer.asked.k:
        return ""
    return f"{answer.asked.k} were asked for; after these, no further place would help anybody."


def how_found(answer: Sites) -> str:
    """Say whether the places are proven to be the best, or how much better others could be."""
    spots = plural(answer.candidate_count, "spot", "spots")
    if answer.is_optimal:
        return f"Best of {spots} looked at: no other choice helps more. This is proven."
    most = math.floor(answer.most + 1e-6)
    cut = " The search was stopped when its time was up." if answer.was_cut else ""
    best = f"No choice can help more than {amount(most)}; these help {amount(answer.helped)}."
    return f"Found step by step among {spots}. {best}{cut}"


def unreached(answer: Sites, kind: str) -> str:
    """Say how many needs neither help nor a spot reaches."""
    if not answer.unreached:
        return ""
    verb = "is" if answer.unreached == 1 else "are"
    return f"{needs_of(answer.unreached, kind)} {verb} out of reach of all help and of every spot looked at."


def without(total: Totals) -> str:
    """Write a gap with its demand."""
    return f"{amount(total.gap)} of {amount(total.demand)}"


def group_name(by: str, group: str) -> str:
    """Name a group of households."""
    if group in _GROUP:
        return _GROUP[group]
    names = {"access": _ACCESS, "urgency": URGENCY}.get(by, {})
    return language_name(group) if by == "language" else names.get(group, group)


def hour_words(hour: Hour | None) -> str:
    """Say how one hour fares, for who cannot see the table's colours."""
    return "no such hour" if hour is None else f"{amount(hour.gap)} of {amount(hour.demand)} without help"


def changes_headline(changes: Changes) -> str:
    """Say in one sentence whether the gap is wider than on the day that is compared with."""
    then, now = (sum(getattr(kind, name) for kind in changes.kinds) for name in ("gap_before", "gap_after"))
    day = f"{changes.since:%-d %B}" if changes.since else ""
    if then == now:
        return f"As many needs find no help as on {day}: {amount(now)}."
    count = amount(abs(now - then))
    needs, verb = ("need", "finds") if abs(now - then) == 1 else ("needs", "find")
    more = "more" if now > then else "fewer"
    return f"{count} {more} {needs} {verb} no help than on {day}: {amount(then)} then, {amount(now)} now."
