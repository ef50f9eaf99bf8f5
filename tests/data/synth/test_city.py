from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import sqrt

import numpy as np
import pytest

from geo.crs import metric_crs, to_degrees
from geo.domain.place import Point
from geo.domain.words import Category, HelperStatus, NeedStatus, Urgency, Vehicle
from geo.errors import InvalidInput
from geo.geocode.normalise import name_key, street_key
from geo.privacy.cells import cell_of
from geo.store.gazetteer_sources import AddressRow

from data.synth import SynthCity, make_people
from data.synth.written import TRUTH_SHARES

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def town() -> list[AddressRow]:
    """Thirty streets of twenty doors, 30 m apart, with a second name for each."""
    crs = metric_crs([24.94], [60.17])
    rows = []
    for s in range(30):
        for d in range(20):
            lon, lat = to_degrees(np.array([[d * 60.0 - 400, s * 60.0]]), crs)[0]
            names = (f"Koivu{chr(97 + s % 26)}{chr(97 + s // 26)}rinteenkatu", f"Björk{chr(97 + s % 26)}gatan {s}")
            rows += [AddressRow(name, str(d + 1), Point(lon, lat), "00100", "Helsinki") for name in names]
    return rows


@pytest.fixture(scope="module")
def people() -> SynthCity:
    return make_people(town(), seed=0, needs=4_000, helpers=400, organizations=10, now=NOW)


def assert_share(count: int, total: int, share: float) -> None:
    # needs of one home share its address, so the variance is a little wider than binomial
    spread = 5 * sqrt(share * (1 - share) / total) * 1.2
    assert abs(count / total - share) <= spread, (count, total, share)


def test_addresses_are_written_with_the_promised_shares_of_faults(people: SynthCity) -> None:
    kinds = Counter(need.truth_kind for need in people.needs)
    for kind, share in TRUTH_SHARES.items():
        assert_share(kinds[kind], 4_000, share)


def test_clean_addresses_name_their_own_door(people: SynthCity) -> None:
    doors = {(street_key(row.street), row.number): row.point for row in town()}
    streets = sorted({street_key(row.street) for row in town()}, key=len, reverse=True)
    for need in people.needs:
        if need.truth_kind != "clean":
            continue
        key = name_key(need.address_typed)
        street = next(s for s in streets if key.startswith(s + " "))
        number = key.removeprefix(street).split()[0]
        assert doors[street, number] == need.truth_point


def test_slips_are_in_the_street_and_invented_streets_are_nowhere(people: SynthCity) -> None:
    streets = {street_key(row.street) for row in town()}
    for need in people.needs:
        if need.truth_kind in ("typo", "unfindable"):
            words = name_key(need.address_typed).split()
            assert not any(" ".join(words[:n]) in streets for n in range(1, len(words) + 1))
        assert (need.truth_point is None) == (need.truth_kind == "unfindable")
        assert (need.address_typed is None) == (need.truth_kind == "none")


def test_the_mix_is_believable(people: SynthCity) -> None:
    needs = people.needs
    assert {need.draft.category for need in needs} == set(Category)
    assert_share(sum(need.draft.urgency is Urgency.CRITICAL for need in needs), 4_000, 0.04)
    assert_share(sum(need.draft.withheld for need in needs), 4_000, 0.02)
    assert_share(sum(need.status is NeedStatus.MET for need in needs), 4_000, 0.12)
    assert {"fi", "sv", "ru", "ar", "so", "en", "et", "uk"} <= {code for n in needs for code in n.draft.languages}
    assert all(1 <= need.draft.household_size <= 7 for need in needs)


def test_needs_arrive_in_order_over_thirty_days(people: SynthCity) -> None:
    arrivals = [need.draft.received_at for need in people.needs]
    assert arrivals == sorted(arrivals)
    assert all(NOW - timedelta(days=30) <= at < NOW for at in arrivals)
    ids = [need.draft.id for need in people.needs]
    assert len(set(ids)) == len(ids)
    assert all(need_id.version == 7 for need_id in ids)
    assert (arrivals[-1] - arrivals[0]) > timedelta(days=29)


def test_needs_gather_in_a_few_neighbourhoods(people: SynthCity) -> None:
    cells = Counter(cell_of(need.truth_point) for need in people.needs if need.truth_point)
    doors = Counter(cell_of(row.point) for row in town())
    busiest = {cell for cell, _ in cells.most_common(max(1, len(doors) // 4))}
    needs_there = sum(cells[cell] for cell in busiest) / cells.total()
    doors_there = sum(doors[cell] for cell in busiest) / doors.total()
    assert needs_there > 1.5 * doors_there


def test_some_households_have_more_than_one_need(people: SynthCity) -> None:
    homes = Counter(need.draft.household_id for need in people.needs)
    assert 0.05 < 1 - len(homes) / 4_000 < 0.2


def test_helpers_can_be_asked(people: SynthCity) -> None:
    helpers = [helper.draft for helper in people.helpers]
    assert all(1 <= h.capacity_per_week <= 6 and 0 <= h.load <= h.capacity_per_week for h in helpers)
    assert all(h.categories and len(set(h.categories)) == len(h.categories) for h in helpers)
    assert all(h.vehicle is not Vehicle.NONE for h in helpers if Category.TRANSPORT in h.categories)
    assert sum(h.status is HelperStatus.ACTIVE for h in helpers) > 340
    assert all(h.last_asked_at is None or h.last_asked_at < NOW for h in helpers)


def test_nobody_can_be_rung_up(people: SynthCity) -> None:
    for need in people.needs:
        assert need.contact.phone is None
        assert need.contact.email is None


def test_each_organization_stands_behind_its_asset_and_names_stay_apart(people: SynthCity) -> None:
    names = [made.organization.name for made in people.assets]
    assert len(set(names)) == 10
    assert all(made.asset.organization_id == made.organization.id for made in people.assets)
    assert all(made.asset.source == "synthetic" for made in people.assets)


SCRIPT = """
import hashlib
from tests.data.synth.test_city import NOW, make_people, town
print(hashlib.sha256(repr(make_people(town(), seed=0, needs=200, now=NOW)).encode()).hexdigest())
"""


def test_the_same_seed_makes_the_same_people_in_another_process() -> None:
    here = hashlib.sha256(repr(make_people(town(), seed=0, needs=200, now=NOW)).encode()).hexdigest()
    for hash_seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == here


def test_another_seed_makes_others() -> None:
    assert make_people(town(), seed=0, needs=20, now=NOW) != make_people(town(), seed=1, needs=20, now=NOW)


def test_without_a_city_there_is_nobody() -> None:
    with pytest.raises(InvalidInput, match="load a city"):
        make_people(town()[:8], seed=0)
