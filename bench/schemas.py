"""Whatever a schema allows, and what it does not, is sent: the service answers each, and every list is whole after."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
from shapely.geometry import shape

from bench.installation import Installation
from bench.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CHECKS: Final = "not_a_server_error,content_type_conformance,response_schema_conformance"
SLOWEST_S: Final = 2.0
ENDING: Final = ("sign_out", "choose_network", "change_password")
"""Operations after which nothing more could be asked with the same session."""
LISTS: Final = tuple(
    f"/v1/{noun}" for noun in ("needs", "assets", "helpers", "organizations", "areas", "review", "balance", "coverage")
)
COLLECTIONS: Final = (
    *(f"/v1/map/{layer}" for layer in ("needs", "helpers", "assets", "coverage")),
    *(f"/ogc/collections/{name}/items" for name in ("needs", "assets", "coverage")),
)


@dataclass(frozen=True, slots=True)
class Cases:
    """How many cases at most for each operation, how many in all for each role, and how they are made up."""

    each: int
    least: int
    phases: str


SMALL: Final = Cases(3, 150, "examples,fuzzing")
FULL: Final = Cases(250, 10_000, "examples,coverage,fuzzing")


def run(seed: int, cases: Cases = SMALL, *, check: Callable[[Any], None] | None = None) -> Outcome:
    """Send what Schemathesis makes of the service's own description, once in each role.

    Parameters
    ----------
    seed
        Same seed, same cases.
    cases
        How many.
    check
        Raises when a GeoJSON collection is not as it should be; a check by shapely when left out.

    Returns
    -------
    Outcome
        Whose facts name, for each role, the cases sent and the failures.

    Raises
    ------
    RuntimeError
        If Schemathesis is not there, or was cut short.
    AssertionError
        If a list does not answer afterwards, or a collection is no longer GeoJSON.
    """
    if find_spec("schemathesis") is None:
        raise RuntimeError("install it first: .venv/bin/pip install -c constraints.txt -e '.[attack]'")
    facts: dict[str, float | int | str] = {}
    with Installation() as place:
        for role, headers in place.roles.items():
            report = _send(place, headers, seed, cases)
            facts |= {f"{role}: {name}": value for name, value in _count(report).items()}
            check_lists(place, check or check_collection)
    return Outcome("schemas", cases.least, seed, {}, {}, facts)


def _send(place: Installation, headers: Mapping[str, str], seed: int, cases: Cases) -> list[dict[str, Any]]:
    report = place.home / "report.ndjson"
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{place.address}/openapi.json",
        "--phases", cases.phases, "--checks", CHECKS, "--max-response-time", str(SLOWEST_S),
        "--max-examples", str(cases.each), "--seed", str(seed), "--continue-on-failure", "--no-shrink",
        "--suppress-health-check", "all", "--report", "ndjson", "--report-ndjson-path", str(report),
    ]  # fmt: skip
    for operation in ENDING:
        command += ["--exclude-operation-id", operation]
    for name, value in headers.items():
        command += ["--header", f"{name}:{value}"]
    said = subprocess.run(command, cwd=place.home, capture_output=True, text=True, check=False)  # noqa: S603 - a tool of this environment, no shell
    if not report.exists():
        raise RuntimeError(f"Schemathesis ended early: {said.stdout[-2000:]}{said.stderr[-2000:]}")
    return [json.loads(line) for line in report.read_text("utf-8").splitlines()]


def _count(report: list[dict[str, Any]]) -> dict[str, int | str]:
    """Count cases, answers by status, and checks that failed."""
    recorded = [event["ScenarioFinished"]["recorder"] for event in report if "ScenarioFinished" in event]
    if not any("EngineFinished" in event for event in report):
        raise RuntimeError("Schemathesis was cut short")
    answers = [found.get("response") or {} for record in recorded for found in record.get("interactions", {}).values()]
    statuses = Counter(str(answer.get("status_code", "no answer")) for answer in answers)
    failed = Counter(
        f"{record['label']}: {check['name']}"
        for record in recorded
        for checks in record.get("checks", {}).values()
        for check in checks
        if check["status"] != "success"
    )
    return {
        "cases": sum(len(record.get("cases", {})) for record in recorded),
        "server errors": sum(count for status, count in statuses.items() if not "100" <= status < "500"),
        "failed checks": failed.total(),
        "which failed": ", ".join(sorted(failed)),
        "answers": ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())),
    }


def check_lists(place: Installation, check: Callable[[Any], None]) -> None:
    """Read every list and collection, as a program does that knows no NaN."""
    with httpx.Client(base_url=place.address, timeout=30, trust_env=False, headers=place.sign_in()) as client:
        for path in (*LISTS, *COLLECTIONS):
            answer = client.get(path)
            if answer.status_code != httpx.codes.OK:
                raise AssertionError(f"{path} answers {answer.status_code}")
            found = json.loads(answer.text, parse_constant=_refuse)
            if path in COLLECTIONS:
                check(found)


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON number")


def check_collection(found: Any) -> None:  # noqa: ANN401 - whatever came back
    """Read each geometry with shapely and see that it is a valid one on this globe."""
    for feature in found["features"]:
        if feature["geometry"] is None:
            continue
        drawn = shape(feature["geometry"])
        west, south, east, north = drawn.bounds
        if not drawn.is_valid or drawn.is_empty or west < -180 or east > 180 or south < -90 or north > 90:
            raise AssertionError(f"feature {feature.get('id')} has no good geometry")
