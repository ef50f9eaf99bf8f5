"""Who carries a turf: phones, on given days."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.translation import tr, without_year
from dashboard.widgets import doing, entry, notice
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.turf_answers import Carried, Turf

PHONE, FROM, UNTIL = "carry_phone", "carry_from", "carry_until"


def show(api: Client, _: Meta, turf: Turf) -> None:
    """Draw the phones that carry a turf, and the form that gives it to another."""
    carried = api.list_carried(turf.id)
    for one in carried:
        days = tr("from {day} until {other}", day=without_year(one.from_on), other=without_year(one.until_on))
        room = entry.line(one.id, one.phone, [days])
        room.button(tr("Take back"), key=f"back_{one.id}", on_click=partial(_take_back, turf, one))
    if not carried:
        st.html(f"<p class='br-note'>{as_html(tr('No phone carries this turf.'))}</p>")
    if not turf.is_closed:
        _form(api, turf)


def _form(api: Client, turf: Turf) -> None:
    phones = {phone.id: phone.label for phone in api.list_phones() if phone.ended_at is None}
    if not phones:
        st.html(f"<p class='br-note'>{as_html(tr('Add a phone under “People and access” first.'))}</p>")
        return
    today = datetime.now(UTC).date()
    with st.form("carry", border=False):
        left, middle, right = st.columns([2, 1, 1])
        left.selectbox(tr("Phone"), list(phones), format_func=lambda one: phones.get(one, ""), key=PHONE)
        middle.date_input(tr("From"), value=min(today, turf.ends_on), max_value=turf.ends_on, key=FROM)
        right.date_input(tr("Until"), value=turf.ends_on, max_value=turf.ends_on, key=UNTIL)
        st.form_submit_button(tr("Give it to this phone"), type="primary", on_click=_give, args=(turf,))


def _give(turf: Turf) -> None:
    phone, first, last = (st.session_state.get(key) for key in (PHONE, FROM, UNTIL))
    if phone and first and last:
        doing.attempt(
            lambda api: api.assign_turf(turf.id, str(phone), first, last),
            lambda made: notice.say(tr("{phone} carries {turf}.", phone=made.phone, turf=turf.name)),
        )


def _take_back(turf: Turf, one: Carried) -> None:
    doing.attempt(
        lambda api: api.unassign_turf(turf.id, one.id),
        lambda _: notice.say(
            tr("{phone} no longer reads this turf. What it noted may still come in.", phone=one.phone)
        ),
    )
