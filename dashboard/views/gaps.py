"""The list beside the map: the five worst gaps in words, and every row as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import streamlit as st

from dashboard.sentences import share_without
from dashboard.told_words import say_gap
from dashboard.translation import number, pointing, tr, trn
from dashboard.widgets import trouble
from dashboard.widgets.gap_heads import HEADS
from dashboard.widgets.legend import is_gap
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Gap, Meta

WORST: Final = 5
TABLE: Final = "gap_table"
UNFOLDED: Final = "gap_rows"
PAGE: Final = "gap_page"

Choose = Callable[[str | None], None]
More = Callable[[int], tuple["Gap", ...]]


def show_worst(meta: Meta, rows: tuple[Gap, ...], *, on_choose: Choose) -> None:
    """Draw the places where most needs find no help, the worst first."""
    worst = [row for row in rows if is_gap(row.gap)][:WORST]
    if not rows:
        trouble.empty(tr("No open needs here"), tr("Choose another kind of need or part of town to see how it fares."))
    elif not worst:
        trouble.empty(
            tr("Nobody is left out"), tr("Every open need shown here has help in reach. Try a stricter time.")
        )
    else:
        title = tr("The widest gap") if len(worst) == 1 else tr("Where most needs find no help")
        st.html(f"<h2 class='br-section'>{as_html(title)}</h2>")
    for at, row in enumerate(worst):
        _card(meta, row, at, on_choose)


def _card(meta: Meta, row: Gap, at: int, on_choose: Choose) -> None:
    with st.container(key=f"gap_{at}"):
        st.html(card(row, meta.label(row.category)))
        st.button(
            tr("Look closer"),
            key=f"see_{at}",
            type="tertiary",
            icon=pointing("arrow_forward"),
            icon_position="right",
            on_click=on_choose,
            args=(row.key,),
        )


def card(row: Gap, label: str, *, where: bool = True) -> str:
    """Write one row as a card, with its place unless that stands above it; everything in it is escaped."""
    place = f"<p class='br-where'>{as_html(row.label)}</p>" if where else ""
    share = 100 * row.gap / row.demand if row.demand else 0
    told = tr("Near the edge of the loaded area: help beyond it is not counted.")
    edge = f"<p class='br-edge'>{as_html(told)}</p>" if row.is_at_edge else ""
    return (
        f"<div class='br-card'>{place}"
        f"<h3>{as_html(share_without(row, label))}</h3><p dir='auto'>{as_html(say_gap(row.why))}</p>{edge}"
        f"<span class='br-bar' aria-hidden='true'><i style='width:{share:.0f}%'></i></span></div>"
    )


def table(meta: Meta, rows: tuple[Gap, ...]) -> pd.DataFrame:
    """Write every row as a table, in the order given."""
    return pd.DataFrame([_figures(meta, row) for row in rows], columns=list(HEADS))


def _figures(meta: Meta, row: Gap) -> tuple[object, ...]:
    helped = row.covered / row.demand if row.demand else 1.0
    return row.label, meta.label(row.category), round(row.gap, 1), round(row.demand, 1), helped, say_gap(row.why)


def show_table(meta: Meta, rows: tuple[Gap, ...], *, count: int, more: More, on_choose: Choose) -> None:
    """Draw the table where it is unfolded; choosing a row chooses its cell.

    What draws it is much for a browser to fetch, and few look at it each time. ``rows`` are the first of ``count``;
    ``more`` gives those from a number on, when somebody turns the page.
    """
    if not rows:
        return
    label = trn("All {n} row as a table", "All {n} rows as a table", count)
    with st.expander(label, icon=":material/table_rows:", key=UNFOLDED, on_change="rerun") as unfolded:
        if not unfolded.open:
            return
        page = _choose_page(count, len(rows))
        if page:
            rows = more(page * len(rows))
        st.dataframe(
            table(meta, rows),
            key=TABLE,
            hide_index=True,
            height=330,
            on_select=lambda: _row_chosen(rows, on_choose),
            selection_mode="single-row",
            column_config=_columns(),
            alt=tr("Needs without help by place and kind of need, the same figures as the map shows"),
        )


def _choose_page(count: int, size: int) -> int:
    """Give the number of the page to be shown, the first one being none."""
    pages = -(-count // size)
    if pages == 1:
        return 0
    # another question may have fewer pages
    st.session_state[PAGE] = min(st.session_state.get(PAGE, 1), pages)
    label = tr("Page, of {pages} with {size} rows each, the widest gap first", pages=number(pages), size=number(size))
    return int(st.number_input(label, 1, pages, key=PAGE, width=420)) - 1


def _columns() -> dict[str, Any]:
    place, need, without, needs, helped, why = HEADS
    column = st.column_config
    return {
        place: column.TextColumn(HEADS[place], width="medium"),
        need: column.TextColumn(HEADS[need]),
        without: column.NumberColumn(HEADS[without], help=tr("Open needs that find no help in time")),
        needs: column.NumberColumn(HEADS[needs], help=tr("Open needs in this place")),
        helped: column.ProgressColumn(HEADS[helped], format="percent", min_value=0.0, max_value=1.0),
        why: column.TextColumn(HEADS[why], width="large"),
    }


def _row_chosen(rows: tuple[Gap, ...], on_choose: Choose) -> None:
    chosen = st.session_state[TABLE]["selection"]["rows"]
    on_choose(rows[chosen[0]].key if chosen and chosen[0] < len(rows) else None)
