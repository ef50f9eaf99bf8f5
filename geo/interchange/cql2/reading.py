"""Filters read: CQL2 as text or as JSON, bounded before anything looks into it, checked against the list of names.

The text is taken apart by the library ``cql2``, whose time doubles with every level of brackets that do not fit; so
brackets are counted first. What comes out is read here name by name: nothing that is not in the list goes on.
"""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import cql2

from geo.crs import CRS84
from geo.domain.queryable import GEOMETRY, NUMBERS, Kind, Queryable
from geo.errors import InvalidInput
from geo.interchange.cql2.expression import (
    LISTS,
    SPACES,
    TIMES,
    Alike,
    Among,
    Compared,
    Condition,
    Every,
    Folded,
    Listed,
    Literal,
    Missing,
    Negated,
    Property,
    Reckoned,
    Some,
    Span,
    Spatial,
    Term,
    Timed,
    Truth,
    Within,
)
from geo.interchange.cql2.shapes import parts_of, read_shape
from geo.interchange.cql2.times import read_day, read_end, read_instant, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_CHARS: Final = 6_000
MAX_PARENS: Final = 10
"""Levels of brackets in a text; at 16 the library takes half a second for a text that does not fit."""
MAX_DEPTH: Final = 24
MAX_PARTS: Final = 400
MAX_PATTERN: Final = 200
MAX_NUMBER: Final = 1e15
_QUOTED_JSON: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_SIGNS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_RECKONS: Final = frozenset({"+", "-", "*", "/"})
_STROKE_QUOTE: Final = "\\'"
_TWO: Final = 2
_THREE: Final = 3
_WELL_FORMED: Final = "the filter is not CQL2"


def read_text(text: str, known: Iterable[Queryable], *, crs: str = CRS84) -> Condition:
    """Read a filter in the text form of CQL2.

    Parameters
    ----------
    text
        As it was sent.
    known
        What may be asked by; no other name is accepted.
    crs
        The name of the system its shapes are in.

    Returns
    -------
    Condition
        Checked: every name is known, and what is compared is of one kind.

    Raises
    ------
    InvalidInput
        If it is no filter, asks by anything else, or is too large; the message never repeats what was sent.
    """
    return _Reader(_by_name(known), crs).condition(_tree_of(text), 0)


def _tree_of(text: str) -> Any:  # noqa: ANN401 - whatever JSON knows
    # the standard knows two ways to write a quote inside a text, the library one of them
    for form in dict.fromkeys((text, text.replace(_STROKE_QUOTE, "''"))):
        # for a point without numbers the library raises nothing narrower
        with suppress(Exception):
            _bound_text(form)
            return cql2.parse_text(form).to_json()
    _bound_text(text)
    raise InvalidInput(_WELL_FORMED, field="filter")


def read_json(text: str, known: Iterable[Queryable], *, crs: str = CRS84) -> Condition:
    """Read a filter in the JSON form of CQL2; otherwise as :func:`read_text`.

    Raises
    ------
    InvalidInput
        Likewise.
    """
    if len(text) > MAX_CHARS:
        raise InvalidInput(f"a filter may have {MAX_CHARS} characters", field="filter")
    if _depth(_QUOTED_JSON.sub("", text), "[{", "]}") > MAX_DEPTH * _TWO:
        raise InvalidInput("the filter is nested too deeply", field="filter")
    try:
        tree = json.loads(text)
    except ValueError:
        raise InvalidInput(_WELL_FORMED, field="filter") from None
    return _Reader(_by_name(known), crs).condition(tree, 0)


def _by_name(known: Iterable[Queryable]) -> Mapping[str, Queryable]:
    return {one.name: one for one in known}


def _bound_text(text: str) -> None:
    if len(text) > MAX_CHARS:
        raise InvalidInput(f"a filter may have {MAX_CHARS} characters", field="filter")
    depth = _depth(_QUOTED.sub("''", text), "(", ")")
    if depth < 0:
        raise InvalidInput(_WELL_FORMED, field="filter")
    if depth > MAX_PARENS:
        raise InvalidInput("the filter is nested too deeply", field="filter")


