"""What the scripts of the maps say, in the language of the page: fixed words of ours and none of anybody's."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from dashboard.category_words import CATEGORIES
from dashboard.sentences import ON
from dashboard.translation import Phrases, direction, language, locale, trn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from babel import Locale

_NUMBERS: Final = {"en": "en-GB", "ar": "ar-u-nu-latn"}
"""How a browser calls the way in which numbers are written here, where it is not the language's own name."""
_SAMPLES: Final = (1, 2, 0, 3, 11, 100, 1_000_000)
"""Numbers that between them take every form there is."""


@dataclass(frozen=True, slots=True)
class Words:
    """What scripts say, by name; ``counted`` has each form of what counts something, by its name in the CLDR."""

    said: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __or__(self, other: Words) -> Words:
        """Give both together."""
        return Words({**self.said, **other.said}, {**self.counted, **other.counted})

    def as_options(self) -> dict[str, Any]:
        """Give the same for the browser."""
        code = language()
        told = {"language": code, "numbers": _NUMBERS.get(code, code), "direction": direction()}
        return told | {"said": dict(self.said), "counted": {name: dict(forms) for name, forms in self.counted.items()}}


NO_WORDS: Final = Words()
_SHARED: Final = Phrases({"zoom_in": "Zoom in", "zoom_out": "Zoom out"})
_LIVE: Final = Phrases(
    {
        "over": "Your session has ended. Once you have signed in again, the map goes on by itself",
        "away": "The map cannot reach its data. Trying again …",
        "too_much": "Too much to draw at once: zoom in to see everything",
        "no_outline": "The outline of this part of town cannot be drawn",
        "within": "within {minutes} {mode}",
        "missed_one": "{gap} of {demand} need here finds no help {limit}",
        "missed_one_of_kind": "{gap} of {demand} {kind} need here finds no help {limit}",
        "and_critical": "{needs}, {count} of them critical",
        "and_pressing": "{needs}, {count} of them urgent or critical",
        "several": "Several cells together. Choose it to come closer.",
        "row": "{kind}: {gap} of {demand}.",
        "opens": "Open {hours}",
        "no_steps": "No steps at the door",
        "steps": "Steps at the door",
    }
)
_SAVE: Final = Phrases(
    {
        "pdf": "Page to print (PDF)",
        "png": "Picture (PNG)",
        "phone_png": "Picture for a phone (PNG)",
        "csv": "Table (CSV)",
        "print": "Print this page",
        "save": "Save or print",
        "save_what": "Save or print what the map shows",
        "signed_out": "You are signed out. Sign in again, then come back here.",
        "not_drawn": "This cannot be drawn: {reason}",
        "refused": "The service refused the request ({status}).",
        "making": "Being made …",
        "saved": "Saved as {name}",
        "silent": "The service does not answer. Try again in a moment.",
    }
)
_DRAW: Final = Phrases(
    {
        "corner": "Corner {n} of {all}: move it with the arrow keys, remove it with Delete",
        "between": "Put a corner between {one} and {other}",
    }
)
_PIN: Final = Phrases(
    {
        "your_pin": "Your pin: drag it, or move it with the arrow keys",
        "offer": "Suggestion {n}",
        "offer_chosen": "Suggestion {n}, chosen",
    }
)
_PLACES: Final = Phrases({"number": "Number {n}", "number_to_confirm": "Number {n}, to confirm"})
_SITES: Final = Phrases({"site": "Place {n}: {helps}", "site_chosen": "Place {n}: {helps}, chosen"})
_TURF: Final = Phrases(
    {
        "door": "Door {n}: {met}",
        "met_0": "visited",
        "met_1": "nobody home",
        "met_2": "refused",
        "met_3": "come back",
        "met_4": "not found",
        "met_none": "nobody has been",
    }
)
_IF: Final = Phrases(
    {
        "as_many": "as many needs, others than now",
        "change": "Change {n}",
        "change_closed": "Change {n}, closed",
        "change_dragged": "Change {n}, can be dragged",
        "next_pin": "Your pin: where the next change is",
    }
)


