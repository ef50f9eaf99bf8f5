"""Made-up data for trying things out: whether it is there, loaded at a press, and removed at another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter

from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.made_up import look_at_made_up

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, SessionDep, SessionsDep
from api.made_up import load_made_up, remove_made_up
from api.schemas.made_up import LoadedMadeUpOut, MadeUpOut, RemovedMadeUpOut

router = APIRouter(tags=["meta"])
PATH: Final = "/v1/made-up"
_ADMINS: Final = [requires(Permission.MANAGE_NETWORK)]


@router.get(PATH, operation_id="get_made_up", dependencies=_ADMINS, response_model=MadeUpOut)
def get_made_up(session: SessionDep, audience: AudienceDep) -> Mapping[str, Any]:
    """Tell whether the network holds made-up data, and whether it could."""
    return disclose(look_at_made_up(session), audience)


@router.post(PATH, operation_id="load_made_up", dependencies=_ADMINS, response_model=LoadedMadeUpOut)
def post_made_up(sessions: SessionsDep, principal: PrincipalDep, audience: AudienceDep) -> Mapping[str, Any]:
    """Make up a town's needs, helpers, places, shifts and turfs, in the network's own streets where it has some.

    All of it comes or nothing does; once it is there, doing so again adds nothing. A network with records that are not
    made up is refused. It takes some seconds.
    """
    return disclose(load_made_up(sessions, principal.network, principal.actor), audience)


@router.delete(PATH, operation_id="remove_made_up", dependencies=_ADMINS, response_model=RemovedMadeUpOut)
def delete_made_up(sessions: SessionsDep, principal: PrincipalDep, audience: AudienceDep) -> Mapping[str, Any]:
    """Remove what was made up, and nothing that anybody entered; doing so again removes nothing."""
    return disclose(remove_made_up(sessions, principal.network, principal.actor), audience)
