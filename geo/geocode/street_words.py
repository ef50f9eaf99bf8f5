"""How streets are shortened, merged from the tables of all countries.

Every table maps a folded word (see ``name_key``) to the one form that keys carry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.geocode.locales import LOCALES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def _merged(tables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for table in tables:
        for word, key in table.items():
            merged.setdefault(word, key)
    return merged


def _spelt(table: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, spellings in table.items():
        yield from ((spelling, key) for spelling in spellings.split())


TYPES: Final[dict[str, str]] = _merged(dict(_spelt(locale.types)) for locale in LOCALES)
"""Street types that end a name; at the end of a name keys carry the short form."""

_FULL_TYPES: Final[dict[str, str]] = _merged(
    {spelling: spellings.split()[0] for spellings in locale.types.values() for spelling in spellings.split()}
    for locale in LOCALES
)
_OPENING_FULL: Final[dict[str, str]] = {key: _FULL_TYPES[word] for word, key in reversed(TYPES.items())}

FULL_WORDS: Final[dict[str, str]] = _merged(
    (
        {short: _OPENING_FULL[key] for short, key in TYPES.items()},
        *(
            {spelling: full for full, spellings in locale.name_types.items() for spelling in (full, *spellings.split())}
            for locale in LOCALES
        ),
    )
)
"""Inside a name words are written out, or a slip in "Mount" could not be seen to be near "Mt"."""

TRAILING_TYPES: Final = frozenset(set(TYPES.values()) - {"br", "brg", "mt", "vis", "vlg", "ctr", "ext"})
"""Types that are a part of their own at the end of a key."""

SURE_TYPES: Final = frozenset(
    word
    for word, key in TYPES.items()
    if key not in {loose for locale in LOCALES for loose in locale.loose_types.split()}
)
"""Words behind which a street name is over, so that what follows without a comma is the town."""

LOOSE_TYPES: Final = frozenset({*TYPES, *FULL_WORDS} - SURE_TYPES)
"""Words behind which it may be over, or not ("Lake", "Hill")."""

LEADING_TYPES: Final[dict[str, str]] = _merged(dict(_spelt(locale.leading_types)) for locale in LOCALES)
"""Types that open a name in Romance languages ("rue", "calle"), written out in keys."""

COMPASS: Final[dict[str, str]] = _merged(locale.compass for locale in LOCALES)
"""Compass words before or after a name, in English."""

COMPASS_KEYS: Final = frozenset(COMPASS.values())

COMPASS_WORDS: Final = frozenset(COMPASS) | COMPASS_KEYS

TRAILING_COMPASS: Final[dict[str, str]] = _merged(locale.trailing_compass for locale in LOCALES)
"""Compass words that count only at the end of a name that a type opens ("rue Sherbrooke Ouest")."""

COMPASS_OPENINGS: Final[tuple[tuple[tuple[str, ...], Mapping[str, str]], ...]] = tuple(
    opening for locale in LOCALES for opening in locale.compass_openings
)
"""Words that open a Finnish or Swedish name and belong to it, by the name's ending; keys carry them in full
("P. Rautatiekatu", "N. Storgatan")."""

DOTTED_ENDINGS: Final[tuple[tuple[str, str], ...]] = tuple(
    sorted((pair for locale in LOCALES for pair in locale.dotted_endings), key=lambda pair: -len(pair[0]))
)
"""Endings of Finnish, Swedish and German compounds when shortened with a full stop ("Aleksanterink.", "Storg.").

The longest first; they hold only for the last word of a name, and only where the stop was written: without it
"Bank" would turn into a Finnish street.
"""

BARE_ENDINGS: Final[tuple[tuple[str, str], ...]] = tuple(pair for locale in LOCALES for pair in locale.bare_endings)
"""The few that are short for nothing else, so that they hold without a stop ("Ackermannstr")."""

GLUED_ENDINGS: Final = frozenset(word for locale in LOCALES for word in locale.glued_endings.split())
"""Endings that belong to the word before them, however they were typed ("Aleksanterin katu")."""

COMPOUND_ENDINGS: Final = tuple(sorted(GLUED_ENDINGS, key=lambda word: (-len(word), word)))

DEFINITE_ENDINGS: Final[tuple[tuple[str, str], ...]] = tuple(
    pair for locale in LOCALES for pair in locale.definite_endings
)
"""Endings with and without the article, which keys write alike ("Storgata", "Storgatan")."""

GENITIVES: Final[tuple[tuple[str, str], ...]] = tuple(
    sorted((pair for locale in LOCALES for pair in locale.genitives), key=lambda pair: -len(pair[0]))
)
"""Inflected endings with the plain one ("Kaivokadun kulma" is a corner of Kaivokatu)."""

NUMBERED_TYPES: Final = frozenset(word for locale in LOCALES for word in locale.numbered_types.split())
"""Types that follow an ordinal: the number before them is part of the name."""

ROUTES: Final[dict[tuple[str, ...], str]] = {
    tuple(words.split()): key for words, key in _merged(locale.routes for locale in LOCALES).items()
}
"""Openings of numbered roads in words, with the form that keys carry."""

ROUTE_LENGTH: Final = max(len(words) for words in ROUTES)
ROUTE_OPENINGS: Final = frozenset(words[0] for words in ROUTES)

NAME_ENDINGS: Final = (
    "bank berry borough bourne branch bridge brook burn bury bush by cliff combe cote court cove creek croft dale "
    "dell den field ford forest gate glen grove hall ham harbor haven hill hollow holm hurst lake land lawn lea "
    "ledge ley lock mead meadow mere mill minster moor mount oak orchard park pond pool port ridge rise river "
    "rock run shire shore side spring stead stone stream thorpe ton tree vale valley view ville ward water way "
    "well wick wood worth maki niemi ranta lahti saari jarvi joki koski pelto niitty metsa laakso lampi suo salmi "
    "vuori kallio harju berg backe dal holmen vik sund torp lund fors hamn strand udden"
)
"""What names of streets often end in: "Eastbridge" beside "Eastridge" is more likely another street than a slip."""

ORDINALS: Final[dict[str, str]] = _merged(locale.ordinals for locale in LOCALES)
"""Ordinal words, which keys write as plain numbers: "First Street" and "1st St" are one street."""

ORDINAL_TENS: Final = frozenset(word.split()[0] for word in ORDINALS if " " in word)
"""The first of two words that are one ordinal ("twenty third")."""
