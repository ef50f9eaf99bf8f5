"""A conversation by text message, step by step: what was said so far, and what is asked next. Nothing is stored here.

Every text leads to a next state and an answer, whatever it is and in whichever order texts arrive. What somebody wrote
in their own words is kept as it came, besides what was understood of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from geo.domain.drafts import Contact, NeedDraft
from geo.domain.texting.english import ENGLISH
from geo.domain.texting.words import (
    BY_CODE,
    MENU,
    SPOKEN,
    Command,
    canonical,
    choose,
    clean,
    find_category,
    find_command,
    guess_category,
    has_words,
    options_of,
    read_count,
)
from geo.domain.words import Category, ConsentWay, Decision

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from geo.domain.place import Candidate, GeocodeResult
    from geo.domain.texting.phrases import Phrases

    LookUp = Callable[[str], GeocodeResult]

MAX_SAID: Final = 12
"""Messages of free words in one conversation; what comes after begins another."""
MAX_ADDRESS: Final = 300
MAX_OFFERED: Final = 3
MAX_PEOPLE: Final = 50
MAX_NOTE: Final = 4_000
SOURCE: Final = "text"
YES, NO = 1, 2


class Step(StrEnum):
    """What a conversation waits for."""

    BEGIN = "begin"
    LANGUAGE = "language"
    CATEGORY = "category"
    PEOPLE = "people"
    ADDRESS = "address"
    PLACE = "place"
    REACH = "reach"
    CONSENT = "consent"
    CONFIRM = "confirm"


class Outcome(StrEnum):
    """What is to be done about a text besides answering."""

    GO_ON = "go_on"
    SUBMIT = "submit"
    STOP = "stop"
    START = "start"
    HELP = "help"
    HAND_OVER = "hand_over"
    NOTHING = "nothing"


class Reach(StrEnum):
    """How somebody wants to be reached, as a contact's preferred channel has it."""

    SMS = "sms"
    PHONE = "phone"
    NONE = "none"


_REACHES: Final = (Reach.SMS, Reach.PHONE, Reach.NONE)


@dataclass(frozen=True, slots=True)
class Talk:
    """All that a conversation has come to. ``said`` holds what was written in free words, in the order it came.

    ``places`` are what the gazetteer offered for the address, ``place`` which of them was meant. ``is_noticed`` says
    that the person was told who sees what they write, ``has_answered`` that they went on after that.
    """

    step: Step = Step.BEGIN
    language: str | None = None
    category: Category | None = None
    people: int | None = None
    address: str | None = None
    places: tuple[Candidate, ...] = ()
    place: int | None = None
    reach: Reach | None = None
    consent: bool | None = None
    is_noticed: bool = False
    has_answered: bool = False
    said: tuple[str, ...] = ()

    @property
    def is_full(self) -> bool:
        """Whether no more free words can be kept."""
        return len(self.said) >= MAX_SAID

    @property
    def says_something(self) -> bool:
        """Whether anything was said that must not be lost."""
        return bool(self.category or self.address or self.said)

    @property
    def phrases(self) -> Phrases:
        """What is said in the language of this conversation; in English while none is known."""
        return BY_CODE.get(self.language or "", ENGLISH)


