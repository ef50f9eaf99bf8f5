"""When help is missing: the worst of the week in sentences, and every hour of it in a table."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.plan_words import GROUPS, group_name
from dashboard.sentences import needs, within
from dashboard.told_words import say_travel
from dashboard.translation import tr, trn, without_year
from dashboard.views.question import STANDARDS
from dashboard.widgets import balance, entry, trouble, week_table
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.plan_answers import Week

WORST: Final = 6
FRESH_S: Final = 120.0
"""So long a week that was worked out is drawn again without being asked for."""
KEPT: Final = "week_kept"
KIND, BY, GROUP, MINUTES = "week_kind", "week_by", "week_group", "week_minutes"


def show(api: Client, meta: Meta) -> None:
    """Draw the week."""
    head = st.container()
    with st.container(key="week_form"):
        columns = st.columns([1, 1, 1, 1], vertical_alignment="bottom")
    kind = columns[0].selectbox(
        tr("Kind of need"), [value for value, _ in meta.categories], format_func=meta.label, key=KIND
    )
    standards = sorted({*STANDARDS, meta.standard_min})
    minutes = columns[1].selectbox(
        tr("Help should be"), standards, index=standards.index(meta.standard_min), format_func=within, key=MINUTES
    )
    by = columns[2].selectbox(
        tr("Told apart by"), list(GROUPS), format_func=lambda name: GROUPS.get(name, name), key=BY
    )
    with st.spinner(tr("Working out every hour of the week …"), show_time=False):
        week = _week(api, (kind, by, minutes))
    group = _choose_group(columns[3], week, by)
    name = meta.label(kind).lower()
    with head:
        _head(meta, week, name, minutes)
    if group is None:
        trouble.empty(tr("No open {kind} needs", kind=name), tr("Choose another kind of need."))
        return
    _worst_and_table(week, by, group, name)


def _week(api: Client, question: tuple[str, str, int]) -> Week:
    kept: tuple[tuple[str, str, int], float, Week] | None = st.session_state.get(KEPT)
    if kept is None or kept[0] != question or monotonic() - kept[1] > FRESH_S:
        kind, by, minutes = question
        week = api.get_week(category=kind, group=by, standard_min=minutes)
        kept = st.session_state[KEPT] = (question, monotonic(), week)
    return kept[2]


def _choose_group(column: st.delta_generator.DeltaGenerator, week: Week, by: str) -> str | None:
    groups = week.groups
    if by == "none" or len(groups) < 2:  # noqa: PLR2004 - one group is no choice
        return groups[0] if groups else None
    chosen: str | None = column.selectbox(
        tr("Group"), list(groups), format_func=lambda group: group_name(by, group), key=f"{GROUP}_{by}"
    )
    return chosen or groups[0]


def _head(meta: Meta, week: Week, kind: str, minutes: int) -> None:
    lead = tr(
        "The week from {day}, in the time of {zone}. An hour's figure is what would be without help {limit} if all "
        "open needs came then; it is no forecast.",
        day=without_year(week.week_of),
        zone=week.time_zone,
        limit=within(minutes),
    )
    title = tr("When help with {kind} is missing", kind=kind)
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )
    balance.show(week.balance, kind=kind)


def _worst_and_table(week: Week, by: str, group: str, kind: str) -> None:
    hours = [hour for hour in week.hours if hour.group == group]
    of = max((hour.demand for hour in hours), default=0)
    worst = sorted(week.worst, key=lambda one: one[0] != group)[:WORST]
    sentences = "".join(f"<li>{as_html(sentence)}</li>" for _, sentence in worst)
    nobody = tr("Between 8 and 22 o'clock nobody goes without.")
    none = f"<li>{as_html(nobody)}</li>"
    entry.heading(tr("The worst first"))
    st.html(f"<ul class='br-worst'>{sentences or none}</ul>")
    caption = tr("Of {needs}, how many find no help in each hour", needs=needs(of, kind))
    if by != "none":
        whom = group_name(by, group)
        caption = tr("Of {needs} ({group}), how many find no help in each hour", needs=needs(of, kind), group=whom)
    st.html(week_table.write(hours, caption=caption))
    st.html(f"<p class='br-note'><b>{as_html(tr('How it is counted'))}.</b> {as_html(_how(week))}</p>")


def _how(week: Week) -> str:
    unknown = trn(
        "The hours of {n} helper or place are not known: they count at best, not here.",
        "The hours of {n} helpers and places are not known: they count at best, not here.",
        week.unknown_hours,
    )
    counts = tr("Only help that is there throughout an hour counts, with the room it has left this week.")
    return " ".join([counts, *([unknown] if week.unknown_hours else []), say_travel(week.travel_note)])
