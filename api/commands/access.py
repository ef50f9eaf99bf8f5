"""``user``, ``token``, ``partner``: who may come in, decided by whoever runs the installation."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo.domain.principals import NetworkRole, Tier
from geo.domain.words import Audience, Category
from geo.errors import InvalidInput, NotFound

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.principals import Person

users = typer.Typer(no_args_is_help=True, help="People who may sign in.")
tokens = typer.Typer(no_args_is_help=True, help="Secrets: made, listed without the secret, revoked.")
partners = typer.Typer(no_args_is_help=True, help="Agreements with partner organizations, and their keys.")
Login = Annotated[str, typer.Argument(help="The name they sign in with.")]
Days = Annotated[int, typer.Option(min=1, max=90, help="How long it is good.")]


class Issued(StrEnum):
    """What ``token issue`` makes."""

    SCRIPT = "script"
    DEVICE = "device"
    MONITOR = "monitor"


def register(app: typer.Typer) -> None:
    """Add the groups."""
    app.add_typer(users, name="user")
    app.add_typer(tokens, name="token")
    app.add_typer(partners, name="partner")


@contextmanager
def _open() -> Iterator[Session]:
    from geo.store.engine import transaction

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        yield session


def _member(session: Session, login: str) -> Person:
    from geo.store.accounts import find_member

    found = find_member(session, login)
    if found is None:
        raise NotFound(f"nobody here signs in as {login!r}; see: barnraiser user list")
    return found


def _hand_over(secret: str, *, link: str | None, as_json: bool, note: str) -> None:
    """Print a secret alone on standard output, so that a script can take it, and say beside it what it is."""
    if as_json:
        put_json({"token": secret} | ({"link": link} if link else {}))
        return
    put(link or secret)
    say(note)


def _link(path: str, secret: str) -> str:
    return load_settings().server.link_to(f"{path}#{secret}")


@users.command("add")
def add_user(
    login: Login,
    *,
    name: Annotated[str | None, typer.Option(help="What others call them.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="May also decide who belongs here.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make somebody a member and print their one-time link."""
    from geo.store.accounts import invite

    with _open() as session:
        _, token = invite(session, login, name or login, NetworkRole.ADMIN if admin else NetworkRole.ORGANIZER)
    note = "Hand this link over yourself. It is good for three days, and once."
    _hand_over(token.text, link=_link("/enter", token.text), as_json=as_json, note=note)


@users.command("list")
def list_users(*, as_json: AsJson = False) -> None:
    """List who may sign in."""
    from geo.privacy.disclosure import disclose
    from geo.store.accounts import list_people

    with _open() as session:
        shown = [disclose(person, Audience.ADMIN) for person in list_people(session)]
    if as_json:
        put_json(shown)
    else:
        for one in shown:
            put(f"{one['login']:<24} {one['role']:<10} {one['name']}")


@users.command("link")
def link_user(login: Login, *, as_json: AsJson = False) -> None:
    """Print a new one-time link, with which somebody chooses a new password."""
    from geo.store.accounts import new_link

    with _open() as session:
        token = new_link(session, _member(session, login).id, by_operator=True)
    note = "Hand this link over yourself. It is good for three days, and once; older links are void."
    _hand_over(token.text, link=_link("/enter", token.text), as_json=as_json, note=note)


@users.command("remove")
def remove_user(login: Login) -> None:
    """End a membership; that person's sessions and tokens are over at once."""
    from geo.store.accounts import remove

    with _open() as session:
        remove(session, _member(session, login).id)
    say(f"{login} no longer belongs to this network")


@users.command("codes")
def ask_for_codes(
    *, required: Annotated[bool, typer.Option("--required/--optional", help="Whether everybody must use them.")]
) -> None:
    """Say whether organizers must use one-time codes; who has none yet sets them up at the next sign-in."""
    from geo.store.network import require_codes

    with _open() as session:
        require_codes(session, wanted=required)
    say(f"one-time codes are {'required' if required else 'optional'} from now on")


@tokens.command("issue")
def issue_token(
    kind: Annotated[Issued, typer.Argument(help="For a script of an organizer, a phone, or a monitor.")],
    *,
    login: Annotated[str | None, typer.Option(help="Whose script; the first admin's when left out.")] = None,
    label: Annotated[str, typer.Option(help="What it is called in lists.")] = "",
    days: Days = 30,
    as_json: AsJson = False,
) -> None:
    """Make a secret and print it, once."""
    with _open() as session:
        secret, link = _issue(session, kind, login, label, timedelta(days=days))
    note = "Scan or open this on the phone within fifteen minutes." if link else "Keep it: it is shown this once."
    _hand_over(secret, link=link, as_json=as_json, note=note)


def _issue(session: Session, kind: Issued, login: str | None, label: str, lasts: timedelta) -> tuple[str, str | None]:
    from geo.store.credentials import issue_monitor, issue_script
    from geo.store.devices import add_device

    if kind is Issued.DEVICE:
        _, code = add_device(session, label or "phone", lasts=lasts)
        return code.text, _link("/canvass/enrol", code.text)
    if kind is Issued.MONITOR:
        return issue_monitor(session, lasts, label=label).text, None
    person_id = _whose(session, login)
    return issue_script(session, person_id, lasts, label=label).text, None


