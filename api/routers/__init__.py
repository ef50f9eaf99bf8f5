"""One router for each noun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api import statics
from api.routers import (
    access_scores,
    areas,
    assets,
    audit,
    balance,
    consents,
    coverage,
    devices,
    erasures,
    geocode,
    geocode_batch,
    health,
    helpers,
    keys,
    map_layers,
    messages,
    meta,
    nearest,
    needs,
    ogc,
    organizations,
    outside,
    partners,
    people,
    public,
    review,
    session,
    siting,
    slots,
    submissions,
)

if TYPE_CHECKING:
    from fastapi import APIRouter

ALL_ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    session.router,
    people.router,
    devices.router,
    partners.router,
    keys.router,
    meta.router,
    geocode.router,
    geocode_batch.router,
    needs.router,
    consents.router,
    erasures.router,
    review.router,
    outside.router,
    audit.router,
    balance.router,
    assets.router,
    helpers.router,
    messages.router,
    organizations.router,
    areas.router,
    nearest.router,
    coverage.router,
    slots.router,
    siting.router,
    access_scores.router,
    submissions.router,
    map_layers.router,
    ogc.router,
    public.router,
    statics.router,
)
