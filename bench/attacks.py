"""The attacks on released places (P15), each on what we release and on a service that protects badly.

``python -m bench.attacks`` runs them at full size: 3,000 homes, 52 weeks, 10,000 questions, three partners.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import numpy as np
import typer
from scipy import stats
from shapely.geometry import box as make_box

from geo.domain.place import Point
from geo.privacy.cells import cell_of, cell_polygon, parent_cell
from geo.privacy.rules import KIND_OF
from geo.privacy.settled import settled_cell

from bench.attack_city import SIDE_M, City, place
from bench.attack_regions import RULES, make_partners, measure_regions, partner_feeds
from bench.naive_services import CellBoxes, ExactBoxes, draw_donut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from bench.attack_regions import Partner


Fetch: TypeAlias = "Callable[[str, Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]"
"""Asks for a path with headers; gives status, headers and body."""
FOUND_M: Final = 1.0
NAMED_M: Final = 10.0
EDIT_M: Final = (5.0, 15.0)
_TARGET_M: Final = 500.0
_POSITION: Final = re.compile(rb"(-?\d{1,3}\.\d+)[,;\s]+(-?\d{1,3}\.\d+)")


# -- (a) averaging ---------------------------------------------------------------------------------------------


def average_draws(xy: NDArray[np.float64], draws: int, seed: int) -> NDArray[np.float64]:
    """Ask a service that moves places at random so often, take the mean, and give the errors in metres."""
    rng = np.random.default_rng(seed)
    mean = sum(draw_donut(xy, rng) for _ in range(draws)) / draws
    return np.asarray(np.hypot(*(mean - xy).T))


def fetch_often(fetch: Fetch, path: str, times: int) -> int:
    """Fetch a file with ever different headers, and count how many different bodies come back."""
    bodies = set()
    for i in range(times):
        headers = {"User-Agent": f"reader {i}", "Accept-Language": f"x-{i % 26}", "Authorization": f"Bearer br_{i}"}
        bodies.add(fetch(path, headers)[2])
    return len(bodies)


# -- (b) bisection ---------------------------------------------------------------------------------------------


def bisect_homes(service: ExactBoxes | CellBoxes, xy: NDArray[np.float64], targets: int, seed: int) -> dict[str, Any]:
    """Home in on the westernmost place of a quarter of which only the rough place is known, by counts of boxes."""
    rng = np.random.default_rng(seed)
    errors, asked = list[float](), list[int]()
    for home in rng.choice(len(xy), targets, replace=False):
        before = service.asked
        corner = xy[home] - rng.uniform(0, 1, 2) * _TARGET_M
        found = _bisect(service, corner)
        asked.append(service.asked - before)
        errors.append(np.inf if found is None else float(np.hypot(*(xy - found).T).min()))
    located = np.array(errors) < FOUND_M
    questions = int(np.median(np.array(asked)[located])) if located.any() else int(np.median(asked))
    return {"targets": targets, "located below 1 m": int(located.sum()), "median questions": questions}


def _bisect(service: ExactBoxes | CellBoxes, corner: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Find a place east of the corner: first how far east a count goes up, then how far north the step begins."""
    far = 2 * SIDE_M
    x, south = float(corner[0]), -far

    def before(east: float) -> int:
        return service.count((-far, south, east, far)) or 0

    start = before(x)
    if not start or before(x + _TARGET_M) <= start:
        return None
    east = _edge(lambda value: before(value) > start, x, x + _TARGET_M)
    strip = east - FOUND_M / 2, east + FOUND_M / 8

    def in_strip(north: float) -> bool:
        counts = [service.count((-far, south, side, north)) or 0 for side in strip]
        return counts[1] > counts[0] > 0

    if not in_strip(far):
        return None
    return np.array([east, _edge(in_strip, -0.1 * SIDE_M, 1.1 * SIDE_M)])


def _edge(is_past: Callable[[float], bool], low: float, high: float) -> float:
    while high - low > FOUND_M / 4:
        middle = (low + high) / 2
        low, high = (low, middle) if is_past(middle) else (middle, high)
    return high


