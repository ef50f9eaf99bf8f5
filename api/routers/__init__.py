"""One router for each noun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api import statics
from api.routers import balance, coverage, health, map, meta, needs

if TYPE_CHECKING:
    from fastapi import APIRouter

ALL_ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    meta.router,
    balance.router,
    needs.router,
    coverage.router,
    map.router,
    statics.router,
)
