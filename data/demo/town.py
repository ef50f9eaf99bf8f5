"""The bundled town lent to a network that has no streets of its own: its addresses and areas, and nothing else.

It stands in the gazetteer under a name of its own, so that it goes again with the people who were made up in it, and
nobody's extract takes its place or has to make room for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo.store.areas import delete_missing, upsert_areas
from geo.store.gazetteer_import import replace_source
from geo.store.gazetteer_sources import SourceInfo, find_source, remove_source

from data.loaders.osm import ATTRIBUTION, LICENCE, bundled_extract
from data.loaders.osm.city import read_city
from data.loaders.osm.extract import Extract, file_checksum
from data.loaders.report import no_progress

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

TOWN: Final = "made_up_town"


def lend_town(session: Session) -> int:
    """Store the streets, addresses and areas of the bundled extract; tells how many areas.

    Parameters
    ----------
    session
        With the operator's rights.
    """
    path = bundled_extract()
    city = read_city(Extract(path), no_progress)
    info = SourceInfo(TOWN, path.name, LICENCE, ATTRIBUTION, file_checksum(path), kind="osm")
    replace_source(
        session,
        info,
        addresses=city.addresses,
        streets=city.streets,
        ranges=city.ranges,
        places=city.places,
        postcodes=city.postcodes,
    )
    return upsert_areas(session, [replace(draft, source=TOWN) for draft in city.areas])


def take_town_back(session: Session) -> int:
    """Remove a town that was lent; tells how many areas went with it.

    Parameters
    ----------
    session
        With the operator's rights.
    """
    if find_source(session, TOWN) is not None:
        remove_source(session, TOWN)
    return delete_missing(session, TOWN, ())
