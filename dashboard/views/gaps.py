"""The list beside the map: the five worst gaps in words, and every row as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import streamlit as st

from dashboard.sentences import share_without
from dashboard.widgets import trouble
from dashboard.widgets.legend import is_gap
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Gap, Meta

WORST: Final = 5
TABLE: Final = "gap_table"
PAGE: Final = "gap_page"
EDGE: Final = "Near the edge of the loaded area: help beyond it is not counted."

Choose = Callable[[str | None], None]
More = Callable[[int], tuple["Gap", ...]]


def show_worst(meta: Meta, rows: tuple[Gap, ...], *, on_choose: Choose) -> None:
    """Draw the places where most needs find no help, the worst first."""
    worst = [row for row in rows if is_gap(row.gap)][:WORST]
    if not rows:
        trouble.empty("No open needs here", "Choose another kind of need or part of town to see how it fares.")
    elif not worst:
        trouble.empty("Nobody is left out", "Every open need shown here has help in reach. Try a stricter time.")
    else:
        title = "The widest gap" if len(worst) == 1 else "Where most needs find no help"
        st.html(f"<h2 class='br-section'>{title}</h2>")
    for number, row in enumerate(worst):
        _card(meta, row, number, on_choose)


def _card(meta: Meta, row: Gap, number: int, on_choose: Choose) -> None:
    with st.container(key=f"gap_{number}"):
        st.html(card(row, meta.label(row.category)))
        st.button(
            "Look closer",
            key=f"see_{number}",
            type="tertiary",
            icon=":material/arrow_forward:",
            icon_position="right",
            on_click=on_choose,
            args=(row.key,),
        )


def card(row: Gap, label: str, *, where: bool = True) -> str:
    """Write one row as a card, with its place unless that stands above it; everything in it is escaped."""
    place = f"<p class='br-where'>{as_html(row.label)}</p>" if where else ""
    share = 100 * row.gap / row.demand if row.demand else 0
    edge = f"<p class='br-edge'>{EDGE}</p>" if row.is_at_edge else ""
    return (
        f"<div class='br-card'>{place}"
        f"<h3>{as_html(share_without(row, label))}</h3><p>{as_html(row.why)}</p>{edge}"
        f"<span class='br-bar' aria-hidden='true'><i style='width:{share:.0f}%'></i></span></div>"
    )


def table(meta: Meta, rows: tuple[Gap, ...]) -> pd.DataFrame:
    """Write every row as a table, in the order given."""
    return pd.DataFrame(
        [
            {
                "Place": row.label,
                "Need": meta.label(row.category),
                "Without help": round(row.gap, 1),
                "Needs": round(row.demand, 1),
                "Helped": row.covered / row.demand if row.demand else 1.0,
                "Why": row.why,
            }
            for row in rows
        ],
        columns=["Place", "Need", "Without help", "Needs", "Helped", "Why"],
    )


def show_table(meta: Meta, rows: tuple[Gap, ...], *, count: int, more: More, on_choose: Choose) -> None:
    """Draw the table; choosing a row chooses its cell.

    ``rows`` are the first of ``count``; ``more`` gives those from a number on, when somebody turns the page.
    """
    if not rows:
        return
    with st.expander(f"All {count:,} rows as a table", icon=":material/table_rows:"):
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
            alt="Needs without help by place and kind of need, the same figures as the map shows",
        )


def _choose_page(count: int, size: int) -> int:
    """Give the number of the page to be shown, the first one being none."""
    pages = -(-count // size)
    if pages == 1:
        return 0
    # another question may have fewer pages
    st.session_state[PAGE] = min(st.session_state.get(PAGE, 1), pages)
    label = f"Page, of {pages:,} with {size} rows each, the widest gap first"
    return int(st.number_input(label, 1, pages, key=PAGE, width=420)) - 1


def _columns() -> dict[str, Any]:
    return {
        "Place": st.column_config.TextColumn(width="medium"),
        "Without help": st.column_config.NumberColumn(help="Open needs that find no help in time"),
        "Needs": st.column_config.NumberColumn(help="Open needs in this place"),
        "Helped": st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0),
        "Why": st.column_config.TextColumn(width="large"),
    }


def _row_chosen(rows: tuple[Gap, ...], on_choose: Choose) -> None:
    chosen = st.session_state[TABLE]["selection"]["rows"]
    on_choose(rows[chosen[0]].key if chosen and chosen[0] < len(rows) else None)
