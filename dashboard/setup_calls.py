"""What the page of settings asks of the API: how the network is set up, and made-up data to try things out."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from geo.domain.made_up import LoadedMadeUp, MadeUp, RemovedMadeUp

from dashboard.setup_answers import Setup
from dashboard.wire import PATIENT, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

_MADE_UP: Final = "/v1/made-up"


class SetupCalls(Wire):
    """How the network is set up."""

    def get_setup(self) -> Setup:
        """Ask how the network is set up, and what is decided where Barnraiser runs."""
        return Setup.read(self._get("/v1/network"))

    def change_setup(self, version: int, changes: Mapping[str, Any]) -> Setup:
        """Change how the network is set up; ``changes`` as the API takes them."""
        answer = self._send("PATCH", "/v1/network", json=dict(changes), headers=self._if_at(version))
        return Setup.read(answer)

    def get_made_up(self) -> MadeUp:
        """Ask whether the network holds made-up data, and whether it could; for admins."""
        body = self._get(_MADE_UP)
        return MadeUp(bool(body["is_there"]), tuple(body["in_the_way"]))

    def load_made_up(self) -> LoadedMadeUp:
        """Make up a town in the network; takes some seconds."""
        body = self._send("POST", _MADE_UP, timeout=PATIENT)
        return LoadedMadeUp(**{field.name: int(body[field.name]) for field in fields(LoadedMadeUp)})

    def remove_made_up(self) -> RemovedMadeUp:
        """Remove what was made up, and nothing else."""
        body = self._send("DELETE", _MADE_UP, timeout=PATIENT)
        return RemovedMadeUp(**{field.name: int(body[field.name]) for field in fields(RemovedMadeUp)})
