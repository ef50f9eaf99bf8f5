"""Whatever the service's description allows or forbids is sent; the bar: ``make bench ARGS="schemas --full"``."""

from __future__ import annotations

import os

import pytest

from bench import schemas
from bench.schemas import FULL, SMALL
from tests.api.rfc7946 import check_collection

pytest.importorskip("schemathesis", reason="comes with the extra named attack")
CASES = FULL if os.environ.get("BARNRAISER_FULL") else SMALL


@pytest.mark.slow
def test_whatever_is_sent_no_answer_is_an_error_of_ours_and_every_list_stays_whole() -> None:
    facts = schemas.run(0, CASES, check=check_collection).facts
    roles = {name.partition(":")[0] for name in facts}
    assert roles
    for role in roles:
        assert int(facts[f"{role}: cases"]) >= CASES.least
        assert facts[f"{role}: server errors"] == 0
        assert facts[f"{role}: which failed"] == ""