def cell_boxes(city: City) -> CellBoxes:
    """Let the same attacker ask the public file of the last week."""
    made = city.releases(RULES)[-1].cells
    middles = {cell: centre_xy(city, cell) for cell in {line.cell for line in made}}
    least = [RULES.least_of(line.band) for line in made]
    return CellBoxes(np.array([middles[line.cell] for line in made]).reshape(-1, 2), np.array(least, dtype=np.int64))


def centre_xy(city: City, cell: str) -> NDArray[np.float64]:
    """Give the middle of the dwellings of a cell, in metres."""
    inside = [i for i, own in enumerate(city.cells) if parent_cell(own, RULES.resolution) == cell]
    return np.asarray(city.xy[inside].mean(axis=0))


def ask_parameters(fetch: Fetch, path: str, times: int, seed: int) -> dict[str, int]:
    """Ask for a file with all sorts of parameters; count the answers, and how many of the good ones differ."""
    rng, statuses, bodies = np.random.default_rng(seed), Counter[int](), set[bytes]()
    names = ("bbox", "lat", "lon", "radius", "radius_m", "limit", "offset", "sort", "near", "k", "resolution", "cell")
    for _ in range(times):
        name, number = names[int(rng.integers(len(names)))], rng.uniform(-180, 180, 4)
        value = ",".join(f"{n:.6f}" for n in number[: 4 if name == "bbox" else 1])
        status, _headers, body = fetch(f"{path}?{name}={value}", {})
        statuses[status] += 1
        if status < 300:
            bodies.add(body)
    good = sum(count for status, count in statuses.items() if status < 300)
    return {"asked": times, "answered": good, "different answers": len(bodies), "refused": statuses[422]}


# -- (c) order, (j) ids, (g) joining feeds ---------------------------------------------------------------------


def order_tells(city: City, partners: Sequence[Partner], week: int) -> dict[str, float]:
    """Compare the order of each feed with age and place: the largest rank correlation, in standard errors."""
    most = 0.0
    for feed in partner_feeds(city, partners, week):
        ages = [given["week"] for given in feed]
        cells = [given["cell"] for given in feed]
        for column in (ages, cells):
            if len(set(column)) > 1:
                rank = float(stats.spearmanr(range(len(feed)), np.unique(column, return_inverse=True)[1]).statistic)
                most = max(most, abs(rank) * float(np.sqrt(len(feed))))
    return {"strongest order, in standard errors": most}


def join_feeds(city: City, partners: Sequence[Partner], weeks: Sequence[int]) -> dict[str, float]:
    """Put the partners' feeds together: by id, and by everything else that is told."""
    shared, alone, rows = 0, 0, 0
    for week in weeks:
        feeds = partner_feeds(city, partners, week)
        ids = Counter(given["id"] for feed in feeds for given in feed)
        shared += sum(count > 1 for count in ids.values())
        groups = Counter(_told(given) for given in feeds[0])
        alone += sum(count for count in groups.values() if count < RULES.k)
        rows += len(feeds[0])
    return {"ids shared by two partners": shared, "rows": rows, "share in groups below k": alone / max(rows, 1)}