def _depth(text: str, opening: str, closing: str) -> int:
    """Find how deep brackets go; below nothing when they do not fit."""
    level = deepest = 0
    for char in text:
        level += (char in opening) - (char in closing)
        deepest = max(deepest, level)
        if level < 0:
            return -1
    return deepest if level == 0 else -1


@dataclass
class _Reader:
    """Turns the tree of a filter into conditions, counting its parts."""

    known: Mapping[str, Queryable]
    crs: str
    parts: int = field(default=0)

    def condition(self, node: Any, depth: int) -> Condition:  # noqa: ANN401 - whatever JSON knows
        self._count(depth)
        if isinstance(node, bool):
            return Truth(node)
        if isinstance(node, dict) and "property" in node:
            return self._flag(node)
        name, args = _call(node)
        if name in ("and", "or"):
            _arity(args, 1, MAX_PARTS)
            parts = tuple(self.condition(arg, depth + 1) for arg in args)
            return Every(parts) if name == "and" else Some(parts)
        if name == "not":
            _arity(args, 1)
            return Negated(self.condition(args[0], depth + 1))
        return self._predicate(name, args, depth + 1)

    def _count(self, depth: int) -> None:
        self.parts += 1
        if depth > MAX_DEPTH:
            raise InvalidInput("the filter is nested too deeply", field="filter")
        if self.parts > MAX_PARTS:
            raise InvalidInput(f"a filter may have {MAX_PARTS} parts", field="filter")

    def _flag(self, node: Mapping[str, Any]) -> Condition:
        term = self._property(node)
        if term.kind is not Kind.FLAG:
            raise InvalidInput("a property by itself must be true or false", field="filter")
        return Compared("=", term, Literal(value=True, kind=Kind.FLAG))

    def _predicate(self, name: str, args: Sequence[Any], depth: int) -> Condition:
        if name in _SIGNS:
            return self._compared(name, args, depth)
        plain = {"like": self._like, "between": self._between, "in": self._among, "isnull": self._missing}
        if name in plain:
            return plain[name](args, depth)
        family, _, relation = name.partition("_")
        if family == "s" and relation in SPACES:
            return self._spatial(relation, args)
        if family == "t" and relation in TIMES:
            return self._timed(relation, args)
        if family == "a" and relation in LISTS:
            return self._listed(relation, args, depth)
        raise InvalidInput("the filter uses a function that is not offered", field="filter")

    def _compared(self, sign: str, args: Sequence[Any], depth: int) -> Condition:
        _arity(args, _TWO)
        left, right = (self.term(arg, depth) for arg in args)
        left, right = _paired(left, right)
        if sign not in ("=", "<>") and left.kind in (Kind.FLAG, Kind.WORDS, Kind.SHAPE):
            raise InvalidInput("these values have no order", field="filter")
        if left.kind in (Kind.WORDS, Kind.SHAPE):
            raise InvalidInput("compare lists by A_EQUALS and shapes by S_EQUALS", field="filter")
        if isinstance(left, Literal) and not isinstance(right, Literal):
            return Compared(_TURNED.get(sign, sign), right, left)
        return Compared(sign, left, right)

    def _like(self, args: Sequence[Any], depth: int) -> Condition:
        _arity(args, _TWO)
        term = self.term(args[0], depth)
        pattern, folds = args[1], False
        if isinstance(pattern, dict) and str(pattern.get("op")).lower() == "casei":
            (pattern,), folds = _arity(_call(pattern)[1], 1), True
        if term.kind is not Kind.TEXT or not isinstance(pattern, str):
            raise InvalidInput("LIKE compares a text with a pattern", field="filter")
        bare = pattern.replace("\\\\", "")
        if len(pattern) > MAX_PATTERN or bare.endswith("\\") or "\0" in pattern:
            raise InvalidInput("a pattern is too long, or ends in a stroke", field="filter")
        return Alike(term, pattern, folds=folds)

    def _between(self, args: Sequence[Any], depth: int) -> Condition:
        _arity(args, _THREE)
        term, low, high = (self.term(arg, depth) for arg in args)
        if not {term.kind, low.kind, high.kind} <= NUMBERS:
            raise InvalidInput("BETWEEN compares numbers", field="filter")
        return Within(term, low, high)

    def _among(self, args: Sequence[Any], depth: int) -> Condition:
        _arity(args, _TWO)
        if not isinstance(args[1], list) or not 0 < len(args[1]) <= MAX_PARTS:
            raise InvalidInput("IN wants a list of values", field="filter")
        term = self.term(args[0], depth)
        options = tuple(_paired(term, self.term(arg, depth))[1] for arg in args[1])
        if term.kind in (Kind.WORDS, Kind.SHAPE):
            raise InvalidInput("IN compares single values", field="filter")
        return Among(term, options)

    def _missing(self, args: Sequence[Any], _depth_now: int) -> Condition:
        _arity(args, 1)
        if not isinstance(args[0], dict) or "property" not in args[0]:
            raise InvalidInput("IS NULL asks about a property", field="filter")
        return Missing(self._property(args[0]))

    def _spatial(self, relation: str, args: Sequence[Any]) -> Condition:
        _arity(args, _TWO)
        named = [isinstance(arg, dict) and "property" in arg for arg in args]
        if not any(named):
            raise InvalidInput("a relation in space asks about the geometry", field="filter")
        for arg, is_name in zip(args, named, strict=True):
            if is_name and self._property(arg).kind is not Kind.SHAPE:
                raise InvalidInput("a relation in space asks about the geometry", field="filter")
        if all(named):
            return _with_itself(relation)
        relation = relation if named[0] else {"contains": "within", "within": "contains"}.get(relation, relation)
        shape = read_shape(args[1] if named[0] else args[0], self.crs)
        pieces = parts_of(shape) if relation in ("intersects", "disjoint") else (shape,)
        found = tuple(Spatial("intersects" if len(pieces) > 1 else relation, piece) for piece in pieces)
        joined = found[0] if len(found) == 1 else Some(found)
        return Negated(joined) if len(pieces) > 1 and relation == "disjoint" else joined

    def _timed(self, relation: str, args: Sequence[Any]) -> Condition:
        _arity(args, _TWO)
        left, right = (self._span(arg) for arg in args)
        ends = [end for span in (left, right) for end in (span.start, span.end) if end is not None]
        if any(isinstance(end, Property) and end.kind is Kind.DAY for end in ends):
            if any(end.kind is not Kind.DAY for end in ends):
                raise InvalidInput("compare days with DATE", field="filter")
            return Timed(relation, left, right)
        return Timed(relation, spread(left), spread(right))

    def _span(self, node: Any) -> Span:  # noqa: ANN401 - whatever JSON knows
        self._count(0)
        if isinstance(node, dict) and "interval" in node:
            ends = _arity(node["interval"], _TWO) if isinstance(node["interval"], list) else _refuse_shape()
            start, end = (self._end(part) for part in ends)
            found = Span(start, end)
            if isinstance(start, Literal) and isinstance(end, Literal):
                first, last = spread(found).start, spread(found).end
                if first.value > last.value:  # type: ignore[union-attr, operator] # both are instants by now
                    raise InvalidInput("an interval ends before it begins", field="filter")
            return found
        term = self.term(node, 0)
        if term.kind not in (Kind.DAY, Kind.INSTANT):
            raise InvalidInput("a relation in time asks about days or instants", field="filter")
        return Span(term, term)

    def _end(self, part: Any) -> Term | None:  # noqa: ANN401 - whatever JSON knows
        if isinstance(part, dict) and "property" in part:
            found = self._property(part)
            if found.kind not in (Kind.DAY, Kind.INSTANT):
                raise InvalidInput("a relation in time asks about days or instants", field="filter")
            return found
        return read_end(part)

    def _listed(self, relation: str, args: Sequence[Any], depth: int) -> Condition:
        _arity(args, _TWO)
        left, right = (self.term(arg, depth) for arg in args)
        if left.kind is not Kind.WORDS or right.kind is not Kind.WORDS:
            raise InvalidInput("a relation of lists asks about lists of words", field="filter")
        return Listed(relation, left, right)

    def term(self, node: Any, depth: int) -> Term:  # noqa: ANN401, PLR0911 - one line for each kind of value
        self._count(depth)
        if isinstance(node, bool):
            return Literal(node, Kind.FLAG)
        if isinstance(node, int | float):
            return Literal(_number(node), Kind.NUMBER)
        if isinstance(node, str):
            return Literal(_text(node), Kind.TEXT)
        if isinstance(node, list):
            return Literal(tuple(_text(item) for item in node), Kind.WORDS)
        if not isinstance(node, dict):
            raise InvalidInput("the filter compares with nothing; use IS NULL", field="filter")
        if "property" in node:
            return self._property(node)
        if "date" in node:
            return Literal(read_day(node["date"]), Kind.DAY)
        if "timestamp" in node:
            return Literal(read_instant(node["timestamp"]), Kind.INSTANT)
        return self._function(*_call(node), depth)

    def _function(self, name: str, args: Sequence[Any], depth: int) -> Term:
        if name == "casei":
            _arity(args, 1)
            of = self.term(args[0], depth + 1)
            if of.kind is not Kind.TEXT:
                raise InvalidInput("CASEI takes a text", field="filter")
            return Folded(of)
        if name in _RECKONS:
            _arity(args, _TWO)
            left, right = (self.term(arg, depth + 1) for arg in args)
            if not {left.kind, right.kind} <= NUMBERS:
                raise InvalidInput("only numbers can be reckoned with", field="filter")
            return Reckoned(name, left, right)
        raise InvalidInput("the filter uses a function that is not offered", field="filter")

    def _property(self, node: Mapping[str, Any]) -> Property:
        name = node["property"]
        found = self.known.get(name) if isinstance(name, str) and len(node) == 1 else None
        if found is None:
            raise InvalidInput("the filter names a property that is not among the queryables", field="filter")
        return Property(found.name, found.kind)


