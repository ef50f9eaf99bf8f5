"""What if: places of help opened, moved, resized, closed or open at other hours, in scenarios side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.if_words import describe, headline
from dashboard.scenarios import MOST_SCENARIOS
from dashboard.translation import tr
from dashboard.views.what_if import asking, changing, compared, pictures, shelf
from dashboard.widgets import balance, if_layer, notice, theme, trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.delta_generator import DeltaGenerator

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.plan_answers import HelpingPlace
    from dashboard.views.what_if.asking import IfQuestion, Judged

AT, NAME = "if_at", "if_name"
MOST_NAME: Final = 40


def show() -> None:
    """Draw the page."""
    theme.dress()
    _body()


@st.fragment
def _body() -> None:
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        shelf.arrive()
        head = st.container()
        with st.container(key="if_notice"):
            notice.show()
        question = asking.ask(meta)
        _scenarios()
        _work(api, meta, question, head)
        shelf.remember()


def _work(api: Client, meta: Meta, question: IfQuestion, head: DeltaGenerator) -> None:
    places = {place.id: place for place in api.list_changeable()}
    with st.spinner(tr("Working out what would change …"), show_time=False):
        judged = asking.judge(api, question, shelf.now().scenarios)
    current = judged[shelf.now().at]
    with head:
        _head(meta, question, current)
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        pictures.choose()
        picture = pictures.make(question, current, places)
        aim = int(st.session_state.get(changing.AIM, 0))
        if_layer.show(meta, picture, minutes=question.minutes, pin=changing.pin(), aim=aim, on_put=changing.put)
        pictures.legend()
    with right:
        changing.show(meta, places)
        _changes(meta, current, places)
    compared.show(meta, question, judged, places)


def _head(meta: Meta, question: IfQuestion, current: Judged) -> None:
    title = tr("What if help were somewhere else?")
    lead = tr(
        "Open, move, resize or close a place, or change its hours, and see who would find help and who would no "
        "longer. Make several scenarios and compare them. Nothing is stored."
    )
    if current.answer:
        kind = meta.label(question.category).lower() if question.category else ""
        title, lead = headline(current.answer, question.category, kind), current.answer.sentence
    over = meta.network if current.answer is None else f"{meta.network} · {current.scenario.name}"
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(over)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )
    if current.answer:
        balance.show(current.answer.balance)


def _scenarios() -> None:
    now = shelf.now()
    st.session_state[AT] = now.at
    names = [one.name for one in now.scenarios]
    with st.container(key="if_scenarios", horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            tr("Scenario"),
            list(range(len(names))),
            format_func=lambda at: as_label(names[at]) if at < len(names) else "",
            key=AT,
            required=True,
            wrap=True,
            on_change=_go,
        )
        _buttons(has_changes=bool(now.current.changes), is_full=len(names) == MOST_SCENARIOS)
    st.session_state[NAME] = now.current.name
    with st.container(key="if_naming"):
        st.text_input(tr("Name of this scenario"), key=NAME, max_chars=MOST_NAME, on_change=_rename)


def _buttons(*, has_changes: bool, is_full: bool) -> None:
    history = shelf.history()
    full = tr("{n} scenarios are compared at most", n=MOST_SCENARIOS) if is_full else None
    st.button(tr("New"), key="if_new", icon=":material/add:", on_click=shelf.add, disabled=is_full, help=full)
    st.button(
        tr("Copy"),
        key="if_copy",
        icon=":material/content_copy:",
        on_click=_copy,
        disabled=is_full or not has_changes,
        help=full or tr("Begin another with the same changes"),
    )
    st.button(tr("Delete"), key="if_delete", icon=":material/delete:", on_click=_delete)
    st.button(tr("Undo"), key="if_undo", icon=":material/undo:", on_click=shelf.undo, disabled=not history.past)
    st.button(tr("Redo"), key="if_redo", icon=":material/redo:", on_click=shelf.redo, disabled=not history.future)


def _go() -> None:
    shelf.step(shelf.now().going(int(st.session_state[AT] or 0)))


def _copy() -> None:
    shelf.add(shelf.now().current.changes)


def _delete() -> None:
    shelf.step(shelf.now().dropping())


def _rename() -> None:
    current = shelf.now().current
    name = " ".join(str(st.session_state[NAME] or "").split())
    if name:
        shelf.change(replace(current, name=name))


def _changes(meta: Meta, current: Judged, places: Mapping[str, HelpingPlace]) -> None:
    st.html(f"<h2 class='br-section'>{as_html(current.scenario.name)}</h2>")
    if current.refusal:
        title = as_html(tr("This scenario cannot be worked out."))
        then = tr("Take the last change back with “Undo”, or remove it below.")
        told = as_html(f"{current.refusal} {then}")
        st.html(f"<div class='br-trouble' role='alert'><strong>{title}</strong>{told}</div>")
    if not current.scenario.changes:
        trouble.empty(tr("No change yet"), tr("This scenario is the present. Imagine a change above."))
    for at, change in enumerate(current.scenario.changes):
        with st.container(key=f"if_change_{at}", horizontal=True, vertical_alignment="center"):
            words = describe(change, places, meta)
            number = f"<span class='br-number' aria-hidden='true'>{at + 1}</span>"
            st.html(f"<div class='br-site'>{number}<p class='br-where'>{as_html(words)}</p></div>")
            if changing.pin() and pictures.is_placed(change):
                st.button(tr("Put at the pin"), key=f"if_repin_{at}", type="tertiary", on_click=_repin, args=(at,))
            st.button(tr("Remove {n}", n=at + 1), key=f"if_remove_{at}", type="tertiary", on_click=_remove, args=(at,))


def _repin(at: int) -> None:
    place = changing.pin()
    if place:
        shelf.change(shelf.now().current.moving(at, place))
        changing.set_pin(None)


def _remove(at: int) -> None:
    shelf.change(shelf.now().current.without(at))
