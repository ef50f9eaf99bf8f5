"""What the page of settings asks of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.setup_answers import Setup
from dashboard.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping


class SetupCalls(Wire):
    """How the network is set up."""

    def get_setup(self) -> Setup:
        """Ask how the network is set up, and what is decided where Barnraiser runs."""
        return Setup.read(self._get("/v1/network"))

    def change_setup(self, version: int, changes: Mapping[str, Any]) -> Setup:
        """Change how the network is set up; ``changes`` as the API takes them."""
        answer = self._send("PATCH", "/v1/network", json=dict(changes), headers=self._if_at(version))
        return Setup.read(answer)
