"""What the figures mean, where they come from, and what is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import client
from dashboard.sentences import within
from dashboard.widgets import balance, theme, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.answers import Meta, Source


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        st.html("<div class='br-head'><h1>About these figures</h1></div>")
        balance.show(api.get_balance())
        st.html(f"<div class='br-prose'>{_counting()}{_gaps(meta)}{_privacy()}{_sources(meta)}</div>")


def _counting() -> str:
    return (
        "<h2>Every need is counted</h2><p>The line above always adds up. Needs whose address is not certain wait in "
        "the review queue; needs without an address, and those kept off the map on request, are counted too. Only "
        "<b>located</b> and <b>approximate</b> needs enter the map and its gaps.</p>"
    )


def _gaps(meta: Meta) -> str:
    return (
        "<h2>When a need finds no help</h2><p>A need is met when a place that offers its kind of help, and has room "
        f"left this week, can be reached {within(meta.standard_min)}, or within the time chosen on the map. Everyone "
        "competes for the same room, so a place can be near and still be full. The most urgent needs come first.</p>"
        f"<p>How travel is reckoned: {as_html(meta.travel_note)}</p>"
        "<p>An address known only roughly counts as in reach only when every place it might mean is. Near the edge of "
        "the loaded area a card says so: help beyond it is not counted.</p>"
        f"{_suiting()}"
    )


def _suiting() -> str:
    return (
        "<h2>Which help suits</h2><p>Help counts for a need if it offers that kind, and interprets or shares a "
        "language, or one of the two names none; whoever names no language speaks the network's. For a wheelchair "
        "that has to come to it, it must have no steps or few. Steps nobody has recorded suit only at best, and are "
        "left out of the figures.</p><h2>Opening hours</h2><p>The map counts a week's room, whatever the hour. Opening "
        "hours count under “When help is missing”, in the network's time zone and with its public holidays; help whose "
        "hours are not known counts there only at best. A household's own hours are not known, so an hour's figure is "
        "no forecast.</p><h2>Proposed places</h2><p>Places under “What would help” are taken to be open, without steps "
        "and to interpret. Nothing imagined there is stored.</p>"
    )


def _privacy() -> str:
    return (
        "<h2>What is shown only for a reason</h2><p>A household is known by its cell, a hexagon about 350 metres "
        "across. Its exact place, and the name and telephone number of a person in need, appear only when somebody "
        "asks for them and says why; each such look stands in “What has happened”. The review queue shows what was "
        "typed as an address, because somebody has to read it to place it.</p>"
        "<p>Nothing is fetched from other servers: maps, fonts and scripts come from this computer.</p>"
    )


def _sources(meta: Meta) -> str:
    listed = "".join(_source(source) for source in meta.sources)
    none = "<li>Nothing has been loaded yet.</li>"
    version = f"<p><small>Barnraiser {as_html(meta.version)}, {as_html(meta.network)}</small></p>"
    return f"<h2>Where the data comes from</h2><ul>{listed or none}</ul>{version}"


def _source(source: Source) -> str:
    licence = f", {as_html(source.licence)}" if source.licence else ""
    return f"<li>{as_html(source.name)}{licence}. {as_html(source.attribution)}</li>"
