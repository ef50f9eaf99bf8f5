"""Load areas from GeoJSON: valid polygons only, never mended."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

from geo.domain.drafts import AreaDraft
from geo.errors import GeoError, SourceUnreadable
from geo.geocode.normalise import name_key
from geo.geometry import parse_area
from geo.store.areas import upsert_areas
from geo.store.engine import transaction

from data.loaders.report import no_progress
from data.loaders.tally import Tally
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geo.store.engine import SessionFactory

    from data.loaders.report import LoadReport, Progress

MAX_BYTES: Final = 50_000_000
MAX_FEATURES: Final = 20_000
_SLUG: Final = re.compile("[^a-z0-9]+")
_MAX_PEOPLE: Final = 100_000_000


def load_areas(sessions: SessionFactory, path: Path, *, progress: Progress = no_progress) -> LoadReport:
    """Load named polygons; one of the same kind and slug is replaced.

    Parameters
    ----------
    sessions
        Where to; all in one transaction.
    path
        A GeoJSON FeatureCollection, WGS 84, whose features have ``name`` and may have ``slug``, ``kind``,
        ``population`` and ``dwellings``.
    progress
        Told when reading and storing begin.

    Returns
    -------
    LoadReport
        Features left out by their place in the file, counted from 1. A polygon that crosses itself, is unclosed, has
        more than 500 vertices or a coordinate that is no number is left out, never mended.

    Raises
    ------
    SourceUnreadable
        If the file is no GeoJSON FeatureCollection, or too large.
    """
    progress("reading", 0, 2)
    tally = Tally(path.name, "areas")
    drafts: dict[tuple[str, str], AreaDraft] = {}
    for place, feature in enumerate(read_features(path), start=1):
        draft = _draft(feature)
        if isinstance(draft, str):
            tally.skip(place, draft)
        elif (draft.kind, draft.slug) in drafts:
            tally.skip(place, "same_name_twice")
        else:
            tally.take()
            drafts[draft.kind, draft.slug] = draft
    progress("storing", 1, 2)
    with transaction(sessions) as session:
        upsert_areas(session, drafts.values())
    progress("done", 2, 2)
    return tally.report()


def read_features(path: Path) -> Sequence[object]:
    """Read the features of a GeoJSON file strictly: finite numbers, no nesting that breaks the reader.

    Raises
    ------
    SourceUnreadable
        If it is something else, larger than 50 MB or of more than 20,000 features.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceUnreadable(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB; split it")
        text = path.read_text("utf-8-sig")
        found = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except OSError as error:
        raise SourceUnreadable(f"{path.name} cannot be opened: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise SourceUnreadable(f"{path.name} is not JSON in UTF-8 with finite numbers") from None
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or found.get("type") != "FeatureCollection":
        raise SourceUnreadable(f"{path.name} is not a GeoJSON FeatureCollection")
    if "crs" in found:
        raise SourceUnreadable(f"{path.name} names a coordinate system of its own; GeoJSON is WGS 84")
    if len(features) > MAX_FEATURES:
        raise SourceUnreadable(f"{path.name} has more than {MAX_FEATURES} features; split it")
    return features


def _refuse(_name: str) -> float:
    raise ValueError("not a finite number")


def _finite(written: str) -> float:
    value = float(written)
    return value if math.isfinite(value) else _refuse(written)


def _draft(feature: object) -> AreaDraft | str:
    """Make an area, or say why not."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return "not_a_feature"
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    name = clean_text(properties.get("name"), 200)
    if name is None:
        return "no_name"
    slug = _SLUG.sub("-", name_key(str(properties.get("slug") or name))).strip("-")[:100]
    if not slug:
        return "no_name"
    population, dwellings = _people(properties, "population"), _people(properties, "dwellings")
    if isinstance(population, str) or isinstance(dwellings, str):
        return "bad_population_or_dwellings"
    try:
        shape = parse_area(feature.get("geometry"))
    except GeoError as error:
        return f"bad_polygon: {error}"
    kind = clean_text(properties.get("kind"), 40) or "area"
    return AreaDraft(slug, name, kind, shape, population, dwellings, source="file")


def _people(properties: dict[str, Any], key: str) -> int | str | None:
    value = properties.get(key)
    if value is None:
        return None
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_PEOPLE
    return value if whole else "bad"
