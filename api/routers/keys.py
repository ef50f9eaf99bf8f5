"""Every secret that is good in the network, listed without it; tokens for one's own scripts; revoking at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Response

from geo.domain.principals import CredentialKind, Permission
from geo.errors import SignInNeeded
from geo.store.credentials import issue_script, list_credentials, revoke_one

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, SessionDep
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.access import KEY_IN_EXAMPLES, KeyIn, KeyPage, NewKeyOut

router = APIRouter(tags=["people and access"])
PATH: Final = "/v1/keys"
_MANAGES: Final = [requires(Permission.MANAGE_ACCESS)]


@router.get(PATH, operation_id="list_all_keys", dependencies=_MANAGES, response_model=KeyPage)
def get_all_keys(
    session: SessionDep, audience: AudienceDep, after: After, kind: CredentialKind | None = None, limit: Limit = 100
) -> Mapping[str, Any]:
    """List what is good now: sessions, links, phones' tokens, partners' keys and scripts' tokens."""
    kinds = [kind] if kind else []
    found = list_credentials(session, kinds=kinds, after=after, limit=limit)
    return page(found, limit=limit, audience=audience)


@router.post(
    PATH,
    status_code=201,
    operation_id="issue_script_token",
    dependencies=[requires(Permission.MANAGE_ACCESS, proof=True)],
    response_model=NewKeyOut,
)
def post_script_token(
    response: Response,
    session: SessionDep,
    principal: PrincipalDep,
    sent: Annotated[KeyIn, Body(openapi_examples=KEY_IN_EXAMPLES)],
) -> Mapping[str, Any]:
    """Make a token with which a script of one's own acts as oneself; ninety days at most."""
    if principal.actor is None:
        raise SignInNeeded
    response.headers["Cache-Control"] = "no-store"
    lasts = timedelta(days=sent.days)
    token = issue_script(session, principal.actor, lasts, label=sent.label)
    return {"kid": token.kid, "token": token.text}


@router.delete(PATH + "/{key_id}", status_code=204, operation_id="revoke_key", dependencies=_MANAGES)
def delete_key(session: SessionDep, key_id: UUID) -> None:
    """Revoke a key, token, link or session: it is useless at once."""
    revoke_one(session, key_id)
