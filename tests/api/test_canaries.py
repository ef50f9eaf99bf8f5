"""Needs with recognizable words and places in every field: none of it leaves by any door for whom it is not meant."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from geo.analysis.travel import StraightLineTravel
from geo.domain.drafts import Contact, HelperDraft, NeedDraft
from geo.domain.place import Candidate, Location, Point
from geo.domain.words import Audience, Category, LocationState, MatchQuality
from geo.errors import NotPermitted
from geo.privacy.cells import cell_centre, cell_of, cell_polygon
from geo.store.dwellings import replace_dwellings
from geo.store.feeds import FEEDS, export_features
from geo.store.helpers import create_helper
from geo.store.needs import create_need

from tests.api.calling import call, operations
from tests.rights import operator

if TYPE_CHECKING:
    from datetime import datetime

    from fastapi import FastAPI
    from sqlalchemy.orm import Session

    from tests.api.conftest import TestClient

FULL = bool(os.environ.get("BARNRAISER_FULL"))
COUNT = 500 if FULL else 60
NEAR_DEG = 0.00005
ADDRESSES = frozenset({"list_review", "reveal_need"})
"""What shows an organizer the words that were typed as an address: that is what they are for, and it is noted."""


@dataclass(frozen=True)
class Canary:
    """One person's words and place, recognizable wherever they turn up."""

    number: int
    point: Point

    @property
    def contact(self) -> str:
        return f"canary{self.number:04}contact"

    @property
    def address(self) -> str:
        return f"canary{self.number:04}street"


def off_the_corners(point: Point) -> Point:
    """Move a place that stands on the corner of its cell, which is no secret, a little to the middle."""
    corners = cell_polygon(cell_of(point)).exterior.coords
    near = any(abs(lon - point.lon) < 4 * NEAR_DEG and abs(lat - point.lat) < 4 * NEAR_DEG for lon, lat in corners)
    middle = cell_centre(cell_of(point))
    return Point(point.lon * 0.7 + middle.lon * 0.3, point.lat * 0.7 + middle.lat * 0.3) if near else point


def plant(session: Session, agreed_at: datetime) -> list[Canary]:
    canaries = []
    for number in range(COUNT):
        # six decimals that no cell's corner and no other figure has
        point = off_the_corners(Point(24.931517 + number * 0.000137, 60.165713 + (number * 7919 % COUNT) * 0.000131))
        one = Canary(number, point)
        waits = number % 3 == 0
        quality = MatchQuality.ROOFTOP
        offered = (Candidate(point, f"Offered {one.address}", quality, 5.0, 80, "local"),)
        place = (
            Location(LocationState.NEEDS_REVIEW, address_typed=one.address, candidates=offered)
            if waits
            else Location(LocationState.LOCATED, quality, point, 5.0, one.address, offered)
        )
        contact = Contact(
            name=f"Name {one.contact}",
            phone=one.contact,
            email=f"{one.contact}@example.org",
            note=f"Note {one.contact}",
            consent_at=agreed_at,
        )
        create_need(session, NeedDraft(list(Category)[number % 10]), place, contact)
        if number % 5 == 0:
            create_helper(session, HelperDraft("Aino", (Category.FOOD,)), point)
        canaries.append(one)
    with operator(session):
        near = {cell_of(one.point) for one in canaries}
        replace_dwellings(session, dict.fromkeys(near, 90))
    session.commit()
    return canaries


def leaks(content: str, canaries: list[Canary], *, addresses: bool) -> list[str]:
    """Name what of anybody is in a text: words, or a place within five metres."""
    found = re.findall(r"canary\d{4}contact", content)
    if not addresses:
        found += re.findall(r"canary\d{4}street", content)
    numbers = [float(number) for number in re.findall(r"\d+\.\d{3,}", content)]
    # two numbers beside each other, in either order, within five metres of somebody; corners of cells are not
    for first, second in pairwise(numbers):
        for one in canaries:
            at = (one.point.lon, one.point.lat)
            if any(
                abs(at[0] - x) < NEAR_DEG and abs(at[1] - y) < NEAR_DEG for x, y in ((first, second), (second, first))
            ):
                found.append(f"{first}, {second}")
    return found


