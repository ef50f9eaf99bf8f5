"""How names get lost on the way, other than by a slip on the keyboard: by ear, by eye, by voice, by haste."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

_SOUNDS: Final = (
    ("ph", "f"), ("f", "ph"), ("ie", "ei"), ("ei", "ie"), ("ck", "k"), ("c", "k"), ("ee", "ea"), ("ea", "ee"),
    ("y", "ey"), ("ey", "y"), ("oo", "u"), ("ow", "ou"), ("s", "z"), ("gh", ""), ("wh", "w"), ("ai", "ay"),
    ("er", "ur"), ("or", "er"), ("ll", "l"), ("l", "ll"), ("tt", "t"), ("t", "tt"), ("nn", "n"), ("n", "nn"),
    ("ss", "s"), ("rr", "r"),
)  # fmt: skip
_LOOKS: Final = (
    ("rn", "m"), ("m", "rn"), ("l", "1"), ("o", "0"), ("cl", "d"), ("d", "cl"), ("i", "l"), ("l", "i"), ("e", "c"),
    ("h", "b"), ("u", "v"), ("v", "u"), ("vv", "w"), ("w", "vv"), ("s", "5"), ("g", "q"), ("n", "ri"),
)  # fmt: skip
_HEARD: Final = {
    "ave": "have", "rd": "rode", "ln": "lain", "ct": "caught", "st": "straight", "dr": "drives", "cir": "circus",
    "pl": "plays", "way": "weigh", "ter": "terrorist", "blvd": "bully vard", "pkwy": "park way",
}  # fmt: skip
_UNSEEN: Final = {
    "ave": "Avnu.", "rd": "Rod.", "ln": "Lne", "ct": "Crt", "st": "Stre", "dr": "Drv", "cir": "Crcl", "pl": "Plc",
    "way": "Wy", "ter": "Terr", "blvd": "Boulv", "pkwy": "Pky",
}  # fmt: skip
_SPOKEN: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_VOWEL: Final = re.compile(r"(?<=[bcdfghjklmnpqrstvwxz])[aeiou](?=[bcdfghjklmnpqrstvwxz])")


def swap_one(name: str, pairs: Sequence[tuple[str, str]], rng: random.Random) -> str | None:
    """Replace one occurrence, after the first letter, of one of the pairs; None where none occurs."""
    spots = [(m.start(), old, new) for old, new in pairs for m in re.finditer(re.escape(old), name) if m.start() > 0]
    if not spots:
        return None
    at, old, new = rng.choice(spots)
    return name[:at] + new + name[at + len(old) :]


def by_ear(name: str, rng: random.Random) -> str | None:
    """Write a name as it sounds."""
    return swap_one(name, _SOUNDS, rng)


def by_eye(name: str, rng: random.Random) -> str | None:
    """Read a name as a scanner does."""
    return swap_one(name, _LOOKS, rng)


def without_a_vowel(name: str, rng: random.Random) -> str | None:
    """Leave one vowel out."""
    spots = [m.start() for m in _VOWEL.finditer(name)]
    at = rng.choice(spots) if spots else None
    return None if at is None else name[:at] + name[at + 1 :]


def split_word(name: str, rng: random.Random) -> str | None:
    """Put a space into the longest word."""
    word = max(name.split(), key=len)
    if len(word) < 7:
        return None
    at = rng.randrange(3, len(word) - 3)
    return name.replace(word, f"{word[:at]} {word[at:]}", 1)


def glue_words(name: str, _rng: random.Random) -> str | None:
    """Leave the spaces of a name out."""
    return name.replace(" ", "") if " " in name else None


def swap_words(name: str, _rng: random.Random) -> str | None:
    """Turn the first two words of a name around."""
    words = name.split()
    return " ".join([words[1], words[0], *words[2:]]) if len(words) > 1 else None


def drop_word(name: str, rng: random.Random) -> str | None:
    """Leave one word of a name out."""
    words = name.split()
    if len(words) < 2:
        return None
    words.pop(rng.randrange(len(words)))
    return " ".join(words)


def consonants(name: str, _rng: random.Random) -> str | None:
    """Shorten the longest word to its consonants, as no list of abbreviations has it."""
    word = max(name.split(), key=len)
    short = word[0] + re.sub("[aeiou]", "", word[1:])
    return None if len(word) < 7 or len(word) - len(short) > 4 else name.replace(word, short, 1)


def heard_type(type_: str) -> str | None:
    """Give what a telephone hears for a street type."""
    return _HEARD.get(type_)


def unseen_type(type_: str) -> str | None:
    """Give an abbreviation of a street type that stands in no list."""
    return _UNSEEN.get(type_)


def spoken_number(number: str) -> str | None:
    """Say a number digit by digit."""
    return " ".join(_SPOKEN[int(digit)] for digit in number) if number.isdigit() else None


OF_NAMES: Final[Mapping[str, Callable[[str, random.Random], str | None]]] = {
    "by_ear": by_ear,
    "by_eye": by_eye,
    "vowel_dropped": without_a_vowel,
    "word_split": split_word,
    "words_glued": glue_words,
    "words_swapped": swap_words,
    "word_dropped": drop_word,
    "consonants_only": consonants,
}


def typo(text: str, rng: random.Random, *, spared: frozenset[str] = frozenset()) -> str:
    """Make one slip of the hand inside a word of letters that is not spared; words with digits stay as they are."""
    words = text.split(" ")
    open_to = [n for n, word in enumerate(words) if len(word) > 3 and word.isalpha() and word.lower() not in spared]
    if not open_to:
        return text
    which = rng.choice(open_to)
    word = words[which]
    at = rng.randrange(1, len(word) - 1)
    words[which] = rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + rng.choice("abcdefghiklmnoprstuwy") + word[at:],
            word[:at] + rng.choice("abcdefghiklmnoprstuwy") + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return " ".join(words)
