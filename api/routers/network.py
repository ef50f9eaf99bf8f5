"""How this network is set up, and what is decided for it where Barnraiser runs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Response

from geo.domain.network_setup import InstallationSetup, NetworkSetup
from geo.domain.principals import Permission
from geo.privacy.disclosure import disclose
from geo.store import network
from geo.store.privacy_rules import retention_of

from api.access import requires
from api.deps import AudienceDep, SessionDep, SettingsDep, TravelDep
from api.etags import ExpectedVersion, tag_record
from api.schemas.network import NETWORK_EXAMPLES, NetworkChange, NetworkOut

router = APIRouter(tags=["meta"])
PATH: Final = "/v1/network"
Answer = Mapping[str, Any]


def _installation(session: SessionDep, settings: SettingsDep, travel: TravelDep) -> InstallationSetup:
    kept = retention_of(session)
    sent = settings.notify.urls if settings.notify.notify_adapter == "apprise" else {}
    return InstallationSetup(
        release=version("barnraiser"),
        standard_min=settings.demo.standard_min,
        place_days=kept.coarsen_after_days,
        contact_days=kept.contact_after_days,
        message_days=settings.notify.notify_keep_days,
        verify_days=settings.verify.verify_after_days,
        reads_per_min=settings.rates.reads_per_min,
        asks_outside=settings.remote.remote_geocoding,
        channels=tuple(channel.value for channel in sent),
        travel_name=travel.info.name,
        travel_note=travel.info.note,
        travel_how=tuple(reason.as_dict() for reason in travel.info.how),
    )


InstallationDep = Annotated[InstallationSetup, Depends(_installation)]


@router.get(PATH, operation_id="get_network", dependencies=[requires(Permission.READ_HELP)], response_model=NetworkOut)
def get_network(
    session: SessionDep, audience: AudienceDep, installation: InstallationDep, response: Response
) -> Answer:
    """Tell how the network is set up; the ETag is what a change must name."""
    found = network.get_network(session)
    return tag_record(response, _show(found, installation, audience))


@router.patch(
    PATH, operation_id="update_network", dependencies=[requires(Permission.MANAGE_NETWORK)], response_model=NetworkOut
)
def patch_network(
    session: SessionDep,
    audience: AudienceDep,
    installation: InstallationDep,
    response: Response,
    version: ExpectedVersion,
    sent: Annotated[NetworkChange, Body(openapi_examples=NETWORK_EXAMPLES)],
) -> Answer:
    """Change how the network is set up, unless somebody has since it was read; what is left out stays."""
    changed = network.update_network(session, sent.changes(), expected_version=version)
    return tag_record(response, _show(changed, installation, audience))


def _show(found: network.Network, installation: InstallationSetup, audience: AudienceDep) -> dict[str, Any]:
    setup = NetworkSetup(
        found.name, found.time_zone, found.languages, found.escalate_after_h, found.standard_min, found.version
    )
    return {**disclose(setup, audience), "installation": disclose(installation, audience)}
