"""Scenarios side by side in tables: figures with their sign and their word, everything escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard.if_words import signed
from dashboard.sentences import amount
from dashboard.translation import trn
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ROWS: Final = 20


def cell(change: int, note: str = "") -> str:
    """Write how many needs more or fewer, as HTML, with a note below."""
    kind = "more" if change > 0 else "fewer" if change < 0 else "same"
    below = f"<small>{as_html(note)}</small>" if note else ""
    return f"<span class='br-{kind}'>{signed(change)}</span>{below}"


def plain(value: int, note: str = "") -> str:
    """Write a count as HTML, with a note below."""
    return f"{amount(value)}<small>{as_html(note)}</small>" if note else amount(value)


def write(heads: Sequence[str], rows: Sequence[tuple[str, str, Sequence[str]]], *, label: str) -> str:
    """Write a table as HTML, at most ``MOST_ROWS`` rows of it.

    Parameters
    ----------
    heads
        Of every column, that of the names first.
    rows
        The name of each, a smaller word below it, and its cells as HTML.
    label
        What it is, for who hears it.
    """
    first = "".join(f"<th scope='col'>{as_html(head)}</th>" for head in heads)
    body = "".join(_row(*row) for row in rows[:MOST_ROWS])
    left = trn("and {n} more", "and {n} more", len(rows) - MOST_ROWS)
    more = f"<p class='br-note'>{as_html(left)}</p>" if len(rows) > MOST_ROWS else ""
    return (
        f"<div class='br-changes br-if' tabindex='0' role='region' aria-label='{as_html(label)}'><table>"
        f"<thead><tr>{first}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )


def _row(name: str, small: str, cells: Sequence[str]) -> str:
    below = f"<small>{as_html(small)}</small>" if small else ""
    return f"<tr><th scope='row'>{as_html(name)}{below}</th>{''.join(f'<td>{one}</td>' for one in cells)}</tr>"
