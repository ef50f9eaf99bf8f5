"""Helpers: who offers what, who has room, whom to let rest, and one of them looked at closely."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.languages import LANGUAGE_NAMES

from dashboard import client
from dashboard.board_words import HELPER_STATUS, VEHICLES, asked_words, in_a_row, load_words
from dashboard.translation import Phrases, name_of_language, number, pointing, tr, trn
from dashboard.views.helpers import detail
from dashboard.widgets import notice, theme, trouble
from dashboard.widgets.plain import as_html, as_label
from dashboard.wire import PAGE

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.board_answers import Helper

KIND, LANGUAGE, VEHICLE, ROOM, RESTED = "help_kind", "help_language", "help_vehicle", "help_room", "help_rested"
FILTERS: Final = (KIND, LANGUAGE, VEHICLE, ROOM, RESTED)
OPEN: Final = "open_helper"
ALONE: Final = "helper_alone"
"""A helper that another page has led to, whether the list has them or not."""
ROOMS: Final = Phrases({"": "Any", "true": "Room left", "false": "Full this week"})
RESTS: Final = {0: "ever", 3: "days", 7: "week", 30: "month"}
"""For how many days helpers were not asked, and how that is called."""
_RESTED: Final = Phrases(
    {"ever": "Whenever", "days": "Not for 3 days", "week": "Not for a week", "month": "Not for a month"}
)
READS: Final = "read_help"


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        found = api.list_helpers(where=_where())
        _head(meta, found)
        notice.show()
        if st.session_state.get(ALONE):
            st.button(tr("Back to the list"), key="help_list", icon=pointing("arrow_back"), on_click=_leave_alone)
            with st.container(key="helper_open"), trouble.guarded():
                detail.show(api, meta, api.get_helper(st.session_state[ALONE]))
            return
        _filters(meta)
        if not found:
            _nobody()
            return
        at = next((n for n, one in enumerate(found) if one.id == st.session_state.get(OPEN)), 0)
        left, right = st.columns([1, 1.9], gap="medium")
        with left:
            _list(found, at)
        with right, st.container(key="helper_open"), trouble.guarded():
            detail.show(api, meta, found[at])


def open_alone(helper_id: str) -> None:
    """Look at one helper when the page is drawn next."""
    st.session_state[ALONE] = helper_id


def _leave_alone() -> None:
    st.session_state.pop(ALONE, None)


def _where() -> dict[str, str | None]:
    state, days = st.session_state, st.session_state.get(RESTED) or 0
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds") if days else None
    return {
        "category": state.get(KIND) or None,
        "language": state.get(LANGUAGE) or None,
        "vehicle": state.get(VEHICLE) or None,
        "has_room": state.get(ROOM) or None,
        "asked_before": before,
    }


def _head(meta: Meta, found: tuple[Helper, ...]) -> None:
    active = [one for one in found if one.status == "active"]
    room = sum(one.room for one in active)
    more = tr("the first {n} shown", n=number(PAGE)) if len(found) == PAGE else ""
    title = in_a_row(trn("{n} helper", "{n} helpers", len(found)), more)
    lead = trn(
        "{active} can be asked, and take {n} more need this week between them.",
        "{active} can be asked, and take {n} more needs this week between them.",
        room,
        active=number(len(active)),
    )
    if not found:
        title, lead = tr("Helpers"), tr("Nobody fits.")
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _filters(meta: Meta) -> None:
    kinds = dict(meta.categories)
    with st.container(key="help_filters"):
        columns = st.columns(5)
        anything, some = tr("Anything"), tr("Any")
        columns[0].selectbox(tr("Offers"), ["", *kinds], format_func=lambda one: kinds.get(one, anything), key=KIND)
        names = dict(sorted(((code, name_of_language(code)) for code in LANGUAGE_NAMES), key=lambda one: one[1]))
        columns[1].selectbox(tr("Speaks"), ["", *names], format_func=lambda one: names.get(one, some), key=LANGUAGE)
        ways = {"": tr("Any way")} | {name: words.capitalize() for name, words in VEHICLES.items()}
        columns[2].selectbox(tr("Gets about"), list(ways), format_func=ways.__getitem__, key=VEHICLE)
        columns[3].selectbox(tr("This week"), list(ROOMS), format_func=ROOMS.__getitem__, key=ROOM)
        columns[4].selectbox(tr("Last asked"), list(RESTS), format_func=lambda days: _RESTED[RESTS[days]], key=RESTED)


def _nobody() -> None:
    if any(st.session_state.get(key) for key in FILTERS):
        trouble.empty(tr("Nobody fits all of this."), tr("Let one of the filters go."))
        st.button(tr("Show everybody"), key="help_clear", on_click=_clear)
    else:
        how = tr("They come by the API, or by “{command}”.", command="barnraiser load helpers")
        trouble.empty(tr("There are no helpers yet."), how)


def _clear() -> None:
    for key in FILTERS:
        st.session_state.pop(key, None)


def _list(found: tuple[Helper, ...], at: int) -> None:
    with st.container(key="waiting"):
        for place, one in enumerate(found):
            st.button(
                helper_label(one),
                key=f"wait_{one.id}",
                type="primary" if place == at else "secondary",
                width="stretch",
                on_click=open_helper,
                args=(one.id,),
            )


def helper_label(one: Helper) -> str:
    """Write one helper as a button's label: the name, how much is theirs this week, and when they were last asked."""
    rests = "" if one.status == "active" else f"{HELPER_STATUS[one.status].lower()} · "
    line = f"{rests}{load_words(one)} · {asked_words(one)}"
    return f"**{as_label(one.name)}**  \n{as_label(line)}"


def open_helper(helper_id: str) -> None:
    """Look at another helper."""
    st.session_state[OPEN] = helper_id
