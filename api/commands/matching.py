"""``matches``: what stands between needs and helpers, and whom to ask next."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from geo.domain.words import Audience, Category, MatchStatus, Urgency

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json
from api.commands.reaching import travelling

app = typer.Typer(no_args_is_help=True, help="Matches: list them, and propose whom to ask.")


@app.command("list")
def list_all(
    *,
    status: Annotated[MatchStatus | None, typer.Option(help="Only those that stand so.")] = None,
    need: Annotated[UUID | None, typer.Option(help="Only those of this need.")] = None,
    helper: Annotated[UUID | None, typer.Option(help="Only those of this helper.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    after: Annotated[UUID | None, typer.Option(help="The last id of the page before.")] = None,
    as_json: AsJson = False,
) -> None:
    """List matches in the order in which they were made, each as it stands now."""
    from geo.privacy.disclosure import disclose
    from geo.store.matches import MatchFilter, list_matches

    with open_store(load_settings()) as store, store.sessions() as session:
        where = MatchFilter(need_id=need, helper_id=helper, status=status)
        found = list_matches(session, where=where, after=after, limit=limit)
    shown = [disclose(one, Audience.ORGANIZER) for one in found]
    if as_json:
        put_json({"items": shown, "next": shown[-1]["id"] if len(shown) == limit else None})
        return
    for one in shown:
        put(f"{one['id']}  {one['status']:<9}  need {one['need_id']}  {one['reason'] or ''}")
    put(f"{len(shown)} matches")


@app.command()
def propose(
    *,
    category: Annotated[Category | None, typer.Option(help="Only needs of this category.")] = None,
    urgency: Annotated[Urgency | None, typer.Option(help="Only needs of this urgency.")] = None,
    ring_min: Annotated[float, typer.Option(help="Minutes of travel asked of anybody.")] = 30.0,
    most_each: Annotated[int, typer.Option(help="How many needs one helper is asked about.")] = 2,
    fair_min: Annotated[float, typer.Option(help="Minutes that each need a helper carries counts.")] = 5.0,
    cool_down_h: Annotated[float, typer.Option(help="Hours for which whoever was asked is left in peace.")] = 12.0,
    keep: Annotated[bool, typer.Option("--keep", help="Store what is proposed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Choose whom to ask about all open needs; nobody is assigned by it."""
    from geo.domain.proposing import ProposalAsked
    from geo.store.proposing import propose_matches

    from api.routers.matches import show_proposals

    asked = ProposalAsked(
        category=category, urgency=urgency, ring_min=ring_min, most_each=most_each, fair_min=fair_min,
        cool_down_h=cool_down_h, keep=keep,
    )  # fmt: skip
    settings = load_settings()
    with travelling(settings) as model, open_store(settings) as store, store.sessions.begin() as session:
        report = propose_matches(session, asked, model=model)
    shown = show_proposals(report, Audience.ORGANIZER)
    if as_json:
        put_json(shown)
        return
    for pair in shown["pairs"]:
        put(f"need {pair['need_id']}  {pair['helper_name']}: {pair['reason']}")
    for why, count in sorted(shown["unmatched_by_reason"].items()):
        put(f"{count:>5} left out: {why.replace('_', ' ')}")
    proven = "the best there is" if shown["optimal"] else f"at most {shown['gap']:.1%} from the best"
    put(f"{len(shown['pairs'])} needs, {shown['helper_count']} helpers: {proven}")
    put("needs: " + ", ".join(f"{count} {name}" for name, count in shown["balance"].items()))
    put(f"travel: {shown['travel_model']['note']}")
