"""What changed and what there is to do, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.now import ENDING_DAYS, MOST_COUNTED, NEAR_M, UNCLAIMED_DAYS

from dashboard.sentences import KILOMETRE_M, amount
from dashboard.translation import Phrases, at_time, number, on_day, tr, trn, weekday

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from geo.domain.now import NeedFlow

    from dashboard.now_answers import Task
    from dashboard.plan_answers import ChangedRow

TASKS: Final = Phrases(
    {
        "needs_you": ("Nobody answered, or help failed. Only a person can go on from there.", "Open the board"),
        "helper_near": ("Somebody who offers such help and has room lives within {km} km.", "Open Matches"),
        "unclaimed": ("Nobody has been asked about them, or nobody's answer stands.", "Open what waits"),
        "review": ("Until somebody places it, the need is on no map.", "Open the review queue"),
        "entries": ("It was set aside when it came in.", "Open Entries"),
        "duplicates": ("Merge them, or say that they differ.", "Open Duplicates"),
        "referrals": ("A call to the partner may help.", "Open Referrals"),
        "turfs": ("It is over, or ends within {days} days.", "Open Turfs"),
        "asset_answers": ("An organization has said whether what is listed is still true.", "Open all assets"),
        "assets": ("Nobody has said for half a year that it is so.", "Open Assets"),
    }
)
"""Of each thing to do: why, and where it is done."""
COUNTED: Final[Mapping[str, Callable[[int], str]]] = {
    "needs_you": lambda n: trn("{n} need wants you", "{n} needs want you", n),
    "helper_near": lambda n: trn(
        "{n} need has waited for {days} days with a helper near",
        "{n} needs have waited for {days} days with a helper near",
        n,
        days=number(UNCLAIMED_DAYS),
    ),
    "unclaimed": lambda n: trn(
        "{n} need has waited for {days} days with nobody found",
        "{n} needs have waited for {days} days with nobody found",
        n,
        days=number(UNCLAIMED_DAYS),
    ),
    "review": lambda n: trn("{n} address waits for a person", "{n} addresses wait for a person", n),
    "entries": lambda n: trn("{n} entry waits to be decided", "{n} entries wait to be decided", n),
    "duplicates": lambda n: trn("{n} pair of requests may be one", "{n} pairs of requests may be one", n),
    "referrals": lambda n: trn("{n} referral has no answer yet", "{n} referrals have no answer yet", n),
    "turfs": lambda n: trn("{n} turf ends with doors left", "{n} turfs end with doors left", n),
    "asset_answers": lambda n: trn("{n} answer about an asset waits", "{n} answers about assets wait", n),
    "assets": lambda n: trn("{n} asset is to be confirmed", "{n} assets are to be confirmed", n),
}
DAYS_A_WEEK: Final = 7
AGO: Final = Phrases({"day": "a day ago", "days": "three days ago", "week": "a week ago"})
_WAYS: Final = Phrases({"met": "met", "withdrawn": "withdrawn", "expired": "expired", "merged": "merged into another"})


def how_many(task: Task) -> str:
    """Write how much there is to do of one kind; a kind without words is read out."""
    n = MOST_COUNTED if task.is_more else task.count
    words = COUNTED.get(task.kind)
    counted = words(n) if words else f"{number(n)} {task.kind.replace('_', ' ')}"
    return tr("more than {counted}", counted=counted) if task.is_more else counted


def why_and_where(kind: str) -> tuple[str, ...]:
    """Say why something is to be done, and what the way there is called; nothing of a kind without words."""
    parts = {"km": number(NEAR_M / KILOMETRE_M, 1), "days": number(ENDING_DAYS)}
    return tuple(words.format(**parts) for words in TASKS.get(kind, ("", "")))


def headline(tasks: tuple[Task, ...]) -> str:
    """Say in one sentence how much there is to do."""
    if not tasks:
        return tr("Nothing wants you just now")
    return trn("{n} thing to do next", "{n} things to do next", len(tasks))


def news(flow: NeedFlow, ago: str) -> str:
    """Say in one sentence what has changed."""
    went = [words for n, words in _went(flow) if n]
    if not flow.came_in and not went:
        return tr("No need has come in and none was closed since {ago}.", ago=ago)
    came = trn("{n} need came in", "{n} needs came in", flow.came_in)
    return tr("Since {ago} {came}; {went}.", ago=ago, came=came, went=tr(", ").join(went) or tr("none was closed"))


def news_since_here(flow: NeedFlow, when: str) -> str:
    """Say in one sentence what has changed since somebody was here; ``when`` as :func:`here` says it."""
    went = [words for n, words in _went(flow) if n]
    if not flow.came_in and not went:
        return tr("No need has come in and none was closed since you were here {when}.", when=when)
    came = trn("{n} need came in", "{n} needs came in", flow.came_in)
    gone = tr(", ").join(went) or tr("none was closed")
    return tr("Since you were here {when}: {came}; {went}.", when=when, came=came, went=gone)


def here(moment: datetime, now: datetime) -> str:
    """Say when somebody was here; both instants on the clock of the network."""
    days = (now.date() - moment.date()).days
    if days <= 0:
        return tr("today at {time}", time=at_time(moment))
    if days == 1:
        return tr("yesterday at {time}", time=at_time(moment))
    if days < DAYS_A_WEEK:
        return tr("on {weekday}", weekday=weekday(moment.weekday(), use="format"))
    return tr("on {day}", day=on_day(moment))


def _went(flow: NeedFlow) -> list[tuple[int, str]]:
    return [
        (flow.met, trn("{n} met", "{n} met", flow.met)),
        (flow.withdrawn, trn("{n} withdrawn", "{n} withdrawn", flow.withdrawn)),
        (flow.expired, trn("{n} expired", "{n} expired", flow.expired)),
        (flow.merged, trn("{n} merged into another", "{n} merged into another", flow.merged)),
    ]


def flow_pieces(flow: NeedFlow) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Give both sides of the line: what there was and came in, and what became of it."""
    became = [(getattr(flow, name), words) for name, words in _WAYS.items()]
    then = [(flow.open_then, tr("open then")), (flow.came_in, tr("came in"))]
    return then, [*became, (flow.open_now, tr("open now"))]


def grown(row: ChangedRow, kind: str) -> str:
    """Say how a gap has grown in one part of town."""
    return trn(
        "{place}: {count} more {kind} need without help",
        "{place}: {count} more {kind} needs without help",
        row.change,
        place=row.label,
        count=amount(row.change),
        kind=kind.lower(),
    )
