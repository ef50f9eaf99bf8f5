"""The words a text message may be: stop, start, help, a person, thanks, a number, and the labels of a question."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from geo.domain.texting.arabic import ARABIC
from geo.domain.texting.chinese import CHINESE
from geo.domain.texting.english import ENGLISH
from geo.domain.texting.finnish import FINNISH
from geo.domain.texting.russian import RUSSIAN
from geo.domain.texting.somali import SOMALI
from geo.domain.texting.spanish import SPANISH
from geo.domain.texting.swedish import SWEDISH
from geo.domain.texting.ukrainian import UKRAINIAN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo.domain.texting.phrases import Phrases
    from geo.domain.words import Category

SPOKEN: Final = (ENGLISH, SPANISH, FINNISH, SWEDISH, ARABIC, SOMALI, UKRAINIAN, RUSSIAN, CHINESE)
"""The languages a conversation can be held in, in the order in which they are offered."""
BY_CODE: Final[Mapping[str, Phrases]] = {phrases.code: phrases for phrases in SPOKEN}
MENU: Final = "\n".join(f"{number} {phrases.name}" for number, phrases in enumerate(SPOKEN, 1))
MAX_TEXT: Final = 1_600
"""Characters of one text message, as long as gateways join the parts of a longer one."""
_NUMBER: Final = re.compile(r"[(\[#]?\s*(\d{1,3})\s*[.)\]:]?")
_COUNT: Final = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
_OPTION: Final = re.compile(r"^(\d{1,2}) (.+)$", re.MULTILINE)


class Command(StrEnum):
    """What a whole message may say at any step; thanks are no beginning of a conversation."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    PERSON = "person"
    THANKS = "thanks"


class Said(NamedTuple):
    """A command, and the language whose word it was; none for English words, which everybody knows."""

    command: Command
    language: str | None


def clean(text: str) -> str:
    """Take out what no message means to say: control characters, and spaces that follow each other."""
    plain = "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in text)
    return " ".join(plain.split())


def canonical(text: str) -> str:
    """Write the spellings of a word in one way: no case, no marks around it, digits as ASCII has them."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean(text)).casefold())
    digits = (str(unicodedata.digit(char)) if char.isdigit() else char for char in folded)
    kept = (char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in digits)
    return " ".join("".join(kept).split())


def _known() -> dict[str, Said]:
    found: dict[str, Said] = {}
    for phrases in SPOKEN:
        language = None if phrases is ENGLISH else phrases.code
        for command in Command:
            for word in getattr(phrases, command.value):
                before = found.get(canonical(word))
                # a word of two languages says what is wanted, and not in which of them
                shared = before is not None and before.language != language
                found[canonical(word)] = Said(command, None if shared else language)
    return found


_COMMANDS: Final = _known()


def find_command(text: str) -> Said | None:
    """Find what a whole message asks for, whatever language it is in; a word within a sentence is no command."""
    return _COMMANDS.get(canonical(text))


def read_number(text: str) -> int | None:
    """Read a message that is one number, in whatever digits."""
    plain = unicodedata.normalize("NFKC", clean(text))
    found = _NUMBER.fullmatch("".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in plain))
    return int(found[1]) if found else None


def read_count(text: str) -> int | None:
    """Read the one number in a message such as "we are 4"; none where there are several, or none."""
    found = _COUNT.findall(canonical(text))
    return int(found[0]) if len(found) == 1 else None


def options_of(question: str) -> dict[int, str]:
    """Find the numbered answers of a question."""
    return {int(number): label for number, label in _OPTION.findall(question)}


def choose(text: str, options: Mapping[int, str]) -> int | None:
    """Find which numbered answer is meant: by its number, by its words, or by its words before a comma."""
    number = read_number(text)
    if number is not None:
        return number if number in options else None
    told = canonical(text)
    for number, label in options.items():
        # the commas of three scripts
        if told and told in (canonical(label), canonical(re.split("[,،，]", label)[0])):
            return number
    return None


def find_category(text: str) -> tuple[Category, str] | None:
    """Find the kind of need that a whole message names, and the language it is in."""
    told = canonical(text)
    for phrases in SPOKEN:
        for category, label in phrases.categories.items():
            if told and told == canonical(label):
                return category, phrases.code
    return None


def guess_category(said: Sequence[str]) -> Category | None:
    """Find the first kind of need whose label stands in what was said; none when there is none."""
    told = " | ".join(canonical(line) for line in said)
    for phrases in SPOKEN:
        for category, label in phrases.categories.items():
            word = re.escape(canonical(label))
            # Chinese puts no spaces between words
            pattern = word if phrases is CHINESE else rf"(?<!\w){word}(?!\w)"
            if re.search(pattern, told):
                return category
    return None


def has_words(text: str) -> bool:
    """Tell whether a message holds anything besides numbers and marks."""
    return any(char.isalpha() for char in text)
