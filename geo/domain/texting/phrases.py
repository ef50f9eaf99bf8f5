"""What a conversation needs in one language; a language that lacks a phrase cannot be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.domain.words import Category


@dataclass(frozen=True, slots=True)
class Phrases:
    """Everything that is said and understood in one language.

    ``stop``, ``start``, ``help``, ``person`` and ``thanks`` are the words a whole message may be, in lower case. Texts
    name what they are filled with in braces. ``is_reviewed`` says whether a speaker of the language has read them all.
    """

    code: str
    name: str
    is_reviewed: bool
    stop: tuple[str, ...]
    start: tuple[str, ...]
    help: tuple[str, ...]
    person: tuple[str, ...]
    thanks: tuple[str, ...]
    categories: Mapping[Category, str]
    notice: str
    ask_category: str
    ask_people: str
    ask_address: str
    ask_place: str
    none_of_these: str
    ask_reach: str
    ask_consent: str
    ask_confirm: str
    no_place: str
    people: str
    done: str
    not_understood: str
    stopped: str
    started: str
    about: str
    call: str
    handed_over: str
