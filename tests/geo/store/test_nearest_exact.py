"""The nearest equal brute force, whatever is asked for, wherever on the globe."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, update

from geo.analysis.opening import is_open
from geo.analysis.travel import StraightLineTravel
from geo.crs import GEOD, geodesic_m
from geo.domain.hours import Hours, Opening, Window
from geo.domain.ids import new_id
from geo.domain.messages import Recipient, RecipientKind
from geo.domain.place import Point
from geo.domain.words import Category, HelperStatus, Mode, StepFree, Vehicle
from geo.store import nearest_pages, tables
from geo.store.apart import keep_apart
from geo.store.nearest import find_nearest, find_nearest_to_point
from geo.store.nearest_many import find_nearest_many
from geo.store.preferences import stop_contacting

from tests.factories import add_asset, add_helper, add_need
from tests.grid import HELSINKI
from tests.rights import operator

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

MODEL = StraightLineTravel()
ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CENTRES = (HELSINKI, Point(179.9999, -16.8), Point(-180.0, 0.0), Point(24.0, 89.9995), Point(0.0, -90.0))
SCHEDULES = (
    None, "nonsense", "DTSTART:20240101T170000\nDURATION:PT4H\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE",
    "DTSTART;TZID=America/New_York:20240101T080000\nDURATION:PT3H\nRRULE:FREQ=WEEKLY;BYDAY=MO",
    "DTSTART:20240102T230000\nDURATION:PT12H\nRRULE:FREQ=MONTHLY;BYDAY=1MO",
)  # fmt: skip
HOURS = (None, "Mo-Fr 08:00-16:00", "by appointment only", '"ask"', "24/7")
TIMES = tuple(datetime(2026, 6, day, hour, tzinfo=UTC) for day in (1, 2, 6) for hour in (3, 12, 15))
BEYOND_SQL = {"near, but takes longer", "not at that time"}


@dataclass(frozen=True)
class Someone:
    """A helper of the drawing: where, what like, and what happened so far."""

    at: tuple[int, int]
    categories: tuple[Category, ...]
    languages: tuple[str, ...]
    interpreter: bool
    vehicle: Vehicle
    status: HelperStatus
    capacity: int
    load: int
    max_travel_min: int
    availability: str | None
    asked_h: float | None
    proposed: str
    is_apart: bool
    is_stopped: bool


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual, usual, usual, *others])


RARELY = st.integers(0, 3).map(lambda drawn: drawn == 3)
SOMEONE = st.builds(
    Someone,
    at=st.tuples(st.integers(0, 3), st.integers(0, 7)),
    categories=mostly((Category.FOOD,), (Category.WATER,), (Category.FOOD, Category.TRANSPORT)),
    languages=st.sampled_from([("fi",), ("pt-BR", "fi"), ("ar",), ()]),
    interpreter=RARELY,
    vehicle=st.sampled_from(list(Vehicle)),
    status=mostly(HelperStatus.ACTIVE, HelperStatus.PAUSED),
    capacity=st.integers(1, 3),
    load=st.integers(0, 2),
    max_travel_min=st.sampled_from([5, 20, 60]),
    availability=st.sampled_from(SCHEDULES),
    asked_h=st.sampled_from([None, None, 1.0, 12.0, 50.0]),
    proposed=mostly("none", "here", "elsewhere", "lapsed"),
    is_apart=RARELY,
    is_stopped=RARELY,
)
ASKED = st.fixed_dictionaries(
    {
        "category": st.sampled_from([Category.FOOD, Category.TRANSPORT, Category.WATER]),
        "languages": st.sampled_from([(), ("fi",), ("pt",), ("ar", "so")]),
        "usual": st.sampled_from([(), ("fi", "sv"), ("en",)]),
        "vehicle": st.sampled_from([None, *Vehicle]),
        "at": st.sampled_from([None, *TIMES]),
        "cool_down_h": st.sampled_from([0.0, 12.0, 48.0]),
        "limit": st.sampled_from([1, 3, 50]),
        "looked_at": st.sampled_from([1, 4, 5000]),
        "for_a_need": st.booleans(),
    }
)


def place(centre: Point, at: tuple[int, int]) -> Point:
    """Put rings of eight around a centre, so that many are equally far."""
    lon, lat, _ = GEOD.fwd(centre.lon, centre.lat, at[1] * 45, at[0] * 800.0)
    return Point(float(lon), float(lat))


def speak(session: Session, languages: tuple[str, ...]) -> None:
    with operator(session):
        change = update(tables.network).where(tables.network.c.id == func.current_network())
        session.execute(change.values(languages=list(languages), time_zone=ZONE.key))


def settle(session: Session, one: Someone, centre: Point, need_id: UUID, other_id: UUID) -> UUID:
    helper = add_helper(
        session, place(centre, one.at), categories=one.categories, languages=one.languages,
        interpreter=one.interpreter, vehicle=one.vehicle, status=one.status, capacity_per_week=one.capacity,
        load=min(one.load, one.capacity), max_travel_min=one.max_travel_min, availability=one.availability,
        last_asked_at=None if one.asked_h is None else NOW - timedelta(hours=one.asked_h),
    )  # fmt: skip
    if one.proposed != "none":
        ends = NOW + timedelta(hours=-1 if one.proposed == "lapsed" else 1)
        of = need_id if one.proposed == "here" else other_id
        values = {"id": new_id(), "need_id": of, "helper_id": helper.id, "status": "proposed", "expires_at": ends}
        session.execute(insert(tables.match).values(**values))
    if one.is_apart:
        keep_apart(session, helper.id, need_id)
    if one.is_stopped:
        stop_contacting(session, Recipient(RecipientKind.HELPER, helper.id))
    return helper.id


def refusal(one: Someone, asked: dict[str, Any], minutes: float) -> str | None:
    """Say by oneself why somebody is not asked, in the order in which it is told."""
    usual, wants = {"pt" if c == "pt-BR" else c for c in asked["usual"]}, set(asked["languages"])
    spoken = {c.partition("-")[0] for c in one.languages} or usual
    vehicle = asked["vehicle"] or (Vehicle.CAR if asked["category"] is Category.TRANSPORT else None)
    pending = one.proposed in ("here", "elsewhere")
    asked_for = asked["at"] and Window(asked["at"], asked["at"] + timedelta(hours=1))
    shut = asked_for and is_open(Hours(ZONE, schedule=one.availability), asked_for) is Opening.CLOSED
    if one.availability is None:
        shut = False
    lately = asked["cool_down_h"] and one.asked_h is not None and one.asked_h < asked["cool_down_h"]
    checks = {
        "does not help with this": asked["category"] not in one.categories,
        "not active now": one.status is not HelperStatus.ACTIVE,
        "no shared language": wants and not one.interpreter and spoken and not (wants & spoken),
        "has no such vehicle": vehicle is not None and one.vehicle is not vehicle,
        "full this week": one.load >= one.capacity,
        "asked a short while ago": lately,
        "too far for them": minutes > one.max_travel_min,
        # what is not answered yet is looked up last
        "full this week ": one.load + pending >= one.capacity,
        "does not want to be asked": one.is_stopped,
        "has been asked about this need": asked["for_a_need"] and one.proposed == "here",
        "kept apart from this household": asked["for_a_need"] and one.is_apart,
        "not at that time": shut,
    }
    return next((why.strip() for why, applies in checks.items() if applies), None)


@settings(max_examples=120, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SOMEONE, max_size=14), ASKED, st.sampled_from(CENTRES))
def test_helpers_equal_brute_force(
    session: Session, people: list[Someone], asked: dict[str, Any], centre: Point
) -> None:
    with session.begin_nested() as step, pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest_pages, "LOOKED_AT", asked["looked_at"])
        speak(session, asked["usual"])
        need = add_need(session, centre, category=asked["category"], languages=asked["languages"])
        other = add_need(session, centre)
        ids = [settle(session, one, centre, need.id, other.id) for one in people]
        options = {
            "vehicle": asked["vehicle"], "cool_down_h": asked["cool_down_h"], "limit": asked["limit"], "now": NOW,
            "window": asked["at"] and Window(asked["at"], asked["at"] + timedelta(hours=1)),
        }  # fmt: skip
        if asked["for_a_need"]:
            found = find_nearest(session, need.id, model=MODEL, **options)
            if asked["vehicle"] is None:
                options.pop("vehicle")
                many = find_nearest_many(session, [need.id, other.id], model=MODEL, **options)
                assert [
                    replace(one, distance_m=0.0, travel_min=round(one.travel_min, 9)) for one in many[need.id].results
                ] == [replace(one, distance_m=0.0, travel_min=round(one.travel_min, 9)) for one in found.results]
                counted = {why: n for why, n in found.passed_over.items() if why not in BEYOND_SQL}
                assert {w: n for w, n in many[need.id].passed_over.items() if w not in BEYOND_SQL} == counted
        else:
            found = find_nearest_to_point(
                session, centre, kind="helper", category=asked["category"], languages=asked["languages"],
                model=MODEL, **options,
            )  # fmt: skip
        check(people, ids, asked, centre, found)
        step.rollback()


def check(people: list[Someone], ids: list[UUID], asked: dict[str, Any], centre: Point, found: Any) -> None:
    ranked, refused = [], []
    for one, id_ in zip(people, ids, strict=True):
        home = place(centre, one.at)
        away_m = float(geodesic_m(home.lon, home.lat, centre.lon, centre.lat))
        minutes = MODEL.minutes(away_m, nearest_pages.MODE_OF_VEHICLE[one.vehicle])
        why = refusal(one, asked, minutes)
        load = min(one.load, one.capacity) + (one.proposed in ("here", "elsewhere"))
        asked_at = -math.inf if one.asked_h is None else -one.asked_h
        if why is None:
            ranked.append(((round(minutes, 9), load, asked_at, id_), away_m))
        else:
            refused.append((why, away_m))
    ranked.sort()
    assert [(round(r.travel_min, 9), r.id) for r in found.results] == [
        (rank[0], rank[-1]) for rank, _ in ranked[: asked["limit"]]
    ]
    farthest_m = max((r.distance_m for r in found.results), default=20_000.0) + 1e-6
    expected = Counter(why for why, away_m in refused if away_m <= farthest_m)
    expected["near, but takes longer"] = sum(away_m <= farthest_m for _, away_m in ranked[asked["limit"] :])
    assert found.passed_over == dict(+expected)


PLACES = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.tuples(st.integers(0, 3), st.integers(0, 7)),
            "categories": mostly((Category.FOOD,), (Category.WATER,)),
            "languages": st.sampled_from([(), ("ar",), ("fi-x",)]),
            "interpreter": RARELY,
            "step_free": st.sampled_from(list(StepFree)),
            "capacity_per_week": st.sampled_from([None, 0, 1, 2]),
            "opening_hours": st.sampled_from(HOURS),
            "schedule": mostly(None, SCHEDULES[2]),
            "taken": st.sampled_from(["none", "accepted", "done", "done before", "proposed"]),
        }
    ),
    max_size=10,
)


@settings(max_examples=80, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLACES, ASKED, st.sampled_from(CENTRES[:2]), st.sampled_from([Mode.WALK, Mode.WHEELCHAIR, Mode.CAR]))
def test_assets_equal_brute_force(
    session: Session, places: list[dict[str, Any]], asked: dict[str, Any], centre: Point, mode: Mode
) -> None:
    with session.begin_nested() as step, pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest_pages, "LOOKED_AT", asked["looked_at"])
        speak(session, asked["usual"])
        window = asked["at"] and Window(asked["at"], asked["at"] + timedelta(hours=1))
        expected = []
        for one in places:
            at, taken = place(centre, one["at"]), one["taken"]
            values = {name: value for name, value in one.items() if name not in ("at", "taken")}
            id_ = add_asset(session, at, source_ref=str(len(expected)), **values).id
            if taken != "none":
                when = {"done": NOW, "done before": NOW - timedelta(days=3)}.get(taken)
                status = taken.partition(" ")[0]
                row = {"id": new_id(), "need_id": add_need(session).id, "asset_id": id_, "status": status}
                session.execute(insert(tables.match).values(**row, done_at=when))
            minutes = MODEL.minutes(float(geodesic_m(at.lon, at.lat, centre.lon, centre.lat)), mode)
            hours = Hours(ZONE, one["opening_hours"], one["schedule"], at.lon, at.lat)
            room = math.inf if one["capacity_per_week"] is None else one["capacity_per_week"]
            spoken = {c.partition("-")[0] for c in one["languages"]} or set(asked["usual"])
            fits = (
                Category.FOOD in one["categories"]
                and not (mode is Mode.WHEELCHAIR and one["step_free"] is StepFree.NO)
                and room > (taken in ("accepted", "done"))
                and (not asked["languages"] or one["interpreter"] or not spoken or spoken & set(asked["languages"]))
                and (window is None or is_open(hours, window) is not Opening.CLOSED)
            )
            expected.append((round(minutes, 9), id_, fits))
        found = find_nearest_to_point(
            session, centre, kind="asset", category=Category.FOOD, languages=asked["languages"], mode=mode,
            window=window, limit=asked["limit"], model=MODEL, now=NOW,
        )  # fmt: skip
        ranked = sorted((minutes, id_) for minutes, id_, fits in expected if fits)
        assert [(round(r.travel_min, 9), r.id) for r in found.results] == ranked[: asked["limit"]]
        step.rollback()
