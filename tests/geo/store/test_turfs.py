"""Turfs in the store: the ground they are cut from, plans that use indexes, numbers, locks and fading."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, MultiPolygon, box
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.turf import Address, Outcome, TurfDraft, VisitDraft, VisitSource
from geo.errors import Conflict, InvalidInput
from geo.store.devices import add_device
from geo.store.engine import make_sessions, transaction
from geo.store.gazetteer_import import StreetRow
from geo.store.gazetteer_sources import AddressRow, SourceInfo
from geo.store.privacy_rules import retention_of
from geo.store.retention import retain
from geo.store.sql import load_queries
from geo.store.turf_assignments import assign_turf
from geo.store.turf_ground import list_addresses_around, list_doors_within, list_streets_within
from geo.store.turfs import MAX_TURFS, create_turfs, fade_turfs, get_turf, list_doors, tally_turfs, today_here
from geo.store.visits import count_visits, list_progress, receive_visits

from tests.rights import load_source, operator

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.domain.turf import Turf
    from geo.store.engine import SessionFactory

LON, LAT = 24.94, 60.17
SHAPE = MultiPolygon([box(LON - 0.001, LAT - 0.001, LON + 0.01, LAT + 0.001)])
INFO = SourceInfo(slug="t", name="T", licence="x", attribution="© x", checksum="0")


def address(at: int, street: str = "A") -> Address:
    return Address(street, str(at), at, Point(LON + at * 0.0001, LAT))


def make(session: Session, doors: int = 4, **values: Any) -> Turf:
    ends_on = today_here(session) + timedelta(days=5)
    draft = TurfDraft("T", SHAPE, [address(at) for at in range(1, doors + 1)], ends_on)
    return create_turfs(session, [draft, *values.get("more", ())]).turfs[0]


def note(session: Session, turf: Turf, position: int, outcome: Outcome, at: datetime | None = None) -> None:
    draft = VisitDraft(new_id(), turf.id, position, outcome, at)
    (receipt,) = receive_visits(session, [draft], source=VisitSource.SCREEN, now=datetime.now(UTC))
    assert receipt.is_new, receipt.refused


def load(session: Session, rows: list[AddressRow], slug: str = "t", **values: Any) -> None:
    info = SourceInfo(slug=slug, name="T", licence="x", attribution="© x", checksum="0")
    load_source(session, info, addresses=rows, **values)


def test_doors_are_those_of_the_shape_each_once(session: Session) -> None:
    inside = [AddressRow("A", str(n), Point(LON + n * 0.0002, LAT), "00100", "Town") for n in range(1, 6)]
    outside = [AddressRow("A", "99", Point(LON + 0.02, LAT), "00100", "Town")]
    corner = MultiPolygon([shapely.Polygon([(LON, LAT - 0.001), (LON + 0.002, LAT - 0.001), (LON, LAT + 0.001)])])
    load(session, inside + outside)
    # another source has two of them too, and one of these without its town
    load(session, [inside[0], AddressRow("A", "2", Point(LON + 0.0004, LAT + 0.0001))], "other")
    found = list_doors_within(session, SHAPE)
    assert [(door.street, door.number, door.locality) for door in found] == [("A", str(n), "Town") for n in range(1, 6)]
    # not those of its box
    held = [row for row in inside if corner.intersects(shapely.Point(row.point.lon, row.point.lat))]
    assert 0 < len(held) < 5
    assert [door.number for door in list_doors_within(session, corner)] == [row.number for row in held]
    with pytest.raises(InvalidInput):
        list_doors_within(session, SHAPE, most=4)
    with pytest.raises(InvalidInput):
        list_doors_within(session, MultiPolygon([box(1, 1, 1.1, 1.1)]))


def test_streets_are_those_that_meet_the_box_the_longest_first(session: Session) -> None:
    lines = [
        StreetRow(name, MultiLineString([LineString([(LON, LAT + at), (LON + long, LAT + at)])]), 100_000 * long)
        for name, at, long in (("Short", 0.0, 0.001), ("Long", 0.0005, 0.01), ("Far", 0.5, 0.01))
    ]
    load(session, [], streets=lines)
    found = list_streets_within(session, (LON, LAT - 0.001, LON + 0.01, LAT + 0.001))
    assert [street.name for street in found] == ["Long", "Short"]
    assert found[0].line.length == pytest.approx(0.01)


def test_addresses_around_a_place_are_each_once_and_the_nearest_first(session: Session) -> None:
    rows = [AddressRow("A", str(n), Point(LON + n * 0.0002, LAT), "00100", "Town") for n in range(1, 6)]
    load(session, [*rows, AddressRow("B", "1", Point(LON + 0.0011, LAT), "00100", "Town")])
    load(session, [rows[0]], "other")
    found = list_addresses_around(session, (LON, LAT - 0.001, LON + 0.0009, LAT + 0.001))
    assert [(street.names, street.locality) for street in found] == [(("A",), "Town")]
    assert [number for number, _ in found[0].doors] == ["2", "3", "1", "4"]


@pytest.mark.parametrize(
    ("name", "index", "asked"),
    [
        ("doors_within", "ix_geo_address_geom", {"shape": shapely.to_wkb(SHAPE), "most": 500}),
        (
            "streets_within",
            "ix_geo_street_geom",
            {"west": LON, "south": LAT, "east": LON + 0.001, "north": LAT + 0.001, "most": 50},
        ),
        (
            "addresses_around",
            "ix_geo_address_geom",
            {"west": LON, "south": LAT, "east": LON + 0.001, "north": LAT + 0.001, "lon": LON, "lat": LAT, "most": 50},
        ),
        ("progress", "pk_turf_door", {"turf_id": new_id()}),
    ],
)
def test_each_statement_finds_its_index(session: Session, name: str, index: str, asked: dict[str, Any]) -> None:
    with operator(session):
        session.execute(text("ANALYZE geo_address, geo_street, turf_door, turf_visit"))
        session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = "\n".join(session.scalars(text(f"EXPLAIN {load_queries('turfs')[name]}"), asked))
    assert index in plan, plan


def test_the_last_visits_of_a_turf_are_found_by_their_index(session: Session) -> None:
    turf = make(session)
    with operator(session):
        session.execute(text("SET LOCAL enable_seqscan = off"))
    asked = text(f"EXPLAIN {load_queries('turfs')['tallies']}")
    plan = "\n".join(session.scalars(asked, {"turf_ids": [turf.id]}))
    assert "ix_turf_visit_door" in plan, plan


def test_every_statement_of_the_file_is_asked() -> None:
    assert set(load_queries("turfs")) == {"doors_within", "streets_within", "addresses_around", "progress", "tallies"}


def test_the_days_are_those_of_the_network(session: Session) -> None:
    """Somewhere it is another day than here, whatever the hour of this test."""
    days = set()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        with operator(session):
            session.execute(text("UPDATE network SET time_zone = :zone WHERE id = current_network()"), {"zone": zone})
        days.add(today_here(session))
    assert len(days) == 2


def test_numbers_go_on_and_are_not_used_again(session: Session) -> None:
    ends_on = today_here(session)
    drafts = [TurfDraft(f"T{n}", SHAPE, [address(1)], ends_on) for n in range(3)]
    first, second = create_turfs(session, drafts), create_turfs(session, drafts[:1])
    assert [turf.number for turf in (*first.turfs, *second.turfs)] == [1, 2, 3, 4]
    assert len({turf.cut_id for turf in first.turfs}) == 1
    codes = {door.code for turf in first.turfs for door in list_doors(session, turf)}
    assert len(codes) == 3
    for refused in ([], drafts * (MAX_TURFS // 3 + 1)):
        with pytest.raises(InvalidInput):
            create_turfs(session, refused)
    with pytest.raises(InvalidInput):
        create_turfs(session, [TurfDraft("T", SHAPE, [], ends_on)])


def test_what_was_met_at_doors_fades_and_sums_stay(session: Session, sessions: SessionFactory) -> None:
    turf, other = make(session), make(session)
    device, _ = add_device(session, "phone")
    assign_turf(session, turf.id, device.id, today_here(session), turf.ends_on)
    for position, outcome in ((1, Outcome.NOBODY_HOME), (1, Outcome.VISITED), (2, Outcome.REFUSED)):
        note(session, turf, position, outcome)
    note(session, other, 1, Outcome.VISITED)
    kept = retention_of(session)
    now = datetime.combine(turf.ends_on, datetime.min.time(), UTC) + timedelta(days=kept.coarsen_after_days)
    assert fade_turfs(session, kept, now) == 0
    with operator(session):
        session.execute(text("UPDATE turf SET ends_on = ends_on + 60 WHERE id = :id"), {"id": other.id})
    session.commit()
    later = now + timedelta(days=1)
    retain(sessions, later)
    closed = get_turf(session, turf.id)
    assert closed.closed_at == later
    assert count_visits(session, turf.id) == 0
    assert session.scalar(text("SELECT count(*) FROM turf_assignment")) == 0
    (told,) = tally_turfs(session, [closed])
    assert (told.left, told.outcomes["visited"], told.outcomes["refused"], told.outcomes["nobody_home"]) == (2, 1, 1, 0)
    assert count_visits(session, other.id) == 1
    # doing it again changes nothing, and nothing comes after it
    assert fade_turfs(session, kept, later) == 0
    draft = VisitDraft(new_id(), turf.id, 3, Outcome.VISITED)
    (receipt,) = receive_visits(session, [draft], source=VisitSource.SCREEN, now=later)
    assert isinstance(receipt.refused, Conflict)
    with pytest.raises(Conflict):
        assign_turf(session, turf.id, device.id, today_here(session), turf.ends_on)


def test_the_last_of_many_visits_counts_whatever_their_order(session: Session) -> None:
    turf, now = make(session, doors=6), datetime.now(UTC)
    told: dict[int, tuple[datetime, Outcome]] = {}
    hours = [5, 1, 9, 3, 7, 2, 8, 4, 6, 11, 10, 12]
    for at, hour in enumerate(hours):
        position, outcome, when = at % 4 + 1, list(Outcome)[at % 5], now - timedelta(hours=hour)
        note(session, turf, position, outcome, when)
        told[position] = max(told.get(position, (when, outcome)), (when, outcome), key=lambda one: one[0])
    found = {door.position: door for door in list_progress(session, turf.id)}
    assert {position: found[position].outcome for position in told} == {p: outcome for p, (_, outcome) in told.items()}
    assert found[5].outcome is None
    assert [found[position].visits for position in range(1, 7)] == [3, 3, 3, 3, 0, 0]


@pytest.mark.own_db
def test_visits_sent_at_once_in_any_order_are_each_kept_once(own_db: Engine) -> None:
    sessions, now = make_sessions(own_db), datetime.now(UTC)
    with transaction(sessions) as session:
        turf = make(session, doors=20)
    drafts = [VisitDraft(new_id(), turf.id, at % 20 + 1, Outcome.VISITED, now) for at in range(60)]

    def send(seed: int) -> int:
        mixed = [drafts[at] for at in np.random.default_rng(seed).permutation(len(drafts))]
        with transaction(sessions) as session:
            receipts = receive_visits(session, mixed, source=VisitSource.SCREEN, now=now)
        assert [receipt.id for receipt in receipts] == [draft.id for draft in mixed]
        assert not [receipt.refused for receipt in receipts if receipt.refused]
        return sum(receipt.is_new for receipt in receipts)

    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(send, range(8)))
    assert sum(new) == len(drafts)
    with transaction(sessions) as session:
        assert count_visits(session, turf.id) == len(drafts)


@pytest.mark.own_db
def test_turfs_made_at_once_have_numbers_of_their_own(own_db: Engine) -> None:
    sessions = make_sessions(own_db)

    def cut(_: int) -> list[int]:
        with transaction(sessions) as session:
            drafts = [TurfDraft("T", SHAPE, [address(1)], today_here(session))] * 3
            return [turf.number for turf in create_turfs(session, drafts).turfs]

    with ThreadPoolExecutor(4) as pool:
        numbers = [number for made in pool.map(cut, range(8)) for number in made]
    assert sorted(numbers) == list(range(1, 25))
