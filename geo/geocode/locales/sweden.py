"""Sweden, and Swedish in Finland."""

from __future__ import annotations

from typing import Final

from geo.geocode.locale_table import Locale

_COMPASS: Final = {
    "n": "norra", "norr": "norra", "s": "sodra", "so": "sodra", "sod": "sodra", "o": "ostra", "ost": "ostra",
    "v": "vastra", "vast": "vastra",
    "st": "sankt", "l": "lilla", "lla": "lilla", "g": "gamla", "gla": "gamla",
}  # fmt: skip

TABLE: Final = Locale(
    glued_endings=(
        "gatan gata vagen vag granden stigen stig torget torg planen allen backen stranden strandvagen esplanaden "
        "kajen parken platsen leden sprangen kullen"
    ),
    dotted_endings=(
        ("gat", "gatan"), ("vag", "vagen"), ("grand", "granden"), ("gr", "granden"), ("g", "gatan"), ("v", "vagen"),
    ),
    definite_endings=(("gata", "gatan"), ("vag", "vagen"), ("torg", "torget"), ("stig", "stigen")),
    compass_openings=(
        (("gatan", "vagen", "granden", "stigen", "torget", "esplanaden", "stranden", "kajen", "backen"), _COMPASS),
    ),
    ordinals={
        "forsta": "1", "andra": "2", "tredje": "3", "fjarde": "4", "femte": "5", "sjatte": "6", "sjunde": "7",
        "attonde": "8", "nionde": "9", "tionde": "10",
    },
    numbered_types="linjen",
    unit_words="lgh lagenhet vaning trappa uppgang tr",
    floor_words="tr trappor vaningen van",
    box_words=("postbox", "postlada"),
    box_starts="box pb",
    countries=("sverige", "sweden", "norge", "norway", "danmark", "denmark"),
    postcodes=(r"(?:se-|s-)\d{3}\s?\d{2}",),
    late_postcodes=(r"\d{3}\s\d{2}",),
    crossing_joins="och",
    crossing_openings=(
        "hornet av", "hornet", "i hornet av", "korsningen av", "korsningen mellan", "korsningen", "korsning",
        "gathornet",
    ),
    crossing_closings="hornet korsningen",
    corner_words="hornet",
    near=(
        "bakom", "bredvid", "mittemot", "mitt emot", "nara", "vid", "framfor", "intill", "utanfor", "narheten av",
        "i narheten av",
    ),
    at=("pa", "inne i", "hos"),
    articles="den det",
)  # fmt: skip