@dataclass(frozen=True, slots=True)
class House:
    """Who answers: the network's name, a person's number if there is one, and who looks addresses up."""

    network: str
    look_up: LookUp
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What a text led to: the conversation after it, what is answered, and what else is to be done."""

    talk: Talk
    reply: str | None
    outcome: Outcome = Outcome.GO_ON


def take(talk: Talk, text: str, house: House) -> Turn:
    """Take one text.

    Parameters
    ----------
    talk
        How far the conversation has come.
    text
        Anything.
    house
        Who answers.

    Returns
    -------
    Turn
        For every text; never raises for one.
    """
    text = clean(text)
    said = find_command(text)
    if said is not None and (said.command is not Command.THANKS or talk.step is Step.BEGIN):
        known = talk if talk.language or not said.language else replace(talk, language=said.language)
        return _obey(known, said.command, house)
    if not text:
        return Turn(talk, ask(talk, house))
    if talk.step is Step.BEGIN:
        return _begin(talk, text, house)
    going = replace(talk, has_answered=talk.has_answered or talk.is_noticed)
    return _STEPS[talk.step](going, text, house)


def ask(talk: Talk, house: House) -> str:
    """Write what is asked at this step."""
    phrases = talk.phrases
    if talk.step in (Step.BEGIN, Step.LANGUAGE):
        return f"{house.network}\n{MENU}"
    if talk.step is Step.CATEGORY:
        return "\n".join([phrases.ask_category, *(f"{n} {label}" for n, label in _categories(phrases).items())])
    if talk.step is Step.PLACE:
        return "\n".join([phrases.ask_place, *(f"{n} {label}" for n, label in _offers(talk).items())])
    if talk.step is Step.CONFIRM:
        return phrases.ask_confirm.format(summary=summarise(talk))
    return {
        Step.PEOPLE: phrases.ask_people,
        Step.ADDRESS: phrases.ask_address,
        Step.REACH: phrases.ask_reach,
        Step.CONSENT: phrases.ask_consent,
    }[talk.step]


def summarise(talk: Talk) -> str:
    """Write what is about to be sent, for the one who is asked whether it is right."""
    phrases = talk.phrases
    kind = phrases.categories[talk.category] if talk.category else ""
    people = phrases.people.format(count=talk.people) if talk.people else ""
    place = talk.places[talk.place].label if talk.place is not None else talk.address
    return ", ".join(part for part in (kind, people, place or phrases.no_place) if part)


def _obey(talk: Talk, command: Command, house: House) -> Turn:
    phrases = talk.phrases
    if command is Command.STOP:
        return Turn(talk, phrases.stopped, Outcome.STOP)
    if command is Command.PERSON:
        reply = "\n".join([phrases.handed_over, *_call(phrases, house)])
        return Turn(talk, reply, Outcome.HAND_OVER)
    if command is Command.THANKS:
        return Turn(talk, None, Outcome.NOTHING)
    first = phrases.started if command is Command.START else phrases.about.format(network=house.network)
    parts = [first, *(_call(phrases, house) if command is Command.HELP else [])]
    parts += [ask(talk, house)] if talk.step is not Step.BEGIN or talk.language is None else []
    return Turn(talk, "\n".join(parts), Outcome.START if command is Command.START else Outcome.HELP)


def _call(phrases: Phrases, house: House) -> list[str]:
    return [phrases.call.format(number=house.person)] if house.person else []


def _begin(talk: Talk, text: str, house: House) -> Turn:
    """Take the first text: a number of the languages, the name of a need, or anything else, which is kept."""
    named = find_category(text)
    if named is not None:
        category, language = named
        known = replace(talk, category=category, language=talk.language or language, said=(text,))
        return _welcome(known, house)
    if talk.language is not None:
        return _welcome(keep(talk, text), house)
    if choose(text, options_of(MENU)) is not None:
        return _language(talk, text, house)
    kept = replace(keep(talk, text), step=Step.LANGUAGE)
    return Turn(kept, ask(kept, house))


def _welcome(talk: Talk, house: House) -> Turn:
    """Say who sees what is written, and ask the first thing that is not known."""
    step = Step.CATEGORY if talk.category is None else Step.PEOPLE
    known = replace(talk, step=step, is_noticed=True)
    return Turn(known, f"{known.phrases.notice.format(network=house.network)}\n{ask(known, house)}")


def keep(talk: Talk, text: str) -> Talk:
    """Keep what somebody wrote in their own words, where nothing is to be answered or asked."""
    text = clean(text)
    return replace(talk, said=(*talk.said, text)) if has_words(text) and not talk.is_full else talk


def _go(talk: Talk, step: Step, house: House) -> Turn:
    there = replace(talk, step=step)
    return Turn(there, ask(there, house))


def _again(talk: Talk, text: str, house: House) -> Turn:
    """Ask once more; what was said in free words instead is kept."""
    return Turn(keep(talk, text), f"{talk.phrases.not_understood}\n{ask(talk, house)}")


def _language(talk: Talk, text: str, house: House) -> Turn:
    number = choose(text, options_of(MENU))
    if number is None:
        kept = replace(keep(talk, text), step=Step.LANGUAGE)
        return Turn(kept, ask(kept, house))
    return _welcome(replace(talk, language=SPOKEN[number - 1].code), house)


def _categories(phrases: Phrases) -> dict[int, str]:
    return {number: phrases.categories[category] for number, category in enumerate(Category, 1)}


def _category(talk: Talk, text: str, house: House) -> Turn:
    number = choose(text, _categories(talk.phrases))
    named = find_category(text)
    if number is None and named is None:
        return _again(talk, text, house)
    category = list(Category)[number - 1] if number is not None else named[0] if named else None
    return _go(replace(talk, category=category), Step.PEOPLE, house)


def _people(talk: Talk, text: str, house: House) -> Turn:
    count = read_count(text)
    if count is None or count > MAX_PEOPLE:
        return _again(talk, text, house)
    kept = keep(talk, text)
    return _go(replace(kept, people=count or None), Step.ADDRESS, house)


def _address(talk: Talk, text: str, house: House) -> Turn:
    if canonical(text) == "0":
        return _go(replace(talk, address=None, places=(), place=None), Step.REACH, house)
    if not has_words(text):
        return _again(talk, text, house)
    found = house.look_up(text[:MAX_ADDRESS])
    kept = replace(keep(talk, text), address=text[:MAX_ADDRESS], places=(), place=None)
    if found.decision is Decision.REVIEW and found.candidates:
        return _go(replace(kept, places=_distinct(found.candidates)), Step.PLACE, house)
    return _go(kept, Step.REACH, house)


def _distinct(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Offer each label once: two that read the same cannot be told apart by number."""
    return tuple({one.label: one for one in reversed(candidates)}.values())[::-1][:MAX_OFFERED]


