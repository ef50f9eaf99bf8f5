"""What the public may know of needs: which cells, which kinds, and a band for each. Pure: no clock, no database.

Households are counted, not needs. A cell that is not shown is absent, whether it holds four households or none.
Everything said is worked out from what is shown, so that nothing can be reckoned back by taking away.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from geo.privacy.cells import parent_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from geo.privacy.rules import PublicKind, ReleaseRules

Spot: TypeAlias = "tuple[str, PublicKind]"
"""One cell and one kind: what is shown or not shown."""


@dataclass(frozen=True, slots=True)
class Household:
    """A household that may be counted: who, in which cell, and in need of which kinds; never where exactly."""

    id: UUID
    cell: str
    kinds: frozenset[PublicKind]


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One line of a release."""

    cell: str
    kind: PublicKind
    band: str


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """What the next release has to remember: what is shown, and what was numerous enough once."""

    shown: frozenset[Spot] = frozenset()
    waiting: frozenset[Spot] = frozenset()


@dataclass(frozen=True, slots=True)
class Total:
    """What all shown cells of a kind add up to, worked out from their bands alone."""

    kind: PublicKind
    cells: int
    at_least: int


@dataclass(frozen=True, slots=True)
class Release:
    """What is shown, in the order of cells and kinds, and what the next release has to remember."""

    cells: tuple[ShownCell, ...]
    state: ReleaseState


NOTHING_YET = ReleaseState()


def compute_release(
    households: Iterable[Household], dwellings: Mapping[str, int], previous: ReleaseState, rules: ReleaseRules
) -> Release:
    """Decide what is shown.

    Parameters
    ----------
    households
        Those that may be counted. One that comes several times is one household, with all its kinds, in the first of
        its cells.
    dwellings
        Homes by cell, of any resolution from the rules' on.
    previous
        The state of the release before.
    rules
        The network's.

    Returns
    -------
    Release
        The same for the same households in whatever order.

    Raises
    ------
    InvalidInput
        If a cell does not exist or is coarser than the rules' grid.
    """
    counts, homes_in_need = _count(households, rules.resolution)
    homes = dwellings_by_cell(dwellings, rules.resolution)
    safe = {
        cell
        for cell, number in homes_in_need.items()
        if homes.get(cell, 0) >= rules.min_dwellings and number <= rules.max_share * homes[cell]
    }
    spoken = {spot: number for spot, number in counts.items() if number >= rules.k and spot[0] in safe}
    many = frozenset(spot for spot, number in spoken.items() if number >= rules.enters_at)
    shown = frozenset(spot for spot in spoken if spot in previous.shown or spot in many & previous.waiting)
    cells = tuple(ShownCell(cell, kind, rules.band_of(spoken[cell, kind])) for cell, kind in sorted(shown))
    return Release(cells, ReleaseState(shown, many - shown))


def total_shown(cells: Iterable[ShownCell], rules: ReleaseRules) -> tuple[Total, ...]:
    """Add up what is shown, kind by kind, from the least of each band; a reader could do the same."""
    by_kind: dict[PublicKind, list[int]] = defaultdict(list)
    for shown in cells:
        by_kind[shown.kind].append(rules.least_of(shown.band))
    return tuple(Total(kind, len(least), sum(least)) for kind, least in sorted(by_kind.items()))


def dwellings_by_cell(dwellings: Mapping[str, int], resolution: int) -> dict[str, int]:
    """Add dwellings up to the cells of a coarser grid."""
    found: dict[str, int] = defaultdict(int)
    for cell, number in dwellings.items():
        found[parent_cell(cell, resolution)] += number
    return dict(found)


def _count(households: Iterable[Household], resolution: int) -> tuple[dict[Spot, int], dict[str, int]]:
    """Count households by cell and kind, and by cell alone."""
    cells: dict[UUID, str] = {}
    kinds: dict[UUID, frozenset[PublicKind]] = {}
    for one in households:
        if one.kinds:
            cell = parent_cell(one.cell, resolution)
            cells[one.id] = min(cell, cells.get(one.id, cell))
            kinds[one.id] = kinds.get(one.id, frozenset()) | one.kinds
    counts: dict[Spot, int] = defaultdict(int)
    by_cell: dict[str, int] = defaultdict(int)
    for household, cell in cells.items():
        by_cell[cell] += 1
        for kind in kinds[household]:
            counts[cell, kind] += 1
    return dict(counts), dict(by_cell)
