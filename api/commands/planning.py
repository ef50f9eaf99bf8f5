"""``access`` on a planner's own tables of travel, demand and supply; no database is asked."""

from __future__ import annotations

import csv
import math
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from geo.errors import InvalidInput

from api.commands.jobs import AsJson, put_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.analysis.access.decay import Decay
    from geo.analysis.access.pairs import CostPairs
    from geo.interchange.cost_table import Amounts


class Method(StrEnum):
    """The measures of access."""

    NEAREST = "nearest"
    CUMULATIVE = "cumulative"
    GRAVITY = "gravity"
    TWO_STEP = "2sfca"
    ENHANCED = "e2sfca"
    THREE_STEP = "3sfca"
    BALANCED = "bfca"
    UNMET = "unmet"


_BANDS: Final = {Method.ENHANCED, Method.THREE_STEP}
_READABLE: Final = {"exists": True, "dir_okay": False, "readable": True}
BAND_WEIGHTS: Final = (1.0, 0.68, 0.22)
"""The weights of Luo and Qi 2009 for three bands of one width."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(access)


def access(  # noqa: PLR0913 - one for each option
    *,
    cost: Annotated[Path, typer.Option(**_READABLE, help="CSV: demand,supply,cost. Other pairs cannot be travelled.")],
    demand: Annotated[Path, typer.Option(**_READABLE, help="CSV: demand,weight.")],
    supply: Annotated[Path, typer.Option(**_READABLE, help="CSV: supply,capacity.")],
    method: Annotated[Method, typer.Option(help="Which measure.")],
    standard: Annotated[
        float | None, typer.Option(help="The cost beyond which nothing counts, in the unit of the costs.")
    ] = None,
    bands: Annotated[
        str | None, typer.Option(help="Upper ends of bands for e2sfca and 3sfca: 5,10,15; thirds when left out.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="One weight for each band; 1,0.68,0.22 when left out.")] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="For gravity: a pair counts exp(-rate x cost); 1 over the standard when left out."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Work out a measure of access from your own tables, one row for each demand in its order."""
    from geo.analysis.access.measures import nearest_cost
    from geo.analysis.access.pairs import CostPairs
    from geo.interchange.cost_table import read_amounts, read_pairs

    asked = read_amounts(demand, key="demand", amount="weight")
    offered = read_amounts(supply, key="supply", amount="capacity")
    costs = read_pairs(cost, asked.ids, offered.ids)
    pairs = CostPairs.check(*costs, demand_count=len(asked.ids), supply_count=len(offered.ids))
    _check_options(method, {"standard": standard, "bands": bands, "weights": weights, "rate": rate})
    is_scale = method is Method.GRAVITY and rate is None
    if standard is not None and not is_scale:
        pairs = pairs.within(standard)
    if method is Method.UNMET:
        _put_unmet(pairs, asked, offered, as_json=as_json)
    elif method is Method.NEAREST:
        _put_rows(asked.ids, nearest_cost(pairs, usable=offered.amount > 0), method, as_json=as_json)
    else:
        decay = _decay(method, standard, _numbers(bands, "bands"), _numbers(weights, "weights"), rate)
        _put_rows(asked.ids, _measure(method, pairs, asked, offered, decay), method, as_json=as_json)


def _check_options(method: Method, given: dict[str, float | str | None]) -> None:
    """Refuse what this measure would not look at, and ask for what it cannot do without."""
    known = {"standard"} | (
        {"bands", "weights"} if method in _BANDS else {"rate"} if method is Method.GRAVITY else set()
    )
    for name, value in given.items():
        if value is not None and name not in known:
            raise InvalidInput(f"{method} knows no {name}", field=name)
    standard = given["standard"]
    if isinstance(standard, float) and not (math.isfinite(standard) and standard >= 0):
        raise InvalidInput("the standard must be a number from 0 on", field="standard")
    if standard is None and given["bands"] is None and method not in {Method.NEAREST, Method.GRAVITY}:
        raise InvalidInput(f"{method} needs a standard", field="standard")


def _decay(
    method: Method,
    standard: float | None,
    limits: tuple[float, ...] | None,
    weights: tuple[float, ...] | None,
    rate: float | None,
) -> Decay:
    from geo.analysis.access.decay import Exponential, Step

    if method is Method.GRAVITY:
        if rate is None:
            if not standard:
                raise InvalidInput("gravity needs a rate of decay, or a standard above 0", field="rate")
            return Exponential(1 / standard)
        return Exponential(rate, math.inf if standard is None else standard)
    if method in _BANDS:
        if limits is None:
            whole = standard or 0.0
            limits = tuple(whole * part / len(BAND_WEIGHTS) for part in range(1, len(BAND_WEIGHTS) + 1))
        return Step(limits, weights or BAND_WEIGHTS)
    return Step((standard or 0.0,), (1.0,))


def _measure(method: Method, pairs: CostPairs, asked: Amounts, offered: Amounts, decay: Decay) -> NDArray[Any]:
    from geo.analysis.access import measures

    if method in {Method.CUMULATIVE, Method.GRAVITY}:
        return measures.opportunities(pairs, offered.amount, decay)
    chosen = {Method.THREE_STEP: measures.three_step, Method.BALANCED: measures.balanced}
    return chosen.get(method, measures.floating_catchment)(pairs, asked.amount, offered.amount, decay)


def _put_unmet(pairs: CostPairs, asked: Amounts, offered: Amounts, *, as_json: bool) -> None:
    from geo.analysis.access.unmet import find_unmet

    found = find_unmet(pairs, asked.amount, offered.amount)
    isolated = [asked.ids[at] for at in found.isolated]
    binding = [offered.ids[at] for at in found.binding]
    more = {
        "total_demand": found.demand,
        "coverage": found.served,
        "gap": found.gap,
        "isolated": isolated,
        "binding": binding,
    }
    _put_rows(asked.ids, found.by_demand, Method.UNMET, as_json=as_json, more=more)
    if not as_json:
        say(f"{found.gap:g} of {found.demand:g} cannot be served; {len(isolated)} reach nothing.")
        if binding:
            say(f"Full, and missed: {', '.join(binding)}")


def _put_rows(
    ids: Sequence[str], value: NDArray[Any], method: Method, *, as_json: bool, more: dict[str, Any] | None = None
) -> None:
    rows = [(one, float(got) if math.isfinite(got) else None) for one, got in zip(ids, value, strict=True)]
    if as_json:
        put_json({"method": method, "rows": [{"demand": one, "value": got} for one, got in rows], **(more or {})})
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("demand", "value"))
    writer.writerows((one, "" if got is None else repr(got)) for one, got in rows)


def _numbers(typed: str | None, field: str) -> tuple[float, ...] | None:
    if typed is None:
        return None
    try:
        return tuple(float(part) for part in typed.split(","))
    except ValueError:
        raise InvalidInput(f"write {field} as numbers with commas between them", field=field) from None
