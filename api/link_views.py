"""What the pages behind links say, in the reader's language: composed here, so that the browser only shows it."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo.domain.links import Answer, HelpStep, LinkKind
from geo.domain.listed import ListedAnswer, ListedChange
from geo.domain.match import DECLINE_REASONS, FAIL_REASONS, MatchReason
from geo.domain.message_texts import FALLBACK, RIGHT_TO_LEFT, choose_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

WORDS: Final = Path(__file__).parent / "pages" / "words"
_TITLES: Final = {
    LinkKind.HELP: "help.title", LinkKind.NEED: "asked.title", LinkKind.SHIFT: "shift.title",
    LinkKind.ASSET: "listed.title",
}  # fmt: skip
_FOR_THE_SCRIPT: Final = (
    "back",
    "send",
    "moment",
    "lost",
    "no_answer",
    "changed",
    "show_place",
    "open_map",
    "language",
)
_REASONS: Final = {HelpStep.DECLINE: DECLINE_REASONS, HelpStep.FAIL: FAIL_REASONS}
_MAIN: Final = frozenset({HelpStep.ACCEPT, HelpStep.START, HelpStep.DONE, Answer.HELPED})
_SURE: Final = frozenset({Answer.STOP.value, Answer.NOT_ANY_MORE.value, "cancel"})
"""What is asked once more before it is done."""


@cache
def all_words() -> Mapping[str, Mapping[str, str]]:
    """Read the texts of the pages, by language and then by name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(WORDS.glob("*.json"))}


def words_of(language: str) -> Mapping[str, str]:
    """Give the texts of a language; the English ones when there are none."""
    known = all_words()
    return known.get(language, known[FALLBACK])


