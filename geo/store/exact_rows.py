"""The exact place of a request as it is kept, to be put back or given to another just as it was."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.store import tables
from geo.store.audit import record
from geo.store.rows import mine, point_expression, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session

exact = tables.location_exact
_NAMES: Final = ("uncertainty_m", "address_typed", "candidates", "located_at")


def read_exact(session: Session, need_id: UUID) -> dict[str, Any] | None:
    """Read the whole row, as JSON knows it; nothing where there is none."""
    point = func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat")
    query = select(*point, *(exact.c[name] for name in _NAMES)).where(exact.c.need_id == need_id, mine(exact))
    row = session.execute(query).mappings().one_or_none()
    return None if row is None else dict(row) | {"located_at": row["located_at"].isoformat()}


def write_exact(session: Session, need_id: UUID, kept: Mapping[str, Any] | None) -> None:
    """Make the row what :func:`read_exact` gave.

    Raises
    ------
    OutsideServiceArea
        If the network serves another area by now.
    """
    record(session, "locate", tables.need.name, [need_id], ("location",))
    if kept is None:
        session.execute(delete(exact).where(exact.c.need_id == need_id, mine(exact)))
        return
    point = None if kept["lon"] is None else Point(kept["lon"], kept["lat"])
    values = {name: kept[name] for name in _NAMES} | {"geom": point_expression(point)}
    values["located_at"] = datetime.fromisoformat(kept["located_at"])
    put = insert(exact).values(id=new_id(), need_id=need_id, **values)
    with refused_as_ours():
        session.execute(put.on_conflict_do_update(index_elements=[exact.c.need_id], set_=values))
