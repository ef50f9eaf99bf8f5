"""How streets are shortened in the places we know: tables, no rules.

Every table maps a folded word (see ``name_key``) to the one short form that keys carry.
"""

from __future__ import annotations

from typing import Final

TYPES: Final[dict[str, str]] = {
    short: key
    for key, words in {
        "aly": "alley aly",
        "ave": "avenue avenida ave av aven avn",
        "blvd": "boulevard blvd boul blv",
        "br": "branch br",
        "brg": "bridge brg",
        "byp": "bypass byp",
        "cir": "circle cir circ crcl",
        "cl": "close cl",
        "cres": "crescent cres crsc",
        "ct": "court ct crt",
        "ctr": "center centre ctr",
        "cv": "cove cv",
        "dr": "drive dr drv",
        "expy": "expressway expy",
        "ext": "extension ext",
        "fwy": "freeway fwy",
        "gdns": "gardens gdns",
        "gln": "glen gln",
        "grn": "green grn",
        "grv": "grove grv",
        "hbr": "harbor harbour hbr",
        "hts": "heights hts",
        "hwy": "highway hwy hiway",
        "jct": "junction jct",
        "ln": "lane ln",
        "lndg": "landing lndg",
        "mnr": "manor mnr",
        "mews": "mews",
        "mt": "mount mt",
        "pass": "passage pass",
        "path": "path",
        "pike": "pike",
        "pkwy": "parkway pkwy pky parkwy",
        "pl": "place pl",
        "plz": "plaza plz",
        "pt": "point pt",
        "rd": "road rd",
        "rdg": "ridge rdg",
        "row": "row",
        "rte": "route rte",
        "run": "run",
        "sq": "square sq",
        "st": "street st str",
        "ter": "terrace ter terr",
        "tpke": "turnpike tpke",
        "trl": "trail trl",
        "vis": "vista vis",
        "vlg": "village vlg",
        "vw": "view vw",
        "walk": "walk",
        "way": "way wy",
        "xing": "crossing xing",
    }.items()
    for short in words.split()
}
"""Street types of English-speaking places, the full word first; at the end of a name keys carry the short form."""

FULL_WORDS: Final[dict[str, str]] = {
    **{short: next(full for full, key in TYPES.items() if key == kind) for short, kind in TYPES.items()},
    "ft": "fort",
    "jr": "junior",
    "sr": "senior",
}
"""Inside a name the same words are written out, or a slip in "Mount" could not be seen to be near "Mt"."""

TRAILING_TYPES: Final = frozenset(set(TYPES.values()) - {"br", "brg", "mt", "vis", "vlg", "ctr", "ext"})
"""Types after which a street name may end, so that what follows without a comma is the town."""

COMPASS: Final[dict[str, str]] = {
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
}
"""Compass words before or after a name, in English."""

COMPASS_KEYS: Final = frozenset({"n", "s", "e", "w", "ne", "nw", "se", "sw"})

COMPASS_OPENINGS: Final[tuple[tuple[tuple[str, ...], dict[str, str]], ...]] = (
    (
        ("katu", "tie", "kuja", "polku", "kaari", "ranta", "esplanadi"),
        {
            "p": "pohjoinen",
            "pohj": "pohjoinen",
            "e": "etelainen",
            "et": "etelainen",
            "etel": "etelainen",
            "i": "itainen",
            "l": "lantinen",
        },
    ),
    (("gatan", "vagen", "esplanaden"), {"n": "norra", "s": "sodra", "o": "ostra", "v": "vastra"}),
)
"""Compass words that open a Finnish or Swedish name, by the name's ending; keys carry them in full, because there they
belong to the name ("P. Rautatiekatu", "N. Storgatan")."""

DOTTED_ENDINGS: Final[tuple[tuple[str, str], ...]] = (
    ("puistok", "puistokatu"),
    ("espl", "esplanadi"),
    ("str", "strasse"),
    ("gat", "gatan"),
    ("vag", "vagen"),
    ("k", "katu"),
    ("t", "tie"),
    ("kj", "kuja"),
    ("g", "gatan"),
    ("v", "vagen"),
)
"""Endings of Finnish, Swedish and German compounds when shortened with a full stop ("Aleksanterink.", "Storg.").

Read from the top; they hold only for the last word of a name, and only where the stop was written: without it
"Bank" would turn into a Finnish street.
"""

GLUED_ENDINGS: Final = frozenset({"katu", "tie", "kuja", "polku", "kaari", "gatan", "vagen", "strasse", "straat"})
"""Endings that belong to the word before them, however they were typed ("Aleksanterin katu")."""

NAME_ENDINGS: Final = (
    "bank berry borough bourne branch bridge brook burn bury bush by cliff combe cote court cove creek croft dale "
    "dell den field ford forest gate glen grove hall ham harbor haven hill hollow holm hurst lake land lawn lea "
    "ledge ley lock mead meadow mere mill minster moor mount oak orchard park pond pool port ridge rise river "
    "rock run shire shore side spring stead stone stream thorpe ton tree vale valley view ville ward water way "
    "well wick wood worth maki niemi ranta lahti saari jarvi joki koski pelto niitty metsa laakso lampi suo salmi "
    "vuori kallio harju berg backe dal holmen vik sund torp lund fors hamn strand udden"
)
"""What names of streets often end in: "Eastbridge" beside "Eastridge" is more likely another street than a slip."""

_ORDINAL_WORDS: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
ORDINALS: Final[dict[str, str]] = {word: str(n) for n, word in enumerate(_ORDINAL_WORDS.split(), start=1)}
"""Ordinal words, which keys write as plain numbers: "First Street" and "1st St" are one street."""
