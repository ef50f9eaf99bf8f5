"""Filters as SQL: conditions that were read and checked, over columns that are shown, with every value bound."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import shapely
from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    true,
    tuple_,
)

from geo.domain.queryable import NUMBERS, Kind
from geo.interchange.cql2.expression import (
    TIMES,
    Alike,
    Among,
    Compared,
    Every,
    Folded,
    Listed,
    Literal,
    Missing,
    Negated,
    Property,
    Some,
    Spatial,
    Timed,
    Truth,
    Within,
)
from geo.privacy.cells import cell_polygon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from geo.domain.queryable import SortKey
    from geo.interchange.cql2.expression import Condition, Span, Term
    from geo.interchange.feature_query import Key

Sql = ColumnElement[Any]
_SIGNS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_RECKONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_RELATIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "contains": func.ST_Contains,
    "crosses": func.ST_Crosses,
    "equals": func.ST_Equals,
    "intersects": func.ST_Intersects,
    "overlaps": func.ST_Overlaps,
    "touches": func.ST_Touches,
    "within": func.ST_Within,
}
_LEAST: Final[Mapping[Kind, Any]] = {
    Kind.TEXT: "",
    Kind.WHOLE: 0,
    Kind.NUMBER: 0.0,
    Kind.DAY: date(1970, 1, 1),
    Kind.INSTANT: datetime(1970, 1, 1, tzinfo=UTC),
}


@dataclass(frozen=True, slots=True)
class FeatureColumns:
    """How what a feature shows is found in SQL: by name, and its shape as a geometry, a cell, or one of the two.

    ``cells`` gives every cell that is drawn; a relation in space is answered for each of them once, because the
    database has no shapes of cells.
    """

    named: Mapping[str, Sql]
    drawn: Sql | None = None
    cell: Sql | None = None
    cells: Callable[[], Sequence[str]] = tuple

    def value(self, name: str, kind: Kind) -> Sql:
        """Give a property; text is ordered by its code points whatever the database's own order is."""
        found = self.named[name]
        return found.collate("C") if kind is Kind.TEXT else found


def write_condition(condition: Condition, columns: FeatureColumns) -> Sql:
    """Write a condition; rows for which it is unknown are not kept, as everywhere in SQL."""
    return _WRITERS[type(condition)](condition, columns)


def _truth(one: Truth, _columns: FeatureColumns) -> Sql:
    return true() if one.value else false()


def _every(one: Every, columns: FeatureColumns) -> Sql:
    return and_(*(write_condition(part, columns) for part in one.parts))


def _some(one: Some, columns: FeatureColumns) -> Sql:
    return or_(*(write_condition(part, columns) for part in one.parts))


def _negated(one: Negated, columns: FeatureColumns) -> Sql:
    return not_(write_condition(one.part, columns))


def _compared(one: Compared, columns: FeatureColumns) -> Sql:
    found: Sql = _SIGNS[one.sign](_term(one.left, columns), _term(one.right, columns))
    return found


def _alike(one: Alike, columns: FeatureColumns) -> Sql:
    pattern = one.pattern.lower() if one.folds else one.pattern
    return _term(one.term, columns).like(literal(pattern, Text), escape="\\")


def _within(one: Within, columns: FeatureColumns) -> Sql:
    return _term(one.term, columns).between(_term(one.low, columns), _term(one.high, columns))


def _among(one: Among, columns: FeatureColumns) -> Sql:
    term = _term(one.term, columns)
    return or_(*(term == _term(option, columns) for option in one.options))


def _missing(one: Missing, columns: FeatureColumns) -> Sql:
    if one.of.kind is not Kind.SHAPE:
        return columns.named[one.of.name].is_(None)
    return and_(*(part.is_(None) for part in (columns.drawn, columns.cell) if part is not None))


