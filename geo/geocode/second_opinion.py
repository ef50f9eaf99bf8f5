"""A second opinion on addresses that our rules cannot read: the parser of the usaddress family."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from geo.geocode.normalise import number_key
from geo.geocode.reading import Reading, is_number, is_street_name

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_ASKED: Final = 200
"""Longer texts are no addresses, and the parser's time grows with them."""
_STREET: Final = "StreetName"


@lru_cache(maxsize=1)
def _parser() -> Callable[[str], list[tuple[str, str]]] | None:
    # the model is read at the first doubt and not at start-up; it is a file of the package, nothing is fetched
    try:
        import usaddress
    except ImportError:
        return None
    parse: Callable[[str], list[tuple[str, str]]] = usaddress.parse
    return parse


def ask(text: str) -> Reading | None:
    """Ask for a reading with a number.

    Parameters
    ----------
    text
        An address of at most ``MAX_ASKED`` characters; a longer one is not looked at.

    Returns
    -------
    Reading, or None
        Never raises.
    """
    parse = _parser() if len(text) <= MAX_ASKED and text.isprintable() else None
    if parse is None:
        return None
    try:
        labelled = parse(text)
    except (ValueError, RuntimeError, LookupError, UnicodeError):
        return None
    number = next((word.strip(",;.#") for word, label in labelled if label == "AddressNumber"), "")
    street = " ".join(word.strip(",;") for word, label in labelled if label.startswith(_STREET))
    if not is_number(number.lower()) or not is_street_name(street):
        return None
    return Reading(street, (number_key(number),), is_loose=True)
