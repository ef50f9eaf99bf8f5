"""Canada: the basics. French names are read with the table of France."""

from __future__ import annotations

from typing import Final

from geo.geocode.locale_table import Locale

TABLE: Final = Locale(
    types={
        "blvd": "boulevard bv bd bu",
        "conc": "concession conc",
        "cres": "crescent cr cre",
        "line": "line",
        "prom": "promenade prom pm",
        "sdrd": "sideroad sdrd",
        "ter": "terrace tce",
        "trl": "trail",
    },
    name_types={"estates": "", "townline": "tline", "grounds": "grnds"},
    loose_types="line prom",
    box_words=("case postale",),
    postal_words=(
        "gd", "stn", "station", "rpo", "postal stn", "postal station", "rtd mail", "return mail", "bag", "lcd",
    ),
    countries=("canada", "can"),
    regions={
        "ab": "alberta", "bc": "british columbia", "mb": "manitoba", "nb": "new brunswick",
        "nl": "newfoundland and labrador", "ns": "nova scotia", "nt": "northwest territories", "nu": "nunavut",
        "on": "ontario", "pe": "prince edward island", "qc": "quebec", "sk": "saskatchewan", "yt": "yukon",
    },
    compass_towns={
        "n": ("vancouver", "saanich", "bay", "york", "battleford", "sydney", "cowichan"),
        "w": ("vancouver", "kelowna", "kildonan"),
        "e": ("york", "st paul", "gwillimbury"),
        "s": ("surrey", "porcupine"),
    },
    postcodes=(r"[a-z]\d[a-z][\s-]?\d[a-z]\d",),
)  # fmt: skip
