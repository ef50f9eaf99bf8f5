"""Targets that are told that something has changed: set up, tried, listed and ended by organizers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Response

from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.telling_hooks import Telling, ping
from geo.store.webhooks import end_webhook, list_webhooks, make_webhook

from api.access import requires
from api.deps import AudienceDep, SessionDep, SettingsDep
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.webhooks import WEBHOOK_IN_EXAMPLES, NewWebhookOut, PingOut, WebhookIn, WebhookPage

router = APIRouter(tags=["changes"])
PATH: Final = "/v1/webhooks"
_MANAGES: Final = [requires(Permission.MANAGE_ACCESS)]


@router.post(
    PATH,
    status_code=201,
    operation_id="make_webhook",
    dependencies=[requires(Permission.MANAGE_ACCESS, proof=True)],
    response_model=NewWebhookOut,
)
def post_webhook(
    response: Response,
    session: SessionDep,
    settings: SettingsDep,
    audience: AudienceDep,
    sent: Annotated[WebhookIn, Body(openapi_examples=WEBHOOK_IN_EXAMPLES)],
) -> Mapping[str, Any]:
    """Set a target up on a host that the operator permits; its secret is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    reach = settings.hooks.reach
    made, secret = make_webhook(session, sent.url, sent.collection, reach, agreement_id=sent.agreement_id)
    return disclose(made, audience) | {"secret": secret}


@router.get(PATH, operation_id="list_webhooks", dependencies=_MANAGES, response_model=WebhookPage)
def get_webhooks(session: SessionDep, audience: AudienceDep, after: After, limit: Limit = 100) -> Mapping[str, Any]:
    """List targets, ended ones too, with what became of the last try."""
    return page(list_webhooks(session, after=after, limit=limit), limit=limit, audience=audience)


@router.post(PATH + "/{hook_id}/ping", operation_id="ping_webhook", dependencies=_MANAGES, response_model=PingOut)
def post_ping(session: SessionDep, settings: SettingsDep, hook_id: UUID) -> Mapping[str, Any]:
    """Send a target a signed word that says nothing has changed."""
    reason = ping(session, hook_id, Telling(settings.hooks.reach))
    return {"arrived": reason is None, "reason": reason}


@router.delete(PATH + "/{hook_id}", status_code=204, operation_id="end_webhook", dependencies=_MANAGES)
def delete_webhook(session: SessionDep, hook_id: UUID) -> None:
    """End a target: nothing is sent to it any more."""
    end_webhook(session, hook_id)
