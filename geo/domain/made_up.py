"""Made-up data, for trying things out: what marks it, whether it is there, and how much of it came or went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOURCE: Final = "synthetic"
"""What made-up needs and assets name as theirs."""
MAPPED: Final = ("osm",)
"""What places name as theirs that a map brought: public ones, beside which people may be made up."""


@dataclass(frozen=True, slots=True)
class MadeUp:
    """Whether a network holds made-up data, and whether it could.

    Attributes
    ----------
    is_there
        A made-up need or place is stored.
    in_the_way
        Kinds of records that are not made up, beside which none is made up; none where it can be.
    """

    is_there: bool
    in_the_way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedMadeUp:
    """How many of each were made up; nothing where they were there already."""

    needs: int = 0
    helpers: int = 0
    assets: int = 0
    organizations: int = 0
    activities: int = 0
    turfs: int = 0
    areas: int = 0


@dataclass(frozen=True, slots=True)
class RemovedMadeUp:
    """How many of each went, and how many needs stay because somebody merged them with others.

    ``areas`` are those of a town that was lent to a network without streets of its own, whose streets went with them.
    """

    needs: int = 0
    helpers: int = 0
    assets: int = 0
    organizations: int = 0
    activities: int = 0
    turfs: int = 0
    areas: int = 0
    kept: int = 0
