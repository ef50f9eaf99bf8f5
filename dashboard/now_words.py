"""What changed and what there is to do, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.now import ENDING_DAYS, MOST_COUNTED, NEAR_M, UNCLAIMED_DAYS

from dashboard.sentences import amount, plural

if TYPE_CHECKING:
    from geo.domain.now import NeedFlow

    from dashboard.now_answers import Task
    from dashboard.plan_answers import ChangedRow

_DAYS: Final = f"{UNCLAIMED_DAYS} days"
TASKS: Final[dict[str, tuple[str, str, str, str]]] = {
    "needs_you": (
        "need wants you", "needs want you",
        "Nobody answered, or help failed. Only a person can go on from there.", "Open the board",
    ),
    "helper_near": (
        f"need has waited for {_DAYS} with a helper near", f"needs have waited for {_DAYS} with a helper near",
        f"Somebody who offers such help and has room lives within {NEAR_M / 1000:g} km.", "Open Matches",
    ),
    "unclaimed": (
        f"need has waited for {_DAYS} with nobody found", f"needs have waited for {_DAYS} with nobody found",
        "Nobody has been asked about them, or nobody's answer stands.", "Open what waits",
    ),
    "review": (
        "address waits for a person", "addresses wait for a person",
        "Until somebody places it, the need is on no map.", "Open the review queue",
    ),
    "entries": ("entry waits to be decided", "entries wait to be decided", "It was set aside when it came in.",
                "Open Entries"),
    "duplicates": (
        "pair of requests may be one", "pairs of requests may be one", "Merge them, or say that they differ.",
        "Open Duplicates",
    ),
    "referrals": (
        "referral has no answer yet", "referrals have no answer yet", "A call to the partner may help.",
        "Open Referrals",
    ),
    "turfs": (
        "turf ends with doors left", "turfs end with doors left",
        f"It is over, or ends within {ENDING_DAYS} days.", "Open Turfs",
    ),
    "asset_answers": (
        "answer about an asset waits", "answers about assets wait",
        "An organization has said whether what is listed is still true.", "Open all assets",
    ),
    "assets": (
        "asset is to be confirmed", "assets are to be confirmed", "Nobody has said for half a year that it is so.",
        "Open Assets",
    ),
}  # fmt: skip
"""Each thing to do: for one, for many, why, and where it is done."""
_WAYS: Final = (("met", "met"), ("withdrawn", "withdrawn"), ("expired", "expired"), ("merged", "merged into another"))


def how_many(task: Task) -> str:
    """Write how much there is to do of one kind; a kind without words is read out."""
    one, many, *_ = TASKS.get(task.kind, (task.kind.replace("_", " "),) * 2)
    return f"more than {MOST_COUNTED:,} {many}" if task.is_more else plural(task.count, one, many)


def headline(tasks: tuple[Task, ...]) -> str:
    """Say in one sentence how much there is to do."""
    if not tasks:
        return "Nothing wants you just now"
    return f"{plural(len(tasks), 'thing', 'things')} to do next"


def news(flow: NeedFlow, ago: str) -> str:
    """Say in one sentence what has changed."""
    came = plural(flow.came_in, "need came in", "needs came in")
    went = [f"{amount(count)} {words}" for name, words in _WAYS if (count := getattr(flow, name))]
    if not flow.came_in and not went:
        return f"No need has come in and none was closed since {ago}."
    return f"Since {ago} {came}; {', '.join(went) or 'none was closed'}."


def flow_pieces(flow: NeedFlow) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Give both sides of the line: what there was and came in, and what became of it."""
    became = [(getattr(flow, name), words) for name, words in _WAYS]
    return [(flow.open_then, "open then"), (flow.came_in, "came in")], [*became, (flow.open_now, "open now")]


def grown(row: ChangedRow, kind: str) -> str:
    """Say how a gap has grown in one part of town."""
    return (
        f"{row.label}: {amount(row.change)} more {kind.lower()} {'need' if row.change == 1 else 'needs'} without help"
    )
