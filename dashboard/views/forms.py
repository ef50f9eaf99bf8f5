"""Forms: the questions of a campaign's own, brought as workbooks, looked at, asked, and asked no more."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.languages import language_name

from dashboard import client
from dashboard.board_words import and_list
from dashboard.client import ApiTrouble
from dashboard.sentences import plural
from dashboard.widgets import notice, theme, trouble
from dashboard.widgets.doing import attempt
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.form_answers import Form, FormVersion, Question

OPEN, TIMES, FAULTS = "form_open", "form_times", "form_faults"
MOST_FAULTS: Final = 20
MOST_CHOICES: Final = 12
MOST_ASKED: Final = 5
KINDS: Final = {
    "text": "words",
    "integer": "a whole number",
    "decimal": "a number",
    "select_one": "one of",
    "select_multiple": "any of",
    "geopoint": "a place",
    "date": "a day",
    "note": "to be read out",
    "image": "a photo",
}
"""What is answered, by the type of a question."""
LEAD: Final = (
    "Questions of your own, written once as an XLSForm. Phones ask them after theirs, also without a signal; ODK "
    "Collect and Enketo fetch the same form. What is answered is sealed with its entry."
)


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        found = api.list_forms()
        _head(meta, found)
        with st.container(key="form_notice"):
            notice.show()
        _bring(is_first=not found)
        _faults()
        if not found:
            trouble.empty("No form was brought yet.", "Choose a workbook above. Nobody is asked it before you say so.")
            return
        at = next((n for n, one in enumerate(found) if one.id == st.session_state.get(OPEN)), 0)
        left, right = st.columns([1, 2.2], gap="medium")
        with left:
            _list(found, at)
        with right, st.container(key="form_open"), trouble.guarded():
            _open(api, found[at], asked=sum(one.is_active for one in found))


def _head(meta: Meta, found: Sequence[Form]) -> None:
    asked = sum(one.is_active for one in found)
    title = f"{plural(asked, 'form is', 'forms are') if asked else 'No form is'} asked" if found else "Forms"
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{LEAD}</p></div>"
    )


def _bring(*, is_first: bool) -> None:
    times = st.session_state.get(TIMES, 0)
    with st.expander("Bring a form", icon=":material/upload_file:", expanded=is_first, key=f"bring_form_{times}"):
        given = st.file_uploader(
            "XLSForm, up to 1 MB", type=["xlsx"], key=f"form_file_{times}", max_upload_size=1,
            help="A workbook with the sheets survey, choices and settings.",
        )  # fmt: skip
        if st.button("Bring it", key="bring", type="primary", disabled=given is None) and given is not None:
            _add(given.getvalue())


def _add(content: bytes) -> None:
    st.session_state.pop(FAULTS, None)
    try:
        version = client.connect().add_form(content)
    except ApiTrouble as told:
        if told.is_over:
            return
        if told.field_reasons:
            st.session_state[FAULTS] = told.field_reasons
        else:
            notice.refuse(notice.in_words(told))
    else:
        st.session_state[OPEN] = version.form_id
        st.session_state[TIMES] = st.session_state.get(TIMES, 0) + 1
        notice.say(f"{version.title}, version {version.version}, is here. Look at it, then let it be asked.")
    st.rerun()


def _faults() -> None:
    """Say what of the workbook cannot be used, all at once, until another is brought."""
    found: tuple[str, ...] = st.session_state.get(FAULTS) or ()
    if not found:
        return
    more = f"\n- and {len(found) - MOST_FAULTS} more" if len(found) > MOST_FAULTS else ""
    told = "\n".join(f"- {as_label(one)}" for one in found[:MOST_FAULTS])
    st.error(f"This workbook cannot be used as it is. Nothing was stored.\n\n{told}{more}", icon=":material/error:")


def _list(found: Sequence[Form], at: int) -> None:
    with st.container(key="waiting"):
        for number, one in enumerate(found):
            state = f"{'asked' if one.is_active else 'not asked'} · {plural(one.entries, 'entry', 'entries')}"
            st.button(
                f"**{as_label(one.title)}**  \n{as_label(state)}",
                key=f"wait_{one.id}",
                type="primary" if number == at else "secondary",
                width="stretch",
                on_click=_look,
                args=(one.id,),
            )


def _look(form_id: str) -> None:
    st.session_state[OPEN] = form_id


def _open(api: Client, form: Form, *, asked: int) -> None:
    versions = api.list_form_versions(form.id)
    st.html(f"<h2 class='br-section'>{as_html(form.title)}</h2>")
    for number, one in enumerate(versions):
        with st.container(key=f"version_{one.id}", border=True):
            _version(form, one, is_newest=number == 0, is_full=asked >= MOST_ASKED and not form.is_active)


def _version(form: Form, one: FormVersion, *, is_newest: bool, is_full: bool) -> None:
    state = "asked now" if one.is_active else "not asked"
    languages = and_list([language_name(code) for code in one.languages]) if one.languages else "one language"
    st.html(
        f"<div class='br-entry'><h3>{as_html(f'Version {one.version}')}</h3>"
        f"<p>{as_html(f'{state} · brought {one.created_at:%-d %B %Y} · {languages}')}</p></div>"
    )
    with st.container(key=f"does_{one.id}", horizontal=True):
        if one.is_active:
            st.button(
                "Ask it no more",
                key=f"end_{one.id}",
                icon=":material/block:",
                on_click=_withdraw,
                args=(form.id, one.id),
            )
        else:
            st.button(
                "Let it be asked", key=f"ask_{one.id}", type="primary" if is_newest else "secondary", disabled=is_full,
                icon=":material/play_arrow:", on_click=_ask, args=(form.id, one.id),
                help=f"{MOST_ASKED} forms are asked at most; end another first." if is_full else None,
            )  # fmt: skip
    with st.expander(plural(len(one.questions), "question", "questions"), expanded=is_newest):
        st.html(f"<ol class='br-reasons'>{''.join(_asked(question) for question in one.questions)}</ol>")


def _asked(question: Question) -> str:
    """Write a question as a line of a list."""
    told = KINDS.get(question.kind, question.kind)
    if question.choices:
        more = ["…"] if len(question.choices) > MOST_CHOICES else []
        told += f" {', '.join([*question.choices[:MOST_CHOICES], *more])}"
    marks = [
        *(["must be answered"] if question.is_required else []),
        *(["only under a condition"] if question.has_condition else []),
        *([f"becomes {question.field.replace('.', ', ').replace('_', ' ')}"] if question.field else []),
    ]
    return (
        f"<li>{as_html(question.label)} <small>({as_html(told)})</small>"
        f"{''.join(f' <span class=br-tag>{as_html(mark)}</span>' for mark in marks)}</li>"
    )


def _ask(form_id: str, version_id: str) -> None:
    said = "It is asked from now on. Phones take it along with their next signal."
    back = notice.Undo("Undo", _withdraw, (form_id, version_id))
    attempt(lambda api: api.ask_form(form_id, version_id), partial(_done, said, back))


def _withdraw(form_id: str, version_id: str) -> None:
    said = "It is asked no more. What is filled in already still comes in."
    back = notice.Undo("Undo", _ask, (form_id, version_id))
    attempt(lambda api: api.withdraw_form(form_id), partial(_done, said, back))


def _done(said: str, back: notice.Undo, _form: Form) -> None:
    notice.say(said, undo=back)
