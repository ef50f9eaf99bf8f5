"""What the page of duplicates says about two requests, and how it draws where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.board_words import speaks
from dashboard.sentences import URGENCY, metres, plural, since
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.duplicate_answers import Pair, Side

FACTS: Final = {
    "household_size": "How many people",
    "urgency": "How urgent",
    "languages": "Languages",
    "access": "What stands in the way",
    "place": "The place",
    "contact": "How to reach them",
    "note": "The note, below the earlier one",
}
_DIFFERS: Final = "<span class='br-tag'>differs</span>"
_WIDE, _HIGH, _EDGE = 320, 130, 12


def headline(count: int) -> str:
    """Say how many pairs wait."""
    return f"{plural(count, 'pair', 'pairs')} of requests may be one" if count else "Duplicates"


def rows(meta: Meta, side: Side) -> list[tuple[str, str, str]]:
    """Say what is known of one request: by what it is compared, how that is called, and what it is."""
    need = side.need
    place = "no place yet" if side.uncertainty_m is None else f"known to {metres(side.uncertainty_m)}"
    reach = "a telephone number" if side.has_phone else "a contact without a number" if side.has_contact else "none"
    return [
        ("category", "Asks for", meta.label(need.category)),
        ("household_size", "People", str(need.household_size)),
        ("urgency", "Urgency", URGENCY.get(need.urgency, need.urgency)),
        ("languages", "Languages", speaks(need.languages) or "not said"),
        ("access", "In the way", ", ".join(side.access).replace("_", " ") or "nothing"),
        ("place", "Place", place),
        ("reach", "Contact", reach),
        ("status", "Stands", need.status.replace("_", " ")),
        ("received", "Came", since(need.received_at)),
    ]


def table(meta: Meta, pair: Pair) -> str:
    """Write the two beside each other; what differs is marked, and said for those who do not see the mark."""
    lines = []
    for (name, label, one), (_, _, other) in zip(rows(meta, pair.earlier), rows(meta, pair.later), strict=True):
        told = "" if one == other or name == "received" else _DIFFERS
        if name == "reach" and pair.earlier.has_phone and pair.later.has_phone:
            told = "<span class='br-tag'>same number</span>" if pair.same_phone else _DIFFERS
        lines.append(
            f"<tr><th scope='row'>{label}</th><td>{as_html(one)}</td><td>{as_html(other)}</td><td>{told}</td></tr>"
        )
    head = "<thead><tr><th></th><th scope='col'>Earlier</th><th scope='col'>Later</th><th></th></tr></thead>"
    return f"<table class='br-pair'>{head}<tbody>{''.join(lines)}</tbody></table>"


def drawing(pair: Pair) -> str:
    """Draw both places to scale, each as far as it is sure; where they are on the map is not shown."""
    one, other, apart = pair.earlier.uncertainty_m, pair.later.uncertainty_m, pair.metres_apart
    if one is None or other is None or apart is None:
        return "<p class='br-lead'>One of them has no place yet, so there is nothing to draw.</p>"
    left, right = max(one, 3.0), max(other, 3.0)
    across = max(left + apart + right, 2 * left, 2 * right)
    scale = min((_WIDE - 2 * _EDGE) / across, (_HIGH - 2 * _EDGE) / (2 * max(left, right)))
    first = _EDGE + max(left, right - apart) * scale
    middle = _HIGH / 2
    said = f"Their places are {metres(apart)} apart; one is known to {metres(one)}, the other to {metres(other)}."
    spots = ((first, left, "br-one"), (first + apart * scale, right, "br-other"))
    circles = "".join(_circle(x, middle, max(radius * scale, 4.0), kind) for x, radius, kind in spots)
    return (
        f"<figure class='br-drawing'><div role='img' aria-label='{as_html(said)}' "
        f"style='width:{_WIDE}px;height:{_HIGH}px'>{circles}</div><figcaption>{as_html(said)}</figcaption></figure>"
    )


def _circle(x: float, y: float, radius: float, kind: str) -> str:
    # plain boxes made round: the page lets no drawings through
    place = f"left:{x - radius:.1f}px;top:{y - radius:.1f}px;width:{2 * radius:.1f}px;height:{2 * radius:.1f}px"
    return f"<i class='{kind}' style='{place}'></i>"


def reasons(pair: Pair) -> str:
    """List why the pair is shown, in words."""
    return "<ul class='br-reasons'>" + "".join(f"<li>{as_html(one)}</li>" for one in pair.why) + "</ul>"
