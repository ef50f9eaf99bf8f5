"""The one door out: what of a record may leave, for whom.

Every answer, feed and export passes :func:`disclose`. It builds a new dictionary from the allow-list for the kind of
record and the audience; what is not listed does not exist for the reader.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from shapely.geometry.base import BaseGeometry

from geo.domain.access_scores import Score
from geo.domain.entries import Fault
from geo.domain.imports import ColumnMap
from geo.domain.records import Asset
from geo.errors import NotPermitted
from geo.privacy.allow_list import ALLOWED, STAFF

if TYPE_CHECKING:
    from geo.domain.records import Offer
    from geo.domain.words import Audience

PRIVATE_ASSET_HIDES: Final = frozenset({"point", "address", "source_ref"})
"""What an asset at a private home never shows, whoever asks."""


def disclose(record: object, audience: Audience) -> dict[str, Any]:
    """Give what an audience may have of a record, ready for JSON.

    Parameters
    ----------
    record
        One of the records of ``geo.domain``.
    audience
        Who is looking.

    Returns
    -------
    dict
        Only allowed fields; enums as their words, instants as RFC 3339 in UTC, an asset's point as ``lon`` and
        ``lat`` in degrees, travel as whole minutes.

    Raises
    ------
    NotPermitted
        If the audience may not have records of this kind at all, or this one.
    """
    allowed = ALLOWED.get(type(record), {}).get(audience)
    if allowed is None:
        raise NotPermitted
    if isinstance(record, Asset) and record.is_private:
        if audience not in STAFF:
            raise NotPermitted
        allowed = tuple(name for name in allowed if name not in PRIVATE_ASSET_HIDES)
    found: dict[str, Any] = {}
    for name in allowed:
        found.update(_field(record, name, audience))
    return found


def may_see(record: object, audience: Audience) -> bool:
    """Tell whether :func:`disclose` would give anything."""
    private = isinstance(record, Asset) and record.is_private and audience not in STAFF
    return audience in ALLOWED.get(type(record), {}) and not private


def fields_shown(kind: type, audience: Audience) -> tuple[str, ...]:
    """List the fields of a kind of record that :func:`disclose` gives an audience, in its order.

    For what is written without making records first, by the database too: what is not listed is not read. An asset at
    a private home lacks ``PRIVATE_ASSET_HIDES`` of them, and is shown to nobody but the network's own people.

    Raises
    ------
    NotPermitted
        If the audience may not have records of this kind.
    """
    allowed = ALLOWED.get(kind, {}).get(audience)
    if allowed is None:
        raise NotPermitted
    return allowed


def may_have(kind: type, audience: Audience) -> bool:
    """Tell whether an audience may have records of a kind at all."""
    return audience in ALLOWED.get(kind, {})


def _field(record: object, name: str, audience: Audience) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind
    value = getattr(record, name)
    if name == "point":
        return {"lon": None, "lat": None} if value is None else {"lon": round(value.lon, 5), "lat": round(value.lat, 5)}
    if name in ("need", "match", "earlier", "later"):
        return {name: None if value is None else disclose(value, audience)}
    if name == "because":
        return {name: [disclose(reason, audience) for reason in value]}
    if name == "candidates":
        return {name: [_offer(index, offer) for index, offer in enumerate(value)]}
    if name == "parts":
        return {name: dict(value)}
    if name == "totals":
        shares = {"coverage": round(value.coverage, 4), "coverage_best": round(value.coverage_best, 4)}
        return {"demand": value.demand, "covered": value.covered, "gap": value.gap, **shares}
    if name == "travel_min" and value is not None:
        return {name: max(1, int(-(-value // 1)))}
    return {name: _plain(value)}


def _offer(index: int, offer: Offer) -> dict[str, Any]:
    # places of the register, which say no more than their labels beside the text that was typed
    at = {"lon": round(offer.point.lon, 6), "lat": round(offer.point.lat, 6)}
    shown = {**at, "label": offer.label, "match_quality": offer.match_quality.value, "faults": list(offer.faults)}
    return {"index": index, "uncertainty_m": round(offer.uncertainty_m), "score": offer.score, **shown}


def _plain(value: Any) -> Any:  # noqa: ANN401 - turns whatever a record holds into what JSON knows
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, BaseGeometry):
        return value.__geo_interface__
    if isinstance(value, (Score, Fault, ColumnMap)):
        return asdict(value)
    return str(value) if isinstance(value, UUID) else _plain_time(value)


def _plain_time(value: Any) -> Any:  # noqa: ANN401 - likewise
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    return value.isoformat() if isinstance(value, date) else value
