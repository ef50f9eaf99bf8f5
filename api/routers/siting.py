"""Where the next places of help should be, and what would be with others."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body

from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store.siting import propose_sites
from geo.store.what_if import imagine

from api.access import requires
from api.deps import AudienceDep, SessionDep, TravelDep
from api.routers.coverage import show_totals
from api.schemas.siting import SITES_EXAMPLES, WHAT_IF_EXAMPLES, SitesIn, SitesOut, WhatIfIn, WhatIfOut
from api.standards import StandardDep

if TYPE_CHECKING:
    from geo.domain.siting import SitesReport
    from geo.domain.what_if import WhatIfReport
    from geo.domain.words import Audience

router = APIRouter(tags=["coverage"])


@router.post(
    "/v1/coverage/sites",
    operation_id="propose_sites",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=SitesOut,
)
def post_sites(
    session: SessionDep,
    standard: StandardDep,
    travel: TravelDep,
    audience: AudienceDep,
    sent: Annotated[SitesIn, Body(openapi_examples=SITES_EXAMPLES)],
) -> dict[str, Any]:
    """Choose the next places of help, with the help there is fixed and its capacity counted."""
    report = propose_sites(session, sent.asked(standard.asked(sent.standard_min)), model=travel)
    return show_sites(report, audience)


@router.post(
    "/v1/coverage/what-if",
    operation_id="imagine_coverage",
    dependencies=[requires(Permission.READ_FIGURES)],
    response_model=WhatIfOut,
)
def post_what_if(
    session: SessionDep,
    standard: StandardDep,
    travel: TravelDep,
    audience: AudienceDep,
    sent: Annotated[WhatIfIn, Body(openapi_examples=WHAT_IF_EXAMPLES)],
) -> dict[str, Any]:
    """Work out the gap as it would be with places added, moved, closed or resized; nothing is stored."""
    return show_what_if(imagine(session, sent.asked(standard.asked(sent.standard_min)), model=travel), audience)


def show_sites(report: SitesReport, audience: Audience) -> dict[str, Any]:
    """Write proposed sites with what they change and the balance line."""
    asked = report.asked
    figures = (
        "candidate_count",
        "note",
        "objective",
        "unit",
        "method",
        "bound",
        "bound_by",
        "was_cut",
        "optimality_gap",
    )
    return {
        "problem": asked.problem.value,
        "category": asked.category.value,
        "k": asked.k,
        "standard_min": asked.standard_min,
        "mode": asked.mode.value,
        "candidates": asked.candidates.value,
        **{name: getattr(report, name) for name in figures},
        "optimal": report.is_optimal,
        "sites": [disclose(site, audience) for site in report.sites],
        **{name: show_totals(getattr(report, name)) for name in ("before", "after", "all_before", "all_after")},
        "unreached": report.unreached,
        "travel_model": report.travel_model.as_dict(),
        "balance": report.balance.as_dict(),
    }


def show_what_if(report: WhatIfReport, audience: Audience) -> dict[str, Any]:
    """Write what would change, with the balance line."""
    return {
        "sentence": report.sentence,
        "notes": list(report.notes),
        "before": {category.value: show_totals(totals) for category, totals in report.before.items()},
        "after": {category.value: show_totals(totals) for category, totals in report.after.items()},
        "reach": {category.value: asdict(change) for category, change in report.reach.items()},
        **{name: [disclose(row, audience) for row in getattr(report, name)] for name in ("rows", "cells", "groups")},
        "standard_min": report.standard_min,
        "mode": report.mode.value,
        "by": report.by,
        "open_at": None if report.window is None else f"{report.window.start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "travel_model": report.travel_model.as_dict(),
        "balance": report.balance.as_dict(),
    }
