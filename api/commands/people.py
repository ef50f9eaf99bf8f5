"""``keys``, ``retain`` and ``erase``: what protects people, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from geo.domain.words import SubjectKind

from api.commands.jobs import PROBLEMS, AsJson, load_settings, open_store, put, put_json, show_progress

if TYPE_CHECKING:
    from geo.privacy.keyring import FieldKey

keys_app = typer.Typer(no_args_is_help=True, help="The keys that contacts are sealed with.")
Subject = Annotated[UUID, typer.Argument(metavar="ID", help="The id of the record or household.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (retain, erase):
        app.command()(verb)
    app.add_typer(keys_app, name="keys")


@keys_app.command()
def show(*, as_json: AsJson = False) -> None:
    """List the keys by name and date, the one in use first; never the keys themselves."""
    with open_store(load_settings()) as store:
        found = store.keys.field_keys
    if as_json:
        put_json({"keys": [_shown(key) for key in found]})
        return
    for key in found:
        put(f"{key.id}  made {key.made_at:%Y-%m-%d %H:%M} UTC")


def _shown(key: FieldKey) -> dict[str, str]:
    return {"id": key.id, "made_at": key.made_at.isoformat()}


@keys_app.command()
def rotate(*, as_json: AsJson = False) -> None:
    """Seal everything with a new key and forget the old one; killed midway, run it again."""
    from geo.store.keys import rotate_keys

    settings = load_settings()
    with open_store(settings) as store, show_progress() as progress:
        report = rotate_keys(store.engine, settings.home.keys, now=datetime.now(UTC), progress=progress)
    if as_json:
        put_json(report.as_dict())
    else:
        put(f"{report.resealed} rows sealed with {report.key_id}; gone: {', '.join(report.removed) or 'none'}")
    if report.left:
        put(f"still needed: {', '.join(report.left)}; run this again")
        raise typer.Exit(PROBLEMS)


def retain(*, as_json: AsJson = False) -> None:
    """Remove what has been kept long enough after closing; a running server does so every hour."""
    from geo.store.retention import retain_everywhere

    with open_store(load_settings()) as store:
        report = retain_everywhere(store.engine, datetime.now(UTC), keys=store.keys)
    if as_json:
        put_json(report.as_dict())
    else:
        gone = ", ".join(f"{count} {name}" for name, count in report.as_dict().items())
        put(f"removed: {gone}")


def erase(
    kind: Annotated[SubjectKind, typer.Argument(help="What the id names.")],
    subject: Subject,
    *,
    as_json: AsJson = False,
) -> None:
    """Erase a person for good: a need, a helper, or every need of a household."""
    from geo.store.engine import transaction
    from geo.store.erasure import erase as erase_in
    from geo.store.erasure_log import ErasureLog
    from geo.store.exports import remove_exports_naming

    settings = load_settings()
    log = ErasureLog(settings.home.erased)
    with open_store(settings) as store, transaction(store.sessions) as session:
        report, erasure = erase_in(session, kind, subject, log=log, now=datetime.now(UTC))
    if erasure is not None:
        remove_exports_naming(settings.home.out, [found for _, found in erasure.buried])
    if as_json:
        put_json(report.as_dict())
    else:
        put(f"{report.needs} needs and {report.helpers} helpers erased" if erasure else "this was erased before")
