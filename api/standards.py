"""The service standard where nobody names one: the network's own, or else the installation's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from geo.store.network import Network, get_network

from api.deps import SessionDep, SettingsDep


@dataclass(frozen=True, slots=True)
class Standard:
    """Looks the standard up when it is asked for, and not before."""

    session: Session
    usual_min: float

    def asked(self, asked_min: float | None = None) -> float:
        """Give the minutes somebody asked for, or else those that hold here."""
        return self.found(asked_min)[0]

    def found(self, asked_min: float | None = None) -> tuple[float, Network | None]:
        """Give them with the network, where it had to be read for them."""
        if asked_min is not None:
            return asked_min, None
        network = get_network(self.session)
        return network.standard(self.usual_min), network


async def _standard(session: SessionDep, settings: SettingsDep) -> Standard:
    return Standard(session, settings.demo.standard_min)


StandardDep = Annotated[Standard, Depends(_standard)]
