"""The balance line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from geo.domain.principals import Permission
from geo.domain.words import Category
from geo.store.needs import count_balance

from api.access import requires
from api.deps import SessionDep
from api.schemas.meta import BalanceOut

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(tags=["needs"])


@router.get(
    "/v1/balance",
    operation_id="get_balance",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=BalanceOut,
)
def get_balance(session: SessionDep, category: Category | None = None) -> Mapping[str, int]:
    """Count every need once; the parts add up to what was received."""
    return count_balance(session, category=category).as_dict()
