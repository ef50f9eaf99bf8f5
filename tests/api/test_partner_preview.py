"""What a partner gets, as whoever made the agreement can see it beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h3
import pytest

from geo.domain.ids import new_id
from geo.domain.principals import Tier
from geo.privacy.cells import cell_of
from geo.store.dwellings import replace_dwellings

from tests.api.conftest import TestClient, assert_problem, carrying
from tests.api.referring import FEED, NEAR, Clinic, agreed_need
from tests.callers import partner
from tests.factories import add_need
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory


@pytest.mark.parametrize("tier", list(Tier))
def test_the_preview_is_what_the_partners_key_gives(
    town: Session, client: TestClient, anonymous: TestClient, sessions: SessionFactory, tier: Tier
) -> None:
    with operator(town):
        replace_dwellings(town, dict.fromkeys(h3.grid_disk(cell_of(HELSINKI), 9), 80))
    for n in range(5):
        add_need(town, household_size=n + 1)
    add_need(town, withheld=True)
    agreement, key = partner(sessions, NEAR, tier, fields=("languages",), quota_per_day=50)
    need_id = agreed_need(town, client)
    if tier is Tier.REFERRAL:
        made = client.post(f"/v1/agreements/{agreement}/referrals", json={"need_id": str(need_id)})
        assert made.status_code == 201, made.text
    seen = client.get(f"/v1/agreements/{agreement}/preview", params={"limit": 1000})
    assert seen.status_code == 200, seen.text
    given = carrying(anonymous, key).get(FEED, params={"limit": 1000})
    part = b'"features":'
    assert seen.content.split(part, 1)[1] == given.content.split(part, 1)[1]
    assert seen.json()["numberMatched"] == {Tier.AGGREGATE: 0, Tier.COARSE: 6, Tier.REFERRAL: 7}[tier]
    use = client.get(f"/v1/agreements/{agreement}/use").json()
    # the pull is counted, a look that finds nothing as one, and the preview is not
    assert use["used_today"] == max(1, seen.json()["numberMatched"])
    assert use["looks"] == (1 if tier is Tier.REFERRAL else 0)
    assert (use["quota_per_day"], use["live_keys"]) == (50, 1)
    noted = [entry["action"] for entry in client.get("/v1/audit").json()["items"]]
    assert "preview" in noted


def test_an_ended_agreement_has_no_preview(town: Session, client: TestClient, clinic: Clinic) -> None:
    assert town
    client.delete(f"/v1/agreements/{clinic.agreement}")
    assert_problem(client.get(f"/v1/agreements/{clinic.agreement}/preview"), 404)
    assert_problem(client.get(f"/v1/agreements/{new_id()}/use"), 404)
