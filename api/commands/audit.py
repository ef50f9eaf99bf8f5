"""``audit verify``, ``audit export-head``, ``audit show``: what has happened, and whether its chain is whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.jobs import OK, PROBLEMS, AsJson, load_settings, open_store, put, put_json

if TYPE_CHECKING:
    from geo.domain.audit import AuditEntry
    from geo.store.audit_chain import ChainReport

app = typer.Typer(no_args_is_help=True, help="What has happened, chained so that no change of it goes unseen.")
Heads = Annotated[
    Path | None, typer.Option(help="The file of kept heads; audit-heads.jsonl in the home when left out.")
]


@app.command()
def verify(*, heads: Heads = None, as_json: AsJson = False) -> None:
    """Hash every entry of every network anew and compare the kept heads; ends with 1 when something is amiss."""
    from geo.store.audit_chain import HEADS_FILE, check_chains, read_heads

    settings = load_settings()
    kept = read_heads(heads or settings.home.home / HEADS_FILE)
    with open_store(settings) as store, store.sessions() as session:
        chains = check_chains(session, kept, by_hand=True)
    if as_json:
        put_json({"whole": all(chain.is_whole for chain in chains), "networks": [_as_dict(chain) for chain in chains]})
    else:
        for chain in chains:
            put(chain.fault or f"network {chain.slug}: {chain.entries} entries, {chain.heads} kept heads, all whole")
    raise typer.Exit(OK if all(chain.is_whole for chain in chains) else PROBLEMS)


@app.command(name="export-head")
def export_head(*, heads: Heads = None, as_json: AsJson = False) -> None:
    """Print the last hash of every network's chain, and add it to the file of kept heads."""
    from geo.store.audit_chain import HEADS_FILE, append_heads, head_as_dict, list_heads

    settings = load_settings()
    with open_store(settings) as store, store.sessions() as session:
        found = list_heads(session)
    append_heads(found, heads or settings.home.home / HEADS_FILE)
    if as_json:
        put_json({"heads": [head_as_dict(head) for head in found]})
        return
    for head in found:
        put(f"{head.network_id}  {head.seq}  {head.hash.hex()}")


@app.command()
def show(
    *,
    action: Annotated[str | None, typer.Option(help="Only entries of this action, such as reveal.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what has happened, the newest first."""
    from geo.domain.words import Audience
    from geo.privacy.disclosure import disclose
    from geo.store.audit import list_audit

    with open_store(load_settings()) as store, store.sessions() as session:
        entries = list_audit(session, limit=limit, action=action)
    if as_json:
        put_json({"items": [disclose(entry, Audience.ORGANIZER) for entry in entries]})
        return
    for entry in entries:
        put(_line(entry))


def _line(entry: AuditEntry) -> str:
    who = entry.actor_kind if entry.actor is None else f"{entry.actor_kind} {entry.actor}"
    what = f"{entry.action} {entry.count} {entry.object_kind}"
    return f"{entry.seq}  {entry.at:%Y-%m-%d %H:%M:%S}  {who}: {what} ({', '.join(entry.fields)})"


def _as_dict(chain: ChainReport) -> dict[str, Any]:
    return {
        "network": chain.slug,
        "entries": chain.entries,
        "heads": chain.heads,
        "broken_at": chain.broken_at,
        "missing": None if chain.missing is None else chain.missing.seq,
    }
