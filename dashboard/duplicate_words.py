"""What the page of duplicates says about two requests, and how it draws where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.board_words import speaks
from dashboard.entry_words import NEED_STATUS
from dashboard.plan_words import ACCESS
from dashboard.sentences import URGENCY, metres, since
from dashboard.told_words import say
from dashboard.translation import Phrases, number, tr, trn
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.duplicate_answers import Pair, Side

FACTS: Final = Phrases(
    {
        "household_size": "How many people",
        "urgency": "How urgent",
        "languages": "Languages",
        "access": "What stands in the way",
        "place": "The place",
        "contact": "How to reach them",
        "note": "The note, below the earlier one",
    }
)
_WIDE, _HIGH, _EDGE = 320, 130, 12


def headline(count: int) -> str:
    """Say how many pairs wait."""
    if not count:
        return tr("Duplicates")
    return trn("{n} pair of requests may be one", "{n} pairs of requests may be one", count)


def rows(meta: Meta, side: Side) -> list[tuple[str, str, str]]:
    """Say what is known of one request: by what it is compared, how that is called, and what it is."""
    need = side.need
    known = tr("known to {metres}", metres=metres(side.uncertainty_m)) if side.uncertainty_m is not None else ""
    return [
        ("category", tr("Asks for"), meta.label(need.category)),
        ("household_size", tr("People"), number(need.household_size)),
        ("urgency", tr("Urgency"), URGENCY.get(need.urgency, need.urgency)),
        ("languages", tr("Languages"), speaks(need.languages) if need.languages else tr("not said")),
        ("access", tr("In the way"), tr(", ").join(ACCESS.get(one, one) for one in side.access) or tr("nothing")),
        ("place", tr("Place"), known or tr("no place yet")),
        ("reach", tr("Contact"), _reach(side)),
        ("status", tr("Stands"), NEED_STATUS.get(need.status, need.status)),
        ("received", tr("Came"), since(need.received_at)),
    ]


def _reach(side: Side) -> str:
    if side.has_phone:
        return tr("a telephone number")
    return tr("a contact without a number") if side.has_contact else tr("none")


def table(meta: Meta, pair: Pair) -> str:
    """Write the two beside each other; what differs is marked, and said for those who do not see the mark."""
    lines = []
    differs = f"<span class='br-tag'>{as_html(tr('differs'))}</span>"
    same = f"<span class='br-tag'>{as_html(tr('same number'))}</span>"
    for (name, label, one), (_, _, other) in zip(rows(meta, pair.earlier), rows(meta, pair.later), strict=True):
        told = "" if one == other or name == "received" else differs
        if name == "reach" and pair.earlier.has_phone and pair.later.has_phone:
            told = same if pair.same_phone else differs
        cells = "".join(f"<td>{cell}</td>" for cell in (as_html(one), as_html(other), told))
        lines.append(f"<tr><th scope='row'>{as_html(label)}</th>{cells}</tr>")
    heads = "".join(f"<th scope='col'>{as_html(word)}</th>" for word in (tr("Earlier"), tr("Later")))
    head = f"<thead><tr><th></th>{heads}<th></th></tr></thead>"
    return f"<table class='br-pair'>{head}<tbody>{''.join(lines)}</tbody></table>"


def drawing(pair: Pair) -> str:
    """Draw both places to scale, each as far as it is sure; where they are on the map is not shown."""
    one, other, apart = pair.earlier.uncertainty_m, pair.later.uncertainty_m, pair.metres_apart
    if one is None or other is None or apart is None:
        told = tr("One of them has no place yet, so there is nothing to draw.")
        return f"<p class='br-lead'>{as_html(told)}</p>"
    left, right = max(one, 3.0), max(other, 3.0)
    across = max(left + apart + right, 2 * left, 2 * right)
    scale = min((_WIDE - 2 * _EDGE) / across, (_HIGH - 2 * _EDGE) / (2 * max(left, right)))
    first = (_WIDE - across * scale) / 2 + max(left, right - apart) * scale
    middle = _HIGH / 2
    said = tr(
        "Their places are {apart} apart; one is known to {one}, the other to {other}.",
        apart=metres(apart),
        one=metres(one),
        other=metres(other),
    )
    spots = ((first, left, "br-one"), (first + apart * scale, right, "br-other"))
    circles = "".join(_circle(x, middle, max(radius * scale, 4.0), kind) for x, radius, kind in spots)
    return (
        f"<figure class='br-drawing'><div role='img' aria-label='{as_html(said)}' "
        f"style='width:{_WIDE}px;height:{_HIGH}px'>{circles}</div><figcaption>{as_html(said)}</figcaption></figure>"
    )


def _circle(x: float, y: float, radius: float, kind: str) -> str:
    # plain boxes made round: the page lets no drawings through
    sides = {"left": x - radius, "top": y - radius, "width": 2 * radius, "height": 2 * radius}
    place = ";".join(f"{name}:{size:.1f}px" for name, size in sides.items())
    return f"<i class='{kind}' style='{place}'></i>"


def reasons(pair: Pair) -> str:
    """List why the pair is shown, in words."""
    told = "".join(f"<li dir='auto'>{as_html(say(one))}</li>" for one in pair.why)
    return f"<ul class='br-reasons'>{told}</ul>"
