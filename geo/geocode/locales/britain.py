"""Great Britain and Northern Ireland, and what is written likewise in Ireland, Australia and New Zealand."""

from __future__ import annotations

from typing import Final

from geo.geocode.locale_table import Locale

TABLE: Final = Locale(
    types={"cl": "close cl clo", "grth": "garth grth", "mews": "mews", "pde": "parade pde", "wynd": "wynd"},
    name_types={"esplanade": "esp", "grange": "gra", "drove": "", "croft": "", "rise": "", "gate": "", "wharf": "whf"},
    loose_types="pde",
    unit_words="shop",
    countries=("uk", "united kingdom", "great britain", "england", "scotland", "wales", "northern ireland"),
    late_postcodes=(),
    postcodes=(r"[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2}$", r"[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}$"),
    corner_words="cnr",
)
