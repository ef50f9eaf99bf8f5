"""The collections: what each holds for whoever asks, by what it may be asked, and how a page of it is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, get_args

from geo.domain.coverage import CoverageRow
from geo.domain.principals import Permission
from geo.errors import NotFound, NotPermitted
from geo.interchange.feature_query import FeatureQuery, page_of
from geo.privacy.queryables import list_agreed_queryables, list_row_queryables
from geo.privacy.release import ShownCell
from geo.store.coverage import Question, compute_coverage
from geo.store.feature_bytes import write_asset_page
from geo.store.feature_pages import TABLES, TableName, get_feature, list_feature_page
from geo.store.feeds import coverage_feature, shown_cell_feature
from geo.store.network import standard_of
from geo.store.partner_feed import count_drawn, partner_features
from geo.store.releases import list_shown

from api.problems import QUOTA, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement, Principal
    from geo.domain.queryable import Queryable
    from geo.domain.words import Audience
    from geo.interchange.feature_query import FeaturePage
    from geo.store.feature_bytes import BytesPage
    from geo.store.feed_version import Counted

    from api.deps import Reckoning
    from api.settings import Settings

    Listing = Callable[[Session], Iterable[dict[str, Any]]]

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "needs": ("Needs", "What people ask for, each as the H3 cell of its household; without a place, without geometry."),
    "assets": ("Assets", "Services and places that can meet a need; those at private homes as their H3 cell."),
    "areas": ("Areas", "Named districts with the people who live there."),
    "coverage": ("Coverage", "Demand, what of it can be served within the standard, and the gap, by H3 cell."),
    "public": ("Public release", "What everybody may know of needs: a band of households by hexagon and kind, weekly."),
}
_STORED: Final = frozenset(get_args(TableName))
_COUNTED: Final[Mapping[str, Counted]] = {"needs": "needs", "assets": "assets", "public": "needs"}
"""A release counts as a change of needs. What a partner has of needs also ends with time, and is always looked at."""


@dataclass(frozen=True, slots=True)
class Source:
    """One collection for one caller.

    Where there is a way to ``write`` a page without making records first, it gives the same bytes. ``when`` is what an
    interval is compared with. ``counted`` names whose version all of it depends on, if there is one. ``tells_matched``
    says whether the number of all that matches is told: not where a count would be data that no quota notices.
    """

    name: str
    queryables: tuple[Queryable, ...]
    read: Callable[[Session, FeatureQuery], FeaturePage]
    find: Callable[[Session, str], dict[str, Any]]
    when: Queryable | None = None
    agreement: Agreement | None = None
    write: Callable[[Session, FeatureQuery], BytesPage] | None = None
    counted: Counted | None = None
    is_stored: bool = False
    tells_matched: bool = False

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLES[self.name][0]

    @property
    def description(self) -> str:
        """What it holds."""
        return TITLES[self.name][1]

    def draw_quota(self, session: Session, records: int) -> None:
        """Count what is given against a partner's quota; a look that finds nothing counts as one record.

        Raises
        ------
        Problem
            If the day's quota is used up.
        """
        if self.agreement is not None and not count_drawn(session, self.agreement, max(1, records)):
            raise Problem(QUOTA)


def list_names(principal: Principal) -> list[str]:
    """List the collections a caller may have."""
    return [name for name in TITLES if _may_have(principal, name)]


def _may_have(principal: Principal, name: str) -> bool:
    return name != "coverage" or principal.may(Permission.READ_FIGURES)


def open_source(name: str, principal: Principal, settings: Settings, reckoning: Reckoning) -> Source:
    """Open a collection for a caller.

    Raises
    ------
    NotFound, NotPermitted
        If there is no such collection, or not for them; both are answered alike.
    """
    if name not in TITLES:
        raise NotFound
    if not _may_have(principal, name):
        raise NotPermitted
    if name == "needs" and principal.agreement is not None:
        return _agreed(principal.agreement)
    if name in _STORED:
        return _stored(name, principal)  # type: ignore[arg-type] # one of them, as was just seen
    audience = principal.audience
    if name == "public":
        rows = list_row_queryables(ShownCell, audience)
        return _listed(name, rows, lambda session: (shown_cell_feature(one, audience) for one in list_shown(session)))

    def covered(session: Session) -> Iterable[dict[str, Any]]:
        question = Question(reckoning.travel, standard_of(session, settings.demo.standard_min))
        report = compute_coverage(session, question, live=reckoning.live)
        return (coverage_feature(row, audience) for row in report.rows)

    return _listed(name, list_row_queryables(CoverageRow, audience), covered)


def _stored(name: TableName, principal: Principal) -> Source:
    table, audience = TABLES[name], principal.audience
    queryables = table.queryables(audience)
    return Source(
        name,
        queryables,
        lambda session, query: list_feature_page(session, name, audience, query),
        lambda session, feature_id: get_feature(session, name, audience, feature_id),
        when=_named(queryables, table.when),
        write=partial(_written, audience) if name == "assets" else None,
        counted=_COUNTED.get(name),
        is_stored=True,
    )


def _written(audience: Audience, session: Session, query: FeatureQuery) -> BytesPage:
    return write_asset_page(session, audience, query)


def _listed(name: str, queryables: tuple[Queryable, ...], listing: Listing) -> Source:
    return Source(
        name,
        queryables,
        lambda session, query: page_of(listing(session), query),
        partial(_find_listed, listing),
        counted=_COUNTED.get(name),
        tells_matched=True,
    )


def _agreed(agreement: Agreement) -> Source:
    """Open a partner's own view of needs; nothing here looks behind it."""
    queryables = list_agreed_queryables(agreement)

    def listing(session: Session) -> Iterable[dict[str, Any]]:
        return partner_features(session, agreement)

    return Source(
        "needs",
        queryables,
        lambda session, query: page_of(listing(session), query),
        partial(_find_listed, listing),
        when=_named(queryables, "week"),
        agreement=agreement,
    )


def _named(queryables: Iterable[Queryable], name: str) -> Queryable | None:
    return next((one for one in queryables if one.name == name), None)


def _find_listed(listing: Listing, session: Session, feature_id: str) -> dict[str, Any]:
    found = page_of(listing(session), FeatureQuery(only=feature_id, limit=1)).features
    if not found:
        raise NotFound
    return found[0]