def _call(node: Any) -> tuple[str, list[Any]]:  # noqa: ANN401 - whatever JSON knows
    if not isinstance(node, dict) or set(node) != {"op", "args"}:
        raise InvalidInput(_WELL_FORMED, field="filter")
    name, args = node["op"], node["args"]
    if not isinstance(name, str) or not isinstance(args, list):
        raise InvalidInput(_WELL_FORMED, field="filter")
    return name.lower(), args


def _arity(args: list[Any] | Sequence[Any], least: int, most: int | None = None) -> list[Any]:
    if not least <= len(args) <= (most or least):
        raise InvalidInput("an operator of the filter has too few or too many arguments", field="filter")
    return list(args)


def _refuse_shape() -> list[Any]:
    raise InvalidInput(_WELL_FORMED, field="filter")


def _paired(left: Term, right: Term) -> tuple[Term, Term]:
    """Bring two terms to one kind."""
    if left.kind == right.kind or {left.kind, right.kind} <= NUMBERS:
        return left, right
    raise InvalidInput("the filter compares values of different kinds", field="filter")


def _with_itself(relation: str) -> Condition:
    """Say how any shape stands to itself; what has no shape stands to nothing."""
    here = Negated(Missing(Property(GEOMETRY, Kind.SHAPE)))
    return Every((here, Truth(relation in ("intersects", "equals", "contains", "within"))))


def _number(value: float) -> float:
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise InvalidInput("a number of the filter is out of range", field="filter")
    return value


def _text(value: Any) -> str:  # noqa: ANN401 - whatever JSON knows
    if not isinstance(value, str) or "\0" in value:
        raise InvalidInput("a list of the filter holds texts", field="filter")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidInput("a text of the filter is no Unicode", field="filter") from None
    return value
