"""Messages to people: what was queued, what became of it, and how each person wants to be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query

from geo.domain.messages import MessageState, Recipient, RecipientKind
from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.helpers import get_helper
from geo.store.messages import drop_message, list_messages, read_text, retry_message
from geo.store.needs import get_need
from geo.store.preferences import find_preference, set_preference

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.messages import (
    PREFERENCE_EXAMPLES,
    DropIn,
    MessageOut,
    MessagePage,
    MessageTextOut,
    PreferenceIn,
    PreferenceOut,
    RetryIn,
)

router = APIRouter(tags=["messages"])
PATH = "/v1/messages"
HELPER_PATH = "/v1/helpers/{helper_id}/preference"
NEED_PATH = "/v1/needs/{need_id}/preference"
Answer = Mapping[str, Any]


@router.get(
    PATH, operation_id="list_messages", dependencies=[requires(Permission.MANAGE_MESSAGES)], response_model=MessagePage
)
def get_messages(
    session: SessionDep,
    audience: AudienceDep,
    after: After,
    *,
    state: Annotated[MessageState | None, Query(description="only those that have come so far")] = None,
    limit: Limit = 100,
) -> Answer:
    """List messages in the order they were queued: to whom and how far, without text, link or contact."""
    return page(list_messages(session, state=state, after=after, limit=limit), limit=limit, audience=audience)


@router.get(
    PATH + "/{message_id}/text",
    operation_id="read_message",
    dependencies=[requires(Permission.MANAGE_MESSAGES)],
    response_model=MessageTextOut,
)
def get_text(session: SessionDep, audience: AudienceDep, message_id: UUID) -> Answer:
    """Read what a message says, to pass it on by hand. Its link is the recipient's own, so the reading is noted."""
    return disclose(read_text(session, message_id), audience)


@router.post(
    PATH + "/{message_id}/retry",
    operation_id="retry_message",
    dependencies=[requires(Permission.MANAGE_MESSAGES)],
    response_model=MessageOut,
)
def post_retry(
    session: SessionDep,
    audience: AudienceDep,
    message_id: UUID,
    sent: Annotated[RetryIn, Body(openapi_examples={"retry": {"value": {"retry": True}}})],  # noqa: ARG001 - that it was said is all
) -> Answer:
    """Try a message again that failed or waits."""
    return disclose(retry_message(session, message_id, now=datetime.now(UTC)), audience)


@router.post(
    PATH + "/{message_id}/drop",
    operation_id="drop_message",
    dependencies=[requires(Permission.MANAGE_MESSAGES)],
    response_model=MessageOut,
)
def post_drop(
    session: SessionDep,
    audience: AudienceDep,
    message_id: UUID,
    sent: Annotated[DropIn, Body(openapi_examples={"drop": {"value": {"drop": True}}})],  # noqa: ARG001 - that it was said is all
) -> Answer:
    """Give a message up that was not sent."""
    return disclose(drop_message(session, message_id), audience)


@router.get(
    NEED_PATH,
    operation_id="get_need_preference",
    dependencies=[requires(Permission.READ_NEEDS)],
    response_model=PreferenceOut,
)
def get_preference_of_need(session: SessionDep, audience: AudienceDep, need_id: UUID) -> Answer:
    """Read how whoever asked wants to be told."""
    get_need(session, need_id)
    return disclose(find_preference(session, Recipient(RecipientKind.NEED, need_id)), audience)


@router.put(
    NEED_PATH,
    operation_id="set_need_preference",
    dependencies=[requires(Permission.CHANGE_NEEDS)],
    response_model=PreferenceOut,
)
def put_preference_of_need(
    session: SessionDep,
    audience: AudienceDep,
    need_id: UUID,
    sent: Annotated[PreferenceIn, Body(openapi_examples=PREFERENCE_EXAMPLES)],
) -> Answer:
    """Keep how whoever asked wants to be told, in place of what was kept before; doing so again changes nothing."""
    get_need(session, need_id)
    wants = set_preference(session, Recipient(RecipientKind.NEED, need_id), sent.to_preference())
    return disclose(wants, audience)


@router.get(
    HELPER_PATH,
    operation_id="get_helper_preference",
    dependencies=[requires(Permission.READ_HELP)],
    response_model=PreferenceOut,
)
def get_preference(session: SessionDep, audience: AudienceDep, helper_id: UUID) -> Answer:
    """Read how a helper wants to be told."""
    get_helper(session, helper_id)
    return disclose(find_preference(session, Recipient(RecipientKind.HELPER, helper_id)), audience)


@router.put(
    HELPER_PATH,
    operation_id="set_helper_preference",
    dependencies=[requires(Permission.CHANGE_HELP)],
    response_model=PreferenceOut,
)
def put_preference(
    session: SessionDep,
    audience: AudienceDep,
    helper_id: UUID,
    sent: Annotated[PreferenceIn, Body(openapi_examples=PREFERENCE_EXAMPLES)],
) -> Answer:
    """Keep how a helper wants to be told, in place of what was kept before; doing so again changes nothing."""
    get_helper(session, helper_id)
    wants = set_preference(session, Recipient(RecipientKind.HELPER, helper_id), sent.to_preference())
    return disclose(wants, audience)
