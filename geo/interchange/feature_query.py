"""What is asked of a collection of features, and the answer over a list that is at hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geo.domain.queryable import Kind, Queryable, SortKey
from geo.interchange.cql2.expression import Every, Literal, Property, Span, Spatial, Timed
from geo.interchange.cql2.judging import holds, property_of
from geo.interchange.cql2.times import week_span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from geo.interchange.cql2.expression import Condition

Key = tuple[Any, ...]
"""Where a page ended: a value for each property it was sorted by, then the id."""
ID = Queryable("id", Kind.TEXT)
WEEK = "week"


@dataclass(frozen=True, slots=True)
class FeatureQuery:
    """What is asked: within which shape, when, under which condition, in which order, after what, and how many.

    ``during`` is compared with the property ``when``. What has no place is in no box; what has no time is in every
    interval (OGC 17-069r4, 7.15).
    """

    box: BaseGeometry | None = None
    during: Span | None = None
    when: Queryable | None = None
    where: Condition | None = None
    order: tuple[SortKey, ...] = ()
    after: Key | None = None
    limit: int = 100
    only: str | None = field(default=None)

    @property
    def condition(self) -> Condition | None:
        """Everything that a feature must meet, as one condition."""
        parts: list[Condition] = [] if self.where is None else [self.where]
        if self.box is not None:
            parts.append(Spatial("intersects", self.box))
        if self.during is not None and self.when is not None and self.when.kind is not Kind.TEXT:
            when = Property(self.when.name, self.when.kind)
            parts.append(Timed("intersects", Span(when, when), self.during))
        return None if not parts else parts[0] if len(parts) == 1 else Every(tuple(parts))

    def following(self, after: Key, limit: int) -> FeatureQuery:
        """Ask for what comes next."""
        return replace(self, after=after, limit=limit)

    def key_of(self, feature: Mapping[str, Any]) -> Key:
        """Tell where a page ends that has this feature as its last, in values JSON knows."""
        shown = feature["properties"] | {"id": feature["id"]}
        return (*(shown.get(key.property.name) for key in self.order), str(feature["id"]))


@dataclass(frozen=True, slots=True)
class FeaturePage:
    """Some features in order; ``following`` is where to go on, ``matched`` how many there are where that is known."""

    features: tuple[dict[str, Any], ...]
    following: Key | None = None
    matched: int | None = None


def page_of(features: Iterable[dict[str, Any]], query: FeatureQuery) -> FeaturePage:
    """Answer over a list: filter it, sort it, and give the page that is asked for.

    Parameters
    ----------
    features
        As the reader may see them. Nothing else is looked at.
    """
    kept = [one for one in features if _meets(one, query)]
    ordered = _sorted(kept, query.order)
    start = 0 if query.after is None else _place_after(ordered, query)
    page = tuple(ordered[start : start + query.limit])
    more = start + query.limit < len(ordered)
    return FeaturePage(page, query.key_of(page[-1]) if more and page else None, len(kept))


def _meets(feature: Mapping[str, Any], query: FeatureQuery) -> bool:
    if query.only is not None and str(feature["id"]) != query.only:
        return False
    if not _in_week(feature, query):
        return False
    condition = query.condition
    return condition is None or holds(condition, feature)


def _in_week(feature: Mapping[str, Any], query: FeatureQuery) -> bool:
    """Compare an interval with a week, which is text; what tells no week is in every interval."""
    if query.during is None or query.when is None or query.when.name != WEEK:
        return True
    week = feature["properties"].get(WEEK)
    if week is None:
        return True
    start, end = week_span(week)
    first, last = _instant(query.during.start), _instant(query.during.end)
    return (first is None or first <= end) and (last is None or start <= last)


def _instant(end: object) -> datetime | None:
    return end.value if isinstance(end, Literal) and isinstance(end.value, datetime) else None


def _sorted(features: list[dict[str, Any]], order: Sequence[SortKey]) -> list[dict[str, Any]]:
    """Sort by the last property first, each time keeping what was; the id decides what is left."""
    found = sorted(features, key=lambda one: str(one["id"]), reverse=_is_turned(order))
    for key in reversed(order):
        found.sort(key=lambda one, key=key: _place(one, key), reverse=key.is_descending)  # type: ignore[misc]
    return found


def _is_turned(order: Sequence[SortKey]) -> bool:
    """Tell whether the id runs backwards, which it does with the first property."""
    return bool(order) and order[0].is_descending


def _place(feature: Mapping[str, Any], key: SortKey) -> tuple[bool, Any]:
    value = property_of(key.property.name, key.property.kind, feature)
    return (value is None, 0 if value is None else value)


def _place_after(ordered: Sequence[dict[str, Any]], query: FeatureQuery) -> int:
    """Find the first feature after a key; it need not be there any more."""
    after = query.after or ()
    mark = {"id": after[-1], "properties": dict(zip((k.property.name for k in query.order), after, strict=False))}
    for place, one in enumerate(ordered):
        if _comes_after(one, mark, query.order):
            return place
    return len(ordered)


def _comes_after(one: Mapping[str, Any], mark: Mapping[str, Any], order: Sequence[SortKey]) -> bool:
    for key in order:
        mine, its = _place(one, key), _place(mark, key)
        if mine != its:
            return bool(mine > its) != key.is_descending
    return (str(one["id"]) > str(mark["id"])) != _is_turned(order) and str(one["id"]) != str(mark["id"])
