"""Attacks on what is released. Each must fail against ours and succeed against a service that protects badly."""

from __future__ import annotations

import os

import h3
import numpy as np
import pytest

from geo.privacy.cells import parent_cell
from geo.privacy.partners import in_area
from geo.privacy.rules import KIND_OF, ReleaseRules

from bench import attack_city, attack_regions, attacks
from bench.attack_city import City
from bench.attack_regions import RULES, Regions, measure_regions, partner_feeds
from bench.naive_services import ExactBoxes

FULL = bool(os.environ.get("BARNRAISER_FULL"))
HOMES, WEEKS, QUESTIONS, ROUNDS = (3_000, 52, 10_000, 10) if FULL else (400, 8, 1_000, 3)
PARTNERS = attacks.three_partners()
BAR = 1.2


@pytest.fixture(scope="module")
def city() -> City:
    return City.build(HOMES, WEEKS, 0)


@pytest.fixture(scope="module")
def busy() -> City:
    """More people in fewer weeks, so that bands change often."""
    return City.build(3_000, 52 if FULL else 20, 1)


def test_no_home_is_narrowed_down_by_the_public_files(city: City) -> None:
    found = measure_regions(city, rounds=ROUNDS)
    assert found.broken == 0
    assert found.cells.min() >= 1
    assert found.dwellings.min() >= 50


def test_no_home_is_narrowed_down_by_three_partners_and_the_public_files(city: City) -> None:
    found = measure_regions(city, PARTNERS, rounds=max(1, ROUNDS // 3))
    assert found.broken == 0
    fine = [h3.get_resolution(told) == 9 for told in attack_regions.told_cells(city, PARTNERS)]
    assert any(fine)
    assert not all(fine)


def test_regions_notice_a_release_of_exact_places(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def leaky(self: City, rules: ReleaseRules) -> list[bytes]:
        return [f"{rules.k} {sorted(self.home_cells())}".encode()]

    monkeypatch.setattr(attack_city.City, "files", leaky)
    with pytest.raises(AssertionError, match="where in its cell"):
        measure_regions(city, rounds=1)


def test_regions_notice_thin_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the fine cell of every household published, those in thin cells would be narrowed down."""

    def fine(self: City, _rules: ReleaseRules) -> list[bytes]:
        return [str(sorted(self.home_cells())).encode()]

    monkeypatch.setattr(attack_city.City, "files", fine)
    monkeypatch.setattr(attack_regions, "told_cells", lambda city, _partners: city.home_cells())
    with pytest.raises(AssertionError, match="where in its cell"):
        measure_regions(City.build(200, 3, 0), rounds=1)
    assert Regions(np.array([1, 1, 0]), np.array([49, 50, 80])).broken == 2


def test_choosing_each_cell_alone_would_give_thin_cells_away(city: City) -> None:
    """The trap that coarse_cell avoids: a need drawn coarsely among finely drawn ones is in one of the thin cells."""
    homes = city.homes_by_cell(9)
    naive = {cell: cell if homes[cell] >= 50 else parent_cell(cell, 8) for cell in set(city.cells)}
    region = {told: sum(homes[c] for c in naive if naive[c] == told) for told in set(naive.values())}
    assert min(region[naive[cell]] for cell in city.home_cells()) < 50


def test_averaging_succeeds_against_jitter(city: City) -> None:
    errors = {n: float(np.median(attacks.average_draws(city.xy[city.homes], n, 0))) for n in (1, 10, 100, 1000)}
    assert 300 < errors[1] < 420
    assert 80 < errors[10] < 120
    assert errors[100] < 40
    assert errors[1000] < 15


def test_bisection_succeeds_against_exact_boxes_and_not_against_ours(city: City) -> None:
    exact = city.xy[city.homes]
    control = attacks.bisect_homes(ExactBoxes(exact), exact, min(300, HOMES), 0)
    assert control["located below 1 m"] > 0.7 * control["targets"]
    assert control["median questions"] < 100
    boxes = attacks.cell_boxes(city)
    ours = attacks.bisect_homes(boxes, exact, min(300, HOMES), 0)
    assert ours["located below 1 m"] == 0


def test_the_order_of_a_feed_says_nothing(city: City) -> None:
    assert attacks.order_tells(city, PARTNERS, WEEKS - 1)["strongest order, in standard errors"] < 4


def test_partners_share_no_id_and_no_feed_names_another(city: City) -> None:
    found = attacks.join_feeds(city, PARTNERS, range(WEEKS))
    assert found["rows"] > 50
    assert found["ids shared by two partners"] == 0


def test_what_is_told_to_partners_is_no_finer_than_agreed(city: City) -> None:
    for partner, feed in zip(PARTNERS, partner_feeds(city, PARTNERS, WEEKS - 1), strict=True):
        assert {given["kind"] for given in feed} <= set(KIND_OF.values())
        assert all(in_area(given["cell"], partner.area) for given in feed)


def test_two_releases_say_little_of_one_household(busy: City) -> None:
    """Nearly always no more than the bar; that a cell goes or falls says more, as decision 0014 admits."""
    found = attacks.difference_releases(busy)
    assert found["posterior over prior"]["as before"] < BAR
    assert found["mean weighted"] == pytest.approx(1, abs=0.01)
    assert found["share of household-weeks above 1.2"] < 0.1
    assert max(found["posterior over prior"].values()) < 8


def test_trembling_places_do_not_change_what_is_told(city: City) -> None:
    found = attacks.tremble(city, 300 if FULL else 60, 200, 0)
    assert found["told differently by us"] == 0
    assert found["told differently without settling"] > 0


def test_nothing_is_left_to_subtract(city: City) -> None:
    found = attacks.subtract(city)
    assert found["hidden households"] > 0
    assert found["weeks unchanged"] == WEEKS
    assert attacks.totals_follow(city.files(RULES))
    wrong = city.files(RULES)[-1].replace(b'"at_least":', b'"at_least":1')
    assert not attacks.totals_follow([wrong])


def test_a_cell_of_one_kind_does_not_say_that_all_have_it(busy: City) -> None:
    found = attacks.homogeneity(busy)
    assert found["cells of one kind"] > 0
    assert found["mean share"] < 0.9


def test_no_file_names_a_place_near_a_home(city: City) -> None:
    points = [city.points[i] for i in city.homes]
    files = city.files(RULES)
    assert sum(attacks.count_named(content, points) for content in files) == 0
    leaked = files[-1] + f"{points[0].lat:.6f}, {points[0].lon:.6f}".encode()
    assert attacks.count_named(leaked, points) == 1
