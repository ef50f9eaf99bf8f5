"""Exact places: the restricted table, written and read for one owner at a time."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from geo.domain.ids import new_id
from geo.domain.place import Candidate, Fault, Location, Point
from geo.domain.words import LocationState, MatchQuality
from geo.store import tables
from geo.store.rows import mine, point_expression, point_of, refused_as_ours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session

Owner = Literal["need_id", "helper_id", "asset_id"]
exact = tables.location_exact
MAX_CANDIDATES = 5


def store_location(
    session: Session, owner: Owner, owner_id: UUID, location: Location, *, is_first: bool = False
) -> None:
    """Write the exact place of a need, helper or asset; the one before is replaced.

    Parameters
    ----------
    is_first
        Whether there can be none before; whoever may only add can then add it.

    Raises
    ------
    OutsideServiceArea
        If the network serves another area.
    """
    values = {
        "geom": point_expression(location.point),
        "uncertainty_m": location.uncertainty_m,
        "address_typed": location.address_typed,
        "candidates": [candidate_to_json(c) for c in location.candidates[:MAX_CANDIDATES]],
        "located_at": func.now(),
    }
    statement = insert(exact).values(id=new_id(), **{owner: owner_id}, **values)
    if not is_first:
        statement = statement.on_conflict_do_update(index_elements=[exact.c[owner]], set_=values)
    with refused_as_ours():
        session.execute(statement)


def get_location(session: Session, owner: Owner, owner_id: UUID, state: LocationState) -> Location:
    """Read the exact place of a record whose state is known; an unmapped one comes back without a point."""
    row = (
        session.execute(
            select(
                func.ST_X(exact.c.geom).label("lon"), func.ST_Y(exact.c.geom).label("lat"),
                exact.c.uncertainty_m, exact.c.address_typed, exact.c.candidates, exact.c.located_at,
            ).where(exact.c[owner] == owner_id, mine(exact))
        )
        .mappings()
        .one_or_none()
    )  # fmt: skip
    if row is None:
        return Location(LocationState.NONE)
    return Location(
        state,
        point=point_of(row["lon"], row["lat"]),
        uncertainty_m=row["uncertainty_m"],
        address_typed=row["address_typed"],
        candidates=tuple(candidate_from_json(c) for c in row["candidates"]),
        located_at=row["located_at"],
    )


def candidate_to_json(candidate: Candidate) -> dict[str, Any]:
    """Write a candidate as it is kept."""
    return asdict(candidate)


def candidate_from_json(kept: Mapping[str, Any]) -> Candidate:
    """Read a candidate back."""
    return Candidate(
        point=Point(**kept["point"]),
        label=kept["label"],
        match_quality=MatchQuality(kept["match_quality"]),
        uncertainty_m=kept["uncertainty_m"],
        score=kept["score"],
        source=kept["source"],
        faults=tuple(Fault(**fault) for fault in kept["faults"]),
        postcode=kept.get("postcode"),
        locality=kept.get("locality"),
    )
