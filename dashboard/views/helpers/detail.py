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
    and_list,
    asked_words,
    load_words,
    speaks,
    stands,
    when_free,
)
from dashboard.sentences import day, since
from dashboard.views.board import steps
from dashboard.views.helpers import contact
from dashboard.widgets import entry, notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Meta
    from dashboard.board_answers import Apart, Helper
    from dashboard.client import Client

LATELY: Final = 8


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
    offers = and_list([meta.label(kind).lower() for kind in one.categories])
    langs = speaks(one.languages) if one.languages else "has not said which languages"
    interprets = ", and interprets" if one.is_interpreter else ""
    share = min(100, round(100 * one.load / one.capacity_per_week)) if one.capacity_per_week else 100
    rows = (
        ("Offers", offers),
        ("Speaks", f"{langs.removeprefix('speaks ')}{interprets}"),
        ("Comes", f"{VEHICLES[one.vehicle]}, up to {one.max_travel_min} minutes"),
        ("Is free", when_free(one.availability)),
        ("Was asked", asked_words(one).removeprefix("last asked ")),
    )
    told = "".join(f"<dt>{as_html(name)}</dt><dd>{as_html(text)}</dd>" for name, text in rows)
    tag = "" if one.status == "active" else f" <span class='br-tag'>{as_html(HELPER_STATUS[one.status])}</span>"
    load = as_html(load_words(one))
    bar = f"<i role='img' aria-label='{load}'><b style='width:{share}%'></b></i>"
    st.html(
        f"<div class='br-person'><h2>{as_html(one.name)}{tag}</h2><dl>{told}</dl>"
        f"<p class='br-load'><span>{load}</span>{bar}</p>"
        "</div>"
    )


def _rest(one: Helper) -> None:
    if one.status == "active":
        st.button(
            "Let them rest", key=f"pause_{one.id}", icon=":material/bedtime:", type="tertiary", on_click=set_status,
            args=(one, "paused"),
        )  # fmt: skip
    else:
        st.button(
            "May be asked again", key=f"wake_{one.id}", icon=":material/wb_sunny:", on_click=set_status,
            args=(one, "active"),
        )  # fmt: skip


def set_status(one: Helper, status: str) -> None:
    """Let a helper rest, or be asked again."""
    words = {"paused": "rests: nobody proposes or asks them", "active": "may be asked again"}

    def done(made: Helper) -> None:
        notice.say(f"{one.name} {words.get(status, status)}.", undo=Undo("Undo", set_status, (made, one.status)))

    attempt(lambda api: api.change_helper(one, status=status), done)


def _lately(api: Client, meta: Meta, one: Helper) -> None:
    entry.heading("What they were asked about lately")
    found = api.list_matches_of("helpers", one.id, limit=LATELY)
    if not found:
        st.html("<p class='br-note'>Nothing yet.</p>")
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
    entry.heading("Shifts")
    for each in found[-LATELY:]:
        entry.line(f"promise_{each.id}", each.role.capitalize(), [f"{day_of(each.starts_at)} · {SIGN_UP[each.state]}"])


def day_of(moment: object) -> str:
    """Name the day and hour of a shift."""
    return f"{moment:%A %-d %B, %H:%M} UTC"


def _apart(api: Client, one: Helper) -> None:
    found = [each for each in api.list_apart() if each.helper_id == one.id]
    if not found:
        return
    entry.heading("Never brought together with")
    for each in found:
        _kept_apart(each)


def _kept_apart(each: Apart) -> None:
    room = entry.line(f"kept_{each.id}", "A household", [f"since {day(each.created_at).lower()}"])
    room.button("Let them meet again", key=f"together_{each.id}", on_click=partial(steps.together, each.id))
