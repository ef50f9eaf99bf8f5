"""Reasons as the API answers them: an English sentence, and the codes with the parts it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What the service says, in English, and the same as codes, each with its parts."""

    sentence: str = ""
    because: tuple[tuple[str, Json], ...] = ()

    @classmethod
    def read(cls, sentence: object, because: Iterable[Json] | None) -> Told:
        """Take a sentence and its codes out of an answer; either may be missing."""
        codes = tuple((str(one["code"]), one["parts"]) for one in because or ())
        return cls(str(sentence or ""), codes)

    @classmethod
    def of_travel(cls, model: Json) -> Told:
        """Take how travel is reckoned out of what an answer says of it."""
        return cls.read(model.get("note"), model.get("how"))

    @classmethod
    def read_each(cls, sentences: Iterable[object], because: Iterable[Json] | None) -> tuple[Told, ...]:
        """Take sentences out of an answer that stand by themselves, each with the code in its place."""
        codes = list(because or ())
        return tuple(cls.read(sentence, codes[at : at + 1]) for at, sentence in enumerate(sentences))
