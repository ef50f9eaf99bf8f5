"""Who hands a text in: a gateway is known by how it signs the body, and by nothing else it says of itself.

An unknown gateway, one that was ended, a wrong signature and one that is too old are all answered alike, after the
same work.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy.orm import Session

from geo.domain.principals import Permission, Principal, PrincipalKind
from geo.domain.texts import HookKind
from geo.errors import SignInNeeded
from geo.privacy.hook_signatures import is_plain_signed, is_twilio_signed, mint_hook_secret
from geo.store.engine import transaction
from geo.store.text_hooks import find_hook

from api import problems
from api.access import SIGNING_IN
from api.deps import SessionsDep, SettingsDep, acting_for
from api.problems import Problem

PLAIN_PATH: Final = "/v1/texts"
TWILIO_PATH: Final = "/v1/texts/twilio"
FORM: Final = "application/x-www-form-urlencoded"
MAX_BODY: Final = 32_000
_MOST_FIELDS: Final = 100
_MOST_ID: Final = 200
_NOBODYS: Final = {HookKind.PLAIN: mint_hook_secret(), HookKind.TWILIO: mint_hook_secret()}
"""What a text of an unknown gateway is compared with, so that it takes as long."""

Hook = Annotated[str | None, Query(max_length=100, description="the id of the gateway")]


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text that was signed as its gateway signs; ``form`` holds what Twilio sent."""

    principal: Principal
    hook_id: UUID
    message_id: str
    form: dict[str, str]


async def _raw(request: Request) -> bytes:
    body = await request.body()
    if len(body) > MAX_BODY:
        raise Problem(problems.TOO_LARGE, f"a text may have {MAX_BODY} bytes")
    return body


Raw = Annotated[bytes, Depends(_raw)]


def plain_text(request: Request, sessions: SessionsDep, raw: Raw, hook: Hook = None) -> SignedText:
    """Let a text of a plain gateway in, by the headers of Standard Webhooks.

    Raises
    ------
    SignInNeeded
        If it is not signed by a gateway of ours, or too old.
    """
    told = {name: request.headers.get(f"webhook-{name}", "")[:1_000] for name in ("id", "timestamp", "signature")}
    found, secret = _find(sessions, hook, HookKind.PLAIN)
    is_good = is_plain_signed(
        secret,
        message_id=told["id"],
        timestamp=told["timestamp"],
        body=raw,
        signatures=told["signature"],
        now_s=time.time(),
    )
    return _let_in(request, found, told["id"], {}, is_good=is_good)


def twilio_text(
    request: Request, sessions: SessionsDep, settings: SettingsDep, raw: Raw, hook: Hook = None
) -> SignedText:
    """Let a text of Twilio in, by the address that was given to it: the installation's own origin, and not a header's.

    Raises
    ------
    SignInNeeded
        If it is not signed by a gateway of ours.
    """
    found, token = _find(sessions, hook, HookKind.TWILIO)
    query = f"?{request.url.query}" if request.url.query else ""
    url = settings.server.link_to(f"{request.url.path}{query}")
    form = _read_form(raw)
    is_good = is_twilio_signed(token, url=url, form=form, signature=request.headers.get("x-twilio-signature", ""))
    fields = dict(form)
    return _let_in(request, found, fields.get("MessageSid") or fields.get("SmsSid", ""), fields, is_good=is_good)


def _read_form(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Problem(problems.BAD_REQUEST, "the form cannot be read") from None


def _find(sessions: Any, hook: str | None, kind: HookKind) -> tuple[Principal | None, str]:  # noqa: ANN401 - a factory
    try:
        hook_id = UUID(hook or "")
    except ValueError:
        hook_id = UUID(int=0)
    with transaction(sessions, SIGNING_IN) as session:
        found = find_hook(session, hook_id)
    if found is None or found.kind is not kind:
        return None, _NOBODYS[kind]
    return Principal(PrincipalKind.WEBHOOK, found.network_id, found.id, found.id), found.secret


def _let_in(
    request: Request, principal: Principal | None, message_id: str, form: dict[str, str], *, is_good: bool
) -> SignedText:
    if principal is None or principal.actor is None or not is_good or not principal.may(Permission.RECEIVE_TEXTS):
        raise SignInNeeded
    if not 0 < len(message_id) <= _MOST_ID:
        raise Problem(problems.BAD_REQUEST, "a text needs an id of at most 200 characters")
    request.state.principal = principal
    return SignedText(principal, principal.actor, message_id, form)


PlainText = Annotated[SignedText, Depends(plain_text)]
TwilioText = Annotated[SignedText, Depends(twilio_text)]


def _session_for(sessions: SessionsDep, request: Request) -> Iterator[Session]:
    with transaction(sessions, acting_for(request.state.principal)) as session:
        yield session


TextSession = Annotated[Session, Depends(_session_for, scope="function")]
"""A session of whoever signed; named after the signed text, so that the signature is looked at first."""
