"""How far a turf has been walked: the doors on a map, and each street in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.translation import number, set_apart, tr, trn
from dashboard.turf_words import OUTCOMES
from dashboard.widgets import turf_layer
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.turf_answers import Street, Turf


def show(api: Client, meta: Meta, turf: Turf) -> None:
    """Draw the map and the table."""
    if turf.is_closed:
        told = tr("This turf is closed. What was met at each door is no longer kept, only sums.")
        st.html(f"<p class='br-note'>{as_html(told)}</p>")
    else:
        turf_layer.show(meta, turf, api.list_turf_doors(turf.id))
        turf_layer.legend()
    streets = () if turf.is_closed else api.list_turf_streets(turf.id)
    st.html(_table(turf, streets))


def _table(turf: Turf, streets: Sequence[Street]) -> str:
    head = "".join(f"<th scope='col'>{as_html(words)}</th>" for words in OUTCOMES.values())
    rows = "".join(_row(one.name, one.doors, one.outcomes) for one in streets)
    total = _row(tr("All"), turf.doors, turf.outcomes)
    told = trn(
        "{name}: {done} of {n} door",
        "{name}: {done} of {n} doors",
        turf.doors,
        name=set_apart(turf.name),
        done=number(turf.done),
    )
    words, street, doors, left = (as_html(text) for text in (told, tr("Street"), tr("doors"), tr("left")))
    return (
        f"<div class='br-week br-turf' tabindex='0' role='region' aria-label='{words}'>"
        f"<table><caption>{words}</caption>"
        f"<thead><tr><th scope='col'>{street}</th><th scope='col'>{doors}</th><th scope='col'>{left}</th>"
        f"{head}</tr></thead>"
        f"<tbody>{rows}{total}</tbody></table></div>"
    )


def _row(name: str, doors: int, outcomes: Mapping[str, int]) -> str:
    figures = [doors, doors - sum(outcomes.values()), *(outcomes.get(outcome, 0) for outcome in OUTCOMES)]
    cells = "".join(f"<td>{figure or '·'}</td>" for figure in figures)
    return f"<tr><th scope='row'>{as_html(name)}</th>{cells}</tr>"
