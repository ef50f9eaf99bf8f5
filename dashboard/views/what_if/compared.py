"""Scenarios side by side: what each would do in all, by kind of need, by part of town, by group, and on maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.if_words import gaps_of, reach_of
from dashboard.plan_words import GROUPS, group_name
from dashboard.told_words import say_travel
from dashboard.translation import number, tr, trn
from dashboard.views.what_if import pictures
from dashboard.widgets import entry, if_layer, if_table, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dashboard.answers import Meta
    from dashboard.plan_answers import ChangedRow, HelpingPlace, WhatIf
    from dashboard.views.what_if.asking import IfQuestion, Judged

    Rows = Callable[[WhatIf], tuple[ChangedRow, ...]]

SIDES: Final = ("if_left", "if_right")


def show(meta: Meta, question: IfQuestion, judged: Sequence[Judged], places: Mapping[str, HelpingPlace]) -> None:
    """Draw the comparison of every scenario that has an answer."""
    answered = [(one, one.answer) for one in judged if one.answer]
    entry.heading(tr("Side by side"))
    if not answered:
        trouble.empty(tr("Nothing is imagined yet"), tr("Imagine a change above, and what it would do is told here."))
        return
    st.html(_in_all(question, answered))
    if len(answered) > 1:
        _maps(meta, question, [one for one, _ in answered], places)
    names = [one.scenario.name for one, _ in answered]
    answers = [answer for _, answer in answered]
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        title = as_html(tr("By kind of need"))
        st.html(f"<h3 class='br-section'>{title}</h3>{_by_kind(meta, question, names, answers)}")
        if question.group != "none":
            _by_group(meta, question, names, answers)
    with right:
        _by_area(meta, question, names, answers)
    _small_print(question, answers)


def _in_all(question: IfQuestion, answered: Sequence[tuple[Judged, WhatIf]]) -> str:
    heads = (
        tr("Scenario"),
        tr("Without help"),
        tr("Change"),
        tr("Newly within reach"),
        tr("No longer within reach"),
        tr("Out of reach"),
    )
    demand, before, _ = gaps_of(answered[0][1], question.category)
    out = reach_of(answered[0][1], question.category)[0]
    of_all = _of(demand)
    rows = [(tr("Now"), "", [if_table.plain(before, of_all), "", "", "", if_table.plain(out, of_all)])]
    for one, answer in answered:
        demand, before, after = gaps_of(answer, question.category)
        was, newly, no_longer, then = reach_of(answer, question.category)
        helped = trn("{n} with help", "{n} with help", demand - after)
        told = [if_table.plain(after, helped), if_table.cell(after - before)]
        sum_ = f"{was} \u2212 {newly} + {no_longer}"
        told += [if_table.plain(newly), if_table.plain(no_longer), if_table.plain(then, sum_)]
        rows.append((one.scenario.name, "", told))
    return if_table.write(heads, rows, label=tr("Scenarios side by side"))


def _of(demand: int) -> str:
    return tr("of {count}", count=number(demand))


def _maps(meta: Meta, question: IfQuestion, judged: Sequence[Judged], places: Mapping[str, HelpingPlace]) -> None:
    options = range(len(judged))
    sides = (tr("Map on the left"), tr("Map on the right"))
    for side, (key, column) in enumerate(zip(SIDES, st.columns(len(SIDES), gap="medium"), strict=True)):
        if (st.session_state.get(key) or 0) >= len(judged):
            st.session_state.pop(key, None)
        with column:
            chosen = st.selectbox(
                sides[side],
                options,
                index=min(side, len(judged) - 1),
                format_func=lambda at: judged[at].scenario.name if at < len(judged) else "",
                key=key,
            )
            if_layer.show_beside(meta, pictures.make(question, judged[chosen], places), number=side)


def _by_kind(meta: Meta, question: IfQuestion, names: Sequence[str], answers: Sequence[WhatIf]) -> str:
    kinds = {kind: (now.gap, now.demand) for kind, now, _ in answers[0].kinds if question.category in (None, kind)}
    rows = []
    for kind, (gap, demand) in kinds.items():
        cells = [if_table.plain(gap, _of(demand)), *(_kind_cell(answer, kind) for answer in answers)]
        rows.append((meta.label(kind), "", cells))
    return if_table.write((tr("Without help"), tr("Now"), *names), rows, label=tr("Needs without help by kind"))


def _kind_cell(answer: WhatIf, kind: str) -> str:
    now, then = next(((now, then) for word, now, then in answer.kinds if word == kind), (None, None))
    if now is None or then is None:
        return "\u2013"
    _, newly, no_longer, _ = answer.reach.get(kind, (0, 0, 0, 0))
    return if_table.cell(then.gap - now.gap, _reach_note(newly, no_longer))


def _reach_note(newly: int, no_longer: int) -> str:
    parts = {"newly": number(newly), "no_longer": number(no_longer)}
    if newly and no_longer:
        return tr("{newly} newly, {no_longer} no longer in reach", **parts)
    if newly:
        return tr("{newly} newly in reach", newly=parts["newly"])
    return tr("{no_longer} no longer in reach", no_longer=parts["no_longer"]) if no_longer else ""


def _by_area(meta: Meta, question: IfQuestion, names: Sequence[str], answers: Sequence[WhatIf]) -> None:
    title = as_html(tr("By part of town, where anything would change"))
    st.html(f"<h3 class='br-section'>{title}</h3>")
    rows = _matrix(meta, question, answers, lambda answer: answer.rows, lambda row: row.label)
    if rows:
        st.html(if_table.write((tr("Where"), *names), rows, label=tr("Change by part of town")))
    else:
        trouble.empty(tr("Nothing would change"), tr("Every part of town would fare as it does now."))


def _by_group(meta: Meta, question: IfQuestion, names: Sequence[str], answers: Sequence[WhatIf]) -> None:
    by = GROUPS.get(question.group, question.group)
    title = as_html(tr("By group: {by}", by=by.lower()))
    st.html(f"<h3 class='br-section'>{title}</h3>")
    name: Callable[[ChangedRow], str] = lambda row: group_name(question.group, row.key)  # noqa: E731 - a short word for it
    rows = _matrix(meta, question, answers, lambda answer: answer.groups, name)
    if rows:
        st.html(if_table.write((by, *names), rows, label=tr("Change by group")))
    else:
        trouble.empty(tr("No group would fare otherwise"), tr("Choose another way to group, or another change."))


def _matrix(
    meta: Meta, question: IfQuestion, answers: Sequence[WhatIf], rows_of: Rows, name: Callable[[ChangedRow], str]
) -> list[tuple[str, str, list[str]]]:
    """Lay the rows of every answer side by side, those that change most first."""
    tables = [
        {(row.key, row.category): row for row in rows_of(answer) if question.category in (None, row.category)}
        for answer in answers
    ]
    found = {key: row for table in tables for key, row in table.items()}
    widest = {key: max(abs(table[key].change) if key in table else 0 for table in tables) for key in found}
    order = sorted(found, key=lambda key: (-widest[key], name(found[key]), key))
    return [(name(found[key]), meta.label(key[1]), [_change_cell(table.get(key)) for table in tables]) for key in order]


def _change_cell(row: ChangedRow | None) -> str:
    if row is None:
        return if_table.cell(0)
    return if_table.cell(row.change, _reach_note(row.newly_within, row.no_longer_within))


def _small_print(question: IfQuestion, answers: Sequence[WhatIf]) -> None:
    notes = " ".join(dict.fromkeys(note for answer in answers for note in answer.notes))
    counted = tr(
        "Open needs on the map, with help {limit}. Every row adds up: needs with help and without are all needs; "
        "out of reach then is out of reach now, less the newly reached, plus the no longer reached.",
        limit=question.limit,
    )
    lines = (
        (tr("What is counted"), counted),
        (tr("What is taken for granted"), notes),
        (tr("How travel is reckoned"), say_travel(answers[0].travel_note)),
        (tr("Nothing is stored"), tr("Scenarios are kept on this page and in its address, without their names.")),
    )
    told = "".join(f"<p class='br-note'><b>{as_html(name)}.</b> {as_html(words)}</p>" for name, words in lines if words)
    st.html(f"<div class='br-notes'>{told}</div>")
