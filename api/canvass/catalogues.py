"""The languages of the phone pages: gettext catalogues, one file each, with the English text as its own key."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo.errors import SourceUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).parent / "words"
PAGE_LANGUAGES: Final = {
    "en": "English",
    "ar": "العربية",
    "es": "Español",
    "fi": "Suomi",
    "ru": "Русский",
    "so": "Soomaali",
    "zh": "中文",
}
"""What the pages speak, each called as its speakers call it."""
SPOKEN: Final = {
    "am": "አማርኛ",
    "bn": "বাংলা",
    "de": "Deutsch",
    "et": "Eesti",
    "fa": "فارسی",
    "fr": "Français",
    "ku": "کوردی",
    "pt": "Português",
    "sv": "Svenska",
    "sw": "Kiswahili",
    "ti": "ትግርኛ",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
}
"""What else people at the door are asked whether they speak."""
_RIGHT_TO_LEFT: Final = frozenset({"ar"})
_REVIEWED: Final = "x-reviewed-by"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of one language; English has none, because the pages are written in it.

    It ``is_reviewed`` when its file names somebody who speaks the language and has read it.
    """

    code: str
    name: str
    direction: str
    is_reviewed: bool
    words: Mapping[str, str] = field(repr=False)


@cache
def read_catalogues() -> tuple[Catalogue, ...]:
    """Read every language of the pages."""
    return tuple(_read(code, name) for code, name in PAGE_LANGUAGES.items())


def _read(code: str, name: str) -> Catalogue:
    direction = "rtl" if code in _RIGHT_TO_LEFT else "ltr"
    if code == "en":
        return Catalogue(code, name, direction, is_reviewed=True, words={})
    from babel.messages.pofile import read_po

    path = FOLDER / f"{code}.po"
    try:
        with path.open("rb") as file:
            found = read_po(file, locale=code, abort_invalid=True)
    except (OSError, ValueError) as error:
        raise SourceUnreadable(f"{path.name} is no catalogue of words") from error
    headers = {key.lower(): value for key, value in found.mime_headers}
    words = {str(message.id): str(message.string) for message in found if message.id and message.string}
    return Catalogue(code, name, direction, bool(headers.get(_REVIEWED, "").strip()), words)
