"""Gaps before and after: as two bars, and as a table of what is another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.plan_words import without
from dashboard.sentences import amount
from dashboard.translation import tr, trn
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.plan_answers import ChangedRow, Totals

MOST: Final = 15


def bars(before: Totals, after: Totals, *, kind: str) -> str:
    """Write the needs without help now and then as two bars of one scale, with their figures."""
    pair = ((tr("Now"), before), (tr("With these"), after))
    lines = "".join(_bar(name, total) for name, total in pair)
    return f"<div class='br-bars'><p>{as_html(tr('{kind} needs without help', kind=kind))}</p>{lines}</div>"


def _bar(name: str, total: Totals) -> str:
    share = 100 * total.gap / total.demand if total.demand else 0
    return (
        f"<div><span>{as_html(name)}</span><i aria-hidden='true'><b style='width:{share:.1f}%'></b></i>"
        f"<strong>{without(total)}</strong></div>"
    )


def table(meta: Meta, rows: Sequence[ChangedRow], *, place: str, before: str, after: str) -> str:
    """Write rows as a table from one gap to another, at most ``MOST``; everything in it is escaped."""
    body = "".join(_row(meta, row) for row in rows[:MOST])
    left = trn("and {n} more", "and {n} more", len(rows) - MOST)
    more = f"<p class='br-note'>{as_html(left)}</p>" if len(rows) > MOST else ""
    heads = "".join(f"<th scope='col'>{as_html(head)}</th>" for head in (place, before, after, tr("Change")))
    label = as_html(tr("{what}: needs without help", what=place))
    return (
        f"<div class='br-changes' tabindex='0' role='region' aria-label='{label}'><table>"
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )


def _row(meta: Meta, row: ChangedRow) -> str:
    kind = meta.label(row.category)
    name = f"{as_html(row.label)}<small>{as_html(kind)}</small>" if row.label else as_html(kind)
    whole = as_html(tr("of {count}", count=amount(row.demand)))
    return (
        f"<tr><th scope='row'>{name}</th><td>{amount(row.gap_before)}</td>"
        f"<td>{amount(row.gap_after)} <small>{whole}</small></td><td>{_signed(row.change)}</td></tr>"
    )


def _signed(change: int) -> str:
    if change == 0:
        return "0"
    if change > 0:
        return f"<span class='br-more'>{as_html(trn('{n} more', '{n} more', change))}</span>"
    return f"<span class='br-fewer'>{as_html(trn('{n} fewer', '{n} fewer', -change))}</span>"
