"""What an audience may ask a feed by: what is disclosed to it, and nothing beside.

A filter or an order over a field that is not shown would tell it one answer at a time. So the lists are derived from
``allow_list.ALLOWED`` and cannot name more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.coverage import CoverageRow
from geo.domain.partnered import PartnerNeed, ReferredNeed
from geo.domain.principals import Tier
from geo.domain.queryable import GEOMETRY, Kind, Queryable
from geo.domain.records import Area, Asset, Need
from geo.domain.words import (
    Access,
    AssetStatus,
    Audience,
    Category,
    LocationState,
    MatchQuality,
    NeedStatus,
    ReviewMark,
    StepFree,
    Urgency,
)
from geo.errors import NotPermitted
from geo.privacy.allow_list import ALLOWED
from geo.privacy.partners import UrgencyBand
from geo.privacy.release import ShownCell
from geo.privacy.rules import PublicKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import StrEnum

    from geo.domain.principals import Agreement

_KINDS: Final[Mapping[type, Mapping[str, Kind]]] = {
    Need: {
        "uncertainty_m": Kind.NUMBER, "household_size": Kind.WHOLE, "languages": Kind.WORDS, "access": Kind.WORDS,
        "withheld": Kind.FLAG, "received_at": Kind.INSTANT, "closed_at": Kind.INSTANT, "updated_at": Kind.INSTANT,
        "version": Kind.WHOLE,
    },
    Asset: {
        "categories": Kind.WORDS, "languages": Kind.WORDS, "interpreter": Kind.FLAG, "assured_on": Kind.DAY,
        "updated_at": Kind.INSTANT, "version": Kind.WHOLE, "is_private": Kind.FLAG, "capacity_per_week": Kind.WHOLE,
    },
    Area: {
        "population": Kind.WHOLE, "dwellings": Kind.WHOLE, "updated_at": Kind.INSTANT, "version": Kind.WHOLE,
    },
    CoverageRow: {
        "demand": Kind.WHOLE, "covered": Kind.WHOLE, "gap": Kind.WHOLE, "coverage": Kind.NUMBER,
        "coverage_best": Kind.NUMBER, "supply": Kind.WHOLE, "out_of_reach": Kind.WHOLE, "edge": Kind.FLAG,
    },
    ShownCell: {},
    PartnerNeed: {},
    ReferredNeed: {
        "uncertainty_m": Kind.NUMBER, "household_size": Kind.WHOLE, "languages": Kind.WORDS, "access": Kind.WORDS,
        "expires_at": Kind.INSTANT,
    },
}  # fmt: skip
"""What is not text; what is not listed here is."""

_DRAWN: Final = frozenset({"point", "geometry"})
_PARTS: Final = {"totals": ("demand", "covered", "gap", "coverage", "coverage_best")}
_WORDS: Final[Mapping[type, Mapping[str, type[StrEnum]]]] = {
    Need: {
        "category": Category, "urgency": Urgency, "status": NeedStatus, "location_state": LocationState,
        "match_quality": MatchQuality, "access": Access, "review_mark": ReviewMark,
    },
    Asset: {"categories": Category, "status": AssetStatus, "step_free": StepFree},
    Area: {},
    CoverageRow: {"category": Category},
    ShownCell: {"kind": PublicKind},
    PartnerNeed: {"kind": PublicKind, "urgency": UrgencyBand},
    ReferredNeed: {"category": Category, "urgency": Urgency, "access": Access},
}  # fmt: skip


def list_queryables(kind: type, audience: Audience) -> tuple[Queryable, ...]:
    """List what an audience may ask records of a kind by, in the order in which they are shown.

    Returns
    -------
    tuple of Queryable
        The properties disclosed to it, the id, and last the geometry.

    Raises
    ------
    NotPermitted
        If the audience may not have records of this kind.
    """
    allowed = ALLOWED.get(kind, {}).get(audience)
    if allowed is None or kind not in _KINDS:
        raise NotPermitted
    names = [part for name in allowed for part in _PARTS.get(name, (name,)) if part not in _DRAWN]
    return (*(_queryable(kind, name) for name in names), Queryable(GEOMETRY, Kind.SHAPE))


def list_agreed_queryables(agreement: Agreement) -> tuple[Queryable, ...]:
    """List what a partner may ask needs by: what its agreement shows it, and nothing behind that."""
    if agreement.tier is Tier.AGGREGATE:
        return _with_id(list_queryables(ShownCell, Audience.PARTNER))
    coarse = list_queryables(PartnerNeed, Audience.PARTNER)
    if agreement.tier is Tier.COARSE:
        return coarse
    agreed = {"category", "uncertainty_m", "expires_at", *agreement.fields}
    exact = [one for one in list_queryables(ReferredNeed, Audience.PARTNER) if one.name in agreed - {"id"}]
    return _merged([*coarse[:-1], *exact, coarse[-1]])


def list_row_queryables(kind: type, audience: Audience) -> tuple[Queryable, ...]:
    """Likewise for rows that are no records of their own, under the id they are drawn with."""
    return _with_id(list_queryables(kind, audience))


def _with_id(found: Iterable[Queryable]) -> tuple[Queryable, ...]:
    return (Queryable("id", Kind.TEXT), *found)


def _merged(found: Iterable[Queryable]) -> tuple[Queryable, ...]:
    """Keep each name once; where two kinds of record say it in different words, any word may be asked for."""
    kept: dict[str, Queryable] = {}
    for one in found:
        known = kept.get(one.name)
        words = one.words if known is None else tuple(dict.fromkeys((*known.words, *one.words)))
        kept[one.name] = Queryable(one.name, one.kind, words)
    return tuple(kept.values())


def _queryable(kind: type, name: str) -> Queryable:
    words = _WORDS[kind].get(name)
    listed = () if words is None else tuple(word.value for word in words)
    return Queryable(name, _KINDS[kind].get(name, Kind.TEXT), listed)