def without_offers(content: str) -> str:
    """The review queue without where the register has what it offers, which stands beside the address as typed."""
    queue = json.loads(content)
    for item in queue["items"]:
        for offer in item["candidates"]:
            del offer["lon"], offer["lat"]
    return json.dumps(queue)


def headers_of(answer: Any) -> str:
    return "\n".join(f"{name}: {value}" for name, value in answer.headers.items())


@pytest.mark.slow
def test_nothing_of_anybody_leaves_by_any_door(
    app: FastAPI,
    callers: dict[str, TestClient],
    session: Session,
    caplog: pytest.LogCaptureFixture,
    demo_instant: datetime,
) -> None:
    canaries = plant(session, demo_instant)
    ids = [str(found) for found in session.scalars(text("SELECT id FROM need ORDER BY id")).all()]
    scanned, found = 0, list[str]()
    for caller, client in callers.items():
        for name, method, path, operation in operations(app):
            if method != "GET" and name not in ("geocode", "create_need", "submit"):
                continue
            targets = [path.replace("{need_id}", one) for one in ids[:40]] if "{need_id}" in path else [path]
            for target in targets:
                where = target.replace("{collection}", "needs")
                answer = call(client, method, re.sub(r"\{\w+\}", ids[0], where), operation)
                scanned += 1
                allowed = name in ADDRESSES and caller == "organizer"
                shown = without_offers(answer.text) if allowed and name == "list_review" else answer.text
                for content in (shown, headers_of(answer)):
                    found += [f"{caller} {name}: {leak}" for leak in leaks(content, canaries, addresses=allowed)]
    assert scanned > 300
    assert found == []
    assert leaks(caplog.text, canaries, addresses=False) == []


def test_the_scan_finds_what_is_there(callers: dict[str, TestClient], session: Session, demo_instant: datetime) -> None:
    """The control: where an address is shown it is found, and so is a place where a need is revealed."""
    canaries = plant(session, demo_instant)
    queue = callers["organizer"].get("/v1/review").text
    assert leaks(queue, canaries, addresses=False)
    assert leaks(queue, canaries, addresses=True)
    assert leaks(without_offers(queue), canaries, addresses=False)
    assert leaks(without_offers(queue), canaries, addresses=True) == []
    placed = session.scalars(text("SELECT id FROM need WHERE location_state = 'located'")).first()
    asked = {"what": "place", "reason": "to bring a parcel"}
    shown = callers["organizer"].post(f"/v1/needs/{placed}/reveal", json=asked)
    assert leaks(shown.text, canaries, addresses=True)
    asked["what"] = "contact"
    shown = callers["organizer"].post(f"/v1/needs/{placed}/reveal", json=asked)
    assert leaks(shown.text, canaries, addresses=True)


@pytest.mark.parametrize("audience", list(Audience))
def test_no_export_holds_anybody(session: Session, demo_instant: datetime, audience: Audience) -> None:
    canaries = plant(session, demo_instant)
    for feed in FEEDS:
        try:
            features = list(export_features(session, feed, audience, model=StraightLineTravel(), standard_min=5))
        except NotPermitted:
            continue
        assert leaks(str(features), canaries, addresses=False) == []


def test_metrics_name_routes_and_nobody(
    callers: dict[str, TestClient], session: Session, demo_instant: datetime
) -> None:
    canaries = plant(session, demo_instant)
    need = session.scalars(text("SELECT id FROM need")).first()
    callers["organizer"].get(f"/v1/needs/{need}")
    counted = callers["organizer"].get("/metrics").text
    assert "/v1/needs/{need_id}" in counted
    assert str(need) not in counted
    assert leaks(counted, canaries, addresses=False) == []
