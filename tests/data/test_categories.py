from __future__ import annotations

import re
from pathlib import Path

import pytest

from geo.domain.words import Category

from data.categories import KINDS, OSM_CRITERIA, osm_kind

DOCS = Path(__file__).parents[2] / "docs" / "loading.md"
ROW = re.compile(r"\| (\w+) \| (.*) \| ([a-z, ]+) \| (\d+) \|")
TAG = re.compile(r"`(\w+)=(\w+)`")


def test_the_documented_table_is_the_one_in_use() -> None:
    rows = {found[1]: found for line in DOCS.read_text("utf-8").splitlines() if (found := ROW.fullmatch(line))}
    assert rows.keys() == KINDS.keys()
    for name, row in rows.items():
        assert row[3] == ", ".join(category.value for category in KINDS[name].categories)
        assert int(row[4]) == KINDS[name].capacity_per_week
        for key, value in TAG.findall(row[2]):
            tags = {key: value} if key != "social_facility" else {"amenity": "social_facility", key: value}
            assert osm_kind(tags) == name


def test_every_category_is_met_by_some_kind() -> None:
    assert {category for kind in KINDS.values() for category in kind.categories} == set(Category)


@pytest.mark.parametrize("whom", ["abused", "women", "victims_of_violence", "refugees", "woman;child"])
def test_a_refuge_is_never_put_on_the_map(whom: str) -> None:
    tags = {"amenity": "social_facility", "social_facility": "shelter", "social_facility:for": whom}
    assert osm_kind(tags) is None
    assert osm_kind({"amenity": "social_facility", "social_facility": "shelter"}) == "homeless_shelter"


def test_the_criteria_hold_every_tag_of_the_table() -> None:
    assert {"amenity", "shop", "office", "healthcare"} == OSM_CRITERIA.keys()
    values = OSM_CRITERIA["shop"]
    assert isinstance(values, list)
    assert "supermarket" in values
    assert osm_kind({"shop": "supermarket", "amenity": "atm"}) == "supermarket"
    assert osm_kind({"shop": "jewelry"}) is None
