"""Languages by their ISO 639-1 codes, and their English names for sentences."""

from __future__ import annotations

from typing import Final

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
