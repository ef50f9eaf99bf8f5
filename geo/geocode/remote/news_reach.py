"""Where news may be sent that something has changed: hosts that the operator named, read as strictly as any service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.errors import InvalidInput
from geo.geocode.remote.endpoint import Reach, parse_endpoint

if TYPE_CHECKING:
    from geo.geocode.remote.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class HookReach:
    """Where the operator of this host lets news be sent: these hosts, and in tests this very machine."""

    hosts: frozenset[str] = frozenset()
    loopback: bool = False

    def read(self, url: str) -> Endpoint:
        """Read a target's address.

        Raises
        ------
        InvalidInput
            If it is not ``https`` on one of the permitted hosts.
        """
        endpoint = parse_endpoint(url, self.reach)
        if not (endpoint.host in self.hosts or (endpoint.is_here and self.loopback)):
            raise InvalidInput("the operator of this host permits no news to that one", field="url")
        return endpoint

    @property
    def reach(self) -> Reach:
        """What this permits of connections."""
        return Reach(is_on=bool(self.hosts), loopback=self.loopback)
