"""What a partner is given: whole cells, ids that only this partner has, and weeks instead of instants. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import h3
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from geo.domain.words import CELL_RESOLUTION, Category, Urgency
from geo.errors import InvalidInput
from geo.privacy.cells import parent_cell
from geo.privacy.rules import KIND_OF, LEAST_DWELLINGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from shapely.geometry import MultiPolygon, Polygon

    from geo.privacy.release import ShownCell

MOST_AREA_CELLS: Final = 20_000
"""So many cells an agreement may name: about 2,100 square kilometres."""
COARSE_RESOLUTION: Final = CELL_RESOLUTION - 1
_ROUGH_RESOLUTION: Final = 6
_CELLS_IN_ROUGH: Final = 7 ** (CELL_RESOLUTION - _ROUGH_RESOLUTION)
LEAST_KEY_BYTES: Final = 32
_ID_CHARS: Final = 26
_KEY_LABEL: Final = b"barnraiser partner ids 1"
_ID_LABEL: Final = b"pid1"


class UrgencyBand(StrEnum):
    """How soon, said in two words only."""

    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class CoarseNeed:
    """A need as far as the coarse tier looks at it; ``cell`` is the one that is told outside."""

    id: UUID
    cell: str
    category: Category
    urgency: Urgency
    received_at: datetime


def snap_area(area: Polygon | MultiPolygon, *, most: int = MOST_AREA_CELLS) -> frozenset[str]:
    """Turn an agreed area into whole cells, once; afterwards only the cells count.

    Parameters
    ----------
    area
        Valid, WGS 84 degrees.
    most
        An area of many more cells is refused before they are listed.

    Returns
    -------
    frozenset of str
        The cells of resolution 9 whose middle lies inside.

    Raises
    ------
    InvalidInput
        If the area holds too many cells, or not even one.
    """
    shape = h3.geo_to_h3shape(area)
    rough = len(h3.h3shape_to_cells(shape, _ROUGH_RESOLUTION)) * _CELLS_IN_ROUGH
    cells = frozenset[str]() if rough > 2 * most else frozenset(map(str, h3.h3shape_to_cells(shape, CELL_RESOLUTION)))
    if not 0 < len(cells) <= most:
        raise InvalidInput(f"an agreed area must have from 1 to {most} cells", field="area")
    return cells


def opaque_id(key: bytes, partner_id: UUID, need_id: UUID) -> str:
    """Name a need for one partner: the same each time, and nothing like what another partner is given.

    Parameters
    ----------
    key
        The installation's root key for ids, at least 32 bytes; each partner's own key comes from it (HKDF).

    Returns
    -------
    str
        26 characters of base32: 130 bits of an HMAC-SHA256.

    Raises
    ------
    InvalidInput
        If the key is too short.
    """
    return _name(partner_key(key, partner_id), need_id)


def _name(own_key: bytes, need_id: UUID) -> str:
    tag = hmac.new(own_key, _ID_LABEL + need_id.bytes, hashlib.sha256).digest()
    return base64.b32encode(tag)[:_ID_CHARS].decode().lower()


def partner_key(key: bytes, partner_id: UUID) -> bytes:
    """Derive the key that names needs for one partner.

    Raises
    ------
    InvalidInput
        If the root key is too short.
    """
    if len(key) < LEAST_KEY_BYTES:
        raise InvalidInput(f"a root key has at least {LEAST_KEY_BYTES} bytes")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_KEY_LABEL + partner_id.bytes).derive(key)


def coarse_cell(cell: str, dwellings: Mapping[str, int]) -> str | None:
    """Choose the cell a need is drawn as: the fine one only where its neighbours are as well inhabited.

    The choice is made for the whole coarse cell at once. Were it made for each fine cell alone, a need drawn coarsely
    among finely drawn ones would have to be in one of the few thinly inhabited ones.

    Parameters
    ----------
    cell
        The household's cell, resolution 9.
    dwellings
        Homes by cell of resolution 9.

    Returns
    -------
    str or None
        A cell of resolution 9 or 8 with at least 50 homes; ``None`` where even the coarse one has fewer, and the need
        is left out.
    """
    coarse = parent_cell(cell, COARSE_RESOLUTION)
    homes = [dwellings.get(str(child), 0) for child in h3.cell_to_children(coarse, CELL_RESOLUTION)]
    if min(homes) >= LEAST_DWELLINGS:
        return cell
    return coarse if sum(homes) >= LEAST_DWELLINGS else None


def in_area(shown: str, area: Collection[str]) -> bool:
    """Tell whether a cell, as it is drawn, belongs to an agreed area: its middle decides, whatever lies in it.

    Were the household's own cell to decide, a coarse cell that is partly in the area would give away which part.
    """
    return str(h3.cell_to_center_child(shown, CELL_RESOLUTION)) in area


def released_in(cells: Iterable[ShownCell], area: Collection[str]) -> list[ShownCell]:
    """Give what the newest public release shows of an agreed area: the aggregate tier.

    It is the public's own release and no fresher count: two counts of the same cells from different days could be
    subtracted.
    """
    return [shown for shown in cells if in_area(shown.cell, area)]


def urgency_band(urgency: Urgency) -> UrgencyBand:
    """Say how soon in two words."""
    return UrgencyBand.SOON if urgency in (Urgency.HIGH, Urgency.CRITICAL) else UrgencyBand.LATER


def week_of(instant: datetime) -> str:
    """Name the ISO week of an instant, in UTC, as ``2026-W47``."""
    year, week, _ = instant.astimezone(UTC).isocalendar()
    return f"{year:04}-W{week:02}"


def coarse_feed(
    needs: Iterable[CoarseNeed],
    dwellings: Mapping[str, int],
    *,
    area: Collection[str],
    categories: Collection[Category],
    key: bytes,
    partner_id: UUID,
) -> list[dict[str, Any]]:
    """Give what a partner of the coarse tier has of needs, in the order of its own ids.

    Parameters
    ----------
    needs
        Those that may be given at all: open, placed, not withheld.
    dwellings
        Homes by cell of resolution 9.
    area
        The agreed cells.
    categories
        The agreed categories; sensitive ones are left out whatever was agreed.
    key, partner_id
        For the ids.

    Returns
    -------
    list of dict
        ``id``, ``cell``, ``kind``, ``urgency`` and ``week`` of each.
    """
    wanted, own_key = KIND_OF.keys() & set(categories), partner_key(key, partner_id)
    found = []
    for need in needs:
        shown = coarse_cell(need.cell, dwellings) if need.category in wanted else None
        if shown is not None and in_area(shown, area):
            found.append(
                {
                    "id": _name(own_key, need.id),
                    "cell": shown,
                    "kind": KIND_OF[need.category].value,
                    "urgency": urgency_band(need.urgency).value,
                    "week": week_of(need.received_at),
                }
            )
    return sorted(found, key=lambda given: given["id"])
