"""Streets that may be the one that was typed, each with what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.geocode.numbers import NO_NUMBER, leading_int
from geo.geocode.score import fault
from geo.geocode.street_names import changed_words, compare_streets, split_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from geo.domain.place import Fault
    from geo.geocode.gazetteer import StreetName
    from geo.geocode.reading import Reading

MAX_HITS: Final = 6
_LOOSE: Final = frozenset({"street.misspelt", "type.missing", "compass.missing"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A street that may be the one that was typed."""

    reading: Reading
    street: StreetName
    faults: tuple[Fault, ...]

    @property
    def penalty(self) -> int:
        """What its faults cost."""
        return sum(f.penalty for f in self.faults)

    @property
    def number(self) -> int:
        """The digits the typed number begins with, or -1."""
        return leading_int(self.reading.numbers[0]) if self.reading.numbers else NO_NUMBER


def choose_hits(
    reading: Reading,
    streets: Collection[StreetName],
    *,
    is_named: bool = False,
    here: Collection[str] = (),
    words: Collection[str] = (),
) -> list[Hit]:
    """Choose the streets that may be meant.

    Parameters
    ----------
    reading
        What was typed.
    streets
        Those whose names are alike.
    is_named
        Whether the very name that was typed exists, so that another is an unlikely slip for it.
    here
        The bases of streets that have the number in the postcode that was typed.
    words
        Words that some street's name has, so that typing them was no slip.

    Returns
    -------
    list of Hit
        At most those of six names, the likest first; with a fault where a second one is as near to what was typed.
    """
    key = reading.street_key
    if len(streets) == 1:
        only = next(iter(streets))
        if only.key == key:
            return [Hit(reading, only, ())]
    compared = ((street, compare_streets(key, street.key, is_here=street.base in here)) for street in streets)
    hits = [Hit(reading, street, _with_words(key, street, faults, words)) for street, faults in compared
            if faults is not None]  # fmt: skip
    if len(hits) > 1 or (hits and hits[0].faults):
        hits.sort(key=lambda hit: (hit.penalty, hit.street.key))
        named = is_named or not hits[0].faults
        hits = [_warn(hit, hits, is_named=named) for hit in _first_keys(hits)]
    return hits


def _with_words(typed: str, street: StreetName, faults: tuple[Fault, ...], words: Collection[str]) -> tuple[Fault, ...]:
    """Doubt a misspelling whose words are words."""
    if words and any(f.name == "street.misspelt" for f in faults):
        changed = changed_words(split_key(typed).name, split_key(street.key).name)
        if any(word in words for word in changed) and not any(f.name == "street.unsafe_spelling" for f in faults):
            return *faults, fault("street.unsafe_spelling")
    return faults


def _first_keys(hits: Sequence[Hit]) -> list[Hit]:
    keys = list(dict.fromkeys(hit.street.key for hit in hits))[:MAX_HITS]
    return [hit for hit in hits if hit.street.key in keys]


def _warn(hit: Hit, hits: Sequence[Hit], *, is_named: bool) -> Hit:
    """Say so if a second street is as near to what was typed, or the very name exists elsewhere."""
    loose = {f.name for f in hit.faults} & _LOOSE
    if not loose:
        return hit
    rivalled = any(other.street.key != hit.street.key and other.penalty <= hit.penalty for other in hits)
    if rivalled or (is_named and "street.misspelt" in loose):
        return Hit(hit.reading, hit.street, (*hit.faults, fault("street.similar_name_near")))
    return hit
