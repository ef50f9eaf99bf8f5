"""What the public page says, in the reader's language, worked out from the public files and the clock alone.

The files have passed the one door out for the public; the page reads nothing else, so it can say nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo.analysis.next_opening import OpenNow, find_open_now
from geo.domain.hours import Hours, Opening, get_zone
from geo.domain.words import Category
from geo.privacy.rules import KIND_OF, PublicKind

from api.link_views import direction_of, words_of
from api.public_map import WIDTH, draw_cell, draw_ground, frame_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from jinja2 import Template

    from api.public_map import Frame

WORDS: Final = Path(__file__).parent / "public" / "words"
MOST_PLACES: Final = 300
"""So many places are listed, the open ones first; the file has all."""
_ORDER: Final = {Opening.OPEN: 0, Opening.CLOSED: 1, Opening.UNKNOWN: 2}


@dataclass(frozen=True, slots=True)
class PublicFiles:
    """The public files of a network, as bytes."""

    latest: bytes
    release: bytes
    places: bytes
    ground: bytes


@cache
def all_words() -> Mapping[str, Mapping[str, str]]:
    """Read the page's texts, by language and then by name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(WORDS.glob("*.json"))}


def compose(files: PublicFiles, language: str, now: datetime) -> dict[str, Any]:
    """Put together what the page shows.

    Parameters
    ----------
    files
        Of one network.
    language
        One of ``all_words``.
    now
        An aware instant; it is cut to the minute.
    """
    latest, release = json.loads(files.latest), json.loads(files.release)
    places, ground = json.loads(files.places)["features"], json.loads(files.ground)
    zone, minute = get_zone(latest.get("time_zone", "UTC")), now.astimezone(UTC).replace(second=0, microsecond=0)
    words, frame = all_words()[language], frame_files(release["features"], places, ground["features"])
    told = _Told(words, words_of(language), language, zone, minute)
    listed = [told.place(*one, frame) for one in zip(places, open_now(files.places, zone, minute), strict=True)]
    listed.sort(key=lambda one: one["order"])
    year, week = latest["released"].split("-W")
    cells = [told.cell(feature, release["bands"], frame) for feature in release["features"]]
    return {
        "w": words, "language": language, "direction": direction_of(language), "network": latest["network"],
        "languages": [{"code": code, "name": known["name"]} for code, known in all_words().items()],
        "week": words["week"].format(week=int(week), year=year), "now": words["now"].format(time=told.time(minute)),
        "kinds": [(kind.value, told.kind(kind)) for kind in PublicKind], "bands": release["bands"],
        "cells": cells, "asked": [line for cell in cells for line in cell["lines"]],
        "totals": told.totals(release["totals"]), "rule": words["rule"].format(least=release["privacy"]["k"]),
        "places": listed[:MOST_PLACES], "more": told.more(len(listed)), "open": sum(p["is_open"] for p in listed),
        "width": WIDTH, "height": frame.height, "ground": draw_ground(ground["features"], frame),
        "owed": ground.get("attributions", []), "file": latest["file"],
    }  # fmt: skip


@lru_cache(maxsize=16)
def open_now(places: bytes, zone: ZoneInfo, minute: datetime) -> Sequence[OpenNow]:
    """Tell of each place of a file whether it is open in a minute; worked out once for all who ask in it."""
    return [_open_now(feature, zone, minute) for feature in json.loads(places)["features"]]


def _open_now(feature: Mapping[str, Any], zone: ZoneInfo, minute: datetime) -> OpenNow:
    lon, lat = feature["geometry"]["coordinates"]
    hours = Hours(zone, feature["properties"]["opening_hours"], lon=lon, lat=lat)
    return find_open_now(hours, minute)


@dataclass(frozen=True, slots=True)
class _Told:
    """Says things in one language at one minute."""

    words: Mapping[str, str]
    common: Mapping[str, str]
    language: str
    zone: ZoneInfo
    minute: datetime

    def time(self, at: datetime) -> str:
        """Say an instant by the network's clock: the hour, and the day of the week when it is another day."""
        from babel.dates import format_datetime

        here, today = at.astimezone(self.zone), self.minute.astimezone(self.zone).date()
        form = "HH:mm" if here.date() == today else "EEE HH:mm"
        return str(format_datetime(here, form, locale=self.language))

    def kind(self, kind: PublicKind) -> str:
        return self.words["kind.home"] if kind is PublicKind.HOME else self.common[f"category.{kind.value}"]

    def place(self, feature: Mapping[str, Any], found: OpenNow, frame: Frame) -> dict[str, Any]:
        """Say of a place what is offered, whether it is open, and until or from when."""
        about, (x, y) = feature["properties"], frame.at(*feature["geometry"]["coordinates"])
        offered = [Category(name) for name in about["categories"]]
        changes = found.changes_at
        name = f"{found.state.value}{'' if changes is None else '_until'}"
        return {
            "name": about["name"], "offer": [self.common[f"category.{one.value}"] for one in offered],
            "kinds": sorted({KIND_OF[one].value for one in offered if one in KIND_OF}),
            "state": found.state.value, "is_open": found.state is Opening.OPEN,
            "said": self.words[name].format(time=changes and self.time(changes)),
            "hours": about["opening_hours"], "is_step_free": about["step_free"] == "yes", "x": x, "y": y,
            "order": (_ORDER[found.state], changes.timestamp() if changes else 0.0, about["name"]),
        }  # fmt: skip

    def cell(self, feature: Mapping[str, Any], bands: Sequence[str], frame: Frame) -> dict[str, Any]:
        """Say of a hexagon how many households ask for each kind."""
        about, (path, x, y) = feature["properties"], draw_cell(feature, frame)
        where = self.words["around"].format(name=about["name"]) if about["name"] else feature["id"]
        most = max(about["kinds"], key=lambda kind: (bands.index(about["kinds"][kind]), kind))
        lines = [
            {
                "where": where, "kind": kind, "label": self.kind(PublicKind(kind)), "step": bands.index(band),
                "band": band, "said": self.words["households"].format(band=band), "is_most": kind == most,
            }
            for kind, band in sorted(about["kinds"].items())
        ]  # fmt: skip
        return {"where": where, "path": path, "x": x, "y": y, "lines": lines}

    def totals(self, totals: Mapping[str, Mapping[str, int]]) -> list[str]:
        return [
            self.words["total"].format(kind=self.kind(PublicKind(kind)), count=found["at_least"], cells=found["cells"])
            for kind, found in sorted(totals.items())
        ]

    def more(self, count: int) -> str | None:
        left = count - MOST_PLACES
        return self.words["more"].format(count=left) if left > 0 else None


def render(files: PublicFiles, language: str, now: datetime) -> str:
    """Write the page; whatever a person wrote is a value of the template and never a part of it, and is escaped."""
    return _template().render(compose(files, language, now))


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(WORDS.parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("index.html")
