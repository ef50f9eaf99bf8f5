"""The rows under the map as they stand on paper: on the screen the table that can be sorted is shown instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.sentences import amount
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dashboard.answers import Gap, Meta

MOST: Final = 120
"""Rows: about three pages. The rest is in the table that can be saved."""


def show(meta: Meta, rows: Sequence[Gap], count: int, now: datetime) -> None:
    """Write the worst of ``count`` rows, where they come from and when; everything in it is escaped."""
    st.html(f"<div class='br-paper'>{written(meta, rows, count, now)}</div>")


def written(meta: Meta, rows: Sequence[Gap], count: int, now: datetime) -> str:
    """Write what :func:`show` shows; ``now`` is by the network's clock."""
    heads = "".join(f"<th scope='col'{_figure(head)}>{head}</th>" for head in ("Place", "Need", *_FIGURES, "Why"))
    body = "".join(_row(meta, row) for row in rows[:MOST])
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>" if rows else ""
    left = count - min(len(rows), MOST)
    more = f"<p>And {amount(left)} rows more.</p>" if left else ""
    sources = as_html(", ".join(dict.fromkeys(source.attribution for source in meta.sources)))
    told = f"Printed on {now.day} {now:%B %Y} at {now:%H:%M} ({as_html(meta.time_zone)}). {sources}"
    return f"{table}{more}<p>{told}</p>"


_FIGURES: Final = ("Without help", "Needs")


def _figure(head: str) -> str:
    return " class='br-figure'" if head in _FIGURES else ""


def _row(meta: Meta, row: Gap) -> str:
    figures = "".join(f"<td class='br-figure'>{amount(value)}</td>" for value in (row.gap, row.demand))
    words = (as_html(row.label), as_html(meta.label(row.category)))
    return f"<tr><td>{words[0]}</td><td>{words[1]}</td>{figures}<td>{as_html(row.why)}</td></tr>"
