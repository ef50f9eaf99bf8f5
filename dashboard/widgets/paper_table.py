"""The rows under the map as they stand on paper: on the screen the table that can be sorted is shown instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.sentences import amount
from dashboard.told_words import say_gap
from dashboard.translation import at_time, on_day, tr, trn
from dashboard.widgets.gap_heads import HEADS
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
    place, need, without, needs, _, why = HEADS.values()
    figures = "".join(f"<th scope='col' class='br-figure'>{as_html(word)}</th>" for word in (without, needs))
    words = [f"<th scope='col'>{as_html(word)}</th>" for word in (place, need, why)]
    heads = f"{words[0]}{words[1]}{figures}{words[2]}"
    body = "".join(_row(meta, row) for row in rows[:MOST])
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>" if rows else ""
    left = count - min(len(rows), MOST)
    more = f"<p>{as_html(trn('And {n} row more.', 'And {n} rows more.', left))}</p>" if left else ""
    sources = ", ".join(dict.fromkeys(source.attribution for source in meta.sources))
    told = tr("Printed on {day} at {time} ({zone}).", day=on_day(now), time=at_time(now), zone=meta.time_zone)
    return f"{table}{more}<p>{as_html(told)} {as_html(sources)}</p>"


def _row(meta: Meta, row: Gap) -> str:
    figures = "".join(f"<td class='br-figure'>{amount(value)}</td>" for value in (row.gap, row.demand))
    words = (as_html(row.label), as_html(meta.label(row.category)))
    return f"<tr><td>{words[0]}</td><td>{words[1]}</td>{figures}<td dir='auto'>{as_html(say_gap(row.why))}</td></tr>"
