"""Filters answered over features as they are drawn: true, false, or unknown where a value is missing (SQL:2016, 8).

Nothing but what a feature shows is looked at, so no filter can tell more than the feature itself.
"""

from __future__ import annotations

import operator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from shapely.geometry import shape

from geo.domain.queryable import Kind
from geo.interchange.cql2.expression import (
    TIMES,
    Alike,
    Among,
    Compared,
    Every,
    Folded,
    Listed,
    Literal,
    Missing,
    Negated,
    Property,
    Reckoned,
    Some,
    Spatial,
    Timed,
    Truth,
    Within,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from geo.interchange.cql2.expression import Condition, Span, Term

_SIGNS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_RECKONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_SETS: Final[Mapping[str, Callable[[frozenset[str], frozenset[str]], bool]]] = {
    "contains": frozenset.issuperset,
    "containedby": frozenset.issubset,
    "equals": operator.eq,
    "overlaps": lambda left, right: bool(left & right),
}


def holds(condition: Condition, feature: Mapping[str, Any]) -> bool:
    """Tell whether a feature is among those a filter keeps: only where it is surely true."""
    return judge(condition, feature) is True


def judge(condition: Condition, feature: Mapping[str, Any]) -> bool | None:
    """Answer a condition over a feature.

    Parameters
    ----------
    condition
        Read and checked.
    feature
        GeoJSON, as disclosed; a property that is not there has no value.

    Returns
    -------
    bool or None
        Nothing where a value that decides is missing.
    """
    return _JUDGES[type(condition)](condition, feature)


def _truth(one: Truth, _feature: Mapping[str, Any]) -> bool:
    return one.value


def _every(one: Every, feature: Mapping[str, Any]) -> bool | None:
    return _all([judge(part, feature) for part in one.parts])


def _all(found: Sequence[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def _some(one: Some, feature: Mapping[str, Any]) -> bool | None:
    return _any([judge(part, feature) for part in one.parts])


def _any(found: Sequence[bool | None]) -> bool | None:
    return True if True in found else None if None in found else False


def _negated(one: Negated, feature: Mapping[str, Any]) -> bool | None:
    found = judge(one.part, feature)
    return None if found is None else not found


def _compared(one: Compared, feature: Mapping[str, Any]) -> bool | None:
    return _compare(one.sign, value_of(one.left, feature), value_of(one.right, feature))


def _compare(sign: str, left: Any, right: Any) -> bool | None:  # noqa: ANN401 - values of one kind
    return None if left is None or right is None else _SIGNS[sign](left, right)


def _alike(one: Alike, feature: Mapping[str, Any]) -> bool | None:
    text = value_of(one.term, feature)
    pattern = one.pattern.lower() if one.folds else one.pattern
    return None if text is None else is_like(text, pattern)


def is_like(text: str, pattern: str) -> bool:
    """Compare a text with a pattern, in time that grows with both and never faster.

    Where a ``%`` stood last is remembered, and only from there is tried again (Kurtz's greedy matching).
    """
    wanted = _signs_of(pattern)
    at = place = 0
    star, resume = -1, 0
    while at < len(text):
        if place < len(wanted) and (wanted[place] == ("_",) or wanted[place] == text[at]):
            at, place = at + 1, place + 1
        elif place < len(wanted) and wanted[place] == ("%",):
            star, resume, place = place, at, place + 1
        elif star >= 0:
            place, resume = star + 1, resume + 1
            at = resume
        else:
            return False
    return all(sign == ("%",) for sign in wanted[place:])


def _signs_of(pattern: str) -> list[str | tuple[str]]:
    """Take a pattern apart: plain characters, and the two signs as tuples."""
    found: list[str | tuple[str]] = []
    plain = False
    for char in pattern:
        if plain or char not in "%_\\":
            found.append(char)
            plain = False
        elif char == "\\":
            plain = True
        else:
            found.append((char,))
    return found


def _within(one: Within, feature: Mapping[str, Any]) -> bool | None:
    term, low, high = (value_of(part, feature) for part in (one.term, one.low, one.high))
    return _all([_compare(">=", term, low), _compare("<=", term, high)])


def _among(one: Among, feature: Mapping[str, Any]) -> bool | None:
    term = value_of(one.term, feature)
    return _any([_compare("=", term, value_of(option, feature)) for option in one.options])


def _missing(one: Missing, feature: Mapping[str, Any]) -> bool:
    return value_of(one.of, feature) is None


def _spatial(one: Spatial, feature: Mapping[str, Any]) -> bool | None:
    drawn = feature["geometry"]
    return None if drawn is None else bool(getattr(shape(drawn), one.relation)(one.shape))


def _timed(one: Timed, feature: Mapping[str, Any]) -> bool | None:
    ends = _ends(one.left, "1", feature) | _ends(one.right, "2", feature)
    return _any([_all([_by_ends(ends, *line) for line in lines]) for lines in TIMES[one.relation]])


def _ends(span: Span, number: str, feature: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"s{number}": -1 if span.start is None else value_of(span.start, feature),
        f"e{number}": 1 if span.end is None else value_of(span.end, feature),
    }


def _by_ends(ends: Mapping[str, Any], left: str, sign: str, right: str) -> bool | None:
    one, other = ends[left], ends[right]
    # an end that is open lies before or after everything, as the numbers -1 and 1 do beside 0
    if isinstance(one, int) or isinstance(other, int):
        if one is None or other is None:
            return None
        one, other = (end if isinstance(end, int) else 0 for end in (one, other))
    return _compare(sign, one, other)


def _listed(one: Listed, feature: Mapping[str, Any]) -> bool | None:
    left, right = value_of(one.left, feature), value_of(one.right, feature)
    return None if left is None or right is None else _SETS[one.relation](frozenset(left), frozenset(right))


def value_of(term: Term, feature: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a value of the term's kind
    """Give what a term comes to for a feature; nothing where a value is missing."""
    if isinstance(term, Literal):
        return term.value
    if isinstance(term, Property):
        return property_of(term.name, term.kind, feature)
    if isinstance(term, Folded):
        text = value_of(term.of, feature)
        return None if text is None else text.lower()
    return _reckoned(term, feature)


def _reckoned(term: Reckoned, feature: Mapping[str, Any]) -> float | None:
    left, right = value_of(term.left, feature), value_of(term.right, feature)
    if left is None or right is None or (term.sign == "/" and right == 0):
        return None
    return float(_RECKONS[term.sign](float(left), float(right)))


def property_of(name: str, kind: Kind, feature: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a value of its kind
    """Read a property of a feature as a value of its kind."""
    if kind is Kind.SHAPE:
        return feature["geometry"]
    found = feature.get("id") if name == "id" else feature["properties"].get(name)
    if found is None:
        return None
    if kind is Kind.INSTANT:
        return datetime.fromisoformat(found)
    return date.fromisoformat(found) if kind is Kind.DAY else found


def keep(features: Iterable[Mapping[str, Any]], condition: Condition | None) -> list[Mapping[str, Any]]:
    """Keep the features a filter keeps; all without one."""
    return [one for one in features if condition is None or holds(condition, one)]


_JUDGES: Final[Mapping[type, Callable[[Any, Mapping[str, Any]], bool | None]]] = {
    Truth: _truth,
    Every: _every,
    Some: _some,
    Negated: _negated,
    Compared: _compared,
    Alike: _alike,
    Within: _within,
    Among: _among,
    Missing: _missing,
    Spatial: _spatial,
    Timed: _timed,
    Listed: _listed,
}
