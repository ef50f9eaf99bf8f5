from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from psycopg import errors as pg
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geo.domain.principals import Permission
from geo.errors import GeoError, NotFound

from api.access import requires
from api.problems import DOMAIN_PROBLEMS, OTHER_PROBLEMS, lookup
from tests.api.conftest import assert_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from fastapi.testclient import TestClient

DOCS = Path(__file__).parent.parent.parent / "docs" / "problems.md"


def _all_errors(cls: type[GeoError] = GeoError) -> Iterator[type[GeoError]]:
    yield cls
    for below in cls.__subclasses__():
        yield from _all_errors(below)


def test_every_error_of_the_library_has_its_row() -> None:
    ours = {cls for cls in _all_errors() if cls.__module__ == "geo.errors"}
    assert ours == set(DOMAIN_PROBLEMS)
    assert all(400 <= kind.status <= 599 for kind in DOMAIN_PROBLEMS.values())


def test_a_new_error_takes_the_row_above_it() -> None:
    class Lost(NotFound):
        """Lost."""

    assert lookup(Lost()) is DOMAIN_PROBLEMS[NotFound]


def test_every_problem_is_explained() -> None:
    told = set(re.findall(r"^## `([a-z-]+)`", DOCS.read_text("utf-8"), re.MULTILINE))
    assert told == {kind.slug for kind in (*DOMAIN_PROBLEMS.values(), *OTHER_PROBLEMS)}


def test_the_service_lists_its_problems(client: TestClient) -> None:
    listed = {(row["slug"], row["status"]) for row in client.get("/problems").json()}
    assert ("stale-version", 412) in listed
    assert listed == {(k.slug, k.status) for k in (*DOMAIN_PROBLEMS.values(), *OTHER_PROBLEMS)}


def test_unknown_paths_and_methods_are_problems(client: TestClient) -> None:
    assert_problem(client.get("/nope"), 404)
    problem = client.put("/v1/meta", json={})
    assert_problem(problem, 405)
    assert "GET" in problem.headers["allow"]
    assert_problem(client.request("TRACE", "/v1/needs"), 405)


def test_a_missing_record_and_a_hidden_one_look_the_same(client: TestClient) -> None:
    first, second = (assert_problem(client.get(f"/v1/needs/{uuid4()}"), 404) for _ in range(2))
    del first["instance"], second["instance"]
    assert first == second


def test_faults_have_pointers_and_no_values(client: TestClient) -> None:
    body = {"category": "Secretstreet", "household_size": 0, "Secretname": 1, "location": {"lon": "Secretplace"}}
    answer = client.post("/v1/needs", json=body)
    problem = assert_problem(answer, 422)
    assert {e["pointer"] for e in problem["errors"]} >= {"/body/category", "/body/household_size", "/body/location/lon"}
    assert "Secret" not in answer.text


class _Refused(pg.CheckViolation):
    pass


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PoolTimeout(), 503),
        (OperationalError("SELECT", {}, pg.QueryCanceled("Testikatu 4")), 503),
        (OperationalError("SELECT", {}, pg.DeadlockDetected("Testikatu 4")), 503),
        (OperationalError("SELECT", {}, pg.AdminShutdown("Testikatu 4")), 503),
        (IntegrityError("INSERT", {"q": "Testikatu 4"}, pg.UniqueViolation("Testikatu 4")), 409),
        (IntegrityError("INSERT", {"q": "Testikatu 4"}, pg.ForeignKeyViolation("Testikatu 4")), 422),
        (IntegrityError("INSERT", {"q": "Testikatu 4"}, _Refused("Testikatu 4")), 422),
        (DataError("INSERT", {"q": "Testikatu 4"}, pg.NumericValueOutOfRange("Testikatu 4")), 422),
        (ValueError("Testikatu 4"), 500),
        (GeoError("Testikatu 4"), 500),
    ],
)
def test_what_the_database_says_stays_inside(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture, error: Exception, status: int
) -> None:
    @app.get(f"/broken/{status}", dependencies=[requires(Permission.OPEN)])
    def broken() -> None:
        raise error

    answer = client.get(f"/broken/{status}")
    assert_problem(answer, status)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "Testikatu" not in answer.text
    assert "Testikatu" not in caplog.text
