"""Load an OpenStreetMap extract: gazetteer, assets, dwellings, areas, street graph and service area at once."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Final

from geo.store.areas import delete_missing, upsert_areas
from geo.store.assets import retire_missing, upsert_assets
from geo.store.dwellings import replace_dwellings
from geo.store.engine import transaction
from geo.store.gazetteer_import import claim_source, replace_source
from geo.store.gazetteer_sources import SourceInfo, find_source, keep_report
from geo.store.network import set_service_area

from data.loaders.osm import areas, assets
from data.loaders.osm.city import STEPS, read_city
from data.loaders.osm.extract import ATTRIBUTION, LICENCE, Extract, file_checksum
from data.loaders.osm.graph import graph_files, graph_written
from data.loaders.report import LoadReport, no_progress, report_from_dict

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

    from data.loaders.osm.city import City
    from data.loaders.report import Progress

SLUG: Final = "osm"
_RULES: Final = 4
"""Counted up whenever the same file would give other rows; then an unchanged file is loaded again."""


def load_osm(sessions: SessionFactory, path: Path, *, home: Path, progress: Progress = no_progress) -> LoadReport:
    """Load an extract in the place of the one before.

    Parameters
    ----------
    sessions
        Where to; everything is stored in one transaction, or nothing is.
    path
        An OpenStreetMap file in PBF form.
    home
        The folder that keeps the street graph.
    progress
        Told of each step.

    Returns
    -------
    LoadReport
        With ``unchanged`` set if this very file is what is loaded already.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read, or is not an extract.
    InvalidGeometry
        If it is wider than six degrees.
    """
    started = perf_counter()
    checksum = f"{_RULES}:{file_checksum(path)}"
    files = graph_files(home)
    with transaction(sessions) as session:
        earlier = find_source(session, SLUG)
    if earlier is not None and earlier.checksum == checksum and files.exist:
        return report_from_dict(earlier.report, elapsed_s=perf_counter() - started)
    city = read_city(Extract(path), progress)
    progress(STEPS[-1], len(STEPS) - 1, len(STEPS))
    report = LoadReport(path.name, city.layers, ATTRIBUTION)
    info = SourceInfo(SLUG, path.name, LICENCE, ATTRIBUTION, checksum, kind="osm")
    with graph_written(city.walkways, files), transaction(sessions) as session:
        earlier = claim_source(session, SLUG)
        if earlier is not None and earlier.checksum == checksum and files.exist:
            return report_from_dict(earlier.report, elapsed_s=perf_counter() - started)
        source_id = _store(session, city, info)
        report = replace(report, elapsed_s=perf_counter() - started)
        keep_report(session, source_id, report.as_dict())
    progress("done", len(STEPS), len(STEPS))
    return report


def _store(session: Session, city: City, info: SourceInfo) -> UUID:
    source_id = replace_source(
        session,
        info,
        addresses=city.addresses,
        streets=city.streets,
        ranges=city.ranges,
        places=city.places,
        postcodes=city.postcodes,
    )
    # first, because a place outside the area served is refused
    set_service_area(session, city.bbox)
    upsert_assets(session, city.assets)
    retire_missing(session, assets.SOURCE, [draft.source_ref for draft in city.assets if draft.source_ref])
    delete_missing(session, areas.SOURCE, city.areas)
    upsert_areas(session, city.areas)
    replace_dwellings(session, city.dwellings)
    return source_id
