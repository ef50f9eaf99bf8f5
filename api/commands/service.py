"""``up``, ``demo``, ``status``, ``doctor``, ``down``: the installation as a whole."""

from __future__ import annotations

import contextlib
import sys
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.jobs import (
    BAD_INPUT,
    OK,
    PROBLEMS,
    AsJson,
    load_settings,
    open_store,
    put,
    put_json,
    say,
    show_progress,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from socket import socket

    from geo.store.engine import SessionFactory

    from api.settings import Settings

Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="The port to serve on; 0 for any free one.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing when there is nothing to do.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (up, demo, status, doctor, down):
        app.command()(verb)


def up(
    *,
    port: Port = None,
    split: Annotated[
        bool, typer.Option("--split", help="Run the pages in a process of their own that knows no database.")
    ] = False,
    link: Annotated[
        bool, typer.Option("--link/--no-link", help="Print a one-time link while nobody can sign in yet.")
    ] = True,
) -> None:
    """Serve the map, the API and the feeds until Ctrl-C."""
    from api.serve import serve

    settings = load_settings(port=port)
    with _taken(settings) as sockets, open_store(settings) as store:
        first = _first_link(store.sessions) if link else None
        serve(settings, store.url, sockets, on_ready=partial(_greet, link=first), split=split)


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Do the job and end, without serving.")] = False,
    as_json: AsJson = False,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Seed of the made-up people.")] = None,
    pbf: Annotated[Path | None, typer.Option(help="An OpenStreetMap extract instead of the bundled one.")] = None,
    port: Port = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove the made-up people again, and end; what was entered stays.")
    ] = False,
) -> None:
    """Load a city, find its gaps and nearest helpers, print them, and serve the map until Ctrl-C."""
    from api.serve import serve

    if remove:
        _take_back(as_json=as_json)
        return
    settings = load_settings(port=port, seed=seed)
    with contextlib.ExitStack() as stack:
        sockets = [] if once else stack.enter_context(_taken(settings))
        store = stack.enter_context(open_store(settings))
        report = _run_demo(settings, store.sessions, pbf or settings.demo.pbf)
        if as_json:
            put_json(report.as_dict())
        else:
            put(report.as_text())
        sys.stdout.flush()
        if not once:
            link = _first_link(store.sessions)
            serve(settings, store.url, sockets, on_ready=partial(_greet, link=link))


def status(*, as_json: AsJson = False) -> None:
    """Tell what is there and what runs; starts nothing."""
    found = _look(load_settings())
    if as_json:
        put_json(found)
        return
    cluster = found["private_cluster"]
    put(f"home      {found['home']}")
    if cluster is None:
        put("database  your own (BARNRAISER_DATABASE_URL)")
    else:
        state = f"running, process {cluster['pid']}" if cluster["running"] else "stopped"
        put(f"database  {state if cluster['created'] else 'not made yet'} ({cluster['data']})")
    served = ", ".join(f"{server['address']} (process {server['pid']})" for server in found["servers"])
    put(f"serving   {served or 'no'}")
    put(f"travel    {'along streets' if found['travel']['graph'] and found['travel']['engine'] else 'a straight line'}")
    if found["catchments"] and found["travel"]["graph"]:
        put("reach     {drawn} shapes, {due} places lack some".format(**found["catchments"]))
    if found["messages"]:
        oldest = found["messages"]["oldest_due_at"]
        waits = f", the oldest since {oldest}" if oldest else ""
        put("messages  {waiting} waiting, {due} due, {failed} failed".format(**found["messages"]) + waits)
    if found["needs"]:
        put("needs     " + ", ".join(f"{count} {name}" for name, count in found["needs"].items()))


def doctor(*, as_json: AsJson = False) -> None:
    """Examine the installation and give advice; ends with 1 when something is broken."""
    from geo.store.cluster import Cluster
    from geo.store.doctor import Installation, State, examine, worst

    from api.commands.reaching import travel_of

    settings = load_settings()
    home = settings.home
    if home.database_url is None and not Cluster(home.home).status().created:
        say("There is no installation here yet. Run: make demo")
        raise typer.Exit(PROBLEMS)
    with open_store(settings) as store, contextlib.closing(travel_of(settings)) as travel:
        files = _front_end_files()
        found = examine(Installation(store.engine, store.sessions, home.home, files, travel.model()))
    if as_json:
        put_json({"state": worst(found).value, "checks": [one.as_dict() for one in found]})
    else:
        for one in found:
            put(f"{one.finding.state.value:<5} {one.check}: {one.finding.detail}")
            if one.finding.hint:
                put(f"      {one.finding.hint}")
    raise typer.Exit(PROBLEMS if worst(found) is State.FAIL else OK)


