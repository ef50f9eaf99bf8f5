"""How a network is set up, as the API answers it: frozen records."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from geo.domain.network_setup import InstallationSetup, NetworkSetup

if TYPE_CHECKING:
    from dashboard.answers import Json


@dataclass(frozen=True, slots=True)
class Setup:
    """What is the network's own, and what is decided where Barnraiser runs."""

    network: NetworkSetup
    installation: InstallationSetup

    @classmethod
    def read(cls, body: Json) -> Setup:
        """Take both out of an answer."""
        return cls(_read(NetworkSetup, body), _read(InstallationSetup, body["installation"]))

    @property
    def standard_min(self) -> float:
        """The minutes that hold here."""
        return self.network.standard_min or self.installation.standard_min


def _read(kind: type[Any], body: Json) -> Any:  # noqa: ANN401 - the kind that was asked for
    found = {field.name: body[field.name] for field in fields(kind)}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})
