"""One asset: what is listed of it, what its organization says, confirming it, and its hours and status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.asset_words import STATUSES, check_words, facts_of
from dashboard.translation import tr
from dashboard.widgets import notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.answers import Meta
    from dashboard.asset_answers import Check, Place


def show(meta: Meta, place: Place, checks: Sequence[Check]) -> None:
    """Draw one asset."""
    st.html(f"<h2 class='br-section'>{as_html(place.name)}</h2>")
    facts = facts_of(place, [meta.label(category) for category in place.categories])
    st.html("".join(f"<p class='br-note'><strong>{as_html(name)}</strong> {as_html(told)}</p>" for name, told in facts))
    for check in checks:
        _answer(check)
    st.button(
        tr("It is still true"), key="confirm", type="primary", icon=":material/check:", shortcut="y", on_click=_confirm,
        args=(place,),
    )  # fmt: skip
    _form(place)


def _answer(check: Check) -> None:
    with st.container(key=f"check_{check.id}", horizontal=True, vertical_alignment="center"):
        st.info(as_label(check_words(check)), icon=":material/forum:")
        st.button(tr("Seen to"), key=f"settle_{check.id}", on_click=_settle, args=(check,))


def _form(place: Place) -> None:
    with st.form(f"asset_form_{place.id}_{place.version}", border=False):
        hours = st.text_input(
            tr("Opening hours"), place.opening_hours or "", max_chars=1000, key=f"hours_{place.id}_{place.version}",
            help=tr("As OpenStreetMap writes them: Mo-Fr 10:00-17:00; PH off"),
        )  # fmt: skip
        words = list(STATUSES)
        status = st.selectbox(
            tr("Status"), words, index=words.index(place.status), format_func=STATUSES.__getitem__,
            key=f"status_{place.id}_{place.version}",
        )  # fmt: skip
        saved = st.form_submit_button(tr("Save"), icon=":material/save:")
    if saved:
        _save(place, hours.strip() or None, status)
        st.rerun()


def _confirm(place: Place) -> None:
    today = datetime.now(UTC).date().isoformat()
    before = {"assured_on": place.assured_on and place.assured_on.isoformat()}
    _change(place, {"assured_on": today}, before, tr("{name} is confirmed from today.", name=place.name))


def _save(place: Place, hours: str | None, status: str) -> None:
    now = {"opening_hours": hours, "status": status}
    changes = {name: value for name, value in now.items() if value != getattr(place, name)}
    if not changes:
        notice.refuse(tr("Nothing is different from what is listed."))
        return
    before = {name: getattr(place, name) for name in changes}
    _change(place, changes, before, tr("{name} is changed.", name=place.name))


def _change(place: Place, changes: Mapping[str, Any], before: Mapping[str, Any], told: str) -> None:
    attempt(
        lambda api: api.change_place(place.id, place.version, changes),
        lambda now: notice.say(told, undo=Undo(tr("Undo"), _take_back, (now.id, now.version, before))),
    )


def _take_back(place_id: str, version: int, before: Mapping[str, Any]) -> None:
    attempt(
        lambda api: api.change_place(place_id, version, before),
        lambda now: notice.say(tr("{name} is as it was.", name=now.name)),
    )


def _settle(check: Check) -> None:
    attempt(lambda api: api.settle_check(check.id), lambda _: notice.say(tr("The answer is seen to.")))
