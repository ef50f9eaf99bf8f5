"""What every command needs: its settings, a migrated database for as long as it runs, and a way to show progress."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from geo.privacy.keyring import KeyRing
    from geo.store.engine import SessionFactory

    from api.settings import Settings
    from data.loaders.report import Progress

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
OK, PROBLEMS, BAD_INPUT = 0, 1, 2
_STATEMENT_TIMEOUT_S: Final = 600.0
"""A load may take its time; a web request may not."""


@dataclass(frozen=True, slots=True)
class Store:
    """The open database of a command."""

    url: str
    engine: Engine
    sessions: SessionFactory
    keys: KeyRing


def load_settings(*, port: int | None = None, seed: int | None = None) -> Settings:
    """Read the settings, with what was given on the command line in their place."""
    from api.settings import DemoSettings, ServerSettings, Settings

    server = ServerSettings() if port is None else ServerSettings(port=port)
    demo = DemoSettings() if seed is None else DemoSettings(seed=seed)
    return Settings(server=server, demo=demo)


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """Open the installation's database, migrated; the private server runs at least until the block ends.

    Raises
    ------
    ClusterError
        If the private server cannot be run, or the database given does not answer.
    KeysUnavailable
        If the file of keys is missing although it is needed, or does not fit the database.
    """
    from geo.store.engine import make_engine, make_sessions
    from geo.store.keys import register_keys
    from geo.store.lease import check_reachable, lease_database
    from geo.store.migrate import migrate

    from api.keys import open_installation_keys

    with lease_database(settings.home.home, settings.home.database_url) as url:
        check_reachable(url)
        engine = make_engine(url, statement_timeout_s=_STATEMENT_TIMEOUT_S)
        try:
            keys = open_installation_keys(settings, engine)
            migrate(engine, keys=keys)
            register_keys(engine, keys)
            _erase_again(settings, engine)
            # the operator's own rights: loads copy rows in bulk, past the policies
            yield Store(url, engine, make_sessions(engine, role=None, keys=keys), keys)
        finally:
            engine.dispose()


def _erase_again(settings: Settings, engine: Engine) -> None:
    """Let a backup that was put back bring nobody back."""
    from geo.store.engine import make_sessions
    from geo.store.erasure import replay_erasures
    from geo.store.erasure_log import ErasureLog
    from geo.store.exports import remove_exports_naming

    undone = replay_erasures(
        ErasureLog(settings.home.erased), lambda network: make_sessions(engine, network=network, role=None)
    )
    remove_exports_naming(settings.home.out, [found for erasure in undone for _, found in erasure.buried])


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Draw a bar on the error stream, so that standard output carries the result alone."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(file=sys.stderr)) as bar:
        task = bar.add_task("starting", total=None)

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total or None)

        yield show


def put(text: str) -> None:
    """Write a line of the result."""
    typer.echo(text)


def say(text: str) -> None:
    """Write a line for the person watching, beside the result."""
    typer.echo(text, err=True)


def put_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON knows
    """Write the result as one JSON object; a figure that is not finite is an error of ours, so it is refused."""
    put(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))
