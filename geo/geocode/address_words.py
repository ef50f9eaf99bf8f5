"""Words of an address that are neither street nor number: units, boxes, regions, countries. Tables, no rules."""

from __future__ import annotations

from typing import Final

_UNIT_WORDS: Final = (
    "apt apartment unit suite ste flat floor fl room rm bldg building lot trlr trailer spc space "
    "lgh lagenhet tr as asunto krs kerros rappu porras huone whg etage dpto depto apto"
)
UNIT_WORDS: Final = tuple(_UNIT_WORDS.split())
"""What stands before the number or letter of a flat, in English, Swedish, Finnish, German, Spanish and Portuguese."""

BOX_WORDS: Final = ("po box", "p o box", "p.o. box", "p.o.box", "post office box", "postilokero", "postbox", "pmb")
"""What stands before the number of a post box; "PL 12" and "Box 12" count only at the start of a part."""

BOX_STARTS: Final = ("pl", "box", "pb", "postfach")

_COUNTRIES: Final = (
    "usa|us|u.s|u.s.a|united states|united states of america|finland|suomi|sverige|sweden|norge|norway|danmark|"
    "denmark|deutschland|germany|canada|uk|united kingdom|england|brasil|brazil"
)
COUNTRIES: Final = frozenset(_COUNTRIES.split("|"))
"""Countries as people write them at the end; they tell a network nothing."""

_REGIONS: Final = (
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh "
    "ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr ab bc mb nb nl ns nt nu on pe qc sk yt"
)
REGIONS: Final = frozenset(_REGIONS.split())
"""States and provinces of North America, as they are shortened after a town."""
