"""What the figures mean, where they come from, and what is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import client
from dashboard.sentences import within
from dashboard.told_words import say_travel
from dashboard.translation import tr
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
        st.html(f"<div class='br-head'><h1>{as_html(tr('About these figures'))}</h1></div>")
        balance.show(api.get_balance())
        st.html(f"<div class='br-prose'>{_counting()}{_gaps(meta)}{_suiting()}{_privacy()}{_sources(meta)}</div>")


def _part(heading: str, *paragraphs: str) -> str:
    return f"<h2>{as_html(heading)}</h2>" + "".join(f"<p>{as_html(text)}</p>" for text in paragraphs)


def _counting() -> str:
    told = _part(
        tr("Every need is counted"),
        tr(
            "The line above always adds up. Needs whose address is not certain wait in the review queue; needs "
            "without an address, and those kept off the map on request, are counted too. Only {located} and "
            "{approximate} needs enter the map and its gaps."
        ),
    )
    words = {"located": tr("located"), "approximate": tr("approximate")}
    return told.format(**{name: f"<b>{as_html(word)}</b>" for name, word in words.items()})


def _gaps(meta: Meta) -> str:
    return _part(
        tr("When a need finds no help"),
        tr(
            "A need is met when a place that offers its kind of help, and has room left this week, can be reached "
            "{within}, or within the time chosen on the map. Everyone competes for the same room, so a place can be "
            "near and still be full. The most urgent needs come first.",
            within=within(meta.standard_min),
        ),
        tr("How travel is reckoned: {how}", how=say_travel(meta.travel_note)),
        tr(
            "An address known only roughly counts as in reach only when every place it might mean is. Near the edge of "
            "the loaded area a card says so: help beyond it is not counted."
        ),
    )


def _suiting() -> str:
    return "".join(
        (
            _part(
                tr("Which help suits"),
                tr(
                    "Help counts for a need if it offers that kind, and interprets or shares a language, or one of "
                    "the two names none; whoever names no language speaks the network's. For a wheelchair that has to"
                    " come to it, it must have no steps or few. Steps nobody has recorded suit only at best, and are "
                    "left out of the figures."
                ),
            ),
            _part(
                tr("Opening hours"),
                tr(
                    "The map counts a week's room, whatever the hour. Opening hours count under “When help is "
                    "missing”, in the network's time zone and with its public holidays; help whose hours are not "
                    "known counts there only at best. A household's own hours are not known, so an hour's figure is "
                    "no forecast."
                ),
            ),
            _part(
                tr("Proposed places"),
                tr(
                    "Places under “What would help” are taken to be open, without steps and to interpret. Nothing "
                    "imagined there is stored."
                ),
            ),
        )
    )


def _privacy() -> str:
    return _part(
        tr("What is shown only for a reason"),
        tr(
            "A household is known by its cell, a hexagon about 350 metres across. Its exact place, and the name and "
            "telephone number of a person in need, appear only when somebody asks for them and says why; each such "
            "look stands in “What has happened”. The review queue shows what was typed as an address, because "
            "somebody has to read it to place it."
        ),
        tr("Nothing is fetched from other servers: maps, fonts and scripts come from this computer."),
    )


def _sources(meta: Meta) -> str:
    listed = "".join(_source(source) for source in meta.sources)
    none = f"<li>{as_html(tr('Nothing has been loaded yet.'))}</li>"
    version = f"<p><small>Barnraiser {as_html(meta.version)}, {as_html(meta.network)}</small></p>"
    return f"{_part(tr('Where the data comes from'))}<ul>{listed or none}</ul>{version}"


def _source(source: Source) -> str:
    licence = f", {as_html(source.licence)}" if source.licence else ""
    return f"<li>{as_html(source.name)}{licence}. {as_html(source.attribution)}</li>"
