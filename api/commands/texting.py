"""``texts``: the gateways that hand text messages in, and a conversation tried out in the terminal."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from geo.domain.texts import HookKind

from api.commands.jobs import AsJson, load_settings, open_store, put, put_json, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.texting.conversation import House, Turn
    from geo.domain.texts import TextHook

app = typer.Typer(no_args_is_help=True, help="Text messages: gateways that hand them in, and a conversation on trial.")
_PATHS = {HookKind.PLAIN: "/v1/texts", HookKind.TWILIO: "/v1/texts/twilio"}
_MOST_SECRET = 1_000


@app.command()
def secret(
    kind: Annotated[HookKind, typer.Argument(help="How the gateway signs.")],
    *,
    label: Annotated[str, typer.Option(help="What the gateway is called in lists.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let a gateway hand texts in, and print the address to give it.

    A plain one's secret is made here and shown this once; Twilio's auth token is read from standard input, so that no
    history of commands keeps it.
    """
    from geo.store.engine import transaction
    from geo.store.text_hooks import open_hook

    given = _read_token() if kind is HookKind.TWILIO else None
    settings = load_settings()
    with open_store(settings) as store, transaction(store.sessions) as session:
        hook, signs_with = open_hook(session, kind, secret=given, label=label)
    address = settings.server.link_to(f"{_PATHS[kind]}?hook={hook.id}")
    shown = {} if given else {"secret": signs_with}
    if as_json:
        put_json({"id": str(hook.id), "kind": kind.value, "address": address} | shown)
        return
    put(f"address  {address}")
    for name, value in shown.items():
        put(f"{name}   {value}")


def _read_token() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Auth token", hide_input=True))
    return sys.stdin.readline(_MOST_SECRET).strip()


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the gateways, ended ones too; never a secret."""
    from geo.store.engine import transaction
    from geo.store.text_hooks import list_hooks

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        found = list_hooks(session)
    if as_json:
        put_json({"gateways": [_as_json(hook) for hook in found]})
        return
    for hook in found:
        ended = f"  ended {hook.revoked_at:%Y-%m-%d}" if hook.revoked_at else ""
        put(f"{hook.id}  {hook.kind.value:6}  {hook.label}{ended}")


def _as_json(hook: TextHook) -> dict[str, str | None]:
    ended = hook.revoked_at.isoformat() if hook.revoked_at else None
    told = {"id": str(hook.id), "kind": hook.kind.value, "label": hook.label}
    return told | {"created_at": hook.created_at.isoformat(), "revoked_at": ended}


@app.command()
def end(gateway: Annotated[UUID, typer.Argument(metavar="ID", help="The gateway's id.")]) -> None:
    """End a gateway: its secret is removed, and what it signs is refused from now on."""
    from geo.store.engine import transaction
    from geo.store.text_hooks import end_hook

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        end_hook(session, gateway)
    put("ended")


@app.command()
def simulate(*, language: Annotated[str | None, typer.Option(help="A code, such as fi, to begin in.")] = None) -> None:
    """Hold a conversation in the terminal, a text on each line as somebody would send it; nothing is stored or sent."""
    from geo.domain.texting.conversation import House
    from geo.store.engine import transaction
    from geo.store.gazetteer import LocalGeocoder
    from geo.store.network import get_network

    settings = load_settings()
    with open_store(settings) as store, transaction(store.sessions) as session:
        house = House(get_network(session).name, LocalGeocoder(session).geocode, settings.texts.texts_person)
        _hold(session, house, language)


def _hold(session: Session, house: House, language: str | None) -> None:
    from geo.domain.texting.conversation import Outcome, Talk, take

    talk, ended = Talk(language=language), {Outcome.SUBMIT, Outcome.STOP, Outcome.HAND_OVER}
    for line in sys.stdin:
        turn = take(talk, line, house)
        put(turn.reply if turn.reply is not None else "(no answer)")
        put("")
        talk = turn.talk
        if turn.outcome in ended:
            _show(turn)
            talk = Talk(language=talk.language)
        # between two texts the database is not held
        session.rollback()


def _show(turn: Turn) -> None:
    from geo.domain.ids import new_id
    from geo.domain.texting.conversation import Outcome, draft_of, typed_of

    if turn.outcome is Outcome.STOP and not turn.talk.says_something:
        say("nothing was said, and no more messages would be sent")
        return
    draft = draft_of(turn.talk, need_id=new_id(), received_at=datetime.now(UTC))
    where = typed_of(turn.talk) or "no place"
    finished = "" if turn.outcome is Outcome.SUBMIT else ", waiting for a person"
    say(f"a need would be made: {draft.category.value}, household of {draft.household_size}, {where}{finished}")
