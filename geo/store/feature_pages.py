"""Pages of needs, assets and areas as an audience may see them: filtered and sorted by what is shown, by key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from sqlalchemy import Text, case, cast, func, null, select, tuple_

from geo.domain.queryable import GEOMETRY, Kind, Queryable
from geo.domain.records import Area, Asset, Need
from geo.errors import NotFound
from geo.interchange.cql2.expression import Every, Spatial
from geo.interchange.feature_query import FeaturePage
from geo.privacy.disclosure import PRIVATE_ASSET_HIDES, may_have
from geo.privacy.queryables import list_queryables
from geo.store import tables
from geo.store.areas import COLUMNS as AREA_COLUMNS
from geo.store.areas import area_from_row
from geo.store.assets import COLUMNS as ASSET_COLUMNS
from geo.store.assets import asset_from_row
from geo.store.feature_filters import FeatureColumns, write_after, write_condition, write_met, write_order
from geo.store.feeds import area_feature, asset_feature, need_feature
from geo.store.needs import COLUMNS as NEED_COLUMNS
from geo.store.needs import need_from_row
from geo.store.rows import mine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select, Table
    from sqlalchemy.engine import RowMapping
    from sqlalchemy.orm import Session

    from geo.domain.words import Audience
    from geo.interchange.cql2.expression import Condition
    from geo.interchange.feature_query import FeatureQuery, Key

TableName = Literal["needs", "assets", "areas"]
asset, area, need = tables.asset, tables.area, tables.need
_HIDDEN: Final = tuple(sorted(PRIVATE_ASSET_HIDES - {"point"}))


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """A table whose rows are features: how they are read, drawn and asked by; ``when`` is what an interval means."""

    table: Table
    record: type
    selected: Sequence[ColumnElement[Any]]
    read: Callable[[RowMapping], Any]
    draw: Callable[[Any, Audience], dict[str, Any]]
    when: str
    drawn: ColumnElement[Any] | None = None
    cell: ColumnElement[Any] | None = None
    drawn_as_cell: tuple[ColumnElement[bool], ...] = ()
    masked: tuple[tuple[str, ColumnElement[Any]], ...] = ()

    def queryables(self, audience: Audience) -> tuple[Queryable, ...]:
        """List what an audience may ask by."""
        return list_queryables(self.record, audience)

    def columns(self, session: Session, audience: Audience) -> FeatureColumns:
        """Give what the audience is shown as SQL, under the names it is shown by."""
        shown = [one for one in self.queryables(audience) if one.name != GEOMETRY]
        named = {one.name: self._column(one) for one in shown}
        return FeatureColumns(named, self.drawn, self._cell(audience), partial(self._cells, session))

    def cells_drawn(self, session: Session, audience: Audience) -> Sequence[str]:
        """List every cell that something an audience is shown is drawn as."""
        return () if self._cell(audience) is None else self._cells(session)

    def _cell(self, audience: Audience) -> ColumnElement[Any] | None:
        # a place at a home is for the network's own people; to everybody else nothing here is drawn as a cell
        return self.cell if self.record is not Asset or may_have(Need, audience) else None

    def _column(self, one: Queryable) -> ColumnElement[Any]:
        masked = dict(self.masked)
        if one.name in masked:
            return masked[one.name]
        column = self.table.c[one.name]
        if one.kind is Kind.INSTANT:
            # whole seconds, as they are shown: no filter tells more
            return func.date_trunc("second", column)
        return cast(column, Text) if one.kind is Kind.TEXT and not isinstance(column.type, Text) else column

    def _cells(self, session: Session) -> Sequence[str]:
        return () if self.cell is None else list(session.scalars(_cells_of(self.table, *self.drawn_as_cell)))


TABLES: Final[Mapping[TableName, FeatureTable]] = {
    "needs": FeatureTable(
        need, Need, NEED_COLUMNS, need_from_row, need_feature, "received_at",
        cell=case((need.c.withheld, null()), else_=need.c.cell), drawn_as_cell=(~need.c.withheld,),
        masked=(("cell", case((need.c.withheld, null()), else_=need.c.cell)),),
    ),
    "assets": FeatureTable(
        asset, Asset, ASSET_COLUMNS, asset_from_row, asset_feature, "updated_at",
        drawn=asset.c.geom, cell=case((asset.c.geom.is_(None), asset.c.cell)),
        drawn_as_cell=(asset.c.geom.is_(None),),
        masked=tuple((name, case((asset.c.is_private, null()), else_=asset.c[name])) for name in _HIDDEN),
    ),
    "areas": FeatureTable(area, Area, AREA_COLUMNS, area_from_row, area_feature, "updated_at", drawn=area.c.geom),
}  # fmt: skip
"""What is hidden of a withheld need, or of a place at a private home, is nothing to filters as well."""


@cache
def _cells_of(table: Table, *drawn_as_cell: ColumnElement[bool]) -> Select[tuple[str]]:
    """Ask for every cell that something is drawn as; put together once."""
    return select(table.c.cell).where(mine(table), *drawn_as_cell, table.c.cell.is_not(None)).distinct()


def list_feature_page(session: Session, name: TableName, audience: Audience, query: FeatureQuery) -> FeaturePage:
    """Give a page of features.

    A full pull in the order of ids gives each feature that is there all the while exactly once, whatever else comes,
    changes and goes.

    Raises
    ------
    NotPermitted
        If the audience may not have them.
    """
    source = TABLES[name]
    statement = page_statement(session, source, audience, query, source.selected)
    rows = session.execute(statement).mappings().all()
    features = tuple(source.draw(source.read(row), audience) for row in rows[: query.limit])
    following = query.key_of(features[-1]) if len(rows) > query.limit else None
    return FeaturePage(features, following)


def get_feature(session: Session, name: TableName, audience: Audience, feature_id: str) -> dict[str, Any]:
    """Give one feature.

    Raises
    ------
    NotFound
        If there is none with this id, or the audience may not see it.
    """
    source = TABLES[name]
    found = select(*source.selected).where(mine(source.table), *visible(source, audience))
    row = session.execute(found.where(source.table.c.id == as_id(feature_id))).mappings().one_or_none()
    if row is None:
        raise NotFound
    return source.draw(source.read(row), audience)


def page_statement(
    session: Session,
    source: FeatureTable,
    audience: Audience,
    query: FeatureQuery,
    selected: Sequence[ColumnElement[Any]],
) -> Select[Any]:
    """Write the statement of a page; it gives one row more than the page has, when there is one."""
    columns = source.columns(session, audience)
    row_id = source.table.c.id
    conditions = [mine(source.table), *visible(source, audience), *_met(query.condition, columns)]
    if query.after is not None:
        conditions.append(_after(query, columns, row_id))
    statement = select(*selected).where(*conditions).order_by(*write_order(query.order, columns, row_id))
    return statement.limit(query.limit + 1)


def _after(query: FeatureQuery, columns: FeatureColumns, row_id: ColumnElement[Any]) -> ColumnElement[Any]:
    after: Key = query.after or ()
    last_id = as_id(after[-1])
    if not query.order:
        # a row comparison, which the primary key serves directly
        return tuple_(row_id) > tuple_(last_id)
    return write_after(query.order, columns, row_id, after, last_id)


def _met(condition: Condition | None, columns: FeatureColumns) -> list[ColumnElement[Any]]:
    """Write what must surely be true part by part, so that an index serves a box."""
    if condition is None:
        return []
    parts = condition.parts if isinstance(condition, Every) else (condition,)
    return [write_met(part, columns) if isinstance(part, Spatial) else write_condition(part, columns) for part in parts]


def visible(source: FeatureTable, audience: Audience) -> list[ColumnElement[Any]]:
    """Leave out in the statement what disclosure would refuse row by row."""
    if source.record is not Asset or may_have(Need, audience):
        return []
    return [~asset.c.is_private]


def as_id(text: str) -> UUID:
    """Read an id.

    Raises
    ------
    NotFound
        If nothing can have it.
    """
    try:
        found = UUID(text)
    except (ValueError, AttributeError):
        raise NotFound from None
    if str(found) != text:
        raise NotFound
    return found