def _offers(talk: Talk) -> dict[int, str]:
    labels = [one.label for one in talk.places]
    return dict(enumerate([*labels, talk.phrases.none_of_these], 1))


def _place(talk: Talk, text: str, house: House) -> Turn:
    number = choose(text, _offers(talk))
    if number is None:
        # whoever writes an address instead has thought better of it
        return _address(talk, text, house) if has_words(text) else _again(talk, text, house)
    place = number - 1 if number <= len(talk.places) else None
    return _go(replace(talk, place=place), Step.REACH, house)


def _reach(talk: Talk, text: str, house: House) -> Turn:
    number = choose(text, options_of(talk.phrases.ask_reach))
    if number is None:
        return _again(talk, text, house)
    reach = _REACHES[number - 1]
    if reach is Reach.NONE:
        return _go(replace(talk, reach=reach, consent=False), Step.CONFIRM, house)
    return _go(replace(talk, reach=reach), Step.CONSENT, house)


def _consent(talk: Talk, text: str, house: House) -> Turn:
    number = choose(text, options_of(talk.phrases.ask_consent))
    if number is None:
        return _again(talk, text, house)
    return _go(replace(talk, consent=number == YES), Step.CONFIRM, house)


def _confirm(talk: Talk, text: str, house: House) -> Turn:
    number = choose(text, options_of(talk.phrases.ask_confirm))
    if number is None:
        return _again(talk, text, house)
    if number == YES:
        return Turn(talk, talk.phrases.done, Outcome.SUBMIT)
    fresh = Talk(language=talk.language, is_noticed=True, has_answered=True, said=talk.said)
    return _go(fresh, Step.CATEGORY, house)


_STEPS: Final = {
    Step.LANGUAGE: _language,
    Step.CATEGORY: _category,
    Step.PEOPLE: _people,
    Step.ADDRESS: _address,
    Step.PLACE: _place,
    Step.REACH: _reach,
    Step.CONSENT: _consent,
    Step.CONFIRM: _confirm,
}


def draft_of(talk: Talk, *, need_id: UUID, received_at: datetime) -> NeedDraft:
    """Make the need that a conversation asks for, finished or not.

    A kind that nobody named is guessed from what was said; where nothing tells it, somebody is to talk with them. What
    was not finished has no place before a person has read it, so a guess enters no figure of coverage.
    """
    category = talk.category or guess_category(talk.said) or Category.COMPANY
    return NeedDraft(
        category=category,
        household_size=talk.people or 1,
        languages=(talk.language,) if talk.language else (),
        source=SOURCE,
        received_at=received_at,
        id=need_id,
    )


def contact_of(talk: Talk, number: str, *, at: datetime, asks_for_person: bool = False) -> Contact | None:
    """Make the contact that may be kept: only with a yes, or for whoever went on after the notice and never said no.

    Parameters
    ----------
    number
        Whose conversation it is.
    at
        When they last wrote.
    asks_for_person
        Whether they want somebody to get back to them, which is a yes.
    """
    agrees = talk.has_answered if talk.consent is None else talk.consent
    if not (agrees or asks_for_person):
        return None
    reach = Reach.PHONE if talk.reach in (None, Reach.NONE) else talk.reach
    note = " / ".join(talk.said)[:MAX_NOTE] or None
    return Contact(
        phone=number, preferred_channel=reach.value, note=note, consent_at=at, consent_how=ConsentWay.WRITTEN
    )


def typed_of(talk: Talk) -> str | None:
    """Give what is put before a reviewer as the address: as typed, or else what was said, as far as it fits."""
    return talk.address or (" / ".join(talk.said)[:MAX_ADDRESS] or None)
