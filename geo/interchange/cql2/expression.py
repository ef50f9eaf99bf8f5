"""What a filter says, once it is read and checked: a tree of frozen parts, each of a known kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from shapely.geometry.base import BaseGeometry

from geo.domain.queryable import Kind

Value: TypeAlias = str | int | float | bool | date | datetime | tuple[str, ...] | BaseGeometry


@dataclass(frozen=True, slots=True)
class Property:
    """A property by its name; only names of the list can become one."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was sent; shapes are WGS 84 degrees, longitude first."""

    value: Value
    kind: Kind


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without regard to upper and lower case."""

    of: Term
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Two numbers put together: one of ``+ - * /``. What is divided by nothing has no value."""

    sign: str
    left: Term
    right: Term
    kind: Kind = Kind.NUMBER


Term: TypeAlias = Property | Literal | Folded | Reckoned


@dataclass(frozen=True, slots=True)
class Span:
    """A time from one end to the other; an end that is open is left out. An instant is a span of no length."""

    start: Term | None
    end: Term | None


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false, whatever the record."""

    value: bool


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """A part does not hold; of what is unknown this is unknown too."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Compared:
    """Two terms of one kind, by one of ``= <> < <= > >=``. Texts are ordered by their code points."""

    sign: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Alike:
    """A text looks like a pattern: ``%`` is anything, ``_`` one character, a stroke before them makes them plain."""

    term: Term
    pattern: str
    folds: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """A term is between two others, both counted in."""

    term: Term
    low: Term
    high: Term


@dataclass(frozen=True, slots=True)
class Among:
    """A term is one of several."""

    term: Term
    options: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A property has no value."""

    of: Property


@dataclass(frozen=True, slots=True)
class Spatial:
    """The drawn shape stands to another in one of the relations of OGC 06-103r4: ``intersects``, ``within``, …."""

    relation: str
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Timed:
    """Two times stand to each other in one of the relations of Allen (1983, doi:10.1145/182.358434)."""

    relation: str
    left: Span
    right: Span


@dataclass(frozen=True, slots=True)
class Listed:
    """Two lists of words: ``contains``, ``containedby``, ``equals`` or ``overlaps``, as sets."""

    relation: str
    left: Term
    right: Term


Condition: TypeAlias = (
    Truth | Every | Some | Negated | Compared | Alike | Within | Among | Missing | Spatial | Timed | Listed
)

TIMES: dict[str, tuple[tuple[tuple[str, str, str], ...], ...]] = {
    "after": ((("s1", ">", "e2"),),),
    "before": ((("e1", "<", "s2"),),),
    "contains": ((("s1", "<", "s2"), ("e1", ">", "e2")),),
    "disjoint": ((("e1", "<", "s2"),), (("s1", ">", "e2"),)),
    "during": ((("s1", ">", "s2"), ("e1", "<", "e2")),),
    "equals": ((("s1", "=", "s2"), ("e1", "=", "e2")),),
    "finishedby": ((("s1", "<", "s2"), ("e1", "=", "e2")),),
    "finishes": ((("s1", ">", "s2"), ("e1", "=", "e2")),),
    "intersects": ((("s1", "<=", "e2"), ("e1", ">=", "s2")),),
    "meets": ((("e1", "=", "s2"),),),
    "metby": ((("s1", "=", "e2"),),),
    "overlappedby": ((("s1", ">", "s2"), ("s1", "<", "e2"), ("e1", ">", "e2")),),
    "overlaps": ((("s1", "<", "s2"), ("e1", ">", "s2"), ("e1", "<", "e2")),),
    "startedby": ((("s1", "=", "s2"), ("e1", ">", "e2")),),
    "starts": ((("s1", "=", "s2"), ("e1", "<", "e2")),),
}
"""Each relation of two times by their starts and ends: one of these lists of comparisons holds in full."""
SPACES = frozenset({"contains", "crosses", "disjoint", "equals", "intersects", "overlaps", "touches", "within"})
LISTS = frozenset({"contains", "containedby", "equals", "overlaps"})
