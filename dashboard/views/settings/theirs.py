"""What is decided where Barnraiser runs, in plain words, with the name of the setting that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.sentences import minutes
from dashboard.told_answers import Told
from dashboard.told_words import say_travel
from dashboard.translation import Phrases, listed, tr, trn
from dashboard.widgets import entry
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from geo.domain.network_setup import InstallationSetup

CHANNELS: Final = Phrases({"sms": "text message", "email": "e-mail", "signal": "Signal"})


def show(setup: InstallationSetup) -> None:
    """Draw what an installation decides for all its networks; nothing of it is changed here."""
    entry.heading(tr("Decided where Barnraiser runs"))
    lead = tr("Whoever runs the computer says so, by a setting of this name or by a command; this page cannot.")
    drawn = "".join(_line(*line) for line in _lines(setup))
    st.html(f"<p class='br-note'>{as_html(lead)}</p><div class='br-setup'>{drawn}</div>")


def _line(name: str, value: str, setting: str) -> str:
    told = f"<p><code>{as_html(setting)}</code></p>" if setting else ""
    return f"<div class='br-entry'><h3>{as_html(name)}</h3><p>{as_html(value)}</p>{told}</div>"


def _lines(setup: InstallationSetup) -> tuple[tuple[str, str, str], ...]:
    return (
        (tr("An exact place is kept"), _after_closing(setup.place_days), _rule("coarsen-after-days")),
        (tr("A contact is kept"), _after_closing(setup.contact_days), _rule("contact-after-days")),
        (tr("What was sent to people is kept"), trn("for {n} day", "for {n} days", setup.message_days),
         "BARNRAISER_NOTIFY_KEEP_DAYS"),
        (tr("A confirmation of an asset lasts"), trn("for {n} day", "for {n} days", setup.verify_days),
         "BARNRAISER_VERIFY_AFTER_DAYS"),
        (tr("Without a standard of the network's own, help should be reached"),
         tr("within {minutes}", minutes=minutes(setup.standard_min)), "BARNRAISER_STANDARD_MIN"),
        (tr("One person or key may ask"), trn("{n} time in a minute", "{n} times in a minute", setup.reads_per_min),
         "BARNRAISER_READS_PER_MIN"),
        (tr("Address services outside"), _outside(setup), "BARNRAISER_REMOTE_GEOCODING"),
        (tr("Messages to people"), _messages(setup), "BARNRAISER_NOTIFY_ADAPTER"),
        (tr("How travel is reckoned"), _travel(setup), "BARNRAISER_TRAVEL_URL"),
        (tr("Version"), f"Barnraiser {setup.release}", ""),
    )  # fmt: skip


def _rule(option: str) -> str:
    return " ".join(("barnraiser", "privacy", "set", f"--{option}"))


def _after_closing(days: int) -> str:
    return trn("for {n} day after a need is closed", "for {n} days after a need is closed", days)


def _outside(setup: InstallationSetup) -> str:
    if setup.asks_outside:
        return tr("Admins may allow one, under “People and access”.")
    return tr("Off: nothing that is typed leaves this computer.")


def _messages(setup: InstallationSetup) -> str:
    if not setup.channels:
        return tr("Off: nothing is sent; messages wait to be read here.")
    ways = listed(CHANNELS.get(one, one) for one in setup.channels)
    return tr("They leave this computer by {ways}.", ways=ways)


def _travel(setup: InstallationSetup) -> str:
    return f"{setup.travel_name}. {say_travel(Told.read(setup.travel_note, setup.travel_how))}"
