"""One helper looked at closely: what they offer and when, what became of it, and how to reach them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.board_words import (
    HELPER_STATUS,
    SIGN_UP,
    VEHICLES,
    about,
    in_a_row,
    load_words,
    name_languages,
    stands,
    when_free,
)
from dashboard.sentences import day, since
from dashboard.translation import Phrases, at_time, by_pattern, listed, tr, trn
from dashboard.views.board import steps
from dashboard.views.helpers import contact
from dashboard.widgets import entry, notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from datetime import datetime

    from dashboard.answers import Meta
    from dashboard.board_answers import Apart, Helper
    from dashboard.client import Client

LATELY: Final = 8
_NOW: Final = Phrases(
    {
        "paused": "{who} rests: nobody proposes or asks them.",
        "active": "{who} may be asked again.",
        "left": "{who} left.",
    }
)


def show(api: Client, meta: Meta, one: Helper) -> None:
    """Draw everything about one helper."""
    _words(meta, one)
    with st.container(key=f"tools_{one.id}", horizontal=True, vertical_alignment="center"):
        contact.show(one)
        _rest(one)
    _lately(api, meta, one)
    _promises(api, one)
    _apart(api, one)


def _words(meta: Meta, one: Helper) -> None:
    offers = listed(meta.label(kind).lower() for kind in one.categories)
    spoken = name_languages(one.languages) if one.languages else tr("has not said which languages")
    comes = trn("up to {n} minute", "up to {n} minutes", one.max_travel_min)
    share = min(100, round(100 * one.load / one.capacity_per_week)) if one.capacity_per_week else 100
    rows = (
        (tr("Offers"), offers),
        (tr("Speaks"), in_a_row(spoken, tr("and interprets") if one.is_interpreter else "")),
        (tr("Comes"), in_a_row(VEHICLES[one.vehicle], comes)),
        (tr("Is free"), when_free(one.availability)),
        (tr("Was asked"), since(one.last_asked_at) if one.last_asked_at else tr("never asked yet")),
    )
    told = "".join(f"<dt>{as_html(name)}</dt><dd>{as_html(text)}</dd>" for name, text in rows)
    tag = "" if one.status == "active" else f" <span class='br-tag'>{as_html(HELPER_STATUS[one.status])}</span>"
    load = as_html(load_words(one))
    bar = f"<i role='img' aria-label='{load}'><b style='width:{share}%'></b></i>"
    st.html(
        f"<div class='br-person'><h2><bdi>{as_html(one.name)}</bdi>{tag}</h2><dl>{told}</dl>"
        f"<p class='br-load'><span>{load}</span>{bar}</p>"
        "</div>"
    )


def _rest(one: Helper) -> None:
    if one.status == "active":
        st.button(
            tr("Let them rest"), key=f"pause_{one.id}", icon=":material/bedtime:", type="tertiary", on_click=set_status,
            args=(one, "paused"),
        )  # fmt: skip
    else:
        st.button(
            tr("May be asked again"), key=f"wake_{one.id}", icon=":material/wb_sunny:", on_click=set_status,
            args=(one, "active"),
        )  # fmt: skip


def set_status(one: Helper, status: str) -> None:
    """Let a helper rest, or be asked again."""
    words = _NOW[status].format(who=one.name)

    def done(made: Helper) -> None:
        notice.say(words, undo=Undo(tr("Undo"), set_status, (made, one.status)))

    attempt(lambda api: api.change_helper(one, status=status), done)


def _lately(api: Client, meta: Meta, one: Helper) -> None:
    entry.heading(tr("What they were asked about lately"))
    found = api.list_matches_of("helpers", one.id, limit=LATELY)
    if not found:
        st.html(f"<p class='br-note'>{as_html(tr('Nothing yet.'))}</p>")
    for each in found:
        room = entry.line(
            f"lately_{each.match.id}",
            about(meta, each.need),
            [f"{stands(each.match)} · {since(each.match.updated_at)}"],
        )
        steps.offer_apart(room, each)


def _promises(api: Client, one: Helper) -> None:
    found = [each for each in api.list_sign_ups(helper_id=one.id) if each.state != "cancelled"]
    if not found:
        return
    entry.heading(tr("Shifts"))
    for each in found[-LATELY:]:
        entry.line(f"promise_{each.id}", each.role.capitalize(), [f"{day_of(each.starts_at)} · {SIGN_UP[each.state]}"])


def day_of(moment: datetime) -> str:
    """Name the day and hour of a shift."""
    return tr("{day}, {time} UTC", day=by_pattern("EEEEMMMMd", moment), time=at_time(moment))


def _apart(api: Client, one: Helper) -> None:
    found = [each for each in api.list_apart() if each.helper_id == one.id]
    if not found:
        return
    entry.heading(tr("Never brought together with"))
    for each in found:
        _kept_apart(each)


def _kept_apart(each: Apart) -> None:
    when = tr("since {day}", day=day(each.created_at).lower())
    room = entry.line(f"kept_{each.id}", tr("A household"), [when])
    room.button(tr("Let them meet again"), key=f"together_{each.id}", on_click=partial(steps.together, each.id))
