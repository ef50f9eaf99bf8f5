"""The one place where the scoreboard and the bench meet the product's gazetteer and geocoder."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo.store.engine import make_sessions
from geo.store.gazetteer import LocalGeocoder
from geo.store.gazetteer_import import PlaceRow, PostcodeRow, StreetRow, replace_source
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.scratch import open_scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from geo.domain.place import GeocodeResult, Point
    from geo.geocode.geocoder import ReverseResult

__all__ = ["AddressRow", "Desk", "PlaceRow", "PostcodeRow", "Rows", "StreetRow", "load", "open_desk", "scratch"]

HOME: Final = Path(__file__).parents[2] / ".barnraiser"
_SOURCE: Final = SourceInfo("bench", "Bench", "none", "nobody", "bench")
_TIMEOUT_S: Final = 1800.0


@dataclass(frozen=True, slots=True)
class Rows:
    """What a gazetteer is made of; read once."""

    addresses: Iterable[AddressRow] = ()
    streets: Iterable[StreetRow] = ()
    places: Iterable[PlaceRow] = ()
    postcodes: Iterable[PostcodeRow] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Where questions are put to the geocoder."""

    geocode: Callable[[str], GeocodeResult]
    geocode_many: Callable[[list[str]], list[GeocodeResult]]
    reverse: Callable[[Point], ReverseResult]
    session: Any
    complete: Callable[[str], Any] | None = None
    """Completes what is being typed, where the geocoder offers it."""


def scratch(home: Path | None = None, url: str | None = None) -> AbstractContextManager[Engine]:
    """Open a database for a while, on the private cluster or the given server."""
    return open_scratch(home or HOME, url, statement_timeout_s=_TIMEOUT_S)


def load(engine: Engine, rows: Rows) -> None:
    """Put rows in, in one transaction, and let the planner count them."""
    with make_sessions(engine, role=None).begin() as session:
        replace_source(
            session,
            _SOURCE,
            addresses=rows.addresses,
            streets=rows.streets,
            places=rows.places,
            postcodes=rows.postcodes,
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def open_desk(engine: Engine) -> Iterator[Desk]:
    """Ask as a request does: one session, in the role of organizers."""
    with make_sessions(engine)() as session:
        geocoder = LocalGeocoder(session)
        yield Desk(
            geocoder.geocode, geocoder.geocode_many, geocoder.reverse, session, getattr(geocoder, "autocomplete", None)
        )
