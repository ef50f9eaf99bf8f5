"""A round's sheet as one page of HTML that prints in black and white and holds nothing of another host."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from geo.domain.languages import language_name
from geo.domain.stop_codes import show_code
from geo.domain.words import CATEGORY_LABELS, MODE_WORDS, Category, Mode

from api.qr import draw_qr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

FOLDER: Final = Path(__file__).parent / "sheets"
STYLE: Final = (FOLDER / "round.css").read_text("utf-8")
SHEET_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Its own style, known by its hash, and nothing else: no script, no picture from anywhere, nothing fetched."""
ACCESS_WORDS: Final = {"no_car": "no car", "wheelchair": "uses a wheelchair", "no_phone": "no telephone"}
OUTCOMES: Final = ("Done", "Nobody home", "Wrong address", "Not wanted", "Unsafe", "Other")
OUTCOMES_OF_A_PICK_UP: Final = ("Picked up", "Other")
ROUGH_FROM_M: Final = 50.0
"""From so many metres of uncertainty on the sheet says that the door has to be looked for."""


def draw_sheet(
    found: Mapping[str, Any],
    stops: Sequence[Mapping[str, Any]],
    driver: str,
    zone: ZoneInfo,
    *,
    map_codes: bool = False,
) -> str:
    """Write a sheet.

    Parameters
    ----------
    found, stops
        The round and its stops, as they may leave.
    driver
        What the driver is called.
    zone
        In which times are written.
    map_codes
        Whether each stop has a second code with its place, which a phone's camera can read.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # whatever a person wrote is a value of the template and never a part of it, and every value is escaped
    pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    return pages.get_template("round.html").render(
        style=Markup(STYLE),  # noqa: S704 - our own file
        driver=driver,
        day=_day(found["leave_at"], zone),
        leaves=_clock(found["leave_at"], zone),
        ends=_clock(found["end_at"], zone),
        mode=MODE_WORDS[Mode(found["mode"])],
        travel_min=found["travel_min"],
        stops=[_stop(one, zone, map_codes=map_codes) for one in stops],
    )


def _stop(stop: Mapping[str, Any], zone: ZoneInfo, *, map_codes: bool) -> dict[str, Any]:
    place = None if stop["lon"] is None else f"geo:{stop['lat']:.5f},{stop['lon']:.5f}"
    return {
        "position": stop["position"],
        "code": show_code(stop["code"]),
        # drawn by a library from our own code and numbers
        "code_qr": Markup(draw_qr(stop["code"])),  # noqa: S704
        "place_qr": Markup(draw_qr(place)) if map_codes and place else None,  # noqa: S704
        "place": place,
        "at": _clock(stop["begin_at"], zone),
        "window": _window(stop, zone),
        "title": stop["address_typed"] or stop["label"] or "No address was given",
        "label": stop["label"],
        "facts": _facts(stop),
        "outcomes": OUTCOMES_OF_A_PICK_UP if stop["category"] is None else OUTCOMES,
        "is_rough": (stop["uncertainty_m"] or 0.0) >= ROUGH_FROM_M,
        "rough_m": None if stop["uncertainty_m"] is None else round(stop["uncertainty_m"]),
        "name": stop["name"],
        "phone": stop["phone"],
        "outcome": stop["outcome"],
    }


def _facts(stop: Mapping[str, Any]) -> list[str]:
    found = ["Pick-up"] if stop["category"] is None else [CATEGORY_LABELS[Category(stop["category"])]]
    if stop["demand"] > 1:
        found.append(f"{stop['demand']} units")
    if stop["household_size"]:
        found.append("1 person" if stop["household_size"] == 1 else f"{stop['household_size']} people")
    if stop["languages"]:
        found.append("speaks " + ", ".join(language_name(one) for one in stop["languages"]))
    return [*found, *(ACCESS_WORDS[one] for one in stop["access"])]


def _window(stop: Mapping[str, Any], zone: ZoneInfo) -> str | None:
    earliest, latest = (None if at is None else _clock(at, zone) for at in (stop["earliest_at"], stop["latest_at"]))
    if earliest and latest:
        return f"{earliest} to {latest}"
    return f"not before {earliest}" if earliest else f"by {latest}" if latest else None


def _local(written: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(written).astimezone(zone)


def _clock(written: str, zone: ZoneInfo) -> str:
    return f"{_local(written, zone):%H:%M}"


def _day(written: str, zone: ZoneInfo) -> str:
    at = _local(written, zone)
    return f"{at:%A} {at.day} {at:%B %Y}"