def _listed(one: Listed, columns: FeatureColumns) -> Sql:
    left, right = _term(one.left, columns), _term(one.right, columns)
    held, holding = left.bool_op("@>")(right), left.bool_op("<@")(right)
    found = {
        "contains": held,
        "containedby": holding,
        "equals": and_(held, holding),
        "overlaps": left.bool_op("&&")(right),
    }
    return found[one.relation]


def _spatial(one: Spatial, columns: FeatureColumns) -> Sql:
    parts: list[tuple[Sql, Sql]] = []
    if columns.drawn is not None:
        parts.append((columns.drawn.is_not(None), _over_geometry(one, columns.drawn)))
    if columns.cell is not None:
        parts.append((columns.cell.is_not(None), _over_cells(one, columns.cell, columns.cells())))
    # what is not drawn stands to nothing: unknown, and unknown when it is turned round
    return parts[0][1] if len(parts) == 1 else case(*parts, else_=null())


def write_met(one: Spatial, columns: FeatureColumns) -> Sql:
    """Write a relation in space that must be true: what is unknown may count as false, and an index serves it."""
    if one.relation == "disjoint":
        return _spatial(one, columns)
    parts: list[Sql] = [] if columns.drawn is None else [_over_geometry(one, columns.drawn)]
    if columns.cell is not None:
        found = cells_that_stand(one.relation, one.shape, columns.cells())
        # most often nothing is drawn as a cell there, and the geometry's index is all that is asked
        parts += [columns.cell == _any_of(found)] if found or not parts else []
    return or_(*parts)


def _over_geometry(one: Spatial, drawn: Sql) -> Sql:
    shape = func.ST_GeomFromWKB(shapely.to_wkb(one.shape), 4326)
    if one.relation == "disjoint":
        return not_(func.ST_Intersects(drawn, shape))
    # the box first, by itself: it is the one comparison the index serves under the policies of the rows
    return and_(drawn.bool_op("&&")(shape), _RELATIONS[one.relation](drawn, shape))


def _over_cells(one: Spatial, cell: Sql, cells: Sequence[str]) -> Sql:
    return cell == _any_of(cells_that_stand(one.relation, one.shape, cells))


def cells_that_stand(relation: str, shape: BaseGeometry, cells: Sequence[str]) -> list[str]:
    """List the cells that stand in a relation to a shape, each as it is drawn."""
    shapely.prepare(shape)
    return [name for name in cells if _stands(relation, name, shape)]


def _any_of(values: Sequence[str]) -> Sql:
    return func.any(cast(literal(list(values), ARRAY(Text)), ARRAY(Text)))


def _stands(relation: str, cell: str, shape: BaseGeometry) -> bool:
    # as it is drawn: five decimals, so that a filter and what is shown never disagree
    drawn = shapely.transform(cell_polygon(cell), lambda corners: corners.round(5))
    return bool(getattr(drawn, relation)(shape))


def _timed(one: Timed, columns: FeatureColumns) -> Sql:
    ends = _ends(one.left, "1", columns) | _ends(one.right, "2", columns)
    lines = TIMES[one.relation]
    return or_(*(and_(*(_SIGNS[sign](ends[a], ends[b]) for a, sign, b in line)) for line in lines))


def _ends(span: Span, number: str, columns: FeatureColumns) -> dict[str, Sql]:
    kind = (
        Date
        if any(end is not None and end.kind is Kind.DAY for end in (span.start, span.end))
        else DateTime(timezone=True)
    )
    open_start, open_end = cast(literal("-infinity", Text), kind), cast(literal("infinity", Text), kind)
    return {
        f"s{number}": open_start if span.start is None else _term(span.start, columns),
        f"e{number}": open_end if span.end is None else _term(span.end, columns),
    }


