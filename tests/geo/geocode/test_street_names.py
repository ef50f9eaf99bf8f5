from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geocode.edits import count_edits
from geo.geocode.normalise import street_key
from geo.geocode.street_names import compare_streets


def faults(typed: str, found: str) -> list[str] | None:
    compared = compare_streets(street_key(typed), street_key(found))
    return None if compared is None else [f.name for f in compared]


@pytest.mark.parametrize(
    ("typed", "found", "expected"),
    [
        ("Main St", "Main Street", []),
        ("Main", "Main St", ["type.missing"]),
        ("Main St", "Main Ave", ["type.conflict"]),
        ("Hunt Ridge", "Hunt Ridge Rd", ["type.missing"]),
        ("E Main St", "W Main St", ["compass.conflict"]),
        ("E Main St", "Main St", ["compass.conflict"]),
        ("Main St", "E Main St", ["compass.missing"]),
        ("Stoneoka Rd", "Stoneoak Rd", ["street.misspelt"]),
        ("Mounyt Carmel Rd", "Mt Carmel Rd", ["street.misspelt"]),
        ("Stone Oak Rd", "Stoneoak Rd", ["street.spacing"]),
        ("Mannerheimntie", "Mannerheimintie", ["street.misspelt"]),
        ("Phojoinen Rautatiekatu", "Pohjoinen Rautatiekatu", ["street.misspelt"]),
        ("Pohjoinen Rautatiekatu", "Eteläinen Rautatiekatu", None),
        ("Westridge Rd", "Eastridge Rd", ["street.misspelt", "street.unsafe_spelling"]),
        ("Eastbridge Rd", "Eastridge Rd", ["street.misspelt", "street.unsafe_spelling"]),
        ("Eastirdge Rd", "Eastridge Rd", ["street.misspelt"]),
        ("Hill Rd", "Mill Rd", ["street.misspelt", "street.unsafe_spelling"]),
        ("Wset 41st Avenue", "West 41st Avenue", ["street.misspelt"]),
        ("Eat 1st Street", "East 1st Street", ["street.misspelt"]),
        ("East 55th Avelue", "East 55th Avenue", ["street.misspelt"]),
        ("Galiano Raod", "Galiano Road", ["street.misspelt"]),
        ("Road Stoneoak", "Stoneoak Road", ["street.misspelt"]),
        ("Key5er Hill Ct", "Keyser Hill Ct", ["street.misspelt"]),
        ("Hill Keyser Ct", "Keyser Hill Ct", ["street.word_order"]),
        ("Rod Gun Rd", "Rod & Gun Rd", ["street.spacing"]),
        ("North Poijt Creek Road", "North Point Creek Road", ["street.misspelt"]),
        ("E Blvd", "East Boulevard", ["street.spacing"]),
        ("Chestnut Hills Rd", "Chestnut Hill Rd", ["street.misspelt", "street.unsafe_spelling"]),
        ("Aleksanterinkatu", "Aleksanterintie", None),
        ("Old Frederick Rd", "Frederick Rd", ["street.word_missing"]),
        ("113 Ave", "115 Ave", None),
        ("Number 5 Road", "Number 4 Road", None),
        ("Elm St", "Oak St", None),
    ],
)
def test_faults_between_two_names(typed: str, found: str, expected: list[str] | None) -> None:
    assert faults(typed, found) == expected


def reference_edits(one: str, other: str) -> int:
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            same = one[i - 1] == other[j - 1]
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (not same))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one), len(other)]


words = st.text(alphabet="abc", max_size=9)


@given(words, words, st.integers(0, 5))
def test_edits_equal_the_plain_table(one: str, other: str, most: int) -> None:
    assert count_edits(one, other, most) == min(reference_edits(one, other), most + 1)
