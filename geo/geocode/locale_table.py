"""What a country adds to the reading of addresses: one table, no rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """How one country or language writes addresses; every word folded (see ``normalise.fold``), lists in one text.

    Parameters
    ----------
    types
        Street types that end a name. Key: the short form that keys carry; value: its spellings, the full word first.
    name_types
        Words that are a type at times and part of a name as often ("Lake", "Hill"): keys write them out.
    leading_types
        Street types that open a name ("rue", "calle"). Key: the full word; value: its other spellings.
    loose_types
        Short forms of ``types`` after which a name often goes on, so that a town is never cut off behind them.
    glued_endings, dotted_endings, bare_endings, definite_endings, genitives
        For languages that write a name and its type as one word: the endings; how they are shortened with a stop, and
        without one; which form stands for both ("gata", "gatan"); and inflected forms with the plain one.
    compass, compass_openings, trailing_compass
        Compass words with their short forms; those that belong to the name, by the name's endings; and those that count
        only after a name with a leading type.
    ordinals
        Ordinal words with their number.
    numbered_types
        Types that follow an ordinal, so that the number before them is no house ("3. linja").
    routes
        Openings of numbered roads, each with the form that keys carry.
    unit_words, floor_words, bare_units, dangling_units
        What stands before a flat; behind an ordinal; alone at the end; and what is dropped where its value is missing.
    box_words, box_starts, postal_words
        What stands before the number of a post box; what does so only at the start of a part; other words of the post.
    countries, regions
        Names of the country; regions with their code as key.
    postcodes, late_postcodes
        Regular expressions of postcodes; and of those that count only at the start of a part, after the street.
    compass_towns
        Larger towns whose names open with a compass word: its short form, and the rest of the names.
    number_suffixes
        Words that belong to the number before them ("bis").
    crossing_joins, crossing_openings, crossing_closings, corner_words
        Words between two streets; before both; behind both; and between them without another word.
    near, at, behind
        Openings of a landmark nearby; of one that is the place itself; and words that follow the landmark.
    articles, recipients
        Words to drop before a landmark; words before the name of a person or a firm.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    name_types: Mapping[str, str] = field(default_factory=dict)
    leading_types: Mapping[str, str] = field(default_factory=dict)
    loose_types: str = ""
    glued_endings: str = ""
    dotted_endings: tuple[tuple[str, str], ...] = ()
    bare_endings: tuple[tuple[str, str], ...] = ()
    definite_endings: tuple[tuple[str, str], ...] = ()
    genitives: tuple[tuple[str, str], ...] = ()
    compass: Mapping[str, str] = field(default_factory=dict)
    compass_openings: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = ()
    trailing_compass: Mapping[str, str] = field(default_factory=dict)
    ordinals: Mapping[str, str] = field(default_factory=dict)
    numbered_types: str = ""
    routes: Mapping[str, str] = field(default_factory=dict)
    unit_words: str = ""
    floor_words: str = ""
    bare_units: str = ""
    dangling_units: str = ""
    box_words: tuple[str, ...] = ()
    box_starts: str = ""
    postal_words: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    regions: Mapping[str, str] = field(default_factory=dict)
    postcodes: tuple[str, ...] = ()
    late_postcodes: tuple[str, ...] = ()
    compass_towns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    number_suffixes: str = ""
    crossing_joins: str = ""
    crossing_openings: tuple[str, ...] = ()
    crossing_closings: str = ""
    corner_words: str = ""
    near: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    behind: str = ""
    articles: str = ""
    recipients: str = ""
