"""``release`` and ``privacy``: the public files, and the rules they are made by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json, say

if TYPE_CHECKING:
    from geo.store.privacy_rules import PinnedRules

rules_app = typer.Typer(help="The rules of the public release and of retention.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(release)
    app.add_typer(rules_app, name="privacy")


def release(*, as_json: AsJson = False) -> None:
    """Make this week's public files, or put the same ones in place again."""
    from datetime import UTC, datetime

    from api.publishing import publish_all

    settings = load_settings()
    with open_store(settings) as store:
        published = publish_all(store.engine, settings.home.home, now=datetime.now(UTC))
    if as_json:
        put_json([one.as_dict() for one in published])
        return
    for one in published:
        put(f"{one.week}  {one.network:<12} {one.folder / one.file}")


@rules_app.command()
def show(*, as_json: AsJson = False) -> None:
    """Show the rules in force."""
    from geo.store.privacy_rules import get_rules

    with open_store(load_settings()) as store, store.sessions() as session:
        _put_rules(get_rules(session), as_json=as_json)


@rules_app.command("set")
def set_(  # noqa: PLR0913 - one option for each rule
    *,
    resolution: Annotated[int | None, typer.Option(help="Of the H3 grid, 5 to 9.")] = None,
    k: Annotated[int | None, typer.Option(help="The fewest households that are spoken of.")] = None,
    min_dwellings: Annotated[int | None, typer.Option(help="The fewest homes in a cell that is spoken of.")] = None,
    max_share: Annotated[float | None, typer.Option(help="The most households in need for each home.")] = None,
    freeze_h: Annotated[int | None, typer.Option(help="Hours for which what is new stays untold.")] = None,
    coarsen_after_days: Annotated[
        int | None, typer.Option(help="Days after closing when a need's place is coarsened.")
    ] = None,
    contact_after_days: Annotated[int | None, typer.Option(help="Days after closing when its contact goes.")] = None,
    restart: Annotated[
        bool,
        typer.Option(
            "--restart",
            help="Forget all releases, so that the grid may change. Whoever kept the old files can subtract them.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Change rules; those not named stay. They may be stricter than the defaults, never laxer."""
    from geo.store.engine import transaction
    from geo.store.network import get_network
    from geo.store.privacy_rules import set_rules

    from api.publishing import forget_files

    given: dict[str, Any] = {
        "resolution": resolution,
        "k": k,
        "min_dwellings": min_dwellings,
        "max_share": max_share,
        "freeze_h": freeze_h,
        "coarsen_after_days": coarsen_after_days,
        "contact_after_days": contact_after_days,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    settings = load_settings()
    with open_store(settings) as store, transaction(store.sessions) as session:
        pinned = set_rules(session, changes, restart=restart)
        slug = get_network(session).slug
    if restart:
        forget_files(settings.home.home, slug)
        say("All releases are forgotten, but not by those who kept their files: two grids can be subtracted.")
    _put_rules(pinned, as_json=as_json)


def _put_rules(pinned: PinnedRules, *, as_json: bool) -> None:
    shown = pinned.rules.as_dict() | {"version": pinned.version}
    if as_json:
        put_json(shown)
        return
    for name, value in shown.items():
        put(f"{name:<18} {value}")
