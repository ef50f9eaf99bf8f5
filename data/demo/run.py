"""The steps of the main job, each timed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final

from geo.analysis.travel import StraightLineTravel
from geo.analysis.travel.graph import open_streets
from geo.domain.words import URGENCY_RANK, Audience
from geo.interchange.geojson import feature_collection
from geo.store.catchments import refresh_catchments
from geo.store.coverage import Question, compute_coverage
from geo.store.engine import transaction
from geo.store.feeds import FEEDS, export_features
from geo.store.gazetteer_sources import count_rows
from geo.store.nearest_many import find_nearest_many
from geo.store.needs import list_open_on_map
from geo.store.network import get_network, set_speech
from geo.store.reaching import STRAIGHT

from data.basemap import build_basemap
from data.demo.people import place_pending, store_people
from data.demo.report import DemoReport, NeedHelp
from data.demo.together import bring_together
from data.demo.turfs import make_turfs
from data.loaders.osm import ATTRIBUTION, bundled_extract, load_osm
from data.loaders.osm.tiles import build_streets
from data.loaders.report import no_progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geo.domain.records import Need
    from geo.domain.travel import TravelModel
    from geo.store.engine import SessionFactory

    from data.loaders.report import Progress

STANDARD_MIN: Final = 5.0
"""The bundled city is about 1 by 1.7 km; five minutes on foot is where its gaps show."""
TIME_ZONE: Final = "Europe/Helsinki"
LANGUAGES: Final = ("fi", "sv", "en")
"""Spoken wherever help in the bundled city names no language; an assumption."""
HELPERS_EACH: Final = 3
STEPS: Final = (
    "load the city",
    "build the street graph",
    "draw the base map",
    "make up people",
    "find addresses",
    "bring people together",
    "draw what is within reach",
    "coverage",
    "nearest",
    "write",
)


@dataclass(slots=True)
class _Clock:
    """Times each step and tells how far the work has come."""

    progress: Progress
    elapsed_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.progress(name, STEPS.index(name), len(STEPS))
        started = perf_counter()
        yield
        self.elapsed_s[name] = perf_counter() - started


def run_demo(
    sessions: SessionFactory,
    *,
    home: Path,
    pbf: Path | None = None,
    seed: int = 0,
    standard_min: float = STANDARD_MIN,
    now: datetime | None = None,
    progress: Progress = no_progress,
) -> DemoReport:
    """Do the whole main job; doing it again changes nothing that is there.

    Parameters
    ----------
    home
        The folder that keeps the base map, the street graph and the written GeoJSON.
    pbf
        An OpenStreetMap extract; the bundled centre of Helsinki when left out.
    seed
        For the people who are made up.
    standard_min
        The service standard, minutes on foot.
    now
        The instant the made-up needs arrived before; the beginning of today (UTC) when left out.

    Returns
    -------
    DemoReport
        Balance, gaps and nearest helpers, with where the GeoJSON is.

    Raises
    ------
    SourceUnreadable
        If the extract cannot be read.
    TravelFailed
        If the travel engine dies; what was loaded until then stays.
    """
    clock, path = _Clock(progress), pbf or bundled_extract()
    with clock.step("load the city"):
        load_osm(sessions, path, home=home)
        if pbf is None:
            _say_where(sessions)
    with clock.step("build the street graph"):
        build_streets(path, home)
    with clock.step("draw the base map"):
        build_basemap(path, home / "tiles" / "base.pmtiles")
    with clock.step("make up people"):
        store_people(sessions, seed=seed, now=now)
        make_turfs(sessions, seed=seed)
    with clock.step("find addresses"):
        place_pending(sessions)
    with clock.step("bring people together"):
        bring_together(sessions, now=now)
    with _travelling(home) as model, clock.step("draw what is within reach"):
        if model.info.name != STRAIGHT:
            refresh_catchments(sessions, model)
    with _travelling(home) as model, transaction(sessions) as session:
        with clock.step("coverage"):
            coverage = compute_coverage(session, Question(model, standard_min))
        with clock.step("nearest"):
            found = _find_help(session, model)
        with clock.step("write"):
            written = _write_feeds(session, home / "out", model=model, standard_min=standard_min)
        gazetteer = count_rows(session)
    progress("done", len(STEPS), len(STEPS))
    return DemoReport(coverage, found, gazetteer, written, ATTRIBUTION, clock.elapsed_s)


@contextmanager
def _travelling(home: Path) -> Iterator[TravelModel]:
    """Travel by the streets that were built; in a straight line where there is no engine."""
    streets = open_streets(home)
    try:
        yield streets or StraightLineTravel()
    finally:
        if streets is not None:
            streets.close()


def _say_where(sessions: SessionFactory) -> None:
    """Give the bundled city its zone and languages, unless somebody has said otherwise."""
    with transaction(sessions) as session:
        network = get_network(session)
        if network.time_zone == "UTC" and not network.languages:
            set_speech(session, time_zone=TIME_ZONE, languages=LANGUAGES)


def _find_help(session: Session, model: TravelModel) -> list[NeedHelp]:
    found, after = [], None
    while page := list_open_on_map(session, after=after):
        reports = find_nearest_many(session, [need.id for need in page], limit=HELPERS_EACH, model=model)
        found += [NeedHelp(need, reports[need.id]) for need in page]
        after = page[-1].id
    return sorted(found, key=lambda help_: _waits(help_.need))


def _waits(need: Need) -> tuple[int, object]:
    return URGENCY_RANK[need.urgency], need.received_at


def _write_feeds(session: Session, folder: Path, *, model: TravelModel, standard_min: float) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, Path] = {}
    for feed in FEEDS:
        features = export_features(session, feed, Audience.ORGANIZER, model=model, standard_min=standard_min)
        written[feed] = write_whole(folder / f"{feed}.geojson", json.dumps(feature_collection(features)))
    return written


def write_whole(path: Path, text: str) -> Path:
    """Write a file so that a reader finds the old one or the new one, never half of it."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8")
    return part.replace(path)
