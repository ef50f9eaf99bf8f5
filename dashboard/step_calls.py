"""What the page of first steps asks of the API."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from geo.domain.first_steps import FirstSteps

from dashboard.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Json


def _read(body: Json) -> FirstSteps:
    return FirstSteps(**{field.name: bool(body[field.name]) for field in fields(FirstSteps)})


class StepCalls(Wire):
    """How far a new network has come."""

    def get_steps(self) -> FirstSteps:
        """Ask which first steps are done."""
        return _read(self._get("/v1/first-steps"))

    def put_steps_away(self, *, is_away: bool) -> FirstSteps:
        """Put the steps away for the whole network, or take them out again."""
        return _read(self._send("PUT", "/v1/first-steps", json={"is_away": is_away}))

    def make_area(self, area: Mapping[str, Any]) -> None:
        """Store a named part of town, as the API takes it."""
        self._send("POST", "/v1/areas", json=dict(area))
