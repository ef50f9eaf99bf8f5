"""``remote``: the outside address service a network may ask, and asking it, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from geo.domain.outside import KEEP_DAYS, KEEP_NONE_DAYS, USUAL_GAP_MS, Outcome, OutsideService
from geo.domain.words import Audience, RemoteProvider

from api.commands.jobs import PROBLEMS, AsJson, load_settings, open_store, put, put_json, say

if TYPE_CHECKING:
    from geo.domain.outside import OutsideReport

remote_app = typer.Typer(no_args_is_help=True, help="The outside address service a network may ask; none by default.")
_OFF = "This host does not permit asking outside: BARNRAISER_REMOTE_GEOCODING is false."


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(remote_app, name="remote")


@remote_app.command()
def status(*, as_json: AsJson = False) -> None:
    """Tell whether this host permits asking outside, and which service the network allows."""
    from geo.store.remote_service import find_service

    settings = load_settings()
    with open_store(settings) as store, store.sessions() as session:
        service = find_service(session)
    is_on = settings.remote.remote_geocoding
    if as_json:
        put_json({"is_permitted": is_on, "service": _shown(service) if service else None})
        return
    put("This host permits asking outside." if is_on else _OFF)
    put(_line(service) if service else "The network allows no outside service.")


@remote_app.command()
def allow(
    provider: Annotated[RemoteProvider, typer.Argument(help="Which kind of service.")],
    endpoint: Annotated[str, typer.Argument(help="Its address: https:// and the host.")],
    *,
    gap_ms: Annotated[int | None, typer.Option(help="Milliseconds between two questions.")] = None,
    country: Annotated[str | None, typer.Option(help="Two small letters, sent with every question.")] = None,
    town: Annotated[str | None, typer.Option(help="The network's town, sent with every question.")] = None,
    keep_days: Annotated[int, typer.Option(help="Days an answer is kept.")] = KEEP_DAYS,
    keep_none_days: Annotated[int, typer.Option(help="Days it is kept that there was no answer.")] = KEEP_NONE_DAYS,
    as_json: AsJson = False,
) -> None:
    """Let the network ask one service, in place of the one before. Each person must agree besides."""
    from geo.errors import NotPermitted
    from geo.store.engine import transaction
    from geo.store.remote_service import allow_service

    settings = load_settings()
    if not settings.remote.remote_geocoding:
        raise NotPermitted(_OFF)
    gap = USUAL_GAP_MS[provider] if gap_ms is None else gap_ms
    wanted = OutsideService(provider, endpoint, gap, country, town, keep_days, keep_none_days)
    with open_store(settings) as store, transaction(store.sessions) as session:
        service = allow_service(session, wanted, settings.remote.reach)
    if as_json:
        put_json(_shown(service))
    else:
        put(_line(service))
        say("Street, house number and postcode of people who agreed may now be sent there, one at a time.")


@remote_app.command()
def forbid() -> None:
    """Let the network ask nobody outside, and forget what was answered."""
    from geo.store.engine import transaction
    from geo.store.remote_service import forbid_service

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        forbid_service(session)
    put("The network asks nobody outside.")


@remote_app.command("look-up")
def look_up(
    need: Annotated[UUID, typer.Argument(metavar="ID", help="The id of a need that waits for a place.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Ask the service about one need; what it finds is offered in the review queue, never accepted by itself."""
    from geo.store.remote_lookup import ask_outside

    settings = load_settings()
    with open_store(settings) as store:
        report = ask_outside(store.sessions, None, need, settings.remote.reach)
    if as_json:
        put_json(_told(report))
    else:
        put(f"{report.provider.value}: {_in_words(report)}{', as kept from before' if report.is_cached else ''}")
    if report.outcome is Outcome.FAILED:
        raise typer.Exit(PROBLEMS)


def _in_words(report: OutsideReport) -> str:
    if report.outcome is Outcome.FOUND:
        return f"{report.found} found, which wait for a person"
    return "nothing found" if report.outcome is Outcome.NONE else "no answer that can be used"


def _line(service: OutsideService) -> str:
    return f"{service.provider.value} at {service.endpoint}, at most once in {service.gap_ms} ms"


def _shown(service: OutsideService) -> dict[str, object]:
    from geo.privacy.disclosure import disclose

    return disclose(service, Audience.ADMIN)


def _told(report: OutsideReport) -> dict[str, object]:
    from geo.privacy.disclosure import disclose

    return disclose(report, Audience.ADMIN)
