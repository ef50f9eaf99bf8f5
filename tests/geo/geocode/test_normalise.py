from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geocode.normalise import MAX_KEY, MAX_TEXT, fold, name_key, number_key, street_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Töölönkatu", "toolonkatu"),
        ("  O'Brien's   Pub ", "obriens pub"),
        ("Fish & Chips", "fish and chips"),
        ("N.W. Hall", "nw hall"),
        ("S:t Eriksgatan", "st eriksgatan"),
        ("Улица Ленина", "ulitsa lenina"),
        ("ﬁsh\u00a0market", "fish market"),
        ("🏠", ""),
        ("", ""),
    ],
)
def test_name_key(text: str, key: str) -> None:
    assert name_key(text) == key


@pytest.mark.parametrize(
    "spellings",
    [
        ("Main Street", "MAIN ST", "main st.", "Main  Str"),
        ("North First Street", "N. 1st St", "n 1 st"),
        ("113th Avenue", "113 Ave", "113TH AVE", "113th av.", "113 th Ave", "113THAVE"),
        ("Saint Paul Street", "St. Paul St"),
        ("Aleksanterinkatu", "Aleksanterink.", "Aleksanterin katu", "ALEKSANTERINKATU"),
        ("Mannerheimintie", "Mannerheimint."),
        ("Storgatan", "Storg."),
        ("Södra vägen", "Södravägen", "Sodra Vagen"),
        ("Hauptstraße", "Hauptstr.", "Hauptstrasse"),
        ("Pohjoinen Rautatiekatu", "Pohj. Rautatiekatu", "P. Rautatiekatu"),
        ("Norra Storgatan", "N. Storgatan", "N Storg."),
        ("Mount Carmel Road", "MT CARMEL RD"),
        ("Charles Street Avenue", "Charles St Ave"),
        ("Mill Center Drive", "MILL CTR DR"),
        ("Aleksanterinkatu", "ALEKSANTERINK."),
        ("Mannerheimintie", "Mannerheimin tie"),
        ("Pohjoisesplanadi", "Pohjoisespl."),
        ("Kaisaniemen puistokatu", "Kaisaniemenpuistok.", "Kaisaniemenpuistokatu"),
        ("Norra Esplanaden", "N. Espl.", "N Esplanaden"),
        ("S\u00f6dra J\u00e4rnv\u00e4gsgatan", "S. J\u00e4rnv\u00e4gsg."),
        ("Storgatan", "Storgata", "Storg.", "Stor gatan"),
        ("Lillgr\u00e4nden", "Lillgr."),
        ("Ackermannstra\u00dfe", "Ackermannstr", "Ackermannstr.", "Ackermann Strasse"),
        ("3. linja", "Kolmas linja", "3 linja"),
        ("Twenty-Third Street", "23rd St", "Twenty third St."),
        ("Northwest 5th Avenue", "NW 5th Ave", "N.W. 5th Ave", "N W 5th Ave"),
        ("5th Avenue Northwest", "5th Ave N W"),
        ("R Street Northwest", "R St NW"),
        ("US Highway 50", "U.S. Route 50", "US-50", "US Hwy 50"),
        ("State Route 12", "SR 12", "State Hwy 12", "State Road 12"),
        ("Maryland Route 45", "MD-45", "MD 45", "MD Rte 45"),
        ("County Road 7", "Co Rd 7", "CR 7"),
        ("Interstate 95", "I-95", "I 95"),
        ("Fort Avenue", "Ft Ave"),
        ("Stelly's Cross Road", "Stellys X Rd"),
        ("Avenida Paulista", "Av. Paulista", "AV PAULISTA"),
        ("Calle Mayor", "C/ Mayor", "C/Mayor"),
        ("Rua das Flores", "R. das Flores"),
        ("rue Saint-Jean Ouest", "Rue St-Jean O."),
        ("\u0423\u043b\u0438\u0446\u0430 \u041b\u0435\u043d\u0438\u043d\u0430", "ulitsa Lenina"),
        ("\u039b\u03b5\u03c9\u03c6\u03cc\u03c1\u03bf\u03c2 \u0391\u03b8\u03b7\u03bd\u03ce\u03bd", "Leoforos Athinon"),
        ("Constitution Avenue Northwest", "Constitution Ave NW", "Constitution Av N.W."),
    ],
)
def test_spellings_of_one_street_share_a_key(spellings: tuple[str, ...]) -> None:
    assert len({street_key(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("113 Ave", "113 Rd"),
        ("Eastridge Rd", "Westridge Rd"),
        ("East St", "E St"),
        ("Bank", "Bankatu"),
        ("All Saints", "All\u00e9e Saints"),
        ("MD-45", "PA-45"),
        ("W 5 St", "West St"),
        ("Hill Rd", "Hills Rd"),
        ("N Main St", "S Main St"),
        ("Улица Ленина", "Улица Гагарина"),
    ],
)
def test_different_streets_keep_different_keys(one: str, other: str) -> None:
    assert street_key(one) != street_key(other)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("12 A", "12a"),
        ("12a", "12a"),
        ("12-A", "12a"),
        ("216-17", "216-17"),
        ("1 \u2013 3", "1-3"),
        ("12½", "12 1/2"),
        ("12 1/2", "12 1/2"),
        ("No. 12", "12"),
        ("#7", "7"),
        ("007", "7"),
        ("٤٢", "42"),
        ("", ""),
    ],
)
def test_number_key(text: str, key: str) -> None:
    assert number_key(text) == key


@given(st.text(max_size=80))
def test_keys_are_stable_and_bounded(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)
    assert len(fold(text * 20)) <= MAX_TEXT
    assert len(number_key(text)) <= 30
    assert street_key(text) == street_key(text.strip())


def test_a_very_long_text_is_cut() -> None:
    assert len(street_key("a" * 100_000)) == MAX_KEY
    assert len(name_key("a" * 100_000)) == MAX_TEXT
