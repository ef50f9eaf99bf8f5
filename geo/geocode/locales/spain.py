"""Spain and Latin America, in Spanish: the basics."""

from __future__ import annotations

from typing import Final

from geo.geocode.locale_table import Locale

TABLE: Final = Locale(
    # avenues and squares carry the French words, because "Av." and "Pl." may be either
    leading_types={
        "calle": "calle cl cll c",
        "avenue": "avenida avda avd",
        "carrera": "carrera cra kra",
        "carretera": "carretera ctra",
        "camino": "camino cno",
        "paseo": "paseo",
        "place": "plaza pza plz",
        "ronda": "ronda rda",
        "travesia": "travesia trv",
        "callejon": "callejon cjon",
        "via": "via",
    },
    unit_words="dpto depto piso puerta escalera local oficina",
    box_words=("apartado postal", "apdo postal", "apartado"),
    countries=("espana", "spain"),
    crossing_joins="y con",
    crossing_openings=("esquina de", "esquina", "esq", "cruce de", "interseccion de"),
    corner_words="esquina esq entre",
    near=(
        "detras del", "detras de la", "detras de", "al lado del", "al lado de la", "al lado de", "frente al",
        "frente a la", "frente a", "enfrente del", "enfrente de la", "enfrente de", "cerca del", "cerca de la",
        "cerca de", "junto al", "junto a la", "junto a",
    ),
    at=("dentro de", "en el", "en la"),
    articles="el la los las",
)  # fmt: skip
