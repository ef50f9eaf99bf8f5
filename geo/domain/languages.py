"""Languages by their ISO 639-1 codes, and their English names for sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LANGUAGES: Final = 20
_CODE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", re.ASCII)
LANGUAGE_NAMES: Final = {
    "am": "Amharic", "ar": "Arabic", "bn": "Bengali", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French", "hi": "Hindi",
    "ht": "Haitian Creole", "it": "Italian", "ja": "Japanese", "ko": "Korean", "ku": "Kurdish", "ne": "Nepali",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "so": "Somali", "sq": "Albanian",
    "sv": "Swedish", "sw": "Swahili", "th": "Thai", "ti": "Tigrinya", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "yi": "Yiddish", "zh": "Chinese",
}  # fmt: skip


def language_name(code: str) -> str:
    """Name a language in English; an unknown code stands for itself."""
    return LANGUAGE_NAMES.get(code, code)


def check_languages(codes: Sequence[str]) -> list[str]:
    """Give codes back, each once.

    Raises
    ------
    InvalidInput
        If there are more than ``MAX_LANGUAGES``, or one is not written as a code.
    """
    once = list(dict.fromkeys(codes))
    if len(once) > MAX_LANGUAGES or not all(_CODE.fullmatch(code) for code in once):
        raise InvalidInput(f"name at most {MAX_LANGUAGES} languages by their codes, such as fi", field="languages")
    return once
