"""What would help, what would be and what has changed, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from geo.domain.slots import EVERYBODY, NOT_STATED, OTHERS

from dashboard.sentences import URGENCY, amount, within
from dashboard.translation import Phrases, name_of_language, tr, trn, without_year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.plan_answers import Changes, Hour, Sites, Totals

WHERE: Final = Phrases({"vacant": "Public places", "addresses": "Addresses", "grid": "Anywhere, on a grid"})
GROUPS: Final = Phrases(
    {"none": "Everybody", "language": "Language", "access": "What stands in the way", "urgency": "Urgency"}
)
ACCESS: Final = Phrases(
    {"no_car": "Without a car", "wheelchair": "With a wheelchair", "no_phone": "Without a telephone"}
)
_GROUP: Final = Phrases({EVERYBODY: "Everybody", NOT_STATED: "Not stated", OTHERS: "All others"})


def sites_headline(answer: Sites, kind: str) -> str:
    """Say in one sentence what the proposed places would do."""
    where = within(answer.asked.standard_min)
    if answer.sites:
        return trn(
            "{places} would help {n} more need {where}.",
            "{places} would help {n} more needs {where}.",
            answer.helped,
            places=trn("One new place", "{n} new places", len(answer.sites)),
            where=where,
        )
    if answer.before.demand == 0:
        return tr("There is no open {kind} need on the map.", kind=kind)
    if answer.before.gap == 0:
        return tr("Every open {kind} need finds help {where}. No new place is needed.", kind=kind, where=where)
    return tr("No spot looked at would help anybody more {where}.", where=where)


def of_which(answer: Sites, kind: str) -> str:
    """Say of which kinds the needs are that would be helped, where that is not plain."""
    own = answer.before.gap - answer.after.gap
    others = answer.helped - own
    if not answer.sites or others <= 0:
        return ""
    its = trn("{n} of them is a {kind} need", "{n} of them are {kind} needs", own, kind=kind)
    return trn(
        "{its}; {n} is another, because help that gives both gets room again.",
        "{its}; {n} are others, because help that gives both gets room again.",
        others,
        its=its,
    )


def fewer_than_asked(answer: Sites) -> str:
    """Say why there are fewer places than were asked for."""
    if not answer.sites or len(answer.sites) >= answer.asked.k:
        return ""
    return trn(
        "{n} was asked for; after these, no further place would help anybody.",
        "{n} were asked for; after these, no further place would help anybody.",
        answer.asked.k,
    )


def how_found(answer: Sites) -> str:
    """Say whether the places are proven to be the best, or how much better others could be."""
    if answer.is_optimal:
        return trn(
            "Best of {n} spot looked at: no other choice helps more. This is proven.",
            "Best of {n} spots looked at: no other choice helps more. This is proven.",
            answer.candidate_count,
        )
    most = amount(math.floor(answer.most + 1e-6))
    found = trn("Found step by step among {n} spot.", "Found step by step among {n} spots.", answer.candidate_count)
    best = tr("No choice can help more than {most}; these help {n}.", most=most, n=amount(answer.helped))
    cut = [tr("The search was stopped when its time was up.")] if answer.was_cut else []
    return " ".join([found, best, *cut])


def unreached(answer: Sites, kind: str) -> str:
    """Say how many needs neither help nor a spot reaches."""
    if not answer.unreached:
        return ""
    return trn(
        "{n} {kind} need is out of reach of all help and of every spot looked at.",
        "{n} {kind} needs are out of reach of all help and of every spot looked at.",
        answer.unreached,
        kind=kind,
    )


def without(total: Totals) -> str:
    """Write a gap with its demand."""
    return tr("{gap} of {demand}", gap=amount(total.gap), demand=amount(total.demand))


def group_name(by: str, group: str) -> str:
    """Name a group of households."""
    if group in _GROUP:
        return _GROUP[group]
    names: Mapping[str, str] = {"access": ACCESS, "urgency": URGENCY}.get(by, {})
    return name_of_language(group) if by == "language" else names.get(group, group)


def hour_words(hour: Hour | None) -> str:
    """Say how one hour fares, for who cannot see the table's colours."""
    if hour is None:
        return tr("no such hour")
    return tr("{gap} of {demand} without help", gap=amount(hour.gap), demand=amount(hour.demand))


def changes_headline(changes: Changes) -> str:
    """Say in one sentence whether the gap is wider than on the day that is compared with."""
    then, now = (sum(getattr(kind, name) for kind in changes.kinds) for name in ("gap_before", "gap_after"))
    parts = {"day": without_year(changes.since) if changes.since else "", "then": amount(then), "now": amount(now)}
    if then == now:
        return tr("As many needs find no help as on {day}: {now}.", day=parts["day"], now=parts["now"])
    if now > then:
        return trn(
            "{n} more need finds no help than on {day}: {then} then, {now} now.",
            "{n} more needs find no help than on {day}: {then} then, {now} now.",
            now - then,
            **parts,
        )
    return trn(
        "{n} fewer need finds no help than on {day}: {then} then, {now} now.",
        "{n} fewer needs find no help than on {day}: {then} then, {now} now.",
        then - now,
        **parts,
    )
