"""``link``: links without sign-in, made, listed and revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from geo.domain.links import LinkKind
from geo.domain.words import Audience

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json

app = typer.Typer(no_args_is_help=True, help="Links without sign-in: for a helper, for whoever asked, for a shift.")


@app.command()
def make(
    kind: Annotated[LinkKind, typer.Argument(help="What it is about.")],
    subject: Annotated[UUID, typer.Argument(metavar="ID", help="The id of the match, the need or the sign-up.")],
    *,
    valid_h: Annotated[int | None, typer.Option(min=1, max=2160, help="Hours for which it opens something.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a link; its address is shown this once."""
    from geo.privacy.disclosure import disclose
    from geo.store.engine import transaction
    from geo.store.links import make_link, write_address

    settings = load_settings()
    lasts = None if valid_h is None else timedelta(hours=valid_h)
    with open_store(settings) as store, transaction(store.sessions) as session:
        made, token = make_link(session, kind, subject, lasts=lasts)
    address = write_address(settings.server.link_to(""), kind, token)
    if as_json:
        put_json({"link": disclose(made, Audience.ADMIN), "address": address})
    else:
        put(address)


@app.command("list")
def list_all(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    after: Annotated[UUID | None, typer.Option(help="The last id of the page before.")] = None,
    as_json: AsJson = False,
) -> None:
    """List links in the order they were made, ended ones too; never what opens them."""
    from geo.privacy.disclosure import disclose
    from geo.store.links import list_links

    with open_store(load_settings()) as store, store.sessions() as session:
        shown = [disclose(one, Audience.ADMIN) for one in list_links(session, after=after, limit=limit)]
    if as_json:
        put_json({"items": shown, "next": shown[-1]["id"] if len(shown) == limit else None})
        return
    for one in shown:
        ended = f"revoked {one['revoked_at']}" if one["revoked_at"] else f"until {one['expires_at']}"
        put(f"{one['id']}  {one['kind']:<5}  {ended}")
    put(f"{len(shown)} links")


@app.command()
def revoke(link_id: Annotated[UUID, typer.Argument(metavar="ID", help="The link's id.")]) -> None:
    """End a link: it opens nothing from now on."""
    from geo.store.engine import transaction
    from geo.store.links import revoke_link

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        revoke_link(session, link_id)
    put("it opens nothing from now on")
