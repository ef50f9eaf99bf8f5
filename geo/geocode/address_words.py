"""Words of an address that are neither street nor number, merged from the tables of all countries."""

from __future__ import annotations

from typing import Final

from geo.geocode.locales import LOCALES


def _words(field: str) -> frozenset[str]:
    return frozenset(word for locale in LOCALES for word in getattr(locale, field).split())


def _phrases(field: str) -> tuple[tuple[str, ...], ...]:
    """Give phrases as tuples of words, the longest first, so that the first that fits is the one."""
    found = {tuple(phrase.split()) for locale in LOCALES for phrase in getattr(locale, field)}
    return tuple(sorted(found, key=lambda words: (-len(words), words)))


UNIT_WORDS: Final = _words("unit_words")
"""What stands before the number or letter of a flat."""

FLOOR_WORDS: Final = _words("floor_words")
"""What stands behind an ordinal ("4th floor", "3. krs")."""

BARE_UNITS: Final = _words("bare_units")
DANGLING_UNITS: Final = _words("dangling_units")

BOX_WORDS: Final = tuple(sorted({word for locale in LOCALES for word in locale.box_words}, key=lambda w: (-len(w), w)))
"""What stands before the number of a post box."""

BOX_STARTS: Final = tuple(sorted(_words("box_starts")))
"""What does so only at the start of a part: "PL 12" is a Finnish box, "Park Pl 12" is not."""

POSTAL_WORDS: Final = tuple(
    sorted({word for locale in LOCALES for word in locale.postal_words}, key=lambda w: (-len(w), w))
)
"""Words of the post that are no place ("RR 3", "Stn A", "General Delivery")."""

COUNTRIES: Final = frozenset(word for locale in LOCALES for word in locale.countries)
"""Countries as people write them at the end; they tell a network nothing."""

COUNTRY_TAILS: Final = tuple(
    sorted((tuple(c.split()) for c in COUNTRIES if len(c) > 3), key=lambda words: -len(words))  # noqa: PLR2004
)

REGIONS: Final = frozenset(code for locale in LOCALES for code in locale.regions)
"""States and provinces as they are shortened after a town."""

REGION_CODES: Final[dict[str, str]] = {name: code for locale in LOCALES for code, name in locale.regions.items()}
"""The same in full, with their short form."""

REGION_TAILS: Final = tuple(sorted((tuple(name.split()) for name in REGION_CODES), key=lambda words: -len(words)))

POSTCODES: Final = tuple(dict.fromkeys(shape for locale in LOCALES for shape in locale.postcodes))
LATE_POSTCODES: Final = tuple(dict.fromkeys(shape for locale in LOCALES for shape in locale.late_postcodes))

COMPASS_TOWNS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    way: tuple({tuple(name.split()) for locale in LOCALES for name in locale.compass_towns.get(way, ())})
    for way in {way for locale in LOCALES for way in locale.compass_towns}
}
"""Towns whose names open with a compass word, by its short form: "Main St North Vancouver" ends at "St"."""

NUMBER_SUFFIXES: Final = _words("number_suffixes")
RECIPIENTS: Final = _words("recipients")
ARTICLES: Final = _words("articles")

CROSSING_JOINS: Final = _words("crossing_joins")
CROSSING_OPENINGS: Final = _phrases("crossing_openings")
CROSSING_CLOSINGS: Final = _words("crossing_closings")
CORNER_WORDS: Final = _words("corner_words")

NEAR: Final = _phrases("near")
AT: Final = _phrases("at")
BEHIND: Final = _words("behind")