def _whose(session: Session, login: str | None) -> UUID:
    from geo.store.accounts import find_admin, welcome

    if login is not None:
        return _member(session, login).id
    found = find_admin(session)
    if found is None:
        welcome(session)
        found = find_admin(session)
    if found is None:
        raise NotFound("there is no admin yet; run: barnraiser user add NAME --admin")
    return found.id


@tokens.command("list")
def list_tokens(*, as_json: AsJson = False) -> None:
    """List what is good now, without any secret."""
    from geo.privacy.disclosure import disclose
    from geo.store.credentials import list_credentials

    with _open() as session:
        shown = [disclose(one, Audience.ADMIN) for one in list_credentials(session, limit=1000)]
    if as_json:
        put_json(shown)
    else:
        for one in shown:
            put(f"{one['kid']}  {one['kind']:<10} until {one['expires_at'][:10]}  {one['label']}")


@tokens.command("revoke")
def revoke_token(kid: Annotated[str, typer.Argument(help="The eight letters that `token list` shows.")]) -> None:
    """Make a secret useless at once."""
    from geo.store.credentials import list_credentials, revoke_one

    with _open() as session:
        found = [one for one in list_credentials(session, limit=1000) if one.kid == kid]
        if not found:
            raise NotFound(f"nothing good is called {kid!r}; see: barnraiser token list")
        revoke_one(session, found[0].id)
    say(f"{kid} is useless from now on")


@partners.command("add")
def add_partner(
    name: Annotated[str, typer.Argument(help="The partner organization.")],
    *,
    tier: Annotated[Tier, typer.Option(help="How closely it may look.")] = Tier.AGGREGATE,
    purpose: Annotated[str, typer.Option(help="What for; kept with the agreement.")],
    area: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A GeoJSON polygon; all that is served otherwise.")
    ] = None,
    category: Annotated[list[Category] | None, typer.Option(help="Several may be named; all when left out.")] = None,
    days: Annotated[int, typer.Option(min=1, max=1100, help="How long the agreement lasts.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Agree with a partner, and print its first key."""
    from geo.store import agreements

    with _open() as session:
        draft = agreements.AgreementDraft(
            name=name,
            tier=tier,
            cells=_cells(session, area),
            categories=frozenset(category or Category),
            purpose=purpose,
            expires_at=datetime.now(UTC) + timedelta(days=days),
        )
        made = agreements.make_agreement(session, draft)
        key = agreements.issue_key(session, made.id, label="first")
    note = f"{made.cell_count} cells were agreed. Keep the key: it is shown this once, and good for 90 days."
    _hand_over(key.text, link=None, as_json=as_json, note=note)


def _cells(session: Session, area: Path | None) -> frozenset[str]:
    from shapely.geometry import box

    from geo.geometry import parse_area
    from geo.privacy.partners import snap_area
    from geo.store.network import get_network

    if area is not None:
        return snap_area(parse_area(_geometry(area)))
    served = get_network(session).bbox
    if served is None:
        raise InvalidInput("name an area with --area: this network does not say which it serves")
    return snap_area(box(*served))


def _geometry(path: Path) -> Any:  # noqa: ANN401 - whatever stands in the file, checked by who reads it
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON") from error
    return found.get("geometry", found) if isinstance(found, dict) else found


@partners.command("key")
def issue_partner_key(
    name: Annotated[str, typer.Argument(help="The partner organization.")],
    *,
    label: Annotated[str, typer.Option(help="What it is called in lists.")] = "",
    days: Days = 90,
    as_json: AsJson = False,
) -> None:
    """Issue a key; the one before stays good for a day, so that the partner can change over."""
    from geo.store.agreements import issue_key

    with _open() as session:
        token = issue_key(session, _agreement(session, name), label=label, lasts=timedelta(days=days))
    _hand_over(token.text, link=None, as_json=as_json, note="Keep the key: it is shown this once.")


@partners.command("list")
def list_partners(*, as_json: AsJson = False) -> None:
    """List the agreements."""
    from geo.privacy.disclosure import disclose
    from geo.store.agreements import list_agreements

    with _open() as session:
        shown = [disclose(one, Audience.ADMIN) for one in list_agreements(session, limit=1000)]
    if as_json:
        put_json(shown)
    else:
        for one in shown:
            state = "ended" if one["ended_at"] else f"until {one['expires_at'][:10]}"
            put(f"{one['name']:<30} {one['tier']:<10} {one['cell_count']:>6} cells  {state}")


@partners.command("end")
def end_partner(name: Annotated[str, typer.Argument(help="The partner organization.")]) -> None:
    """End an agreement; its keys open nothing from now on."""
    from geo.store.agreements import end_agreement

    with _open() as session:
        end_agreement(session, _agreement(session, name))
    say(f"the agreement with {name} has ended")


def _agreement(session: Session, name: str) -> UUID:
    from geo.store.agreements import list_agreements

    for one in list_agreements(session, limit=1000):
        if one.name == name:
            return one.id
    raise NotFound(f"there is no agreement with {name!r}; see: barnraiser partner list")