def direction_of(language: str) -> str:
    """Tell which way a language is written."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def language_of(header: str) -> str:
    """Take a language from what a browser asks for, in the order it names them."""
    return choose_language(part.partition(";")[0].strip() for part in header[:200].split(","))


def show_help(shown: Mapping[str, Any], language: str, zone: ZoneInfo) -> dict[str, Any]:
    """Compose a helper's page.

    Parameters
    ----------
    shown
        What ``disclose`` gives a helper of a match.
    zone
        By whose clock times are told.
    """
    words = words_of(language)
    facts = [
        ("help.what", words.get(f"category.{shown['category']}")),
        ("help.when", words.get(f"urgency.{shown['urgency']}")),
        ("help.where", _near(shown, words)),
        ("help.languages", ", ".join(words.get(f"language.{code}", code) for code in shown["languages"])),
        (f"help.until.{shown['state']}", _time(shown["answer_by"], zone)),
    ]
    actions = [_help_action(HelpStep(step), words) for step in shown["steps"]]
    note = words["help.address_later"] if shown["state"] == "asked" else None
    found = _view(LinkKind.HELP, shown["state"], f"help.{shown['state']}", facts, actions, language, note=note)
    return found | {"place": shown["shows_place"]}


def _near(shown: Mapping[str, Any], words: Mapping[str, str]) -> str:
    parts = [words["help.near"].format(area=shown["area"])] if shown["area"] else []
    if shown["travel_min"]:
        parts.append(words["help.minutes"].format(count=shown["travel_min"]))
    return ", ".join(parts)


def _help_action(step: HelpStep, words: Mapping[str, str]) -> dict[str, Any]:
    reasons = [one.value for one in MatchReason if one in _REASONS.get(step, ())]
    choices = [{"name": name, "label": words[f"reason.{name}"]} for name in reasons]
    question = words["help.why"] if choices else None
    return _action(
        step.value, words[f"help.do.{step.value}"], is_main=step in _MAIN, question=question, choices=choices
    )


def show_need(shown: Mapping[str, Any], language: str, zone: ZoneInfo) -> dict[str, Any]:
    """Compose the page of whoever asked."""
    words = words_of(language)
    facts = [("asked.what", words[f"category.{shown['category']}"]), ("asked.on", _time(shown["asked_at"], zone)[:10])]
    actions = [_sayable(Answer(name), words) for name in shown["answers"]]
    note = words["asked.stopped"] if shown["is_stopped"] else None
    return _view(LinkKind.NEED, shown["state"], f"asked.{shown['state']}", facts, actions, language, note=note)


def _sayable(answer: Answer, words: Mapping[str, str]) -> dict[str, Any]:
    question = words[f"asked.sure.{answer.value}"] if answer.value in _SURE else None
    return _action(answer.value, words[f"asked.say.{answer.value}"], is_main=answer in _MAIN, question=question)


def show_shift(shown: Mapping[str, Any], language: str, zone: ZoneInfo) -> dict[str, Any]:
    """Compose the page of a promised shift."""
    words = words_of(language)
    facts = [
        ("shift.what", shown["title"]),
        ("shift.role", shown["role"]),
        ("shift.where", shown["place"]),
        ("shift.from", _time(shown["starts_at"], zone)),
        ("shift.until", _time(shown["ends_at"], zone)),
    ]
    actions = [_action("cancel", words["shift.cancel"], question=words["shift.sure"])] if shown["may_cancel"] else []
    return _view(LinkKind.SHIFT, shown["state"], f"shift.{shown['state']}", facts, actions, language)


def show_listed(shown: Mapping[str, Any], language: str, _zone: ZoneInfo) -> dict[str, Any]:
    """Compose the page of what is listed of an organization."""
    words = words_of(language)
    facts = [
        ("listed.name", shown["name"]),
        ("listed.offer", ", ".join(words[f"category.{category}"] for category in shown["categories"])),
        ("listed.where", shown["address"]),
        ("listed.hours", shown["opening_hours"]),
        ("listed.phone", shown["phone"]),
        ("listed.since", shown["assured_on"]),
    ]
    actions = [_listed_action(ListedAnswer(name), words) for name in shown["answers"]]
    return _view(LinkKind.ASSET, shown["state"], f"listed.{shown['state']}", facts, actions, language)


def _listed_action(answer: ListedAnswer, words: Mapping[str, str]) -> dict[str, Any]:
    changed = answer is ListedAnswer.CHANGED
    choices = [{"name": one.value, "label": words[f"listed.changed.{one.value}"]} for one in ListedChange]
    question = words[f"listed.ask.{answer.value}"] if answer is not ListedAnswer.TRUE else None
    return _action(
        answer.value,
        words[f"listed.say.{answer.value}"],
        is_main=answer is ListedAnswer.TRUE,
        question=question,
        choices=choices if changed else (),
    )


def show_place(shown: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Compose where help goes; the address for a map program names the point alone."""
    words = words_of(language)
    at = None if shown["lon"] is None else f"{shown['lat']},{shown['lon']}"
    names = ("lon", "lat", "uncertainty_m")
    return {name: shown[name] for name in names} | {
        "address": shown["address_typed"],
        "map": None if at is None else f"geo:{at}?q={at}",
        "note": words["help.place_note"],
    }


def _action(
    name: str,
    label: str,
    *,
    is_main: bool = False,
    question: str | None = None,
    choices: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    return {"name": name, "label": label, "is_main": is_main, "question": question, "choices": list(choices)}


def _view(
    kind: LinkKind,
    state: str,
    lead: str,
    facts: Iterable[tuple[str, str | None]],
    actions: Sequence[Mapping[str, Any]],
    language: str,
    *,
    note: str | None = None,
) -> dict[str, Any]:
    words = words_of(language)
    return {
        "language": language,
        "direction": direction_of(language),
        "languages": [{"name": code, "label": words_of(code)["name"]} for code in all_words()],
        "state": state,
        "title": words[_TITLES[kind]],
        "lead": words[lead],
        "facts": [{"label": words[name], "value": value} for name, value in facts if value],
        "note": note,
        "actions": actions,
        "place": False,
        "words": {name: words[name] for name in _FOR_THE_SCRIPT},
    }


def _time(instant: str | None, zone: ZoneInfo) -> str:
    return "" if instant is None else f"{datetime.fromisoformat(instant).astimezone(zone):%Y-%m-%d %H:%M}"
