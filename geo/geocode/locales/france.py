"""France, and French in Canada, Belgium and Switzerland: the basics."""

from __future__ import annotations

from typing import Final

from geo.geocode.locale_table import Locale

TABLE: Final = Locale(
    leading_types={
        "rue": "rue",
        "allee": "allee",
        "avenue": "avenue av ave",
        "boulevard": "boulevard bd boul blvd bvd",
        "chemin": "chemin ch chem",
        "cours": "cours crs",
        "impasse": "impasse imp",
        "montee": "montee mte",
        "place": "place pl",
        "quai": "quai",
        "rang": "rang rg",
        "route": "route rte",
        "ruelle": "ruelle",
        "sentier": "sentier",
        "square": "square sq",
        "cote": "cote",
        "voie": "voie",
    },
    trailing_compass={"nord": "n", "sud": "s", "est": "e", "ouest": "w", "o": "w"},
    unit_words="appt appartement bureau bur batiment bat esc porte app",
    floor_words="etage",
    box_words=("boite postale", "case postale", "cp", "bp"),
    countries=("france", "belgique", "suisse"),
    number_suffixes="bis ter quater",
    crossing_joins="et",
    crossing_openings=("l'angle de", "angle de", "angle", "au coin de", "coin de", "coin", "intersection de"),
    corner_words="angle",
    near=(
        "derriere le", "derriere la", "derriere l'", "derriere", "a cote de la", "a cote de l'", "a cote du",
        "a cote de", "en face de la", "en face de l'", "en face du", "en face de", "pres de la", "pres de l'",
        "pres du", "pres de", "devant la", "devant le", "devant",
    ),
    at=("chez", "dans le", "dans la"),
    articles="le la les l'",
)  # fmt: skip
