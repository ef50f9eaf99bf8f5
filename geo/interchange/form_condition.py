"""Conditions of forms: the part of XPath that both our phone pages and ODK programs understand alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from geo.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.domain.forms import Condition

MAX_LENGTH: Final = 1_000
_MOST_NESTED: Final = 20
_TOKEN: Final = re.compile(
    r"\s*(?:\$\{(?P<ref>[A-Za-z_][A-Za-z0-9_.-]*)\}|(?P<number>\d+(?:\.\d+)?)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\""
    r"|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[a-z][a-z-]*)|(?P<dot>\.))"
)
_COMPARES: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_OF_ONE: Final = {"not": "not", "string-length": "length", "count-selected": "count"}
_PLAIN: Final = {"today": "today", "true": "true", "false": "false"}


def read_condition(text: str) -> Condition:
    """Read a condition of the subset into nested lists.

    Parameters
    ----------
    text
        Such as ``${need.category} = 'food' and not(selected(${access}, 'no_car'))``.

    Returns
    -------
    list
        ``["and" | "or", a, b]``, ``["not", a]``, ``["=" | "!=" | "<" | "<=" | ">" | ">=", a, b]``,
        ``["selected", a, b]``, ``["count" | "length", a]``, ``["ref", name]``, ``["self"]``, ``["text", words]``,
        ``["number", n]``, ``["today"]``, ``["true"]``, ``["false"]``.

    Raises
    ------
    InvalidInput
        If it is longer, deeper or other than that.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidInput(f"a condition may have {MAX_LENGTH} characters")
    reader = _Reader(_tokens(text))
    found = reader.either(0)
    if reader.kind:
        raise InvalidInput("this condition goes on where it should end")
    return found


def names_in(condition: Condition) -> Iterator[str]:
    """Give the names of the questions that a condition looks at."""
    if condition[0] == "ref":
        yield condition[1]
        return
    for part in condition[1:]:
        if isinstance(part, list):
            yield from names_in(part)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise InvalidInput("this condition has a sign in it that is not understood")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reader:
    """Reads tokens from the left; what binds closer is asked for first."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = [*tokens, ("", "")]
        self.at = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    @property
    def text(self) -> str:
        return self.tokens[self.at][1]

    def take(self, wanted: str | None = None) -> str:
        if wanted is not None and (self.kind not in ("sign", "word") or self.text != wanted):
            raise InvalidInput("this condition lacks a bracket or a comma")
        found = self.text
        self.at += 1
        return found

    def either(self, depth: int) -> Condition:
        if depth > _MOST_NESTED:
            raise InvalidInput("this condition is nested too deeply")
        return self._chain("or", self.both, depth)

    def both(self, depth: int) -> Condition:
        return self._chain("and", self.compared, depth)

    def _chain(self, word: str, inner: Any, depth: int) -> Condition:  # noqa: ANN401 - one of our own methods
        found: Condition = inner(depth)
        while (self.kind, self.text) == ("word", word):
            self.take()
            found = [word, found, inner(depth)]
        return found

    def compared(self, depth: int) -> Condition:
        left = self.single(depth)
        if self.kind == "sign" and self.text in _COMPARES:
            return [self.take(), left, self.single(depth)]
        return left

    def single(self, depth: int) -> Condition:
        kind, text = self.kind, self.text
        if kind == "word":
            return self._called(depth)
        if (kind, text) == ("sign", "("):
            self.take()
            found = self.either(depth + 1)
            self.take(")")
            return found
        plain: dict[str, Condition] = {"ref": ["ref", text], "dot": ["self"]}
        plain |= {"single": ["text", text], "double": ["text", text]}
        if kind == "number":
            plain["number"] = ["number", float(text) if "." in text else int(text)]
        if kind not in plain:
            raise InvalidInput("this condition lacks something to compare")
        self.take()
        return plain[kind]

    def _called(self, depth: int) -> Condition:
        name = self.take()
        if name not in {"selected", *_OF_ONE, *_PLAIN}:
            raise InvalidInput("this condition uses a function that is outside of the subset")
        self.take("(")
        found: Condition = [_PLAIN.get(name) or _OF_ONE.get(name, name)]
        if name not in _PLAIN:
            found.append(self.either(depth + 1))
        if name == "selected":
            self.take(",")
            found.append(self.either(depth + 1))
        self.take(")")
        return found
