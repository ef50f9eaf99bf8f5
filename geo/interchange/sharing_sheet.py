"""A data-sharing sheet: what was agreed with a partner, on one page to be read and signed.

All its words are given to it, in the language it is to be in. The same agreement gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.domain.turf import Paper
from geo.interchange.sheet_ink import PT_MM, Ink, SheetFonts
from geo.interchange.walk_sheet import MARGIN_MM, SIZES_MM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_NAME_MM: Final = 58.0
_TEXT_PT: Final = 10.0
_LEADING: Final = 1.3
_GAP_MM: Final = 3.2
_SIGN_MM: Final = 26.0


@dataclass(frozen=True, slots=True)
class SharingSheet:
    """What a sheet says: a title, what was agreed by name, the rules, and who signs.

    ``is_right`` says that its lines begin on the right.
    """

    network: str
    title: str
    terms: Sequence[tuple[str, str]]
    rules_title: str
    rules: Sequence[str]
    signers: Sequence[str]
    made_at: datetime
    is_right: bool = False


def write_sharing_sheet(sheet: SharingSheet, *, paper: Paper = Paper.A4, fonts: SheetFonts | None = None) -> bytes:
    """Write a data-sharing sheet.

    Parameters
    ----------
    sheet
        Its words, in the order they are written.
    paper
        Its size, upright.
    fonts
        TrueType fonts; a letter they lack is written in Latin letters. Without them all is.

    Returns
    -------
    bytes
        A PDF.
    """
    width, height = SIZES_MM[paper]
    ink = Ink(width, height, sheet.made_at, fonts, title=f"{sheet.network}: {sheet.title}")
    page = _Page(ink, is_right=sheet.is_right)
    page.line(sheet.network, size_pt=9)
    page.line(sheet.title, size_pt=18, bold=True)
    page.rule()
    for name, words in sheet.terms:
        page.term(name, words)
    page.rule()
    page.line(sheet.rules_title, size_pt=12, bold=True)
    for number, words in enumerate(sheet.rules, 1):
        page.term(f"{number}.", words, name_mm=8)
    page.signers(sheet.signers)
    return ink.as_bytes()


class _Page:
    """Where on the pages the next line stands."""

    def __init__(self, ink: Ink, *, is_right: bool) -> None:
        self.ink, self.is_right = ink, is_right
        self.y = 0.0
        self._turn()

    def _turn(self) -> None:
        self.ink.add_page()
        self.y = MARGIN_MM + 6

    def _room(self, height_mm: float) -> None:
        if self.y + height_mm > self.ink.height_mm - MARGIN_MM:
            self._turn()

    @property
    def _inner(self) -> float:
        return self.ink.width_mm - 2 * MARGIN_MM

    def _write(
        self, into_mm: float, words: str, *, size_pt: float, bold: bool = False, most_mm: float | None = None
    ) -> None:
        """Write a line that begins so far from the side on which lines begin."""
        left = self.ink.width_mm - MARGIN_MM - into_mm if self.is_right else MARGIN_MM + into_mm
        align, most = "right" if self.is_right else "left", most_mm or self._inner - into_mm
        self.ink.text(left, self.y, words, size_pt=size_pt, bold=bold, align=align, most_mm=most)

    def line(self, words: str, *, size_pt: float, bold: bool = False) -> None:
        """Write one line."""
        height = size_pt * PT_MM
        self._room(height * _LEADING)
        self.y += height * (_LEADING - 1) + max(0.0, height - _TEXT_PT * PT_MM)
        self._write(0, words, size_pt=size_pt, bold=bold)
        self.y += _TEXT_PT * PT_MM + 1.5

    def rule(self) -> None:
        """Draw a line across."""
        self.ink.line((MARGIN_MM, self.y - 2), (self.ink.width_mm - MARGIN_MM, self.y - 2), width_mm=0.3)
        self.y += 4

    def term(self, name: str, words: str, *, name_mm: float = _NAME_MM) -> None:
        """Write a name and, beside it, what it means, over as many lines as that takes."""
        lines = self._broken(words, self._inner - name_mm)
        step = _TEXT_PT * PT_MM * _LEADING
        self._room(step * len(lines))
        self._write(0, name, size_pt=_TEXT_PT, bold=True, most_mm=name_mm - 2)
        for line in lines:
            self._write(name_mm, line, size_pt=_TEXT_PT)
            self.y += step
        self.y += _GAP_MM - 1

    def _broken(self, words: str, width_mm: float) -> list[str]:
        found = [""]
        for word in words.split():
            longer = f"{found[-1]} {word}".strip()
            if found[-1] and self.ink.width_of(longer, size_pt=_TEXT_PT) > width_mm:
                found.append(word)
            else:
                found[-1] = longer
        return found

    def signers(self, names: Sequence[str]) -> None:
        """Leave room for whoever signs, side by side."""
        self._room(_SIGN_MM)
        self.y += _SIGN_MM - 8
        each = self._inner / max(1, len(names))
        for at, name in enumerate(names):
            left = MARGIN_MM + at * each
            self.ink.line((left, self.y), (left + each - 8, self.y), width_mm=0.3)
            self.ink.text(left, self.y + 4.5, name, size_pt=8.5, most_mm=each - 8)
