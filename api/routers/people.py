"""Who belongs to the network: organizers see each other, admins decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response

from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.accounts import change_role, get_person, invite, list_people, new_link, remove

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.schemas.access import (
    PERSON_CHANGE_EXAMPLES,
    PERSON_IN_EXAMPLES,
    LinkOut,
    PeoplePage,
    PersonChange,
    PersonIn,
    PersonOut,
)

if TYPE_CHECKING:
    from geo.domain.principals import Person
    from geo.domain.words import Audience
    from geo.privacy.tokens import Token

router = APIRouter(tags=["people and access"])
PATH: Final = "/v1/people"
ENTER: Final = "/enter"
_MANAGES: Final = [requires(Permission.MANAGE_PEOPLE, proof=True)]


def link_to(request: Request, path: str, token: Token) -> str:
    """Write a link whose secret stands behind the ``#``: a browser keeps that to itself."""
    return str(request.url.replace(path=path, query="", fragment=token.text))


def _link(request: Request, response: Response, person: Person, token: Token, audience: Audience) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-store"
    return {"person": disclose(person, audience), "link": link_to(request, ENTER, token), "token": token.text}


@router.get(
    PATH, operation_id="list_people", dependencies=[requires(Permission.MANAGE_ACCESS)], response_model=PeoplePage
)
def get_people(session: SessionDep, audience: AudienceDep) -> Mapping[str, Any]:
    """List the members of the network."""
    return {"items": [disclose(person, audience) for person in list_people(session)], "next": None}


@router.post(PATH, status_code=201, operation_id="invite_person", dependencies=_MANAGES, response_model=LinkOut)
def post_person(
    request: Request,
    response: Response,
    session: SessionDep,
    audience: AudienceDep,
    sent: Annotated[PersonIn, Body(openapi_examples=PERSON_IN_EXAMPLES)],
) -> Mapping[str, Any]:
    """Make somebody a member; the answer has the one-time link to hand to them."""
    person_id, token = invite(session, sent.login, sent.name, sent.role)
    return _link(request, response, get_person(session, person_id), token, audience)


@router.post(PATH + "/{person_id}/link", operation_id="renew_link", dependencies=_MANAGES, response_model=LinkOut)
def post_link(
    request: Request, response: Response, session: SessionDep, audience: AudienceDep, person_id: UUID
) -> Mapping[str, Any]:
    """Give a member a new one-time link, with which they choose a new password."""
    token = new_link(session, person_id)
    return _link(request, response, get_person(session, person_id), token, audience)


@router.patch(PATH + "/{person_id}", operation_id="change_person", dependencies=_MANAGES, response_model=PersonOut)
def patch_person(
    session: SessionDep,
    audience: AudienceDep,
    person_id: UUID,
    sent: Annotated[PersonChange, Body(openapi_examples=PERSON_CHANGE_EXAMPLES)],
) -> Mapping[str, Any]:
    """Make a member an admin, or no longer one."""
    change_role(session, person_id, sent.role)
    return disclose(get_person(session, person_id), audience)


@router.delete(PATH + "/{person_id}", status_code=204, operation_id="remove_person", dependencies=_MANAGES)
def delete_person(session: SessionDep, person_id: UUID) -> None:
    """End a membership; all that person's sessions and tokens here are over at once."""
    remove(session, person_id)
