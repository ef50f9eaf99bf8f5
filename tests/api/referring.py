"""A partner needs are handed to, and needs whose people agreed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h3

from geo.domain.principals import Tier
from geo.privacy.cells import cell_of

from tests.api.conftest import TestClient, carrying
from tests.callers import partner
from tests.factories import add_need
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

FEED = "/ogc/collections/needs/items"
OWN = "/v1/partner/referrals"
NEAR = frozenset(h3.grid_disk(cell_of(HELSINKI), 2))


class Clinic:
    """A partner with a key, and whoever refers to it."""

    def __init__(self, staff: TestClient, anonymous: TestClient, sessions: SessionFactory, **values: Any) -> None:
        self.agreement, key = partner(sessions, NEAR, Tier.REFERRAL, **values)
        self.staff, self.key = staff, key
        self.client = carrying(anonymous, key)

    def has(self) -> list[dict[str, Any]]:
        answer = self.client.get(FEED)
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json()["features"] if one["id"].endswith("-referred")]

    def refer(self, need_id: UUID, **body: Any) -> str:
        answer = self.staff.post(f"/v1/agreements/{self.agreement}/referrals", json={"need_id": str(need_id), **body})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def say(self, referral: str, outcome: str, reason: str | None = None) -> Any:
        return self.client.post(f"{OWN}/{referral}/answer", json={"outcome": outcome, "reason": reason})


def agreed_need(town: Session, client: TestClient, **values: Any) -> UUID:
    need = add_need(town, **values)
    town.commit()
    given = client.post(f"/v1/needs/{need.id}/consents", json={"what": "share_with_partner", "how": "spoken"})
    assert given.status_code == 201, given.text
    return need.id


def stands(client: TestClient, need_id: UUID) -> str:
    return str(client.get(f"/v1/needs/{need_id}").json()["status"])
