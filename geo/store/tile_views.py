"""Hexagons that nobody counts beforehand: a partner's own view of needs, and coverage."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.domain.principals import Tier
from geo.domain.tiles import AgreedInCell, CoverageInCell
from geo.domain.words import Audience
from geo.privacy.cells import fits, parent_cell
from geo.privacy.disclosure import disclose
from geo.privacy.partners import UrgencyBand
from geo.store.partner_feed import partner_features
from geo.store.tiles import GivenCells, give_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from geo.domain.coverage import CoverageRow
    from geo.domain.principals import Agreement


def list_agreed(session: Session, agreement: Agreement) -> list[AgreedInCell]:
    """List what a partner has of needs, by hexagon and kind: its feed counted, and never a place.

    Parameters
    ----------
    session
        One that acts as ``PARTNER_ROLE`` for the agreement.
    """
    # what was referred has an exact place, and a tile has none
    without_places = replace(agreement, tier=Tier.COARSE) if agreement.tier is Tier.REFERRAL else agreement
    said = [one["properties"] for one in partner_features(session, without_places)]
    if agreement.tier is Tier.AGGREGATE:
        return [AgreedInCell(one["cell"], one["kind"], band=one["band"]) for one in said]
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in said:
        tally = counted[one["cell"], one["kind"]]
        tally[0] += 1
        tally[1] += one["urgency"] == UrgencyBand.SOON.value
    return [AgreedInCell(cell, kind, count, soon) for (cell, kind), (count, soon) in sorted(counted.items())]


def give_agreed(agreed: Iterable[AgreedInCell], level: int) -> GivenCells:
    """Draw a partner's view at a resolution, the fullest hexagons first. What is told in bands is never added up."""
    banded = [one for one in agreed if one.count is None]
    added: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in agreed:
        if one.count is not None:
            tally = added[_at_level(one.cell, level), one.kind]
            tally[0] += one.count
            tally[1] += one.soon or 0
    rows = [AgreedInCell(cell, kind, count, soon) for (cell, kind), (count, soon) in added.items()]
    rows.sort(key=lambda one: (-(one.count or 0), one.cell, one.kind))
    return give_cells("needs", [disclose(one, Audience.PARTNER) for one in (*banded, *rows)])


def list_coverage(rows: Iterable[CoverageRow]) -> list[CoverageInCell]:
    """Add up coverage by hexagon, all categories together."""
    found: dict[str, Any] = defaultdict(lambda: np.zeros(3, dtype=int))
    for row in rows:
        found[row.key] += (row.totals.demand, row.totals.covered, row.totals.gap)
    return [CoverageInCell(cell, *map(int, totals)) for cell, totals in sorted(found.items())]


def give_coverage(cells: Sequence[CoverageInCell], level: int, audience: Audience) -> GivenCells:
    """Draw coverage at a resolution, the widest gap first.

    Raises
    ------
    NotPermitted
        If the audience may not have it.
    """
    return give_cells("coverage", [disclose(one, audience) for one in coarsen_coverage(cells, level)])


def coarsen_coverage(cells: Iterable[CoverageInCell], level: int) -> list[CoverageInCell]:
    """Add up coverage by the hexagons of a resolution, the widest gap first."""
    added: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in cells:
        tally = added[_at_level(one.cell, level)]
        tally[0] += one.demand
        tally[1] += one.covered
        tally[2] += one.gap
    rows = [CoverageInCell(cell, *totals) for cell, totals in added.items()]
    rows.sort(key=lambda one: (-one.gap, -one.demand, one.cell))
    return rows


def _at_level(cell: str, level: int) -> str:
    return parent_cell(cell, level) if fits(cell, level) else cell
