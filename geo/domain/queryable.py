"""What a list may be asked by: the name, the kind and the words of each property a reader can see anyway."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of value a property holds."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    INSTANT = "instant"
    WORDS = "words"
    SHAPE = "shape"


NUMBERS = frozenset({Kind.WHOLE, Kind.NUMBER})
SORTABLE = frozenset({Kind.TEXT, Kind.WHOLE, Kind.NUMBER, Kind.DAY, Kind.INSTANT})
GEOMETRY = "geometry"
"""The name under which the drawn shape is asked for."""


@dataclass(frozen=True, slots=True)
class Queryable:
    """A property by its name; ``words`` are all it can say, where it has a vocabulary."""

    name: str
    kind: Kind
    words: tuple[str, ...] = ()

    @property
    def is_sortable(self) -> bool:
        """Whether its values have an order."""
        return self.kind in SORTABLE


@dataclass(frozen=True, slots=True)
class SortKey:
    """A property to sort by; what has no value comes last, or first when the order is turned round."""

    property: Queryable
    is_descending: bool = False
