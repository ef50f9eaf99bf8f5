"""What the map asks for when it is moved over a whole metropolis: what it draws now, against every place in view.

The other contender is the layer without a bound on what is drawn: places in view, five thousand of them at most.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.domain.words import AssetStatus, Category
from geo.store.assets import AssetFilter, list_assets
from geo.store.engine import make_sessions
from geo.store.map_cells import find_counted, has_more_places

from bench.outcome import Outcome
from bench.tiles import scatter, store
from bench.timing import spread_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from bench.timing import Spread

    Box = tuple[float, float, float, float]

ROUNDS: Final = 40
WITHOUT_BOUND_ROUNDS: Final = 5
MOST: Final = 400
MOST_BEFORE: Final = 5000
PAGE: Final = 200
ZOOMS: Final = (9, 11, 13, 14, 15, 16, 17)
WIDE_PX, HIGH_PX = 1200, 640
_PX_PER_WORLD: Final = 256


def run(
    size: int, seed: int, open_database: Callable[[], AbstractContextManager[Engine]], *, rounds: int = ROUNDS
) -> Outcome:
    """Measure with so many places.

    Parameters
    ----------
    open_database
        Opens a context with an engine on an empty database.

    Raises
    ------
    AssertionError
        If more is drawn than can be, or what is drawn does not add up.
    """
    with open_database() as engine:
        return measure(engine, size, seed, rounds=rounds)


def measure(engine: Engine, size: int, seed: int, *, rounds: int) -> Outcome:
    """Fill an empty database and look at views around places drawn by chance, both ways."""
    lon_lat = scatter(size, seed)
    took = store(engine, lon_lat)
    spreads: dict[str, Spread] = {}
    most = 0
    with make_sessions(engine)() as session:
        if sum(one.count for one in find_counted(session, "assets", None, most=MOST).cells) != size:
            raise AssertionError("what is drawn does not add up")
        for z in ZOOMS:
            views = [view(lon_lat[n], z) for n in np.random.default_rng(seed + z).integers(0, size, rounds)]
            ours, drawn = _timed(lambda box: _look(session, box, None), views)
            food, _ = _timed(lambda box: _look(session, box, Category.FOOD), views)
            before, _ = _timed(lambda box: _without_bound(session, box), views[:WITHOUT_BOUND_ROUNDS])
            most = max(most, *drawn)
            spreads |= {
                f"z{z}, ours": spread_of(ours),
                f"z{z}, ours, food": spread_of(food),
                f"z{z}, every place": spread_of(before),
            }
    if most > MOST:
        raise AssertionError("more is drawn than can be")
    return Outcome("map", size, seed, _ratios(spreads), spreads, took | {"most drawn at once": most})


def view(middle: Sequence[float] | NDArray[np.float64], z: int) -> Box:
    """Give what a screen shows around a place, as degrees (WGS 84): west, south, east, north."""
    lon, lat = float(middle[0]), float(middle[1])
    wide = WIDE_PX / _PX_PER_WORLD * 360 / 2**z
    high = HIGH_PX / _PX_PER_WORLD * 360 / 2**z * float(np.cos(np.radians(lat)))
    return lon - wide / 2, lat - high / 2, lon + wide / 2, lat + high / 2


def _look(session: Session, box: Box, category: Category | None) -> int:
    if has_more_places(session, box, category=category, most=MOST):
        return len(find_counted(session, "assets", box, category=category, most=MOST).cells)
    return _without_bound(session, box, category)


def _without_bound(session: Session, box: Box, category: Category | None = None) -> int:
    where = AssetFilter(category=category, status=AssetStatus.ACTIVE, bbox=box)
    after, read = None, 0
    while read < MOST_BEFORE:
        found = list_assets(session, where=where, after=after, limit=PAGE)
        read += len(found)
        if len(found) < PAGE:
            break
        after = found[-1].id
    return read


def _timed(look: Callable[[Box], int], views: Sequence[Box]) -> tuple[list[float], list[int]]:
    look(views[0])
    seconds, drawn = [], []
    for box in views:
        began = perf_counter()
        drawn.append(look(box))
        seconds.append(perf_counter() - began)
    return seconds, drawn


def _ratios(spreads: dict[str, Spread]) -> dict[str, float]:
    gained = {
        f"median, every place / ours, z{z}": spreads[f"z{z}, every place"].median / spreads[f"z{z}, ours"].median
        for z in ZOOMS
    }
    worst = max(spreads[f"z{z}, ours{way}"].p95 for z in ZOOMS for way in ("", ", food"))
    return gained | {"worst p95 of any zoom, milliseconds": worst * 1000}