def _term(term: Term, columns: FeatureColumns) -> Sql:
    if isinstance(term, Property):
        return columns.value(term.name, term.kind)
    if isinstance(term, Literal):
        return _bound(term.value, term.kind)
    if isinstance(term, Folded):
        # folded by the database's own rules first: those of code points know no letters beyond A to Z
        of = columns.named[term.of.name] if isinstance(term.of, Property) else _term(term.of, columns)
        return func.lower(of).collate("C")
    left, right = (cast(_term(part, columns), Double) for part in (term.left, term.right))
    if term.sign == "/":
        return left / func.nullif(right, literal(0.0, Double))
    found: Sql = _RECKONS[term.sign](left, right)
    return found


def _bound(value: Any, kind: Kind) -> Sql:  # noqa: ANN401 - a value of the kind
    types: dict[Kind, Any] = {
        Kind.TEXT: Text(),
        Kind.FLAG: Boolean(),
        Kind.DAY: Date(),
        Kind.INSTANT: DateTime(timezone=True),
    }
    if kind in NUMBERS:
        return cast(literal(float(value), Double), Double)
    if kind is Kind.WORDS:
        return cast(literal(list(value), ARRAY(Text)), ARRAY(Text))
    return cast(literal(value, types[kind]), types[kind])


_WRITERS: Final[Mapping[type, Callable[[Any, FeatureColumns], Sql]]] = {
    Truth: _truth,
    Every: _every,
    Some: _some,
    Negated: _negated,
    Compared: _compared,
    Alike: _alike,
    Within: _within,
    Among: _among,
    Missing: _missing,
    Spatial: _spatial,
    Timed: _timed,
    Listed: _listed,
}


def write_order(order: Sequence[SortKey], columns: FeatureColumns, row_id: Sql) -> list[Sql]:
    """Write an order; whatever is alike goes by the id, so that no two rows are."""
    turned = bool(order) and order[0].is_descending
    found = []
    for key in order:
        parts = _sort_parts(key, columns)
        found += [part.desc() if key.is_descending else part.asc() for part in parts]
    return [*found, row_id.desc() if turned else row_id.asc()]


def write_after(order: Sequence[SortKey], columns: FeatureColumns, row_id: Sql, after: Key, last_id: object) -> Sql:
    """Keep what comes after a key: one comparison of rows, which an index serves, where the order is of one direction.

    Parameters
    ----------
    after
        A value of each property, of its own kind, then the id.
    last_id
        The id as the column has it.
    """
    parts = [(part, key.is_descending) for key in order for part in _sort_parts(key, columns)]
    values = [bound for key, value in zip(order, after, strict=False) for bound in _sort_values(key, value)]
    turned = bool(order) and order[0].is_descending
    sides = [*parts, (row_id, turned)]
    bounds: list[Any] = [*values, last_id]
    if all(side[1] is turned for side in sides):
        left, right = tuple_(*(side[0] for side in sides)), tuple_(*bounds)
        return left < right if turned else left > right
    return or_(*(_differs_at(sides, bounds, place) for place in range(len(sides))))


def _differs_at(sides: Sequence[tuple[Sql, bool]], bounds: Sequence[Any], place: int) -> Sql:
    column, turned = sides[place]
    alike = [side == bound for (side, _), bound in zip(sides[:place], bounds, strict=False)]
    return and_(*alike, column < bounds[place] if turned else column > bounds[place])


def _sort_parts(key: SortKey, columns: FeatureColumns) -> tuple[Sql, Sql]:
    column = columns.named[key.property.name]
    value = func.coalesce(column, _bound(_LEAST[key.property.kind], key.property.kind))
    return column.is_(None), value.collate("C") if key.property.kind is Kind.TEXT else value


def _sort_values(key: SortKey, value: Any) -> tuple[Sql, Sql]:  # noqa: ANN401 - as JSON has it
    kind = key.property.kind
    if value is None:
        return _bound(value=True, kind=Kind.FLAG), _bound(_LEAST[kind], kind)
    reads = {Kind.DAY: date.fromisoformat, Kind.INSTANT: datetime.fromisoformat}
    return _bound(value=False, kind=Kind.FLAG), _bound(reads[kind](value) if kind in reads else value, kind)
