"""A week as a table: a row for each hour, a column for each day, each cell with its figure and a colour."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Final

from dashboard.plan_words import hour_words
from dashboard.translation import at_time, number, tr, weekday
from dashboard.widgets import theme
from dashboard.widgets.legend import CLASSES, step_of
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.plan_answers import Hour

HOURS: Final = 24
DAYS: Final = 7
_DARK_AT: Final = 0.179
"""The luminance above which black is easier to read than white (WCAG 2, relative luminance)."""


def write(hours: Sequence[Hour], *, caption: str) -> str:
    """Write the table; everything in it is escaped.

    Parameters
    ----------
    hours
        One group's hours; an hour that a clock change leaves out is a cell without a figure.
    """
    known = {(one.weekday, one.hour): one for one in hours}
    step = step_of(one.gap for one in hours)
    head = "".join(
        f"<th scope='col'><abbr title='{weekday(day)}'>{weekday(day, width='abbreviated')}</abbr></th>"
        for day in range(DAYS)
    )
    body = "".join(_line(hour, [known.get((day, hour)) for day in range(DAYS)], step) for hour in range(HOURS))
    words = as_html(caption)
    return (
        f"<div class='br-week' tabindex='0' role='region' aria-label='{words}'><table><caption>{words}</caption>"
        f"<thead><tr><th scope='col'>{as_html(tr('Hour'))}</th>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _line(hour: int, days: Sequence[Hour | None], step: int) -> str:
    cells = "".join(_cell(one, day, step) for day, one in enumerate(days))
    return f"<tr><th scope='row'>{at_time(time(hour))}</th>{cells}</tr>"


def _cell(one: Hour | None, day: int, step: int) -> str:
    said = as_html(f"{weekday(day)}: {hour_words(one)}")
    if one is None:
        return f"<td title='{said}'>–</td>"  # noqa: RUF001 - a dash where there is no figure
    return f"<td{_paint(one.gap, step)} title='{said}'>{number(one.gap)}</td>"


def _paint(gap: int, step: int) -> str:
    if gap <= 0:
        return ""
    colours = theme.palette()["gaps"]
    colour = colours[min(CLASSES, -(-gap // step)) - 1]
    return f" style='background:{colour};color:{'#000' if luminance(colour) > _DARK_AT else '#fff'}'"


def luminance(colour: str) -> float:
    """Give the relative luminance of a colour like ``#a83a6c``, from 0 for black to 1 for white (WCAG 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]  # noqa: PLR2004 - sRGB
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