def _told(given: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(given[name] for name in ("cell", "kind", "urgency", "week"))


# -- (d) two releases ------------------------------------------------------------------------------------------


def difference_releases(city: City) -> dict[str, Any]:
    """Compare successive releases: how much likelier is it, after what was seen, that one household went.

    For each event of a cell and kind (shown and shown again, one band down, gone, …) the share of households that
    closed their need in that week is divided by the share over all households in shown cells.
    """
    made = city.releases(RULES)
    bands = [{(line.cell, line.kind): line.band for line in release.cells} for release in made]
    left, total = Counter[str](), Counter[str]()
    cells = [parent_cell(cell, RULES.resolution) for cell in city.home_cells()]
    for week in range(1, city.weeks):
        before, after = city.in_need(week - 1), city.in_need(week)
        for home in np.flatnonzero(before):
            kind = KIND_OF.get(city.categories[int(home)])
            old = None if kind is None else bands[week - 1].get((cells[home], kind))
            if kind is None or old is None:
                continue
            event = _event(old, bands[week].get((cells[home], kind)))
            total[event] += 1
            left[event] += not after[home]
    prior = left.total() / max(total.total(), 1)
    ratios = {event: left[event] / total[event] / prior for event in sorted(total)} if prior else {}
    weights = {event: total[event] / total.total() for event in ratios}
    return {
        "prior": prior,
        "posterior over prior": ratios,
        "how often": weights,
        "share of household-weeks above 1.2": sum(weights[e] for e, ratio in ratios.items() if ratio > 1.2),
        "mean weighted": sum(weights[e] * ratio for e, ratio in ratios.items()),
    }


def _event(old: str, new: str | None) -> str:
    if new is None:
        return "gone"
    steps = RULES.bands.index(new) - RULES.bands.index(old)
    return "as before" if steps == 0 else "a band up" if steps > 0 else "a band down"


# -- (e) trembling places --------------------------------------------------------------------------------------


def tremble(city: City, homes: int, edits: int, seed: int) -> dict[str, int]:
    """Edit the place of each home so often by 5 to 15 metres; count whose cell is told differently."""
    rng = np.random.default_rng(seed)
    ours, naive = 0, 0
    for home in rng.choice(len(city.homes), homes, replace=False):
        at = city.xy[city.homes[home]]
        radius, angle = rng.uniform(*EDIT_M, edits), rng.uniform(0, 2 * np.pi, edits)
        places = place(at + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))
        told = [settled_cell(None, city.points[city.homes[home]])]
        for each in places:
            told.append(settled_cell(told[-1], each))
        ours += len(set(told)) > 1
        naive += len({cell_of(each) for each in places}) > 1
    return {"homes": homes, "told differently by us": ours, "told differently without settling": naive}


# -- (h) subtraction, (k) sizes and times, (l) what else is said -----------------------------------------------


def subtract(city: City) -> dict[str, int]:
    """Take every household of a cell that is never shown away: files, and so sizes and tags, must stay as they are."""
    shown = {line.cell for release in city.releases(RULES) for line in release.cells}
    hidden = np.array([parent_cell(cell, RULES.resolution) not in shown for cell in city.home_cells()])
    same = sum(a == b for a, b in zip(city.files(RULES), city.without(hidden).files(RULES), strict=True))
    return {"weeks": city.weeks, "weeks unchanged": same, "hidden households": int(hidden.sum())}


def totals_follow(files: Sequence[bytes]) -> bool:
    """Work the totals of each file out from its features, as a reader can: then nothing is left over to subtract."""
    for content in files:
        read = json.loads(content)
        sums: dict[str, list[int]] = defaultdict(list)
        for feature in read["features"]:
            for kind, band in feature["properties"]["kinds"].items():
                sums[kind].append(int(re.split(r"[-+]", band)[0]))
        if read["totals"] != {kind: {"at_least": sum(all_), "cells": len(all_)} for kind, all_ in sums.items()}:
            return False
    return True


def homogeneity(city: City) -> dict[str, float]:
    """For cells of which one kind is shown: how many of their households do have it."""
    shares = []
    for week, release in enumerate(city.releases(RULES)):
        kinds: dict[str, set[str]] = defaultdict(set)
        for line in release.cells:
            kinds[line.cell].add(line.kind)
        counted: dict[str, Counter[str]] = defaultdict(Counter)
        for one in city.households(week):
            counted[parent_cell(one.cell, RULES.resolution)].update(str(kind) for kind in one.kinds)
        shares += [counted[c][next(iter(k))] / counted[c].total() for c, k in kinds.items() if len(k) == 1]
    if not shares:
        return {"cells of one kind": 0, "mean share": 0.0, "largest share": 0.0}
    return {"cells of one kind": len(shares), "mean share": float(np.mean(shares)), "largest share": max(shares)}


