"""Which help suits which need, by what each is like: the category, a shared language, a way in without steps.

Needs alike in these respects are one kind, and so are places of help; whether they suit is said once for each pair of
kinds. With a million needs there are some hundreds of kinds, so that nothing here walks through needs one by one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geo.analysis.gaps import Suits
from geo.analysis.kinds import number_different
from geo.domain.words import Category, StepFree
from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

CATEGORIES: Final = tuple(Category)
"""In the order in which arrays number them."""
MAX_PAIRS: Final = 100_000_000
"""The most pairs of kinds; a table of so many takes 200 MB."""
MAX_LANGUAGE_PAIRS: Final = 25_000_000
COMES_TO_THE_HOME: Final = None
"""Stands for whether a place is step-free where nobody has to get in."""
_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Wants:
    """What ``n`` needs are like, as columns.

    Attributes
    ----------
    category
        Shape ``(n,)``, an index into ``CATEGORIES``.
    languages
        Shape ``(n,)``: the codes of each household in one text, parted by commas; empty when not stated.
    wheelchair
        Shape ``(n,)``: whether somebody has to get in without steps.
    """

    category: IntArray
    languages: Sequence[str]
    wheelchair: BoolArray


@dataclass(frozen=True, slots=True)
class Offers:
    """What one place of help is like.

    ``step_free`` is ``COMES_TO_THE_HOME`` for whoever goes to the household. Where it is not known whether it is open
    in the time asked for, it is not ``surely_open``, and suits at best.
    """

    categories: frozenset[Category]
    languages: tuple[str, ...] = ()
    interpreter: bool = False
    step_free: StepFree | None = COMES_TO_THE_HOME
    surely_open: bool = True


@dataclass(frozen=True, slots=True)
class Asks:
    """What one need is like: see :class:`Wants`, which has a column for each of these."""

    category: Category
    languages: tuple[str, ...] = ()
    wheelchair: bool = False


class Suiting(NamedTuple):
    """The kind of each need, the kind of each place, and which suit which."""

    need_kind: IntArray
    place_kind: IntArray
    suits: Suits


def find_suiting(wants: Wants, offers: Sequence[Offers], *, usual: Collection[str] = ()) -> Suiting:
    """Find which places suit which needs.

    A place suits a need when it offers the category; and it interprets, or the two share a language, or one of them
    has not said; and, for a wheelchair, when there are no steps or a few. Where it is not known whether there are
    steps, or whether it is open, the place suits at best and not surely. Languages compare by their main part:
    ``pt-BR`` is ``pt``.

    Parameters
    ----------
    wants
        The needs.
    offers
        The places of help.
    usual
        What the network speaks: whoever offers help without naming a language speaks these.

    Returns
    -------
    Suiting
        Kinds are numbered from 0 in a fixed order. For ``n`` needs, ``m`` places and few kinds it costs
        ``n log n + m``.

    Raises
    ------
    InvalidInput
        If there are so many kinds that a table of them would not fit.
    """
    need_kind, needs = _need_kinds(wants)
    place_kind, places = _place_kinds(offers, frozenset(map(main_part, usual)))
    if len(needs) * len(places) > MAX_PAIRS:
        raise InvalidInput("needs and help name too many different sets of languages to compare", field="languages")
    return Suiting(need_kind, place_kind, _compare(needs, places))


def suits_of(needs: Sequence[Asks], places: Sequence[Offers]) -> Suits:
    """Tell which places suit which needs, a row for each need and a column for each place; see :func:`find_suiting`.

    Where needs and places are few and different, as :class:`geo.analysis.kinds.Kinds` makes them.
    """
    found = find_suiting(wants_of(needs), places)
    rows = found.need_kind[:, None]
    return Suits(found.suits.sure[rows, found.place_kind], found.suits.best[rows, found.place_kind])


def wants_of(needs: Sequence[Asks]) -> Wants:
    """Write what needs are like as columns."""
    return Wants(
        np.array([CATEGORIES.index(need.category) for need in needs], dtype=np.int64),
        [",".join(need.languages) for need in needs],
        np.array([need.wheelchair for need in needs], dtype=bool),
    )


def main_part(language: str) -> str:
    """Give the main part of a language's code, by which languages compare."""
    return language.partition("-")[0].lower()


class _Needs(NamedTuple):
    """Kinds of need: parallel columns, and the sets of languages that ``spoken`` counts."""

    category: IntArray
    spoken: IntArray
    wheelchair: BoolArray
    sets: list[frozenset[str]]

    def __len__(self) -> int:
        return len(self.category)


class _Places(NamedTuple):
    categories: BoolArray
    spoken: IntArray
    surely: BoolArray
    way_in: BoolArray
    maybe: BoolArray
    sets: list[frozenset[str]]

    def __len__(self) -> int:
        return len(self.spoken)


def _need_kinds(wants: Wants) -> tuple[IntArray, _Needs]:
    text, written = number_different(wants.languages)
    of_text, sets = _number([_set_of(languages) for languages in written])
    spoken = of_text[text] if len(text) else np.empty(0, np.int64)
    packed = (spoken * len(CATEGORIES) + wants.category) * 2 + wants.wheelchair
    kinds, need_kind = np.unique(packed, return_inverse=True)
    rest, wheelchair = np.divmod(kinds.astype(np.int64), 2)
    spoken, category = np.divmod(rest, len(CATEGORIES))
    return need_kind.astype(np.int64), _Needs(category, spoken, wheelchair.astype(bool), sets)


