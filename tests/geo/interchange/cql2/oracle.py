"""Random filters with their meaning in plain Python, written from the standard and with nothing of the product.

Each filter is drawn as a pair: its CQL2 in JSON, and a function from a feature to true, false or unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st
from shapely.geometry import Point, box, shape

Feature = dict[str, Any]
Verdict = Callable[[Feature], bool | None]
Drawn = tuple[Any, Verdict]

TEXTS = {
    "name": [
        "Corner pantry",
        "corner shop",
        "Zeta's 100%",
        "Näkki_hall",
        "Älg",
        "",
        "a\\b",
        "%",
        "'; DROP TABLE asset; --",
    ],
    "kind": ["pantry", "food_bank", "shop", "hall", "Hall"],
    "status": ["active", "inactive", "defunct"],
    "description": ["Number 0", "Number 2", "number", "x"],
    "source": ["api", "osm"],
}
NUMBERS = {"capacity_per_week": [0, 10, 20, 40, 7], "version": [1, 2]}
DAYS = {"assured_on": [date(2026, 2, day) for day in (1, 2, 3, 28)]}
INSTANTS = {"updated_at": [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 2, 3, 5, 9)]}
WORDS = {"categories": ["food", "water", "medicine"], "languages": ["fi", "sv"]}
FLAGS = ["interpreter", "is_private"]
PATTERNS = ["%", "_", "C%", "%o%", "%\\_%", "%\\%", "_orner%", "", "Näk%", "%s%s%", "a\\\\b", "%a%", "%'%"]
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def read(feature: Feature, name: str) -> Any:
    value = feature["properties"].get(name)
    if value is None:
        return None
    if name in INSTANTS:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name in DAYS else value


def both(verdicts: list[bool | None]) -> bool | None:
    return False if False in verdicts else None if None in verdicts else True


def either(verdicts: list[bool | None]) -> bool | None:
    return True if True in verdicts else None if None in verdicts else False


def turned(verdict: bool | None) -> bool | None:  # noqa: FBT001
    return None if verdict is None else not verdict


def on(name: str, ask: Callable[[Any], bool]) -> Verdict:
    def verdict(feature: Feature) -> bool | None:
        value = read(feature, name)
        return None if value is None else ask(value)

    return verdict


def prop(name: str) -> dict[str, str]:
    return {"property": name}


def op(name: str, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


def as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"timestamp": value.isoformat().replace("+00:00", "Z")}
    return {"date": value.isoformat()} if isinstance(value, date) else value


def pattern_of(like: str) -> re.Pattern[str]:
    found, plain = "", False
    for char in like:
        if plain:
            found, plain = found + re.escape(char), False
        elif char == "\\":
            plain = True
        else:
            found += {"%": ".*", "_": "."}.get(char, re.escape(char))
    return re.compile(found, re.DOTALL)


SCALARS = {**TEXTS, **NUMBERS, **DAYS, **INSTANTS}


@st.composite
def comparisons(draw: st.DrawFn) -> Drawn:
    name = draw(st.sampled_from(sorted(SCALARS)))
    value, sign = draw(st.sampled_from(SCALARS[name])), draw(st.sampled_from(sorted(ORDER)))
    if draw(st.booleans()):
        return op(sign, prop(name), as_json(value)), on(name, lambda found: ORDER[sign](found, value))
    return op(sign, as_json(value), prop(name)), on(name, lambda found: ORDER[sign](value, found))


@st.composite
def pairs(draw: st.DrawFn) -> Drawn:
    family = draw(st.sampled_from([sorted(TEXTS), sorted(NUMBERS)]))
    left, right, sign = (
        draw(st.sampled_from(family)),
        draw(st.sampled_from(family)),
        draw(st.sampled_from(sorted(ORDER))),
    )

    def verdict(feature: Feature) -> bool | None:
        a, b = read(feature, left), read(feature, right)
        return None if a is None or b is None else ORDER[sign](a, b)

    return op(sign, prop(left), prop(right)), verdict


@st.composite
def sums(draw: st.DrawFn) -> Drawn:
    left, right = draw(st.sampled_from(sorted(NUMBERS))), draw(st.sampled_from(sorted(NUMBERS)))
    sign, by, value = (
        draw(st.sampled_from("+-*/")),
        draw(st.sampled_from([0, 1, 2, 7])),
        draw(st.sampled_from([0, 7, 10, 20.5])),
    )
    compare = draw(st.sampled_from(sorted(ORDER)))

    def verdict(feature: Feature) -> bool | None:
        a, b = read(feature, left), read(feature, right)
        if a is None or b is None or (sign == "/" and b - by == 0):
            return None
        found = {"+": a + (b - by), "-": a - (b - by), "*": a * (b - by), "/": a / ((b - by) or 1)}[sign]
        return ORDER[compare](found, value)

    return op(compare, op(sign, prop(left), op("-", prop(right), by)), value), verdict


@st.composite
def likes(draw: st.DrawFn) -> Drawn:
    name, like = draw(st.sampled_from(sorted(TEXTS))), draw(st.sampled_from(PATTERNS))
    if draw(st.booleans()):
        wanted = pattern_of(like.lower())
        asked = op("like", op("casei", prop(name)), op("casei", like))
        return asked, on(name, lambda found: wanted.fullmatch(found.lower()) is not None)
    wanted = pattern_of(like)
    return op("like", prop(name), like), on(name, lambda found: wanted.fullmatch(found) is not None)


@st.composite
def folded(draw: st.DrawFn) -> Drawn:
    name = draw(st.sampled_from(sorted(TEXTS)))
    value = draw(st.sampled_from([text.upper() for text in TEXTS[name]]))
    asked = op("=", op("casei", prop(name)), op("casei", value))
    return asked, on(name, lambda found: found.lower() == value.lower())


@st.composite
def choices(draw: st.DrawFn) -> Drawn:
    name = draw(st.sampled_from(sorted(SCALARS)))
    values = draw(st.lists(st.sampled_from(SCALARS[name]), min_size=1, max_size=3))
    return op("in", prop(name), [as_json(value) for value in values]), on(name, lambda found: found in values)


@st.composite
def betweens(draw: st.DrawFn) -> Drawn:
    name, low, high = draw(st.sampled_from(sorted(NUMBERS))), draw(st.integers(-1, 30)), draw(st.integers(-1, 50))
    return op("between", prop(name), low, high), on(name, lambda found: low <= found <= high)


@st.composite
def missing(draw: st.DrawFn) -> Drawn:
    name = draw(st.sampled_from([*sorted(SCALARS), "address", "geometry"]))

    def verdict(feature: Feature) -> bool:
        return feature["geometry"] is None if name == "geometry" else read(feature, name) is None

    return op("isNull", prop(name)), verdict


@st.composite
def flags(draw: st.DrawFn) -> Drawn:
    name = draw(st.sampled_from(FLAGS))
    value = draw(st.sampled_from([None, True, False]))
    if value is None:
        return prop(name), on(name, bool)
    return op("=", prop(name), value), on(name, lambda found: found is value)


SETS: dict[str, Callable[[set[str], set[str]], bool]] = {
    "a_contains": lambda a, b: a >= b,
    "a_containedby": lambda a, b: a <= b,
    "a_equals": lambda a, b: a == b,
    "a_overlaps": lambda a, b: bool(a & b),
}


@st.composite
def listed(draw: st.DrawFn) -> Drawn:
    name, how = draw(st.sampled_from(sorted(WORDS))), draw(st.sampled_from(sorted(SETS)))
    values = draw(st.lists(st.sampled_from(WORDS[name]), max_size=3))
    return op(how, prop(name), values), on(name, lambda found: SETS[how](set(found), set(values)))


LINES = [24.925 + step / 200 for step in range(12)]
RELATIONS = ["s_intersects", "s_disjoint", "s_within", "s_contains", "s_equals", "s_touches", "s_crosses", "s_overlaps"]


@st.composite
def spatial(draw: st.DrawFn) -> Drawn:
    how = draw(st.sampled_from(RELATIONS))
    west, width = draw(st.sampled_from(LINES)), draw(st.sampled_from([0.0, 0.004, 0.013, 0.06]))
    if width:
        edges = [west, 60.163, west + width, 60.163 + width]
        where = box(*edges)
        asked: Any = draw(st.sampled_from([{"bbox": edges}, where.__geo_interface__]))
    else:
        where = Point(24.94, 60.167)
        asked = where.__geo_interface__

    def verdict(feature: Feature) -> bool | None:
        drawn = feature["geometry"]
        return None if drawn is None else bool(getattr(shape(drawn), how.removeprefix("s_"))(where))

    turned_round = draw(st.booleans()) and how not in ("s_within", "s_contains")
    args = (asked, prop("geometry")) if turned_round else (prop("geometry"), asked)
    return op(how, *args), verdict


Times = Callable[[Any, Any, Any, Any], bool]
ALLEN: dict[str, Times] = {
    "t_after": lambda s1, _e1, _s2, e2: s1 > e2,
    "t_before": lambda _s1, e1, s2, _e2: e1 < s2,
    "t_disjoint": lambda s1, e1, s2, e2: e1 < s2 or s1 > e2,
    "t_equals": lambda s1, e1, s2, e2: (s1, e1) == (s2, e2),
    "t_intersects": lambda s1, e1, s2, e2: not (e1 < s2 or s1 > e2),
    "t_during": lambda s1, e1, s2, e2: s1 > s2 and e1 < e2,
    "t_contains": lambda s1, e1, s2, e2: s1 < s2 and e1 > e2,
    "t_starts": lambda s1, e1, s2, e2: s1 == s2 and e1 < e2,
    "t_startedby": lambda s1, e1, s2, e2: s1 == s2 and e1 > e2,
    "t_finishes": lambda s1, e1, s2, e2: e1 == e2 and s1 > s2,
    "t_finishedby": lambda s1, e1, s2, e2: e1 == e2 and s1 < s2,
    "t_meets": lambda _s1, e1, s2, _e2: e1 == s2,
    "t_metby": lambda s1, _e1, _s2, e2: s1 == e2,
    "t_overlaps": lambda s1, e1, s2, e2: s1 < s2 < e1 < e2,
    "t_overlappedby": lambda s1, e1, s2, e2: s2 < s1 < e2 < e1,
}
"""The relations of two times, from the table of the standard (OGC 21-065r2, 7.7)."""
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@st.composite
def timed(draw: st.DrawFn) -> Drawn:
    how, moments = draw(st.sampled_from(sorted(ALLEN))), INSTANTS["updated_at"]
    start, end = sorted([draw(st.sampled_from(moments)), draw(st.sampled_from(moments))])
    opened = draw(st.sampled_from(["none", "start", "end", "instant"]))
    if opened == "instant":
        asked, first, last = as_json(start), start, start
    else:
        first, last = (FIRST if opened == "start" else start), (LAST if opened == "end" else end)
        texts = [".." if edge in (FIRST, LAST) else as_json(edge)["timestamp"] for edge in (first, last)]
        asked = {"interval": texts}
    return op(how, prop("updated_at"), asked), on("updated_at", lambda found: ALLEN[how](found, found, first, last))


def _joined(parts: st.SearchStrategy[Drawn]) -> st.SearchStrategy[Drawn]:
    several = st.lists(parts, min_size=1, max_size=3)

    def every(found: list[Drawn]) -> Drawn:
        return op("and", *(one for one, _ in found)), lambda feature: both([ask(feature) for _, ask in found])

    def some(found: list[Drawn]) -> Drawn:
        return op("or", *(one for one, _ in found)), lambda feature: either([ask(feature) for _, ask in found])

    def negated(found: Drawn) -> Drawn:
        return op("not", found[0]), lambda feature: turned(found[1](feature))

    return several.map(every) | several.map(some) | parts.map(negated)


LEAVES = st.one_of(
    comparisons(),
    pairs(),
    sums(),
    likes(),
    folded(),
    choices(),
    betweens(),
    missing(),
    flags(),
    listed(),
    spatial(),
    timed(),
)
FILTERS: st.SearchStrategy[Drawn] = st.recursive(LEAVES, _joined, max_leaves=8)
