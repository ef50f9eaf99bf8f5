"""Text messages: handed in by gateways that sign them, and how conversations stand, for organizers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, cast
from uuid import UUID
from xml.sax.saxutils import escape

from fastapi import APIRouter, Body, Query, Request, Response
from sqlalchemy.orm import Session

from geo.domain.principals import Permission
from geo.domain.texting.words import MAX_TEXT
from geo.domain.texts import InboundText, TalkState
from geo.privacy.disclosure import disclose
from geo.privacy.phone_numbers import read_number
from geo.store.conversations import list_conversations, take_text
from geo.store.handing_over import take_over, tell_organizers

from api.access import requires
from api.deps import AudienceDep, SessionDep, SettingsDep
from api.params import After, Limit
from api.rates import Limiter
from api.routers.paging import page
from api.schemas.texts import (
    TEXT_EXAMPLES,
    TWILIO_BODY,
    TakeOverIn,
    TextConversationOut,
    TextConversationPage,
    TextIn,
    TextOut,
)
from api.settings import Settings
from api.signed_texts import PLAIN_PATH, TWILIO_PATH, PlainText, SignedText, TextSession, TwilioText

router = APIRouter(tags=["texts"])
CONVERSATIONS = "/v1/text-conversations"
HOTLINE = "/dash/hotline"
_TWIML: Any = {"content": {"text/xml": {}}, "description": "What is sent back, as TwiML"}


@router.post(
    PLAIN_PATH, operation_id="receive_text", dependencies=[requires(Permission.RECEIVE_TEXTS)], response_model=TextOut
)
def post_text(
    request: Request,
    signed: PlainText,
    session: TextSession,
    settings: SettingsDep,
    sent: Annotated[TextIn, Body(openapi_examples=TEXT_EXAMPLES)],
) -> Mapping[str, Any]:
    """Take a text once, and say what is to be sent back. Signed as Standard Webhooks are; a repeat changes nothing."""
    return _take(request, session, settings, signed, sent.sender, sent.text)


@router.post(
    TWILIO_PATH,
    operation_id="receive_twilio_text",
    dependencies=[requires(Permission.RECEIVE_TEXTS)],
    response_class=Response,
    responses={200: _TWIML},
    openapi_extra=TWILIO_BODY,
)
def post_twilio_text(request: Request, signed: TwilioText, session: TextSession, settings: SettingsDep) -> Response:
    """Take a text that Twilio hands in, and answer as it reads answers. Signed with the account's auth token."""
    form = signed.form
    sender = read_number(form.get("From", ""))
    if sender is None:
        # a company that sends under a name is no person, and cannot be answered
        return _twiml(None)
    answer = _take(request, session, settings, signed, sender, form.get("Body", "")[:MAX_TEXT])
    # where Twilio has answered a stop itself, nothing is added
    return _twiml(None if "OptOutType" in form else answer["reply"])


def _take(
    request: Request, session: Session, settings: Settings, signed: SignedText, sender: str, text: str
) -> Mapping[str, Any]:
    cast("Limiter", request.app.state.limiter).check_text(str(signed.hook_id), sender)
    inbound = InboundText(signed.message_id, sender, text)
    answer = take_text(session, signed.hook_id, inbound, settings.texts.texting, now=datetime.now(UTC))
    if answer.handed_over is not None:
        tell_organizers(session, answer.handed_over, settings.server.link_to(HOTLINE))
    return disclose(answer, signed.principal.audience)


def _twiml(reply: str | None) -> Response:
    said = "" if reply is None else f"<Message>{escape(_plain(reply))}</Message>"
    content = f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'
    return Response(content, media_type="text/xml; charset=utf-8", headers={"Cache-Control": "no-store"})


def _plain(text: str) -> str:
    """Leave out what XML has no place for."""
    return "".join(char for char in text if char == "\n" or (char >= " " and char not in "\ufffe\uffff"))


@router.get(
    CONVERSATIONS,
    operation_id="list_text_conversations",
    dependencies=[requires(Permission.MANAGE_MESSAGES)],
    response_model=TextConversationPage,
)
def get_conversations(
    session: SessionDep,
    audience: AudienceDep,
    after: After,
    *,
    state: Annotated[TalkState | None, Query(description="only those that stand so")] = None,
    limit: Limit = 100,
) -> Mapping[str, Any]:
    """List conversations in the order they began: how they stand, without a number or a word of them."""
    return page(list_conversations(session, state=state, after=after, limit=limit), limit=limit, audience=audience)


@router.post(
    CONVERSATIONS + "/{conversation_id}/taken",
    operation_id="take_text_conversation",
    dependencies=[requires(Permission.MANAGE_MESSAGES)],
    response_model=TextConversationOut,
)
def post_taken(
    session: SessionDep,
    audience: AudienceDep,
    conversation_id: UUID,
    sent: Annotated[TakeOverIn, Body(openapi_examples={"taken": {"value": {"taken": True}}})],  # noqa: ARG001 - that it was said is all
) -> Mapping[str, Any]:
    """Say that you see to whoever asked for a person; their number is behind the need, by a reveal."""
    return disclose(take_over(session, conversation_id, now=datetime.now(UTC)), audience)
