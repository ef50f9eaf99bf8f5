"""Which bytes a question was answered with, and from what: so that who has them already is told without making them."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from api.etags import is_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request

    from geo.domain.principals import Principal
    from geo.store.feed_version import Counted

MOST_ANSWERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer was: from which version of what, under which tag, and since which second it has been so."""

    counted: Counted
    version: str
    tag: str
    since_s: int

    @property
    def date(self) -> str:
        """When it was last something else, as HTTP writes it."""
        return format_datetime(datetime.fromtimestamp(self.since_s, UTC), usegmt=True)


class Answers:
    """The tags of answers by question, for every thread of a process; what was not asked for longest goes first.

    The version is no part of a tag: whoever sees a part of the network must not learn that something has changed in
    another. No two answers to one question have the same second, so that a date tells them apart as surely as a tag.

    Parameters
    ----------
    most
        So many questions are remembered.
    clock
        Gives seconds since 1970.
    """

    def __init__(self, most: int = MOST_ANSWERS, *, clock: Callable[[], float] = time.time) -> None:
        self._most, self._clock = most, clock
        self._answers: OrderedDict[bytes, Answered] = OrderedDict()
        self._lock = threading.Lock()
        # what was answered in this second before we began, or before it was forgotten, we do not know
        self._least_s = int(clock()) + 1

    def known(self, question: bytes) -> Answered | None:
        """Give what a question was answered with last, from whatever version."""
        with self._lock:
            found = self._answers.get(question)
            if found is not None:
                self._answers.move_to_end(question)
            return found

    def note(self, question: bytes, counted: Counted, version: str, tag: str) -> Answered:
        """Remember what a question was answered with.

        Parameters
        ----------
        counted, version
            What it was made from; read before it was made.
        """
        with self._lock:
            since_s = max(int(self._clock()), self._least_s)
            if (before := self._answers.get(question)) is not None:
                since_s = before.since_s if before.tag == tag else max(since_s, before.since_s + 1)
            self._answers[question] = answered = Answered(counted, version, tag, since_s)
            self._answers.move_to_end(question)
            while len(self._answers) > self._most:
                _, gone = self._answers.popitem(last=False)
                self._least_s = max(self._least_s, gone.since_s + 1)
            return answered

    def date(self, answered: Answered) -> dict[str, str]:
        """Give the header that dates an answer, as soon as its second has come."""
        return {"Last-Modified": answered.date} if answered.since_s <= self._clock() else {}

    def is_had(self, request: Request, answered: Answered) -> bool:
        """Tell whether the caller has an answer: by its tag, or when none is named by its date."""
        if "if-none-match" in request.headers:
            return is_known(request, answered.tag)
        given = request.headers.get("if-modified-since")
        return given is not None and self._is_since(given, answered)

    def _is_since(self, given: str, answered: Answered) -> bool:
        """Tell whether a date is the one we gave, or one at which a caller can have had no answer but this.

        Of the same second, named by somebody's own clock, it may be the one before (RFC 9110, 8.8.2.2).
        """
        if self.date(answered).get("Last-Modified") == given:
            return True
        try:
            named = parsedate_to_datetime(given)
        except ValueError:
            return False
        return named.tzinfo is not None and answered.since_s < named.timestamp() <= self._clock()


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is asked now: by its name, and the version of what its answer is made from."""

    answers: Answers
    name: bytes
    counted: Counted
    version: str

    def note(self, tag: str) -> Answered:
        """Remember what it is answered with."""
        return self.answers.note(self.name, self.counted, self.version, tag)


def name_question(request: Request, principal: Principal) -> bytes:
    """Name a question with all that its answer depends on besides the version."""
    asked = principal.network, principal.audience, str(request.url), request.headers.get("accept")
    return hashlib.blake2b(repr(asked).encode("utf-8", "backslashreplace"), digest_size=16).digest()
