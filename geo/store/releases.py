"""Weekly releases: made once from what is stored, then kept as they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, insert, not_, or_, select

from geo.domain.ids import new_id
from geo.domain.words import Category
from geo.privacy.cells import fits
from geo.privacy.partners import week_of
from geo.privacy.public_file import file_name, write_places, write_release
from geo.privacy.release import NOTHING_YET, Household, ReleaseState, ShownCell, compute_release
from geo.privacy.rules import PublicKind, public_kinds
from geo.store import tables
from geo.store.assets import list_assets
from geo.store.audit import record
from geo.store.cell_names import name_cells
from geo.store.dwellings import get_dwellings
from geo.store.needs import IS_CLOSED, IS_MAPPED
from geo.store.privacy_rules import get_rules
from geo.store.release_tables import release, release_cell
from geo.store.rows import MAX_LIMIT, mine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.records import Asset
    from geo.privacy.release import Release
    from geo.privacy.rules import ReleaseRules

need = tables.need


@dataclass(frozen=True, slots=True)
class KeptRelease:
    """A release as it was made: its week and the bytes of its file."""

    id: UUID
    week: str
    content: bytes

    @property
    def file_name(self) -> str:
        """What its file is called."""
        return file_name(self.week, self.content)


def make_release(session: Session, *, now: datetime) -> KeptRelease:
    """Give the release of a week, made now if there is none yet.

    Parameters
    ----------
    now
        An instant of the week.

    Returns
    -------
    KeptRelease
        The same bytes however often it is asked for in a week, whatever has changed since.
    """
    # one at a time for each network; let go at the end of the transaction
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(func.concat("release", func.current_network())))))
    week = week_of(now)
    kept = find_release(session, week)
    if kept is not None:
        return kept
    rules = get_rules(session).rules
    households = list_households(session, before=_week_began(now) - rules.freeze, rules=rules)
    made = compute_release(households, get_dwellings(session), _last_state(session, week, rules), rules)
    return _keep(session, week, made, rules)


def find_release(session: Session, week: str) -> KeptRelease | None:
    """Find a week's release, if it was made."""
    query = select(release.c.id, release.c.week, release.c.content).where(mine(release), release.c.week == week)
    row = session.execute(query).one_or_none()
    return None if row is None else KeptRelease(row.id, row.week, bytes(row.content))


def list_shown(session: Session) -> Sequence[ShownCell]:
    """List what the newest release shows, in the order of cells and kinds; nothing before the first."""
    newest = select(release.c.id).where(mine(release)).order_by(release.c.week.desc()).limit(1).scalar_subquery()
    cells = select(release_cell.c.cell, release_cell.c.kind, release_cell.c.band)
    shown = cells.where(mine(release_cell), release_cell.c.release_id == newest, release_cell.c.band.is_not(None))
    rows = session.execute(shown.order_by(release_cell.c.cell, release_cell.c.kind))
    return [ShownCell(row.cell, PublicKind(row.kind), row.band) for row in rows]


def list_households(session: Session, *, before: datetime, rules: ReleaseRules) -> list[Household]:
    """List the households that count: a need on the map, not withheld, known before the freeze.

    What was closed during the freeze still counts, so that neither coming nor going shows sooner.
    """
    was_open = or_(not_(IS_CLOSED), need.c.closed_at >= before)
    counts = and_(was_open, not_(need.c.withheld), IS_MAPPED, need.c.received_at < before)
    query = select(need.c.household_id, need.c.public_cell, need.c.category).where(
        mine(need), counts, need.c.public_cell.is_not(None)
    )
    wanted: dict[tuple[UUID, str], set[Category]] = defaultdict(set)
    for row in session.execute(query):
        # one that has been coarsened beyond the grid is in no cell of it any more
        if fits(row.public_cell, rules.resolution):
            wanted[row.household_id, row.public_cell].add(Category(row.category))
    return [Household(who, cell, public_kinds(categories)) for (who, cell), categories in wanted.items()]


def write_public_places(session: Session) -> bytes:
    """Write the network's places that are open to everybody."""
    return write_places(_pages_of_assets(session))


def _pages_of_assets(session: Session) -> Iterator[Asset]:
    after = None
    while page := list_assets(session, after=after, limit=MAX_LIMIT):
        yield from page
        after = page[-1].id


def _week_began(now: datetime) -> datetime:
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _last_state(session: Session, week: str, rules: ReleaseRules) -> ReleaseState:
    """Read what the release before left to remember; one of another grid leaves nothing."""
    earlier = select(release.c.id).where(mine(release), release.c.week < week, release.c.resolution == rules.resolution)
    last = session.scalar(earlier.order_by(release.c.week.desc()).limit(1))
    if last is None:
        return NOTHING_YET
    cells = select(release_cell.c.cell, release_cell.c.kind, release_cell.c.band)
    rows = session.execute(cells.where(mine(release_cell), release_cell.c.release_id == last)).all()
    return ReleaseState(
        frozenset((row.cell, PublicKind(row.kind)) for row in rows if row.band is not None),
        frozenset((row.cell, PublicKind(row.kind)) for row in rows if row.band is None),
    )


def _keep(session: Session, week: str, made: Release, rules: ReleaseRules) -> KeptRelease:
    names = name_cells(session, sorted({line.cell for line in made.cells}))
    kept = KeptRelease(new_id(), week, write_release(made.cells, rules, week, names))
    pinned = {"resolution": rules.resolution, "k": rules.k}
    session.execute(insert(release).values(id=kept.id, week=week, content=kept.content, **pinned))
    spots: list[tuple[str, PublicKind, str | None]] = [(line.cell, line.kind, line.band) for line in made.cells]
    spots += [(cell, kind, None) for cell, kind in sorted(made.state.waiting)]
    rows = [{"release_id": kept.id, "cell": cell, "kind": kind.value, "band": band} for cell, kind, band in spots]
    if rows:
        session.execute(insert(release_cell), rows)
    record(session, "release", release.name, [kept.id], count=len(rows))
    return kept
