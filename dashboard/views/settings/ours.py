"""What is the network's own: its name, clock, languages and service standard. Admins change it, everybody reads it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import available_timezones

import streamlit as st

from geo.domain.languages import LANGUAGE_NAMES, MAX_LANGUAGES

from dashboard.sentences import within
from dashboard.translation import listed, locale, number, tr, trn
from dashboard.widgets import entry, notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.setup_answers import Setup

FIELDS: Final = ("name", "time_zone", "languages", "standard_min", "escalate_after_h")
MOST_MIN, MOST_H, MOST_NAME = 240, 336, 200
_PARTS: Final = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/",
                 "Indian/", "Pacific/")  # fmt: skip


def language_called(code: str) -> str:
    """Name a language as the language of the page calls it."""
    return str(locale().languages.get(code) or code)


def read(setup: Setup) -> None:
    """Draw how the network is set up, for whoever may not change it."""
    ours = setup.network
    entry.heading(tr("This network"))
    spoken = listed(map(language_called, ours.languages)) or tr("nobody has said")
    lines = (
        (tr("Time zone"), ours.time_zone),
        (tr("Languages spoken by whoever runs it"), spoken),
        (tr("Help should be reached"), within(setup.standard_min)),
        (tr("Somebody else is asked"), _after(ours.escalate_after_h)),
    )
    told = "".join(
        f"<div class='br-entry'><h3>{as_html(name)}</h3><p>{as_html(value)}</p></div>" for name, value in lines
    )
    st.html(f"<div class='br-setup'>{told}</div>")


def _after(hours: int) -> str:
    return trn("after {n} hour without an answer", "after {n} hours without an answer", hours)


def edit(setup: Setup) -> None:
    """Draw the form in which an admin says how the network is set up."""
    ours = setup.network
    entry.heading(tr("This network"))
    with st.form(f"setup_{ours.version}", border=True, width=560):
        st.text_input(tr("Name"), value=ours.name, max_chars=MOST_NAME, key=_key("name", ours.version))
        zones = _zones(ours.time_zone)
        st.selectbox(
            tr("Time zone, in which hours are meant"), zones, index=zones.index(ours.time_zone),
            key=_key("time_zone", ours.version),
        )  # fmt: skip
        st.multiselect(
            tr("Languages spoken by whoever runs it"),
            sorted({*LANGUAGE_NAMES, *ours.languages}, key=language_called),
            default=list(ours.languages), format_func=language_called, max_selections=MAX_LANGUAGES,
            placeholder=tr("Choose languages"), key=_key("languages", ours.version),
            help=tr("Help that names no language is taken to speak these."),
        )  # fmt: skip
        _numbers(setup)
        st.form_submit_button(tr("Keep these settings"), type="primary", on_click=_keep, args=(setup,))


def _numbers(setup: Setup) -> None:
    ours, usual = setup.network, number(setup.installation.standard_min, 1)
    st.number_input(
        tr("Minutes within which help should be reached"), 1, MOST_MIN, value=ours.standard_min, step=1,
        placeholder=tr("{minutes}, as for every network here", minutes=usual), key=_key("standard_min", ours.version),
        help=tr("Every figure goes by it where nobody names another. Empty is what this installation says. Figures of "
                "earlier days were worked out by the standard of their day."),
    )  # fmt: skip
    st.number_input(
        tr("Hours without an answer, then somebody else is asked"), 1, MOST_H, value=ours.escalate_after_h, step=1,
        key=_key("escalate_after_h", ours.version),
    )  # fmt: skip


def _key(field: str, version: int) -> str:
    """Name a field anew after each change, so that it shows what is kept and not what was typed before."""
    return f"setup_{field}_{version}"


def _zones(now: str) -> list[str]:
    return sorted({"UTC", now, *(zone for zone in available_timezones() if zone.startswith(_PARTS))})


def _keep(setup: Setup) -> None:
    before = asdict(setup.network)
    typed = {field: st.session_state[_key(field, setup.network.version)] for field in FIELDS}
    typed |= {"name": str(typed["name"]).strip(), "languages": tuple(typed["languages"])}
    changes = {field: value for field, value in typed.items() if value != before[field]}
    if not typed["name"] or typed["escalate_after_h"] is None:
        notice.refuse(tr("A network has a name, and a number of hours. Nothing was changed."))
    elif not changes:
        notice.say(tr("Everything was so already."))
    else:
        _change(setup.network.version, changes, {field: before[field] for field in changes})


def _change(version: int, changes: dict[str, Any], before: dict[str, Any]) -> None:
    def done(made: Setup) -> None:
        undo = Undo(tr("Undo"), _change_back, (made.network.version, before))
        notice.say(tr("Kept. Everybody in the network goes by it from now on."), undo=undo)

    attempt(lambda api: api.change_setup(version, changes), done)


def _change_back(version: int, before: dict[str, Any]) -> None:
    attempt(lambda api: api.change_setup(version, before), lambda _: notice.say(tr("It is as it was before.")))
