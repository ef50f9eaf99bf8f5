"""``export tiles``: every tile that an audience may have, in one file."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from geo.domain.words import Audience
from geo.errors import Conflict, InvalidInput, NotFound

from api.commands.jobs import open_store, show_progress
from api.commands.reaching import travelling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement
    from geo.domain.tiles import TileAddress
    from geo.interchange.tile_archive import AboutTiles
    from geo.store.coverage import Question
    from geo.store.engine import SessionFactory
    from geo.store.tile_sheets import Sheet

    from api.settings import Settings
    from data.loaders.report import Progress

_CREDIT: Final = "places of OpenStreetMap © OpenStreetMap contributors"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose tiles are written: an audience's, or those a partner has by the agreement of this name."""

    audience: Audience
    agreement: str | None
    max_zoom: int
    standard_min: float | None


def write_tiles(settings: Settings, wanted: Wanted, target: BinaryIO) -> int:
    """Write the archive.

    Returns
    -------
    int
        How many tiles it holds.

    Raises
    ------
    NotFound
        If there is no such agreement, or nothing to be seen.
    NotPermitted
        If the audience may not have tiles.
    """
    from geo.interchange.tile_archive import write_tile_archive
    from geo.store.coverage import Question
    from geo.store.network import standard_of
    from geo.store.tile_sheets import draw_tiles, list_tiles

    with (
        travelling(settings) as model,
        open_store(settings) as store,
        _acting(store.sessions, wanted) as (session, agreement),
        show_progress() as progress,
    ):
        standard = wanted.standard_min or standard_of(session, settings.demo.standard_min)
        sheets = _sheets(session, wanted.audience, agreement, Question(model, standard))
        tiles = list_tiles(sheets, wanted.max_zoom)
        contents = (tile.content for tile in draw_tiles(session, sheets, _counted(tiles, progress)))
        return write_tile_archive(target, zip(tiles, contents, strict=True), _about(session, wanted))


@contextmanager
def _acting(sessions: SessionFactory, wanted: Wanted) -> Iterator[tuple[Session, Agreement | None]]:
    """Read as the operator, or with no more rights than the partner has."""
    from geo.store.engine import APP_ROLE, DEFAULT_NETWORK, PARTNER_ROLE, Acting, snapshot, transaction
    from geo.store.tile_counts import fold_changes

    with transaction(sessions, Acting(DEFAULT_NETWORK, APP_ROLE, None, "tiles")) as session:
        fold_changes(session)
        agreement = None if wanted.agreement is None else _find(session, wanted.agreement)
    if agreement is None:
        with snapshot(sessions) as session:
            yield session, None
        return
    if wanted.audience is not Audience.PARTNER:
        raise InvalidInput("who reads by an agreement is a partner", field="audience")
    with snapshot(sessions, Acting(DEFAULT_NETWORK, PARTNER_ROLE, agreement.id, "partner")) as session:
        yield session, agreement


def _find(session: Session, name: str) -> Agreement:
    from geo.store.agreements import list_agreements

    found = next((one for one in list_agreements(session, limit=1000) if one.name == name), None)
    if found is None:
        raise NotFound(f"there is no agreement with {name!r}; see: barnraiser partner list")
    if found.ended_at is not None or found.expires_at <= datetime.now(UTC):
        raise Conflict(f"the agreement with {name!r} has ended")
    return found


def _sheets(session: Session, audience: Audience, agreement: Agreement | None, question: Question) -> list[Sheet]:
    from geo.domain.tiles import CoverageInCell
    from geo.privacy.disclosure import may_have
    from geo.store.coverage import compute_coverage
    from geo.store.tile_sheets import coverage_sheet, list_sheets, public_coverage_sheet
    from geo.store.tile_views import list_coverage

    found = list_sheets(session, audience, agreement)
    if not may_have(CoverageInCell, audience):
        return [*found, public_coverage_sheet(session, audience, standard_min=question.standard_min)]
    report = compute_coverage(session, question)
    return [*found, coverage_sheet(session, list_coverage(report.rows), audience)]


def _counted(tiles: Sequence[TileAddress], progress: Progress) -> Iterator[TileAddress]:
    for done, at in enumerate(tiles):
        progress(f"zoom {at.z}", done, len(tiles))
        yield at
    progress("done", len(tiles), len(tiles))


def _about(session: Session, wanted: Wanted) -> AboutTiles:
    from geo.interchange.tile_archive import WORLD, AboutTiles
    from geo.store.network import get_network

    from api.tile_sets import archive_layers

    network = get_network(session)
    return AboutTiles(
        name=network.name,
        description="Needs, places and coverage of a mutual-aid network, as far as their reader may have them.",
        attribution=f"{network.name}; {_CREDIT}",
        audience=wanted.audience.value,
        layers=archive_layers(wanted.audience, wanted.max_zoom, agreed=wanted.agreement is not None),
        made_at=datetime.now(UTC),
        bounds=network.bbox or WORLD,
    )
