"""Finland, in Finnish. Its Swedish names are read with the table of Sweden."""

from __future__ import annotations

from typing import Final

from geo.geocode.locale_table import Locale

_COMPASS: Final = {
    "p": "pohjoinen", "po": "pohjoinen", "pohj": "pohjoinen",
    "e": "etelainen", "et": "etelainen", "etel": "etelainen",
    "i": "itainen", "it": "itainen",
    "l": "lantinen", "lant": "lantinen",
}  # fmt: skip

TABLE: Final = Locale(
    glued_endings=(
        "katu tie kuja polku kaari ranta tori aukio puisto rinne maki raitti vayla bulevardi esplanadi puistokatu "
        "puistotie portti silta penger laituri kehatie kehakatu valtatie maantie"
    ),
    dotted_endings=(
        ("puistok", "puistokatu"), ("puistot", "puistotie"), ("espl", "esplanadi"), ("bulev", "bulevardi"),
        ("bul", "bulevardi"), ("kj", "kuja"), ("kr", "kaari"), ("pol", "polku"), ("k", "katu"), ("t", "tie"),
    ),
    genitives=(
        ("kadun", "katu"), ("tien", "tie"), ("kujan", "kuja"), ("polun", "polku"), ("kaaren", "kaari"),
        ("rannan", "ranta"), ("torin", "tori"), ("aukion", "aukio"), ("puiston", "puisto"), ("rinteen", "rinne"),
        ("maen", "maki"), ("raitin", "raitti"), ("vaylan", "vayla"), ("bulevardin", "bulevardi"),
        ("esplanadin", "esplanadi"), ("portin", "portti"), ("sillan", "silta"), ("penkereen", "penger"),
        ("laiturin", "laituri"), ("linjan", "linja"),
    ),
    compass_openings=(
        (
            ("katu", "tie", "kuja", "polku", "kaari", "ranta", "esplanadi", "puistokatu", "rinne", "raitti"),
            _COMPASS,
        ),
    ),
    ordinals={
        "ensimmainen": "1", "toinen": "2", "kolmas": "3", "neljas": "4", "viides": "5", "kuudes": "6",
        "seitsemas": "7", "kahdeksas": "8", "yhdeksas": "9", "kymmenes": "10",
    },
    numbered_types="linja linjat linjan linjen poikkikatu",
    unit_words="as asunto krs kerros rappu rp rap porras huone",
    floor_words="krs kerros",
    box_words=("postilokero",),
    box_starts="pl",
    countries=("finland", "suomi", "fi", "fin"),
    postcodes=(r"(?:fi-|fin-)\d{5}",),
    crossing_joins="ja",
    crossing_openings=("risteys", "kulma"),
    crossing_closings="kulma kulmassa kulmaus kulmauksessa risteys risteyksessa risteyksen risteykseen kulmasta",
    near=("vastapaata", "lahella", "vieressa", "takana", "ennen", "vasten"),
    behind="takana vieressa edessa lahella vastapaata luona kohdalla ohi jalkeen takaa vierella kupeessa tuntumassa",
)  # fmt: skip
