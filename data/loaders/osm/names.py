"""The names a thing goes by: its own, and those in the languages spoken in the place."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from data.loaders.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from data.loaders.osm.extract import Feature

_IN_LANGUAGE: Final = re.compile(r"name:([a-z]{2,3})")
_ALSO: Final = ("official_name", "alt_name", "short_name", "loc_name", "old_name")
_SPOKEN_SHARE: Final = 0.1
MAX_NAME: Final = 200


def spoken_languages(streets: Iterable[Feature]) -> frozenset[str]:
    """Tell the languages of a place: those in which at least a tenth of its named streets have a name."""
    named = [feature for feature in streets if "name" in feature.tags]
    counts = Counter(found[1] for feature in named for key in feature.tags if (found := _IN_LANGUAGE.fullmatch(key)))
    return frozenset(language for language, n in counts.items() if n >= _SPOKEN_SHARE * len(named))


def names_of(tags: Mapping[str, str], languages: Iterable[str]) -> tuple[str, ...]:
    """List the names of a thing, its plain one first, each once.

    Parameters
    ----------
    tags
        As OpenStreetMap has them.
    languages
        Codes of the languages to look for.

    Returns
    -------
    tuple of str
        Empty if it has no plain name that can be used.
    """
    spoken = sorted(languages)
    keys = ("name", *(f"name:{language}" for language in spoken))
    keys += tuple(key for plain in _ALSO for key in (plain, *(f"{plain}:{language}" for language in spoken)))
    pieces = (piece for key in keys for piece in tags.get(key, "").split(";"))
    names = (clean_text(piece, MAX_NAME) for piece in pieces)
    return tuple(dict.fromkeys(name for name in names if name)) if tags.get("name", "").strip() else ()
