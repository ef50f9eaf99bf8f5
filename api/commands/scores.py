"""``scores`` and ``hotspots``: how well the network's own needs are placed, and where unmet ones gather."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from geo.domain.access_scores import TIMES, AccessMethod, Counting
from geo.domain.words import Audience, Category, Mode

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json
from api.commands.reaching import travelling
from api.commands.reports import EDGE_NOTE, Standard

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN: Final = 20


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (scores, hotspots):
        app.command()(verb)


def scores(
    *,
    category: Annotated[Category, typer.Option(help="Which needs, and which help.")],
    method: Annotated[AccessMethod, typer.Option(help="Which measure.")] = AccessMethod.TWO_STEP,
    k: Annotated[int, typer.Option("--k", help="For kth: 2 is the second nearest.")] = 1,
    by: Annotated[Literal["hex", "area"], typer.Option(help="Group by H3 cell or by named area.")] = "hex",
    mode: Annotated[Mode, typer.Option(help="How households travel.")] = Mode.WALK,
    counting: Annotated[Counting, typer.Option(help="Count each need once, or as its people.")] = Counting.NEEDS,
    standard_min: Standard = None,
    as_json: AsJson = False,
) -> None:
    """Score how well the open needs of a category are placed to reach help, worst first, each between two ends."""
    from geo.analysis.travel import StraightLineTravel
    from geo.store.access_scores import AskedScore, compute_access
    from geo.store.network import standard_of

    from api.routers.access_scores import show_access

    settings = load_settings()
    with open_store(settings) as store, store.sessions() as session:
        standard = standard_min or standard_of(session, settings.demo.standard_min)
        question = AskedScore(method, category, standard, mode, by, k, counting)
        report = compute_access(session, question, model=StraightLineTravel())
    shown = show_access(report, Audience.ORGANIZER)
    if as_json:
        put_json(shown)
        return
    for row in shown["rows"]:
        put(f"{row['label']}  {_figure(row['score'], method)}  {row['demand']} needs{EDGE_NOTE if row['edge'] else ''}")
    put(f"all: {_figure(shown['overall'], method)}, in {shown['unit']}")
    if shown["inequality"]:
        put(_spread(shown["inequality"]))
    put("needs: " + ", ".join(f"{count} {name}" for name, count in shown["balance"].items()))
    put(f"travel: {shown['travel_model']['note']}")


def hotspots(
    *,
    category: Annotated[Category | None, typer.Option(help="Only this category.")] = None,
    rings: Annotated[int, typer.Option(help="How many rings of cells around count as neighbours, 1 to 3.")] = 1,
    mode: Annotated[Mode, typer.Option(help="How households travel.")] = Mode.WALK,
    standard_min: Standard = None,
    as_json: AsJson = False,
) -> None:
    """Tell where unmet needs gather more than chance would have it."""
    from geo.store.coverage import Question
    from geo.store.hotspots import compute_hot_spots
    from geo.store.network import standard_of

    from api.routers.access_scores import show_hot_spots

    settings = load_settings()
    with travelling(settings) as model, open_store(settings) as store, store.sessions() as session:
        standard = standard_min or standard_of(session, settings.demo.standard_min)
        report = compute_hot_spots(session, Question(model, standard, mode), category=category, rings=rings)
    shown = show_hot_spots(report, Audience.ORGANIZER)
    if as_json:
        put_json(shown)
        return
    put(shown["sentence"])
    for row in [row for row in shown["rows"] if row["is_hot"]][:_SHOWN]:
        edge = EDGE_NOTE if row["edge"] else ""
        put(f"{row['label']}  {row['gap']} of {row['demand']} unmet  z {row['z']:.1f}  q {row['q']:.3f}{edge}")
    put("needs: " + ", ".join(f"{count} {name}" for name, count in shown["balance"].items()))
    put(f"travel: {shown['travel_model']['note']}")


def _figure(score: Mapping[str, float | None], method: AccessMethod) -> str:
    beyond = "out of reach" if method in TIMES else "without end"
    value, low, high = (
        beyond if one is None else f"{one:.3g}" for one in (score["value"], score["low"], score["high"])
    )
    return value if low == high else f"{value} ({low} to {high})"


def _spread(told: Mapping[str, Any]) -> str:
    gini = "none" if told["gini"] is None else f"{told['gini']:.3f}"
    if told["line"] is None:
        return f"spread: Gini {gini}"
    shares = f"{told['poverty']['share']:.0%} ({told['least']['share']:.0%} to {told['most']['share']:.0%})"
    return f"spread: Gini {gini}; {shares} below the line of {told['line']}"
