"""A file in the place of what was loaded under its name before: once, as a whole, and one loader at a time."""

from __future__ import annotations

import json
from time import perf_counter
from typing import TYPE_CHECKING

from geo.geocode.normalise import name_key
from geo.store.engine import transaction
from geo.store.gazetteer_import import claim_source
from geo.store.gazetteer_sources import SourceInfo, find_source, keep_report

from data.loaders.osm.extract import file_checksum
from data.loaders.report import LoadReport, report_from_dict
from data.loaders.text_files import stem_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory
    from geo.store.gazetteer_sources import Source

    Store = Callable[[Session, SourceInfo], tuple[UUID, LoadReport]]


def describe_file(
    path: Path, kind: str, *, rules: int, licence: str, attribution: str, options: Mapping[str, object]
) -> SourceInfo:
    """Describe a file as a source: named after it, and changed when its bytes or any option are.

    Parameters
    ----------
    path
        The file; its name without its ending makes the slug, so a newer file of the same name replaces it.
    kind
        What is in it, in one word.
    rules
        Counted up whenever the same file would give other rows.
    licence, attribution
        Shown wherever the data shows.
    options
        Whatever else decides what is taken.

    Raises
    ------
    SourceUnreadable
        If it is not a file that can be read.
    """
    slug = f"{kind}-{name_key(stem_of(path)).replace(' ', '-')}"[:100]
    given = json.dumps({**options, "licence": licence, "attribution": attribution}, sort_keys=True, default=list)
    return SourceInfo(slug, path.name, licence, attribution, f"{rules}:{file_checksum(path)} {given}", kind=kind)


def load_once(sessions: SessionFactory, info: SourceInfo, store: Store) -> LoadReport:
    """Store a source unless it is what is there already.

    Parameters
    ----------
    sessions
        Where to; everything is stored in one transaction, or nothing is.
    info
        The source.
    store
        Stores its rows within the transaction; gives the new source's id and the report, which is kept with it.

    Returns
    -------
    LoadReport
        With ``unchanged`` set if the same was loaded before, or by another loader while this one waited for it.
    """
    started = perf_counter()
    with transaction(sessions) as session:
        earlier = find_source(session, info.slug)
    if is_same(earlier, info):
        return _unchanged(earlier, started)
    with transaction(sessions) as session:
        earlier = claim_source(session, info.slug)
        if is_same(earlier, info):
            return _unchanged(earlier, started)
        source_id, report = store(session, info)
        keep_report(session, source_id, report.as_dict())
    return report


def is_same(earlier: Source | None, info: SourceInfo) -> bool:
    """Tell whether a source is what is stored already."""
    return earlier is not None and earlier.checksum == info.checksum


def _unchanged(earlier: Source | None, started: float) -> LoadReport:
    return report_from_dict(earlier.report if earlier else {}, elapsed_s=perf_counter() - started)