def compare_answers(fetch: Fetch, path: str, other: Fetch) -> dict[str, bool]:
    """Compare two services that differ in hidden rows alone: body, tag, length and every other header."""
    one, two = fetch(path, {}), other(path, {})
    keep = [{k.lower(): v for k, v in answer[1].items() if k.lower() != "date"} for answer in (one, two)]
    return {"same body": one[2] == two[2], "same headers": keep[0] == keep[1]}


def time_answers(ask: Callable[[], object], other: Callable[[], object], times: int) -> float:
    """Time two questions turn by turn, and give Welch's t: beyond 4 either way, time tells them apart."""
    from time import perf_counter

    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for which, question in enumerate((ask, other)):
            start = perf_counter()
            question()
            spent[which].append(perf_counter() - start)
    return float(stats.ttest_ind(*spent, equal_var=False).statistic)


def count_named(text: bytes, homes: Sequence[Point]) -> int:
    """Count positions in a text that are within ten metres of a home and no corner of a cell."""
    pairs = [(float(one), float(other)) for one, other in _POSITION.findall(text)]
    places = np.array([(home.lon, home.lat) for home in homes])
    found = 0
    for one, other in pairs:
        for lon, lat in ((one, other), (other, one)):
            near = np.hypot((places[:, 0] - lon) * 55_600, (places[:, 1] - lat) * 111_300).min() < NAMED_M
            found += bool(near) and not _is_corner(lon, lat)
    return found


def _is_corner(lon: float, lat: float) -> bool:
    """Tell whether a position is a corner of a cell of the public grid, as files write it."""
    if abs(lat) > 90:
        return False
    corners = cell_polygon(cell_of(Point(lon, lat), RULES.resolution)).exterior.coords
    return any(abs(lon - x) < 2e-5 and abs(lat - y) < 2e-5 for x, y in corners)


# -- all together ----------------------------------------------------------------------------------------------


def three_partners() -> list[Partner]:
    """Three partners whose areas overlap, with edges across cells."""
    sides = ((0.0, 0.0, 0.62, 0.7), (0.35, 0.3, 1.0, 1.0), (0.2, 0.0, 0.8, 0.55))
    shapes = []
    for west, south, east, north in sides:
        low, high = place(np.array([(west, south), (east, north)]) * SIDE_M)
        shapes.append(make_box(low.lon, low.lat, high.lon, high.lat))
    return make_partners(shapes)


def run_all(homes: int, weeks: int, questions: int, seed: int) -> dict[str, Any]:
    """Run every attack; each finds out what it can."""
    city, partners = City.build(homes, weeks, seed), three_partners()
    exact = city.xy[city.homes]
    boxes, targets = cell_boxes(city), min(300, homes)
    rounds = 3 if homes > 1000 else 2
    return {
        "(a) control, errors in m by draws": {
            n: float(np.median(average_draws(exact, n, seed))) for n in (1, 10, 100, 1000)
        },
        "(b) control, exact boxes": bisect_homes(ExactBoxes(exact), exact, targets, seed),
        "(b) ours": bisect_homes(boxes, exact, min(targets, questions // 10), seed),
        "(c) order of feeds": order_tells(city, partners, weeks - 1),
        "(d) two releases": difference_releases(city),
        "(e) trembling": tremble(city, min(homes, 300), 200, seed),
        "(g, j) joining feeds": join_feeds(city, partners, range(weeks)),
        "(h, k) subtraction": subtract(city) | {"totals follow": totals_follow(city.files(RULES))},
        "(i) one kind": homogeneity(city),
        "regions, public": measure_regions(city, rounds=rounds * 5, seed=seed).as_dict(),
        "regions, public and three partners": measure_regions(city, partners, rounds=rounds, seed=seed).as_dict(),
    }


def main(
    homes: Annotated[int, typer.Option(min=50, max=10_000)] = 3_000,
    weeks: Annotated[int, typer.Option(min=3, max=104)] = 52,
    questions: Annotated[int, typer.Option(min=10, max=100_000)] = 10_000,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Run every attack and print what it found."""
    print(json.dumps(run_all(homes, weeks, questions, seed), indent=2))


if __name__ == "__main__":
    typer.run(main)
