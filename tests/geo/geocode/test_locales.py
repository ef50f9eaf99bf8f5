"""The tables of the countries: words that no folded text can hold would never be found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from geo.geocode import street_words
from geo.geocode.locales import LOCALES
from geo.geocode.normalise import fold, street_key

if TYPE_CHECKING:
    from geo.geocode.locale_table import Locale

_PATTERNS = {"postcodes", "late_postcodes"}


def words_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split()
    if isinstance(value, Mapping):
        return [word for pair in value.items() for part in pair for word in words_of(part)]
    return [word for part in value for word in words_of(part)]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_word_is_folded(locale: Locale) -> None:
    for name in {field.name for field in fields(locale)} - _PATTERNS:
        for word in words_of(getattr(locale, name)):
            assert word == fold(word), (name, word)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_spelling_stands_for_two_types(locale: Locale) -> None:
    spelt = [word for spellings in locale.types.values() for word in spellings.split()]
    assert len(spelt) == len(set(spelt))


def test_short_and_long_forms_of_a_type_share_a_key() -> None:
    for short, kind in street_words.TYPES.items():
        assert street_key(f"Oak {short}") == street_key(f"Oak {street_words.FULL_WORDS[kind]}"), short


def test_every_suffix_of_the_postal_service_is_known() -> None:
    # a sample over the alphabet of Publication 28, appendix C1: what was written, and its standard abbreviation
    pairs = (
        "allee aly|annx anx|avnue ave|bayoo byu|bluf blf|boulv blvd|brnch br|byps byp|canyn cyn|causwa cswy|cntr ctr|"
        "crcle cir|crssng xing|driv dr|expw expy|extnsn ext|frry fry|frst forest|frwy fwy|gatway gtwy|grdn gdn|"
        "harbr hbr|hiwy hwy|hllw holw|islnd island|jctn jct|knol knl|lndng lndg|missn msn|mntain mtn|orchrd orch|"
        "parkwy pkwy|plza plz|prr prairie|radl radial|rdge rdg|rivr riv|shoar shr|sprng spg|sqre sq|statn sta|"
        "strvnue stra|sumitt smt|terr ter|traces trce|trlrs trlr|tunnl tunl|turnpk tpke|vally vly|viadct vdct|"
        "villiage vlg|vist vis|wy way"
    )
    for pair in pairs.split("|"):
        written, standard = pair.split()
        assert street_key(f"Oak {written}") == street_key(f"Oak {standard}"), pair
