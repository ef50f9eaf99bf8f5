"""Public places that can meet a need, made from the tags they carry."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from geo.analysis.opening import is_readable
from geo.domain.drafts import AssetDraft
from geo.domain.words import StepFree
from geo.geocode.normalise import name_key

from data.categories import KINDS, osm_kind
from data.loaders.osm.near import any_within
from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from data.loaders.osm.extract import Feature
    from data.loaders.report import Layer

SOURCE: Final = "osm"
_STEP_FREE: Final = {"yes": StepFree.YES, "designated": StepFree.YES, "limited": StepFree.LIMITED, "no": StepFree.NO}
_NOT_FOR_ALL: Final = frozenset({"private", "no", "employees", "members"})
_ONE_ASSET_M: Final = 40.0
_SPOKEN: Final = re.compile(r"language:([a-z]{2})")
MAX_NAME, MAX_HOURS, MAX_ADDRESS = 200, 1000, 300


def read_assets(features: Iterable[Feature], layer: Layer) -> list[AssetDraft]:
    """Make assets by the table in ``data.categories``.

    Parameters
    ----------
    features
        Whatever has one of the table's tags.
    layer
        Counts them.

    Returns
    -------
    list of AssetDraft
        With opening hours and wheelchair access as mapped, even hours that cannot be read, which are counted; and
        the assumed capacity named as an assumption. A place mapped twice, as a point and as a building, is taken once.
    """
    made: dict[tuple[str, str], list[AssetDraft]] = {}
    for feature in features:
        kind = osm_kind(feature.tags)
        if kind is None:
            layer.skip("not_an_asset")
        elif feature.tags.get("access") in _NOT_FOR_ALL:
            layer.skip("not_open_to_all")
        else:
            draft = _draft(feature, kind)
            same = made.setdefault((kind, name_key(draft.name)), [])
            if any_within(feature.point, [other.point for other in same if other.point], _ONE_ASSET_M):
                layer.skip("mapped_twice")
            else:
                layer.take()
                if draft.opening_hours is not None and not is_readable(draft.opening_hours):
                    layer.ignored["hours_not_readable"] += 1
                same.append(draft)
    return [draft for drafts in made.values() for draft in drafts]


def _draft(feature: Feature, kind: str) -> AssetDraft:
    tags, what = feature.tags, KINDS[kind]
    names = (clean_text(tags.get(key), MAX_NAME) for key in ("name", "operator", "brand"))
    return AssetDraft(
        kind=kind,
        categories=what.categories,
        name=next((name for name in names if name), what.label),
        description=f"{what.label} from OpenStreetMap. Its capacity of {what.capacity_per_week} a week is an "
        "assumption for places of this kind, not a figure from the map.",
        point=feature.point,
        address=_address(tags),
        capacity_per_week=what.capacity_per_week,
        opening_hours=clean_text(tags.get("opening_hours"), MAX_HOURS),
        step_free=_STEP_FREE.get(tags.get("wheelchair", ""), StepFree.UNKNOWN),
        languages=tuple(sorted(found[1] for key in tags if (found := _SPOKEN.fullmatch(key)) and tags[key] != "no")),
        source=SOURCE,
        source_ref=feature.ref,
        assured_on=_date(tags.get("check_date")),
    )


def _address(tags: Mapping[str, str]) -> str | None:
    door = " ".join(filter(None, (tags.get("addr:street"), tags.get("addr:housenumber"))))
    town = " ".join(filter(None, (tags.get("addr:postcode"), tags.get("addr:city"))))
    return clean_text(", ".join(filter(None, (door, town))), MAX_ADDRESS) if tags.get("addr:street") else None


def _date(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None
