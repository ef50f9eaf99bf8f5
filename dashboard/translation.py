"""The pages in the language of whoever looks: gettext catalogues, with the English text as its own key.

Words are looked up when they are drawn, never when a module is read, so that each person has their own language.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import streamlit as st
from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.domain.gap_words import HALF_A_NEED
from geo.domain.languages import language_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime, time

FOLDER: Final = Path(__file__).parent / "languages"
LANGUAGES: Final = {"en": "English", "ar": "العربية", "es": "Español", "fi": "Suomi"}
"""What the pages speak, each called as its speakers call it."""
USED: Final = "language"
SCRIPT: Final = "/enter/tongue.js"
_RIGHT_TO_LEFT: Final = frozenset({"ar"})
_LOCALES: Final = {"en": "en_GB"}
_BROKEN: Final = 100
_SPOKEN: ContextVar[str | None] = ContextVar("spoken", default=None)


def choose(language: str | None) -> None:
    """Speak a language from now on; without one the first of the browser's that is known, or else English."""
    st.session_state[USED] = language if language in LANGUAGES else _of_browser()


def tell() -> None:
    """Tell the browser which language the page is in, and which way it is written."""
    with st.container(key="tongue"):
        st.html(
            f"<span data-tongue='{language()} {direction()}'></span><script src='{SCRIPT}'></script>",
            unsafe_allow_javascript=True,
        )


def _of_browser() -> str:
    code = (st.context.locale or "en").partition("-")[0].lower()
    return code if code in LANGUAGES else "en"


def language() -> str:
    """Name the language that is spoken; outside a page it is English."""
    if spoken := _SPOKEN.get():
        return spoken
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    return str(st.session_state.get(USED, "en"))


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak another language than the page's for a moment."""
    before = _SPOKEN.set(code)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def direction() -> str:
    """Tell which way it is written: ``ltr`` or ``rtl``."""
    return "rtl" if language() in _RIGHT_TO_LEFT else "ltr"


def locale() -> Locale:
    """Give how its speakers write numbers and dates."""
    return _locale(language())


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(_LOCALES.get(code, code))


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    with (FOLDER / f"{code}.po").open("rb") as file:
        found = read_po(file, locale=code, abort_invalid=True)
    packed = io.BytesIO()
    write_mo(packed, found)
    packed.seek(0)
    return gettext.GNUTranslations(packed)


def tr(message: str, **parts: object) -> str:
    """Say something in the language of the page.

    Parameters
    ----------
    message
        In English, as a constant: catalogues are made from the source.
    parts
        What stands where ``{name}`` does.
    """
    said = _catalogue(language()).gettext(message)
    return said.format(**parts) if parts else said


def trn(one: str, many: str, n: float, **parts: object) -> str:
    """Say something of a number of things, in the form their number takes.

    Parameters
    ----------
    one, many
        The English forms; ``{n}`` is the number as it is written.
    n
        How many, as it is written; a broken number takes the form of a hundred, which needs no word for two.
    parts
        As for :func:`tr`.
    """
    count = round(n) if abs(n - round(n)) < HALF_A_NEED else _BROKEN
    return _catalogue(language()).ngettext(one, many, count).format(n=number(n), **parts)


Words = TypeVar("Words", str, tuple[str, ...])


class Phrases(Mapping[str, Words]):
    """Fixed words by name, each said in the language of the page when it is read.

    Parameters
    ----------
    words
        In English, as constants.
    """

    def __init__(self, words: Mapping[str, Words]) -> None:
        self._words: dict[str, Words] = dict(words)

    def __getitem__(self, name: str) -> Words:
        said: Words = _said(self._words[name])
        return said

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


def _said(words: Any) -> Any:  # noqa: ANN401 - a word, or several
    return tr(words) if isinstance(words, str) else tuple(tr(word) for word in words)


def number(value: float, decimals: int = 0) -> str:
    """Write a number with at most so many decimals."""
    return str(format_decimal(round(value, decimals), locale=locale()))


def percent(share: float) -> str:
    """Write a share of one as whole percents."""
    return str(format_percent(share, locale=locale()))


def on_day(moment: date) -> str:
    """Write a day with its year: 3 March 2026."""
    return str(format_date(moment, "long", locale=locale()))


def on_short_day(moment: date, *, with_year: bool = False) -> str:
    """Write a day in short: 3 Mar, or 3 Mar 2026."""
    pattern = "medium" if with_year else _in_short(language())
    return str(format_date(moment, pattern, locale=locale()))


@cache
def _in_short(code: str) -> str:
    return str(_locale(code).datetime_skeletons["MMMd"].pattern)


def at_time(moment: datetime | time) -> str:
    """Write a time of day: 14:30."""
    return str(format_time(moment, "short", locale=locale(), tzinfo=getattr(moment, "tzinfo", None)))


def at_moment(moment: datetime) -> str:
    """Write a day and a time of day."""
    return str(format_datetime(moment, "medium", locale=locale(), tzinfo=moment.tzinfo))


def by_pattern(skeleton: str, moment: datetime) -> str:
    """Write the parts of a moment that a CLDR skeleton names, such as ``EEEEd`` for a weekday and its day."""
    return str(format_skeleton(skeleton, moment, tzinfo=moment.tzinfo, locale=locale()))


def listed(words: Iterable[str]) -> str:
    """Write words as a list: this, that and another."""
    return str(format_list(list(words), locale=locale()))


def weekday(number_: int, *, use: str = "stand-alone", width: str = "wide") -> str:
    """Name a day of the week, from 0 for Monday.

    Parameters
    ----------
    use
        ``stand-alone`` for the name, ``format`` as it stands in a sentence that says when.
    width
        ``wide`` or ``abbreviated``.
    """
    return str(locale().days[use][width][number_])


def without_year(moment: date) -> str:
    """Write a day without its year: 3 March."""
    return str(format_date(moment, _of_year(language()), locale=locale()))


@cache
def _of_year(code: str) -> str:
    return str(_locale(code).datetime_skeletons["MMMMd"].pattern)


def name_of_language(code: str) -> str:
    """Name a language; an unknown code stands for itself."""
    return language_name(code) if language() == "en" else str(locale().languages.get(code, code))


_TURNED: Final = {"arrow_forward": "arrow_back", "chevron_right": "chevron_left"}


def pointing(icon: str) -> str:
    """Name the sign of a button that points along the line, turned round where lines run from right to left."""
    turned = _TURNED | {back: forward for forward, back in _TURNED.items()}
    return f":material/{turned[icon] if direction() == 'rtl' else icon}:"


def set_apart(text: str) -> str:
    """Keep figures such as coordinates, and names, in their own order where lines run from right to left."""
    return f"\u2068{text}\u2069" if direction() == "rtl" else text
