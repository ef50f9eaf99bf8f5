"""Links without sign-in, made and revoked by organizers; helpers asked by one; and what nobody answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response

from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.escalation import list_escalations
from geo.store.links import list_links, make_link, revoke_link, write_address
from geo.store.telling import ask_helper

from api.access import requires
from api.deps import AudienceDep, OriginDep, SessionDep
from api.etags import tag_record
from api.params import After, Limit
from api.routers.paging import page
from api.schemas.links import LINK_EXAMPLES, AskIn, Escalations, LinkIn, LinkPage, NewLinkOut
from api.schemas.matches import MatchOut

router = APIRouter(tags=["links"])
PATH = "/v1/links"
Answer = Mapping[str, Any]
_READS, _CHANGES = [requires(Permission.READ_NEEDS)], [requires(Permission.CHANGE_NEEDS)]


@router.post(PATH, status_code=201, operation_id="make_link", dependencies=_CHANGES, response_model=NewLinkOut)
def post_link(
    session: SessionDep,
    audience: AudienceDep,
    origin: OriginDep,
    response: Response,
    sent: Annotated[LinkIn, Body(openapi_examples=LINK_EXAMPLES)],
) -> Answer:
    """Make a link about one match, need or promised shift; its address is shown this once."""
    kind, subject = sent.about()
    lasts = None if sent.valid_h is None else timedelta(hours=sent.valid_h)
    made, token = make_link(session, kind, subject, lasts=lasts)
    response.headers["Cache-Control"] = "no-store"
    return {"link": disclose(made, audience), "address": write_address(origin, kind, token)}


@router.get(PATH, operation_id="list_links", dependencies=_READS, response_model=LinkPage)
def get_links(
    session: SessionDep,
    audience: AudienceDep,
    after: After,
    *,
    match_id: Annotated[UUID | None, Query(description="only those of this match")] = None,
    need_id: Annotated[UUID | None, Query(description="only those of this need")] = None,
    limit: Limit = 100,
) -> Answer:
    """List links in the order they were made, ended ones too; never what stands behind an address."""
    found = list_links(session, match_id=match_id, need_id=need_id, after=after, limit=limit)
    return page(found, limit=limit, audience=audience)


@router.delete(PATH + "/{link_id}", status_code=204, operation_id="revoke_link", dependencies=_CHANGES)
def delete_link(session: SessionDep, link_id: UUID) -> None:
    """End a link: it opens nothing from now on."""
    revoke_link(session, link_id)


@router.post(
    "/v1/matches/{match_id}/ask",
    operation_id="ask_helper",
    tags=["matches"],
    dependencies=_CHANGES,
    response_model=MatchOut,
)
def post_ask(
    session: SessionDep,
    audience: AudienceDep,
    origin: OriginDep,
    response: Response,
    match_id: UUID,
    sent: Annotated[AskIn, Body(openapi_examples={"ask": {"value": {"ask": True}}})],  # noqa: ARG001 - that it was said is all
) -> Answer:
    """Queue the message that asks a proposal's helper, with a link to answer by; again changes nothing."""
    return tag_record(response, disclose(ask_helper(session, match_id, origin=origin), audience))


@router.get(
    "/v1/escalations",
    operation_id="list_escalations",
    tags=["matches"],
    dependencies=_READS,
    response_model=Escalations,
)
def get_escalations(session: SessionDep, audience: AudienceDep, limit: Limit = 100) -> Answer:
    """List the needs that organizers were told of because nobody answered, the longest waiting first."""
    return {"items": [disclose(one, audience) for one in list_escalations(session, limit=limit)]}
