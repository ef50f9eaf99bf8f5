"""Walk sheets put together: a turf as it may leave, the streets around it, and the fonts that set-up copied."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Final

from geo.domain.place import Point
from geo.interchange.sheet_ink import SheetFonts
from geo.interchange.walk_sheet import SheetDoor, WalkSheet
from geo.privacy.disclosure import disclose
from geo.store.gazetteer_sources import list_sources
from geo.store.network import get_network
from geo.store.turf_ground import list_streets_within
from geo.store.turfs import list_doors, today_here

from api.statics import DASHBOARD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geo.domain.turf import Turf
    from geo.domain.words import Audience

FONTS: Final = DASHBOARD / "static" / "fonts"
_AROUND: Final = 0.3
_LEAST_DEG: Final = 0.003


def find_fonts() -> SheetFonts | None:
    """Find the fonts that set-up copied; none where it has not run."""
    others = tuple(file for file in (FONTS / "DroidSansFallback.ttf",) if file.is_file())
    found = SheetFonts(FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf", others)
    return found if found.regular.is_file() and found.bold.is_file() else None


def make_sheet(session: Session, turf: Turf, audience: Audience, *, link: str | None = None) -> WalkSheet:
    """Put the walk sheet of a turf together.

    Parameters
    ----------
    link
        Where its codes are typed, to be put before them.

    Raises
    ------
    NotPermitted
        If the audience may not have the doors of turfs with their codes.
    """
    shown = disclose(turf, audience)
    doors = [_row(disclose(door, audience)) for door in list_doors(session, turf)]
    streets = [(street.name, street.line) for street in list_streets_within(session, _seen(turf))]
    sources = dict.fromkeys(source.attribution for source in list_sources(session))
    return WalkSheet(
        network=get_network(session).name,
        name=shown["name"],
        note=shown["note"],
        number=shown["number"],
        until=shown["ends_on"],
        doors=doors,
        outline=turf.geometry,
        streets=streets,
        printed_at=datetime.combine(today_here(session), time(), UTC),
        attribution=", ".join(sources),
        link=link,
    )


def _row(door: Mapping[str, Any]) -> SheetDoor:
    words = {name: door[name] for name in ("position", "code", "street", "number", "side")}
    return SheetDoor(point=Point(door["lon"], door["lat"]), **words)


def _seen(turf: Turf) -> tuple[float, float, float, float]:
    """Give a box that surely holds what the map shows."""
    west, south, east, north = turf.geometry.bounds
    # a map is as wide as the paper whatever the turf's shape, and a degree of longitude is the shorter one
    reach = max(east - west, 2 * (north - south), _LEAST_DEG) * (1 + _AROUND)
    middle_lon, middle_lat = (west + east) / 2, (south + north) / 2
    lat = (middle_lat - reach, middle_lat + reach)
    return max(middle_lon - reach, -180.0), max(lat[0], -90.0), min(middle_lon + reach, 180.0), min(lat[1], 90.0)