def down(*, quiet: Quiet = False) -> None:
    """Stop the servers of this installation and its private database."""
    from geo.store.cluster import Cluster

    from api.running import stop_all

    settings = load_settings()
    stopped = [server.address for server in stop_all(settings.home.home)]
    if settings.home.database_url is None and settings.home.home.is_dir() and Cluster(settings.home.home).stop():
        stopped.append("the private database")
    if stopped and not quiet:
        put(f"stopped {' and '.join(stopped)}")
    elif not quiet:
        put("nothing was running")


@contextmanager
def _taken(settings: Settings) -> Iterator[list[socket]]:
    from api.serve import PortTaken, bind

    try:
        sockets = bind(settings)
    except PortTaken as error:
        say(f"barnraiser: {error}")
        raise typer.Exit(BAD_INPUT) from error
    try:
        yield sockets
    finally:
        for one in sockets:
            one.close()


def _run_demo(settings: Settings, sessions: Any, pbf: Path | None) -> Any:  # noqa: ANN401 - heavy types stay inside
    from data.demo import run_demo

    with show_progress() as progress:
        return run_demo(
            sessions,
            pbf=pbf,
            home=settings.home.home,
            seed=settings.demo.seed,
            standard_min=settings.demo.standard_min,
            progress=progress,
        )


def _take_back(*, as_json: bool) -> None:
    from data.demo.removing import remove_demo

    with open_store(load_settings()) as store:
        removed = asdict(remove_demo(store.sessions))
    if as_json:
        put_json(removed)
        return
    kept = removed.pop("kept")
    gone = ", ".join(f"{count} {name}" for name, count in removed.items() if count)
    put(f"removed: {gone or 'nothing'}")
    if kept:
        put(f"kept: {kept} needs that were merged with others")


def _first_link(sessions: SessionFactory) -> str | None:
    """Until somebody can sign in, each start gives a new one-time link for the first organizer."""
    from geo.store.accounts import welcome
    from geo.store.engine import transaction

    with transaction(sessions) as session:
        token = welcome(session)
    return token.text if token else None


def _greet(address: str, *, link: str | None) -> None:
    origin = load_settings().server.origin
    say(f"Ready: {address}{f', for others {origin}' if origin else ''} - stop with Ctrl-C")
    if link:
        say(f"Come in by this link, good once, and choose a password: {origin or address}/enter#{link}")


def _look(settings: Settings) -> dict[str, Any]:
    from geo.analysis.travel.graph import engine_version, find_graph
    from geo.store.cluster import Cluster

    from api.running import list_running

    home, url, cluster = settings.home.home, settings.home.database_url, None
    if url is None:
        state = Cluster(home).status()
        cluster = {
            "created": state.created,
            "running": state.running,
            "pid": state.pid,
            "data": str(state.data),
            "log": str(state.log),
        }
        url = Cluster(home).url if state.running else None
    servers = [{"pid": server.pid, "address": server.address} for server in list_running(home)]
    graph = find_graph(home)
    travel = {"graph": None if graph is None else graph.version, "engine": engine_version()}
    found = {"home": str(home), "private_cluster": cluster, "servers": servers, "travel": travel}
    return found | _count(settings, url)


def _count(settings: Settings, url: str | None) -> dict[str, Any]:
    """Read the balance and the state of drawn reach, if there is a database that answers and is migrated."""
    from geo.store.catchments import count_catchments
    from geo.store.engine import make_engine, make_sessions
    from geo.store.messages import count_messages
    from geo.store.needs import count_balance
    from geo.store.readiness import check_ready

    from api.commands.reaching import travel_of

    nothing = {"ready": False, "needs": None, "catchments": None, "messages": None}
    if url is None:
        return nothing
    engine = make_engine(url)
    try:
        sessions = make_sessions(engine)
        if not check_ready(sessions).ready:
            return nothing
        with sessions() as session, contextlib.closing(travel_of(settings)) as travel:
            drawn = asdict(count_catchments(session, travel.model()))
            told = dict(count_messages(session, now=datetime.now(UTC)).as_dict())
            balance = count_balance(session).as_dict()
            return {"ready": True, "needs": balance, "catchments": drawn, "messages": told}
    finally:
        engine.dispose()


def _front_end_files() -> tuple[Path, ...]:
    from api.settings import CHECKOUT

    names = ("leaflet/leaflet.js", "leaflet/leaflet.css", "protomaps/protomaps-leaflet.js")
    return tuple(CHECKOUT / "dashboard" / "static" / name for name in names)
