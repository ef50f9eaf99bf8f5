"""Nobody sets what is not theirs to set: every model of a body refuses members it does not have, and keeps nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests.api.conftest import assert_problem, make_need
from tests.api.contract import Write, objects, put_in, resolve, writes
from tests.api.test_records import BODIES
from tests.rights import operator

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

NEVER = {
    "id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41",
    "network_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41",
    "org_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41",
    "household_id": "0198c5f0-7c1e-7d3a-9b52-3f6d5f1d2c41",
    "owner": "me",
    "role": "organizer",
    "verified": True,
    "is_admin": True,
    "created_at": "2026-01-01T00:00:00Z",
    "received_at": "2026-01-01T00:00:00Z",
    "deleted_at": None,
    "consent_at": "2026-01-01T00:00:00Z",
    "tier": "referral",
    "audience": "organizer",
    "geom": {"type": "Point", "coordinates": [24.9, 60.1]},
    "geom_exact": {"type": "Point", "coordinates": [24.9, 60.1]},
    "cell": "891126d3303ffff",
    "match_quality": "rooftop",
    "source": "import",
    "consent": True,
    "version": 7,
    "__proto__": {"role": "organizer"},
}
TABLES = text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'restricted') ORDER BY 1, 2")


WANTS_A_SECRET = ("/v1/links/followed/", "/v1/texts", "/v1/partner/")
"""Nobody gets further than to the secret these want; that they refuse unknown members is read from their schemas."""


def open_writes(document: dict[str, Any]) -> list[Write]:
    """Give the writes that look at a body whoever sends it."""
    return [write for write in writes(document) if not write.path.startswith(WANTS_A_SECRET)]


def everything(session: Session) -> dict[str, str]:
    """Sum up every table by a hash of its rows."""
    session.expire_all()
    with operator(session):
        names = [f"{row.schemaname}.{row.tablename}" for row in session.execute(TABLES)]
        query = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
        return {name: str(session.scalar(text(query.format(name)))) for name in names if "spatial_ref" not in name}


@pytest.mark.usefixtures("served")
def test_no_write_takes_a_member_it_does_not_have(app: FastAPI, client: TestClient, session: Session) -> None:
    document = app.openapi()
    ids = {"need_id": make_need(client, location={"address": "Olematonkatu 7"})["id"]}
    ids |= {f"{noun[:-1]}_id": client.post(f"/v1/{noun}", json=BODIES[noun]).json()["id"] for noun in BODIES}
    before, tried = everything(session), 0
    for write in open_writes(document):
        for steps, members in objects(document, write):
            for name, value in NEVER.items():
                if name in members:
                    continue
                body: dict[str, Any] = put_in(write.body, steps, {name: value})
                answer = write.send(client, body, ids)
                assert answer.status_code == 422, f"{write.label} takes {name} at {steps}: {answer.text[:200]}"
                assert_problem(answer, 422)
                assert "an unknown member is not accepted" in answer.text, (
                    f"{write.label} at {steps}: {answer.text[:300]}"
                )
                tried += 1
    assert tried > 300
    assert everything(session) == before


def test_a_member_in_another_case_is_another_member(app: FastAPI, client: TestClient) -> None:
    for write in open_writes(app.openapi()):
        for name in [name for name in write.body if name.upper() != name]:
            answer = write.send(client, write.body | {name.upper(): write.body[name]})
            assert answer.status_code == 422, write.label


def test_what_wants_a_secret_of_its_own_takes_no_other_member_either(app: FastAPI) -> None:
    document = app.openapi()
    kept = [write for write in writes(document) if write.path.startswith(WANTS_A_SECRET)]
    assert kept
    for write in kept:
        for schema in resolve(document, write.schema):
            assert schema["additionalProperties"] is False, write.label