def _set_of(languages: str) -> frozenset[str]:
    return frozenset(main_part(code) for code in languages.split(",") if code)


def _number(sets: Sequence[frozenset[str]]) -> tuple[IntArray, list[frozenset[str]]]:
    """Give different sets numbers in a fixed order."""
    different = sorted(set(sets), key=sorted)
    place = {languages: index for index, languages in enumerate(different)}
    return np.array([place[languages] for languages in sets], dtype=np.int64), different


def _place_kinds(offers: Sequence[Offers], usual: frozenset[str]) -> tuple[IntArray, _Places]:
    alike: dict[tuple[frozenset[Category], frozenset[str], bool, StepFree | None], int] = {}
    traits = ((o.categories, _spoken_by(o, usual), o.surely_open, o.step_free) for o in offers)
    kind = [alike.setdefault(each, len(alike)) for each in traits]
    spoken, sets = _number([languages for _, languages, *_ in alike])
    places = _Places(
        np.array([[c in of for of, *_ in alike] for c in CATEGORIES], dtype=bool).reshape(len(CATEGORIES), len(alike)),
        spoken,
        np.array([surely for _, _, surely, _ in alike], dtype=bool),
        np.array([way in (COMES_TO_THE_HOME, StepFree.YES, StepFree.LIMITED) for *_, way in alike], dtype=bool),
        np.array([way is not StepFree.NO for *_, way in alike], dtype=bool),
        sets,
    )
    return np.array(kind, dtype=np.int64), places


def _spoken_by(offer: Offers, usual: frozenset[str]) -> frozenset[str]:
    if offer.interpreter:
        return frozenset({_ANY})
    # a place that has not said speaks what the network does; where that is not said either, nobody is turned away
    return frozenset(map(main_part, offer.languages)) or usual or frozenset({_ANY})


def _compare(needs: _Needs, places: _Places) -> Suits:
    shared = _share_a_language(needs.sets, places.sets)
    fits = places.categories[needs.category] & shared[needs.spoken][:, places.spoken]
    walks = ~needs.wheelchair[:, None]
    return Suits(sure=fits & (walks | places.way_in) & places.surely, best=fits & (walks | places.maybe))


def _share_a_language(asked: Sequence[frozenset[str]], spoken: Sequence[frozenset[str]]) -> BoolArray:
    if len(asked) * len(spoken) > MAX_LANGUAGE_PAIRS:
        raise InvalidInput("needs and help name too many different sets of languages to compare", field="languages")
    codes = {code: index for index, code in enumerate(sorted(frozenset().union(*asked, *spoken) - {_ANY}))}
    asks, speaks = _membership(asked, codes), _membership(spoken, codes)
    anything = np.array([_ANY in languages for languages in spoken], dtype=bool)
    nothing = np.array([not languages for languages in asked], dtype=bool)
    found: BoolArray = (asks @ speaks.T > 0) | nothing[:, None] | anything
    return found


def _membership(sets: Sequence[frozenset[str]], codes: dict[str, int]) -> NDArray[np.float32]:
    table = np.zeros((len(sets), max(len(codes), 1)), dtype=np.float32)
    for row, languages in enumerate(sets):
        table[row, [codes[code] for code in languages if code in codes]] = 1
    return table


NO_LANGUAGE: Final = "no shared language"
NO_WAY_IN: Final = "no way in known to be free of steps"


def count_unsuited(
    needs: Sequence[Asks], offers: Sequence[Offers], counts: Sequence[int]
) -> dict[Category, dict[str, int]]:
    """Count the needs that no help suits although some is of their category, by category and reason.

    Parameters
    ----------
    needs, counts
        What needs are like, and how many are like that.
    offers
        The help there is.

    Returns
    -------
    dict
        Of categories that have such needs; see :func:`find_lack`. How far the help is does not matter here.
    """
    lack, found = find_lack(wants_of(needs), offers), dict[Category, dict[str, int]]()
    for word, missing in ((NO_LANGUAGE, lack.language), (NO_WAY_IN, lack.way_in)):
        total: Counter[Category] = Counter()
        for i in np.flatnonzero(missing).tolist():
            total[needs[i].category] += counts[i]
        for category, count in sorted(total.items()):
            found.setdefault(category, {})[word] = count
    return found


class Lack(NamedTuple):
    """Needs that some help offers the category for, of which none suits: by what is missing."""

    language: BoolArray
    way_in: BoolArray


def find_lack(wants: Wants, offers: Sequence[Offers], *, usual: Collection[str] = ()) -> Lack:
    """Find needs no help in the whole network suits, although some is of their category.

    Parameters
    ----------
    wants, offers, usual
        As for :func:`find_suiting`.

    Returns
    -------
    Lack
        Shape ``(n,)`` each: ``language`` where all help of the category speaks something else; ``way_in`` where some
        shares a language, and all of that is known to have steps, or not known to have none.
    """
    need_kind, needs = _need_kinds(wants)
    _, places = _place_kinds(offers, frozenset(map(main_part, usual)))
    if len(needs) * len(places) > MAX_PAIRS:
        raise InvalidInput("needs and help name too many different sets of languages to compare", field="languages")
    offered: BoolArray = places.categories[needs.category]
    fits: BoolArray = offered & _share_a_language(needs.sets, places.sets)[needs.spoken][:, places.spoken]
    language = np.asarray(offered.any(axis=1) & ~fits.any(axis=1))
    way_in = np.asarray(fits.any(axis=1) & needs.wheelchair & ~(fits & places.way_in).any(axis=1))
    return Lack(language[need_kind], way_in[need_kind])
