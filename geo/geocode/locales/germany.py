"""Germany, Austria and German Switzerland: the basics."""

from __future__ import annotations

from typing import Final

from geo.geocode.locale_table import Locale

TABLE: Final = Locale(
    glued_endings="strasse weg platz allee gasse ufer ring damm chaussee steig",
    dotted_endings=(("str", "strasse"), ("pl", "platz")),
    bare_endings=(("str", "strasse"),),
    unit_words="whg wohnung etage stock stiege tur zimmer og haus hinterhaus",
    floor_words="og stock etage",
    box_starts="postfach",
    countries=("deutschland", "germany", "osterreich", "austria", "schweiz", "switzerland"),
    postcodes=(r"(?:d-)\d{5}",),
    late_postcodes=(r"\d{4}",),
    crossing_joins="und",
    crossing_openings=("ecke", "kreuzung"),
    corner_words="ecke",
    near=(
        "hinter der", "hinter dem", "hinter", "neben der", "neben dem", "neben", "gegenuber der", "gegenuber dem",
        "gegenuber von", "gegenuber", "bei der", "beim", "bei", "vor der", "vor dem", "nahe", "in der nahe von",
        "in der nahe der",
    ),
    at=("im", "in der"),
    articles="der die das dem den",
)  # fmt: skip
