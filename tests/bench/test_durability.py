"""What was acknowledged survives kills, once; the bar itself is ``make bench ARGS="durability --full"``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bench import durability
from bench.durability import FULL, SMALL, Plan

if TYPE_CHECKING:
    from uuid import UUID

    from bench.installation import Installation

PLAN = FULL if os.environ.get("BARNRAISER_FULL") else SMALL
NOTHING = ("lost", "doubled", "not acknowledged", "news missing or extra")


@pytest.mark.slow
def test_what_was_acknowledged_is_kept_once_whatever_is_killed() -> None:
    outcome = durability.run(0, PLAN)
    facts = dict(outcome.facts)
    assert facts["acknowledged"] >= PLAN.acknowledged
    assert facts["kills"] == PLAN.database_kills + PLAN.backend_kills + PLAN.server_kills
    assert int(facts["already there when sent again"]) > 0
    assert facts["copies sent"] == PLAN.ids * PLAN.copies
    for name in (*NOTHING, *(f"{name}, after the copies" for name in NOTHING)):
        assert facts[name] == 0, facts
    assert facts["wrong answers"] == 0
    assert facts["entries with another body that were not refused"] == 0
    assert facts["answers that were no acknowledgement and no reason to wait"] == 0
    assert outcome.spreads["first acknowledgement after a restart"].p95 < 10


@pytest.mark.slow
def test_the_harness_notices_what_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = durability.audit

    def robbed(place: Installation, acknowledged: set[UUID]) -> dict[str, float | int | str]:
        with place.connect() as connection:
            connection.execute("DELETE FROM need WHERE id IN (SELECT id FROM need LIMIT 1)")
        return whole(place, acknowledged)

    monkeypatch.setattr(durability, "audit", robbed)
    facts = durability.run(0, Plan(20, 0, 0, 1, 1, 2)).facts
    assert facts["lost"] == 1
