"""Forms: the questions of a campaign's own, brought as workbooks, looked at, asked, and asked no more."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.translation import Phrases, listed, name_of_language, number, on_day, tr, trn
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
KINDS: Final = Phrases(
    {
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
)
"""What is answered, by the type of a question."""


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
            then = tr("Choose a workbook above. Nobody is asked it before you say so.")
            trouble.empty(tr("No form was brought yet."), then)
            return
        at = next((n for n, one in enumerate(found) if one.id == st.session_state.get(OPEN)), 0)
        left, right = st.columns([1, 2.2], gap="medium")
        with left:
            _list(found, at)
        with right, st.container(key="form_open"), trouble.guarded():
            _open(api, found[at], asked=sum(one.is_active for one in found))


def _head(meta: Meta, found: Sequence[Form]) -> None:
    asked = sum(one.is_active for one in found)
    title = tr("No form is asked") if found else tr("Forms")
    if asked:
        title = trn("{n} form is asked", "{n} forms are asked", asked)
    lead = tr(
        "Questions of your own, written once as an XLSForm. Phones ask them after theirs, also without a signal; ODK "
        "Collect and Enketo fetch the same form. What is answered is sealed with its entry."
    )
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _bring(*, is_first: bool) -> None:
    times = st.session_state.get(TIMES, 0)
    with st.expander(tr("Bring a form"), icon=":material/upload_file:", expanded=is_first, key=f"bring_form_{times}"):
        given = st.file_uploader(
            tr("XLSForm, up to 1 MB"), type=["xlsx"], key=f"form_file_{times}", max_upload_size=1,
            help=tr("A workbook with the sheets survey, choices and settings."),
        )  # fmt: skip
        if st.button(tr("Bring it"), key="bring", type="primary", disabled=given is None) and given is not None:
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
        here = {"title": version.title, "version": version.version}
        notice.say(tr("{title}, version {version}, is here. Look at it, then let it be asked.", **here))
    st.rerun()


def _faults() -> None:
    """Say what of the workbook cannot be used, all at once, until another is brought."""
    found: tuple[str, ...] = st.session_state.get(FAULTS) or ()
    if not found:
        return
    told = [as_label(one) for one in found[:MOST_FAULTS]]
    if len(found) > MOST_FAULTS:
        told.append(as_label(trn("and {n} more", "and {n} more", len(found) - MOST_FAULTS)))
    lines = "\n".join(f"- {one}" for one in told)
    what = as_label(tr("This workbook cannot be used as it is. Nothing was stored."))
    st.error(f"{what}\n\n{lines}", icon=":material/error:")


def _list(found: Sequence[Form], at: int) -> None:
    with st.container(key="waiting"):
        for row, one in enumerate(found):
            state = trn("not asked · {n} entry", "not asked · {n} entries", one.entries)
            if one.is_active:
                state = trn("asked · {n} entry", "asked · {n} entries", one.entries)
            st.button(
                f"**{as_label(one.title)}**  \n{as_label(state)}",
                key=f"wait_{one.id}",
                type="primary" if row == at else "secondary",
                width="stretch",
                on_click=_look,
                args=(one.id,),
            )


def _look(form_id: str) -> None:
    st.session_state[OPEN] = form_id


def _open(api: Client, form: Form, *, asked: int) -> None:
    versions = api.list_form_versions(form.id)
    st.html(f"<h2 class='br-section'>{as_html(form.title)}</h2>")
    for row, one in enumerate(versions):
        with st.container(key=f"version_{one.id}", border=True):
            _version(form, one, is_newest=row == 0, is_full=asked >= MOST_ASKED and not form.is_active)


def _version(form: Form, one: FormVersion, *, is_newest: bool, is_full: bool) -> None:
    state = tr("asked now") if one.is_active else tr("not asked")
    languages = listed(map(name_of_language, one.languages)) if one.languages else tr("one language")
    title = tr("Version {version}", version=one.version)
    told = " · ".join((state, tr("brought {day}", day=on_day(one.created_at)), languages))
    st.html(f"<div class='br-entry'><h3>{as_html(title)}</h3><p>{as_html(told)}</p></div>")
    full = tr("{most} forms are asked at most; end another first.", most=number(MOST_ASKED))
    with st.container(key=f"does_{one.id}", horizontal=True):
        if one.is_active:
            st.button(
                tr("Ask it no more"),
                key=f"end_{one.id}",
                icon=":material/block:",
                on_click=_withdraw,
                args=(form.id, one.id),
            )
        else:
            st.button(
                tr("Let it be asked"), key=f"ask_{one.id}", type="primary" if is_newest else "secondary",
                disabled=is_full, icon=":material/play_arrow:", on_click=_ask, args=(form.id, one.id),
                help=full if is_full else None,
            )  # fmt: skip
    with st.expander(trn("{n} question", "{n} questions", len(one.questions)), expanded=is_newest):
        st.html(f"<ol class='br-reasons'>{''.join(_asked(question) for question in one.questions)}</ol>")


def _asked(question: Question) -> str:
    """Write a question as a line of a list."""
    told = KINDS.get(question.kind, question.kind)
    if question.choices:
        more = ["…"] if len(question.choices) > MOST_CHOICES else []
        told += f" {', '.join([*question.choices[:MOST_CHOICES], *more])}"
    field = (question.field or "").replace(".", ", ").replace("_", " ")
    marks = [
        *([tr("must be answered")] if question.is_required else []),
        *([tr("only under a condition")] if question.has_condition else []),
        *([tr("becomes {field}", field=field)] if field else []),
    ]
    return (
        f"<li>{as_html(question.label)} <small>({as_html(told)})</small>"
        f"{''.join(f' <span class=br-tag>{as_html(mark)}</span>' for mark in marks)}</li>"
    )


def _ask(form_id: str, version_id: str) -> None:
    said = tr("It is asked from now on. Phones take it along with their next signal.")
    back = notice.Undo(tr("Undo"), _withdraw, (form_id, version_id))
    attempt(lambda api: api.ask_form(form_id, version_id), partial(_done, said, back))


def _withdraw(form_id: str, version_id: str) -> None:
    said = tr("It is asked no more. What is filled in already still comes in.")
    back = notice.Undo(tr("Undo"), _ask, (form_id, version_id))
    attempt(lambda api: api.withdraw_form(form_id), partial(_done, said, back))


def _done(said: str, back: notice.Undo, _form: Form) -> None:
    notice.say(said, undo=back)
