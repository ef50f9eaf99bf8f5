"""What a new network needs before it can help anybody, and how much of it is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body

from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store import first_steps

from api.access import requires
from api.deps import AudienceDep, SessionDep
from api.schemas.first_steps import STEPS_EXAMPLES, FirstStepsIn, FirstStepsOut

router = APIRouter(tags=["meta"])
PATH: Final = "/v1/first-steps"


@router.get(
    PATH, operation_id="get_first_steps", dependencies=[requires(Permission.READ_HELP)], response_model=FirstStepsOut
)
def get_first_steps(session: SessionDep, audience: AudienceDep) -> Mapping[str, Any]:
    """Tell how far a new network has come: which of its first steps are done, and whether they were put away."""
    return disclose(first_steps.get_first_steps(session), audience)


@router.put(
    PATH,
    operation_id="put_first_steps_away",
    dependencies=[requires(Permission.CHANGE_TOWN)],
    response_model=FirstStepsOut,
)
def put_first_steps(
    session: SessionDep, audience: AudienceDep, sent: Annotated[FirstStepsIn, Body(openapi_examples=STEPS_EXAMPLES)]
) -> Mapping[str, Any]:
    """Put the first steps away for the whole network, or take them out again; saying so again changes nothing."""
    return disclose(first_steps.put_away(session, is_away=sent.is_away), audience)
