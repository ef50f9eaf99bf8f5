"""What the scenarios are judged by, and what the API answers for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard.category_words import CATEGORIES
from dashboard.client import ApiTrouble
from dashboard.opening import SLOTS, as_words, name_of, next_start
from dashboard.plan_words import GROUPS
from dashboard.sentences import ON, within
from dashboard.translation import tr
from dashboard.views.question import STANDARDS, within_minutes
from dashboard.widgets import notice
from dashboard.widgets.address import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.plan_answers import WhatIf
    from dashboard.scenarios import Change, Scenario

KIND, MINUTES, MODE, OPEN, GROUP = "if_kind", "if_minutes", "if_mode", "if_open", "if_group"
KEPT: Final = "if_answers"
MOST_KEPT: Final = 40


@dataclass(frozen=True, slots=True)
class IfQuestion:
    """What is asked of every scenario; ``category`` only chooses what is shown."""

    category: str | None
    minutes: int
    mode: str
    slot: str | None
    open_at: str | None
    group: str

    @property
    def limit(self) -> str:
        """Say what counts as within reach."""
        return within(self.minutes, self.mode) + as_words(self.slot)

    def as_body(self) -> dict[str, Any]:
        """Write it as the API takes it."""
        asked = {"mode": self.mode, "group": self.group, "with_cells": True}
        return asked | ({"open_at": self.open_at} if self.open_at else {})


@dataclass(frozen=True, slots=True)
class Judged:
    """A scenario and the answer to it: none while nothing is changed, or the words of a refusal."""

    scenario: Scenario
    answer: WhatIf | None = None
    refusal: str | None = None


def ask(meta: Meta) -> IfQuestion:
    """Draw what is asked and give it."""
    with st.container(key="if_form"):
        columns = st.columns([1.1, 1.25, 0.9, 1.05, 1], vertical_alignment="bottom")
    kinds = ["", *(value for value, _ in meta.categories)]
    understand(KIND, kinds, lambda one: CATEGORIES.get(one, one))
    understand(MODE, ON, lambda one: ON[one].capitalize())
    understand(OPEN, SLOTS, name_of)
    understand(GROUP, GROUPS, GROUPS.__getitem__)
    with columns[0]:
        kind = _choose(tr("Kind of need"), kinds, lambda one: meta.label(one) if one else tr("All needs"), KIND)
    with columns[1]:
        minutes = _choose_minutes(meta)
    with columns[2]:
        mode = _choose(tr("By way of"), list(ON), lambda one: ON[one or "walk"].capitalize(), MODE)
    with columns[3]:
        slot = _choose(tr("Open"), ["", *SLOTS], name_of, OPEN, tip=_tip())
    with columns[4]:
        group = _choose(tr("Compare groups by"), list(GROUPS), lambda one: GROUPS[one or "none"], GROUP)
    at = next_start(slot, meta.time_zone, datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ") if slot else None
    return IfQuestion(kind, minutes, mode or "walk", slot, at, group or "none")


def _tip() -> str:
    return tr("Counts only the help that is open for an hour from then. At any time, hours make no difference.")


def _choose(
    label: str, options: list[str], name: Callable[[str], str], key: str, *, tip: str | None = None
) -> str | None:
    chosen: str | None = st.selectbox(label, options, format_func=name, key=key, bind="query-params", help=tip)
    return chosen or None


def _choose_minutes(meta: Meta) -> int:
    standards = sorted({*STANDARDS, meta.standard_min})
    chosen: int | None = st.selectbox(
        tr("Help should be"),
        standards,
        index=standards.index(meta.standard_min),
        format_func=within_minutes,
        key=MINUTES,
        bind="query-params",
    )
    return chosen or meta.standard_min


def judge(api: Client, question: IfQuestion, scenarios: Sequence[Scenario]) -> list[Judged]:
    """Ask for every scenario; what was answered before is kept, unless the present has changed meanwhile."""
    judged = [_judge(api, question, one) for one in scenarios]
    presents = {tuple((kind, now) for kind, now, _ in one.answer.kinds) for one in judged if one.answer}
    if len(presents) > 1:
        forget()
        judged = [_judge(api, question, one) for one in scenarios]
    return judged


def forget() -> None:
    """Work everything out anew at the next drawing."""
    st.session_state.pop(KEPT, None)


def _judge(api: Client, question: IfQuestion, scenario: Scenario) -> Judged:
    if not scenario.changes:
        return Judged(scenario)
    try:
        return Judged(scenario, _answer(api, question, scenario))
    except ApiTrouble as trouble:
        if trouble.is_away or trouble.is_over:
            raise
        return Judged(scenario, refusal=notice.in_words(trouble))


def _answer(api: Client, question: IfQuestion, scenario: Scenario) -> WhatIf:
    kept: dict[tuple[str, int, tuple[Change, ...]], WhatIf] = st.session_state.setdefault(KEPT, {})
    asked = (repr(question.as_body()), question.minutes, scenario.changes)
    if asked not in kept:
        answer = api.imagine(scenario.as_body() | question.as_body(), standard_min=question.minutes)
        while len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[asked] = answer
    return kept[asked]