@cache
def _samples(found: Locale) -> dict[str, int]:
    """Give for each form that numbers take in a language the first number that takes it."""
    return {found.plural_form(n): n for n in reversed(_SAMPLES)}


def _forms(say: Callable[[int], str]) -> dict[str, str]:
    return {form: say(n) for form, n in _samples(locale()).items()}


def shared() -> Words:
    """Give what every map says."""
    return Words(_SHARED)


def live() -> Words:
    """Give what the layers say that the API serves, and the menu beside them."""
    on = {f"on_{mode}": words for mode, words in ON.items()}
    kinds = {f"kind_{kind}": words for kind, words in CATEGORIES.items()}
    return Words({**_LIVE, **on, **kinds}, _live_counts())


def _live_counts() -> dict[str, dict[str, str]]:
    count, kind, limit, gap, demand = "{count}", "{kind}", "{limit}", "{gap}", "{demand}"
    return {
        "minutes": _forms(lambda n: trn("{count} minute", "{count} minutes", n, count=count)),
        "open_here": _forms(lambda n: trn("{count} open need here", "{count} open needs here", n, count=count)),
        "helpers_here": _forms(
            lambda n: trn("{count} helper lives around here", "{count} helpers live around here", n, count=count)
        ),
        "places_here": _forms(
            lambda n: trn("{count} place that helps here", "{count} places that help here", n, count=count)
        ),
        "scale": _forms(
            lambda n: trn(
                "Larger cells from here: each colour stands for up to {count} need more without help",
                "Larger cells from here: each colour stands for up to {count} needs more without help",
                n,
                count=count,
            )
        ),
        "met": _forms(
            lambda n: trn(
                "The {count} need here can be met {limit}",
                "All {count} needs here can be met {limit}",
                n,
                count=count,
                limit=limit,
            )
        ),
        "met_of_kind": _forms(
            lambda n: trn(
                "The {count} {kind} need here can be met {limit}",
                "All {count} {kind} needs here can be met {limit}",
                n,
                count=count,
                kind=kind,
                limit=limit,
            )
        ),
        "missed": _forms(
            lambda n: trn(
                "{gap} of {demand} needs here finds no help {limit}",
                "{gap} of {demand} needs here find no help {limit}",
                n,
                gap=gap,
                demand=demand,
                limit=limit,
            )
        ),
        "missed_of_kind": _forms(
            lambda n: trn(
                "{gap} of {demand} {kind} needs here finds no help {limit}",
                "{gap} of {demand} {kind} needs here find no help {limit}",
                n,
                gap=gap,
                demand=demand,
                kind=kind,
                limit=limit,
            )
        ),
    }


def saving() -> Words:
    """Give what the menu of the map says."""
    return Words(_SAVE)


def drawing() -> Words:
    """Give what the map says that shapes are drawn on."""
    return Words(_DRAW)


def pinning() -> Words:
    """Give what the map of one need says."""
    return Words(_PIN)


def places() -> Words:
    """Give what the map of a list of places says."""
    return Words(_PLACES)


def sites() -> Words:
    """Give what the map of proposed places says."""
    helps = _forms(lambda n: trn("helps {count} more need", "helps {count} more needs", n, count="{count}"))
    return live() | Words(_SITES, {"helps": helps})


def turf() -> Words:
    """Give what the map of a turf says."""
    return Words(_TURF)


def imagined() -> Words:
    """Give what the map of what would be says."""
    count = "{count}"
    return Words(
        _IF,
        {
            "fewer_without": _forms(
                lambda n: trn("{count} fewer need without help", "{count} fewer needs without help", n, count=count)
            ),
            "more_without": _forms(
                lambda n: trn("{count} more need without help", "{count} more needs without help", n, count=count)
            ),
            "fewer_out": _forms(
                lambda n: trn("{count} fewer need out of reach", "{count} fewer needs out of reach", n, count=count)
            ),
            "more_out": _forms(
                lambda n: trn("{count} more need out of reach", "{count} more needs out of reach", n, count=count)
            ),
        },
    )
