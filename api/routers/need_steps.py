"""One step for several needs: each in a transaction of its own, so that one that has changed keeps none of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import APIRouter, Body, Header

from geo.domain.principals import Permission
from geo.errors import GeoError
from geo.privacy.disclosure import disclose
from geo.store.engine import transaction
from geo.store.idempotency import find_made, remember
from geo.store.need_steps import step_need
from geo.store.needs import get_need

from api.access import PrincipalDep, requires
from api.deps import AudienceDep, SessionsDep, acting_for
from api.idempotency import hash_body
from api.problems import body, lookup
from api.schemas.common import ClientId
from api.schemas.need_steps import STEPS_EXAMPLES, NeedSeen, NeedStepsIn, NeedStepsOut

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.records import Need

router = APIRouter(tags=["needs"])
PATH: Final = "/v1/needs/steps"
_SERVER_ERRORS: Final = 500
KeyGiven = Annotated[
    ClientId | None, Header(description="a UUID; the same key with the same body takes each step once")
]


@router.post(
    PATH, operation_id="step_needs", dependencies=[requires(Permission.CHANGE_NEEDS)], response_model=NeedStepsOut
)
def post_steps(
    sessions: SessionsDep,
    principal: PrincipalDep,
    audience: AudienceDep,
    sent: Annotated[NeedStepsIn, Body(openapi_examples=STEPS_EXAMPLES)],
    idempotency_key: KeyGiven = None,
) -> dict[str, Any]:
    """Close several needs, open them again or say how urgent they are; each that has changed since is left, and told.

    A repetition under the same ``Idempotency-Key`` takes no step twice, also where the first was cut off half way.
    """
    acting, results = acting_for(principal), []
    for seen in sent.items:
        try:
            with transaction(sessions, acting) as session:
                need = _step_once(session, sent, seen, idempotency_key)
            results.append({"id": seen.id, "need": disclose(need, audience)})
        except GeoError as error:
            kind = lookup(error)
            if kind.status >= _SERVER_ERRORS:
                raise
            results.append({"id": seen.id, "problem": body(kind, str(error) or None, PATH)})
    done = sum("need" in one for one in results)
    return {"done": done, "left": len(results) - done, "results": results}


def _step_once(session: Session, sent: NeedStepsIn, seen: NeedSeen, key: UUID | None) -> Need:
    if key is None:
        return _step(session, sent, seen)
    own = uuid5(key, str(seen.id))
    said = hash_body({"changes": sent.changes(), "reason": sent.reason, "version": seen.version})
    if find_made(session, own, route=PATH, body_hash=said) is not None:
        return get_need(session, seen.id)
    made = _step(session, sent, seen)
    remember(session, own, route=PATH, body_hash=said, record_id=made.id)
    return made


def _step(session: Session, sent: NeedStepsIn, seen: NeedSeen) -> Need:
    return step_need(session, seen.id, sent.changes(), expected_version=seen.version, reason=sent.reason)
