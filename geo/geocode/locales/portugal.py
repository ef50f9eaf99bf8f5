"""Portugal and Brazil: the basics."""

from __future__ import annotations

from typing import Final

from geo.geocode.locale_table import Locale

TABLE: Final = Locale(
    leading_types={
        "rua": "rua r",
        "avenue": "avenida",
        "travessa": "travessa tv trav",
        "praca": "praca pca pc",
        "alameda": "alameda",
        "estrada": "estrada estr",
        "rodovia": "rodovia",
        "largo": "largo lgo",
        "beco": "beco",
        "viela": "viela",
        "calcada": "calcada",
    },
    unit_words="apto ap bloco bl andar sala casa cj conjunto",
    floor_words="andar",
    box_words=("caixa postal",),
    countries=("brasil", "brazil", "portugal"),
    postcodes=(r"\d{5}-\d{3}",),
    late_postcodes=(r"\d{4}-\d{3}",),
    crossing_joins="com",
    near=(
        "atras do", "atras da", "atras de", "ao lado do", "ao lado da", "ao lado de", "em frente ao", "em frente a",
        "perto do", "perto da", "perto de", "proximo ao", "proximo a", "junto ao",
    ),
    at=("dentro do", "dentro da", "no", "na"),
    articles="o a os as",
)  # fmt: skip
