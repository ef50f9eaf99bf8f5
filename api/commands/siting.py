"""``sites``, ``what-if`` and ``match``: where help should be, what would be, and who helps whom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn
from uuid import UUID

import typer

from geo.domain.siting import CandidateKind, Problem
from geo.domain.words import Audience, Category, Mode
from geo.errors import InvalidInput

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json
from api.commands.reaching import travelling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo.domain.siting import EquityWeight, SitesAsked
    from geo.domain.what_if import AddedPlace

_READABLE: Final = {"exists": True, "dir_okay": False, "readable": True}
_OF_TABLES: Final = ("demand", "standard", "fixed", "priority")
_OF_STORE: Final = ("category", "standard_min", "candidates", "points", "equity", "worst_first", "area",
                    "most_candidates", "time_limit_s")  # fmt: skip
Standard = Annotated[float | None, typer.Option(help="The service standard in minutes.")]
MostCandidates = Annotated[int | None, typer.Option(min=1, max=2000, help="How many candidates are looked at.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(sites)
    app.command("what-if")(what_if)
    app.command()(match)


def sites(  # noqa: PLR0913 - one for each option
    *,
    problem: Annotated[Problem, typer.Option(help="What the places are to be best at.")] = Problem.MCLP,
    k: Annotated[int | None, typer.Option("--k", help="How many places to open; for all but lscp.")] = None,
    capacity: Annotated[
        str | None, typer.Option(help="Needs a week of each new place; with --cost a CSV: supply,capacity.")
    ] = None,
    cost: Annotated[
        Path | None,
        typer.Option(**_READABLE, help="Your own tables: CSV demand,supply,cost. Other pairs cannot be travelled."),
    ] = None,
    demand: Annotated[Path | None, typer.Option(**_READABLE, help="With --cost, CSV: demand,weight.")] = None,
    standard: Annotated[
        float | None, typer.Option(help="With --cost, for mclp and lscp: the cost within which demand is covered.")
    ] = None,
    fixed: Annotated[
        Path | None, typer.Option(**_READABLE, help="With --cost, CSV with a column supply: open already.")
    ] = None,
    priority: Annotated[
        str | None, typer.Option(help="With --cost: the column of --demand that says how much a unit counts.")
    ] = None,
    category: Annotated[Category | None, typer.Option(help="What the new places help with.")] = None,
    standard_min: Standard = None,
    mode: Annotated[Mode, typer.Option(help="How households travel.")] = Mode.WALK,
    candidates: Annotated[CandidateKind | None, typer.Option(help="Where new places may be.")] = None,
    points: Annotated[Path | None, typer.Option(**_READABLE, help="CSV lon,lat: the candidates.")] = None,
    equity: Annotated[
        list[str] | None, typer.Option(help="GROUP:VALUE=WEIGHT, such as language:ar=2; may be named several times.")
    ] = None,
    worst_first: Annotated[float | None, typer.Option(help="How strongly areas served worst come first.")] = None,
    area: Annotated[str | None, typer.Option(help="The slug of an area new places must lie in.")] = None,
    most_candidates: MostCandidates = None,
    time_limit_s: Annotated[float | None, typer.Option(min=0.1, max=40, help="For the solver.")] = None,
    as_json: AsJson = False,
) -> None:
    """Choose the next places of help: for what is stored, or from your own tables of travel."""
    given = {name: value for name, value in locals().items() if value not in (None, [])}
    if cost is not None:
        _refuse(given, _OF_STORE, "goes with what is stored, not with --cost")
        _choose_from_tables(cost, demand, problem, k, standard, fixed, capacity, priority)
        return
    _refuse(given, _OF_TABLES, "goes with --cost alone")
    if category is None:
        raise InvalidInput("say with --category what the new places help with", field="category")
    chosen: dict[str, Any] = {
        "problem": problem, "category": category, "k": k, "mode": mode, "capacity": _whole(capacity, "capacity"),
        "candidates": _kind(candidates, points), "points": _read_points(points), "area": area,
        "equity": tuple(_read_weight(one) for one in equity or ()),
    }  # fmt: skip
    optional = {"worst_first": worst_first, "most_candidates": most_candidates, "time_limit_s": time_limit_s}
    chosen |= {name: value for name, value in optional.items() if value is not None}
    _propose(lambda least: _ask(chosen, standard_min, least), as_json=as_json)


def _ask(chosen: Mapping[str, Any], standard_min: float | None, usual_min: float) -> SitesAsked:
    from geo.domain.siting import SitesAsked

    return SitesAsked(**chosen, standard_min=usual_min if standard_min is None else standard_min)


def _propose(question: Callable[[float], SitesAsked], *, as_json: bool) -> None:
    from geo.store.network import standard_of
    from geo.store.siting import propose_sites

    from api.routers.siting import show_sites

    settings = load_settings()
    with travelling(settings) as model, open_store(settings) as store, store.sessions() as session:
        asked = question(standard_of(session, settings.demo.standard_min))
        report = propose_sites(session, asked, model=model)
    shown = show_sites(report, Audience.ORGANIZER)
    if as_json:
        put_json(shown)
        return
    for at, one in enumerate(shown["sites"], 1):
        put(f"{at:>3}  {one['newly_served']:>6} more  {one['cumulative']:>6} in all  {one['label']}")
    before, after = shown["before"], shown["after"]
    put(f"{shown['category']}: {before['gap']} of {before['demand']} without help now, {after['gap']} then")
    proven = "the best there is" if shown["optimal"] else f"at most {shown['optimality_gap']:.1%} from the best"
    cut = " (stopped at its limit)" if shown["was_cut"] else ""
    put(f"{shown['method']}{cut}: {proven}; {shown['candidate_count']} candidates. {shown['note']}")
    _put_foot(shown)


def _put_foot(shown: Mapping[str, Any]) -> None:
    put("needs: " + ", ".join(f"{count} {name}" for name, count in shown["balance"].items()))
    put(f"travel: {shown['travel_model']['note']}")


def _choose_from_tables(
    cost: Path,
    demand: Path | None,
    problem: Problem,
    k: int | None,
    standard: float | None,
    fixed: Path | None,
    capacity: str | None,
    priority: str | None,
) -> None:
    from rich.console import Console

    from geo.analysis.access.pairs import CostPairs
    from geo.analysis.siting import choose_sites
    from geo.interchange.cost_table import read_amounts, read_ids, read_pairs

    if demand is None:
        raise InvalidInput("--cost needs --demand beside it", field="demand")
    asked = read_amounts(demand, key="demand", amount="weight")
    open_ = read_ids(fixed, key="supply") if fixed else ()
    candidates = read_ids(cost, key="supply")
    index = {one: at for at, one in enumerate(candidates)}
    if unknown := set(open_) - set(index):
        raise InvalidInput(f"{len(unknown)} of the fixed places are not in the table of costs", field="fixed")
    pairs = CostPairs.check(
        *read_pairs(cost, asked.ids, candidates), demand_count=len(asked.ids), supply_count=len(candidates)
    )
    with Console(stderr=True).status(f"Choosing among {len(candidates):,} places"):
        found = choose_sites(
            pairs, asked.amount, problem, k=k, standard=standard, fixed=[index[one] for one in open_],
            capacity=_read_capacity(capacity, candidates),
            priority=read_amounts(demand, key="demand", amount=priority).amount if priority else None,
        )  # fmt: skip
    put_json(
        {
            "problem": found.problem,
            "objective": found.objective,
            "sites": [candidates[at] for at in found.sites],
            "fixed": list(open_),
            "optimal": found.is_optimal,
            "bound": found.bound,
            "bound_by": found.bound_by,
            "gap": found.gap,
            "method": found.method,
            "cut": found.was_cut,
            "uncovered": [asked.ids[at] for at in found.uncovered],
        }
    )


def _read_capacity(file: str | None, candidates: Sequence[str]) -> list[float] | None:
    from geo.interchange.cost_table import read_amounts

    if file is None:
        return None
    path = Path(file)
    if not path.is_file():
        raise InvalidInput("with --cost, the capacity is a CSV file: supply,capacity", field="capacity")
    read = read_amounts(path, key="supply", amount="capacity")
    known = dict(zip(read.ids, read.amount.tolist(), strict=True))
    if missing := set(candidates) - set(known):
        raise InvalidInput(f"{len(missing)} places of the table of costs have no capacity", field="capacity")
    return [known[one] for one in candidates]


def what_if(
    *,
    add: Annotated[list[str] | None, typer.Option(help="LON,LAT,CATEGORY,CAPACITY: a new place.")] = None,
    move: Annotated[list[str] | None, typer.Option(help="ID=LON,LAT: an asset elsewhere.")] = None,
    close: Annotated[list[UUID] | None, typer.Option(help="ID: an asset closed.")] = None,
    resize: Annotated[list[str] | None, typer.Option(help="ID=CAPACITY: an asset for so many needs a week.")] = None,
    by: Annotated[Literal["hex", "area"], typer.Option(help="What the rows that change are.")] = "area",
    mode: Annotated[Mode, typer.Option(help="How households travel.")] = Mode.WALK,
    standard_min: Standard = None,
    as_json: AsJson = False,
) -> None:
    """Tell the gap as it would be with other places of help; nothing is stored."""
    from geo.domain.what_if import WhatIf
    from geo.store.network import standard_of
    from geo.store.what_if import imagine

    from api.routers.siting import show_what_if

    settings = load_settings()
    asked = WhatIf(
        standard_min=standard_min or settings.demo.standard_min,
        mode=mode,
        by=by,
        add=tuple(_read_addition(one) for one in add or ()),
        move={one: _point(rest, "move") for one, rest in (_read_pair(typed, "move") for typed in move or ())},
        close=tuple(close or ()),
        resize={
            one: _whole(rest, "resize") or 0 for one, rest in (_read_pair(typed, "resize") for typed in resize or ())
        },
    )
    with travelling(settings) as model, open_store(settings) as store, store.sessions() as session:
        if standard_min is None:
            asked = replace(asked, standard_min=standard_of(session, asked.standard_min))
        report = imagine(session, asked, model=model)
    shown = show_what_if(report, Audience.ORGANIZER)
    if as_json:
        put_json(shown)
        return
    for row in shown["rows"]:
        gaps = f"{row['gap_before']:>5} now  {row['gap_after']:>5} then"
        put(f"{row['change']:+5}  {gaps}  {row['category']:<10} {row['label']}")
    for line in (shown["sentence"], *shown["notes"]):
        put(line)
    _put_foot(shown)


def match(
    *,
    cost: Annotated[Path, typer.Option(**_READABLE, help="CSV: need,helper,cost. Other pairs are impossible.")],
    needs: Annotated[
        Path | None, typer.Option(**_READABLE, help="CSV with columns need and size; each is of size 1 when left out.")
    ] = None,
    helpers: Annotated[
        Path | None, typer.Option(**_READABLE, help="CSV with columns helper and capacity; 1 when left out.")
    ] = None,
    most_each: Annotated[int | None, typer.Option(min=1, help="How many needs one helper gets at most.")] = None,
    spread: Annotated[float, typer.Option(help="How much dearer each further need of a helper is.")] = 0.0,
    time_limit_s: Annotated[float, typer.Option(min=0.1, max=600, help="For each of two programs.")] = 60.0,
) -> None:
    """Match needs with helpers from your own tables: the most needs first, then the least cost."""
    from geo.analysis.access.pairs import CostPairs
    from geo.analysis.sized import MOST_EACH, match_sized
    from geo.interchange.cost_table import find_keys, read_ids, read_pairs

    keys = (find_keys(cost, "need", "demand"), find_keys(cost, "helper", "supply"))
    asked, size = _read_side(needs, ("need", "demand"), "size") if needs else (read_ids(cost, key=keys[0]), None)
    offered, room = (
        _read_side(helpers, ("helper", "supply"), "capacity") if helpers else (read_ids(cost, key=keys[1]), None)
    )
    pairs = CostPairs.check(
        *read_pairs(cost, asked, offered, keys=keys), demand_count=len(asked), supply_count=len(offered)
    )
    found = match_sized(
        pairs, size, room, most_each=MOST_EACH if most_each is None else most_each, spread=spread,
        time_limit_s=time_limit_s,
    )  # fmt: skip
    matched = zip(found.need.tolist(), found.helper.tolist(), found.cost.tolist(), strict=True)
    put_json(
        {
            "objective": found.objective,
            "bound": found.bound,
            "gap": found.gap,
            "matched": len(found.need),
            "most": found.most,
            "pairs": [{"need": asked[i], "helper": offered[j], "cost": price} for i, j, price in matched],
            "unmatched": [{"need": asked[i], "reason": why} for i, why in found.unmatched],
            "optimal": found.is_optimal,
        }
    )


def _read_side(path: Path, keys: tuple[str, str], amount: str) -> tuple[tuple[str, ...], Any]:
    """Read who is on one side, and how much each asks for or has room for where the table says it."""
    from geo.interchange.cost_table import find_keys, read_amounts, read_ids

    key = find_keys(path, *keys)
    if find_keys(path, "none", amount) != amount:
        return read_ids(path, key=key), None
    read = read_amounts(path, key=key, amount=amount)
    return read.ids, read.amount


def _refuse(given: Mapping[str, Any], names: Sequence[str], why: str) -> None:
    for name in names:
        if name in given:
            raise InvalidInput(f"--{name.replace('_', '-')} {why}", field=name)


def _wrong(field: str, form: str) -> NoReturn:
    raise InvalidInput(f"write --{field} as {form}", field=field) from None


def _whole(typed: str | None, field: str) -> int | None:
    if typed is None:
        return None
    try:
        return int(typed)
    except ValueError:
        _wrong(field, "a whole number")


def _size(typed: str) -> int:
    return _whole(typed, "resize") or 0


def _kind(candidates: CandidateKind | None, points: Path | None) -> CandidateKind:
    kind = candidates or (CandidateKind.POINTS if points else CandidateKind.GRID)
    if (kind is CandidateKind.POINTS) != (points is not None):
        raise InvalidInput("give --points when candidates are points, and only then", field="points")
    return kind


def _read_points(path: Path | None) -> tuple[Any, ...]:
    from geo.domain.place import Point
    from geo.interchange.cost_table import read_points

    return () if path is None else tuple(Point(lon, lat) for lon, lat in read_points(path).tolist())


def _read_weight(typed: str) -> EquityWeight:
    from geo.domain.siting import EquityGroup, EquityWeight

    name, _, weight = typed.rpartition("=")
    group, _, value = name.partition(":")
    try:
        return EquityWeight(EquityGroup(group), value, float(weight))
    except ValueError:
        _wrong("equity", "GROUP:VALUE=WEIGHT, such as language:ar=2")


def _read_addition(typed: str) -> AddedPlace:
    from geo.domain.what_if import AddedPlace

    *words, capacity = typed.split(",")
    lon, lat, *rest = [*words, "", ""]
    names = [word for word in rest if word]
    try:
        categories = frozenset(Category(word) for word in names)
    except ValueError:
        _wrong("add", "LON,LAT,CATEGORY,CAPACITY with a known category")
    if not categories:
        _wrong("add", "LON,LAT,CATEGORY,CAPACITY")
    return AddedPlace(_point(f"{lon},{lat}", "add"), categories, _whole(capacity, "add") or 0)


def _read_pair(typed: str, field: str) -> tuple[UUID, str]:
    name, _, rest = typed.partition("=")
    try:
        return UUID(name), rest
    except ValueError:
        _wrong(field, "ID=…, the id of an asset first")


def _point(typed: str, field: str) -> Any:  # noqa: ANN401 - a Point, imported late
    from geo.domain.place import Point

    try:
        lon, lat = (float(part) for part in typed.split(","))
    except ValueError:
        _wrong(field, "…LON,LAT… in degrees")
    return Point(lon, lat)
