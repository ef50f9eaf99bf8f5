"""Ink on paper: text, lines, boxes and QR codes of a PDF, in millimetres from the top left corner."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

BLACK: Final = 0
PT_MM: Final = 25.4 / 72
"""Millimetres of a typographic point."""
_FAMILY: Final = "sheet"
_CORE: Final = "helvetica"
_CELL_BASE: Final = 0.3
_ELLIPSIS: Final = "…"
Spot = tuple[float, float]
Shade = int | tuple[int, int, int]
"""Grey from 0, black, to 255; or red, green and blue."""


@dataclass(frozen=True, slots=True)
class SheetFonts:
    """The files of a TrueType font, and of ``others`` for the letters it lacks."""

    regular: Path
    bold: Path
    others: tuple[Path, ...] = ()


class Ink:
    """A document that is drawn page by page.

    Parameters
    ----------
    width_mm, height_mm
        Of the paper.
    made_at
        The instant the document says it was made.
    fonts
        What to write with; without them the fonts every reader of PDFs has, which know Latin letters only.
    title
        Of the document.
    """

    def __init__(
        self, width_mm: float, height_mm: float, made_at: datetime, fonts: SheetFonts | None, *, title: str
    ) -> None:
        from fpdf import FPDF

        self.width_mm, self.height_mm = width_mm, height_mm
        self._pdf: Any = FPDF(unit="mm", format=(width_mm, height_mm))
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_creation_date(made_at)
        self._family = _CORE
        self._known: frozenset[int] | None = None
        self._others: tuple[Path, ...] = ()
        if fonts is not None:
            self._family, self._others = _FAMILY, fonts.others
            self._known = self._take({_FAMILY: (fonts.regular, fonts.bold)})
            # joins the letters of scripts that are written joined
            self._pdf.set_text_shaping(use_shaping_engine=True)
        self._pdf.set_title(self._readable(title))

    def _take(self, families: Mapping[str, tuple[Path, Path]]) -> frozenset[int]:
        """Load fonts, and tell which letters there are in them."""
        for family, files in families.items():
            for style, file in zip(("", "B"), files, strict=True):
                self._pdf.add_font(family, style, file)
        return frozenset(letter for family in families for letter in getattr(self._pdf.fonts[family], "cmap", {}))

    def _take_others(self) -> None:
        """Load what few sheets need, since reading them takes longer than drawing one."""
        # they come in one weight, which stands for the bold one too
        families = {f"{_FAMILY}-{at}": (file, file) for at, file in enumerate(self._others)}
        self._others = ()
        self._known = (self._known or frozenset()) | self._take(families)
        self._pdf.set_fallback_fonts([*families])

    def add_page(self) -> None:
        """Begin a new page."""
        self._pdf.add_page()

    def as_bytes(self) -> bytes:
        """Give the document."""
        return bytes(self._pdf.output())

    def text(  # noqa: PLR0913 - what is written has this many sides
        self, x: float, y: float, words: str, *, size_pt: float, bold: bool = False, align: str = "left",
        most_mm: float | None = None, grey: Shade = BLACK, halo: bool = False, turned_deg: float = 0.0,
    ) -> float:  # fmt: skip
        """Write one line on a base line, cut short where it is longer than it may be.

        Parameters
        ----------
        x, y
            Where it begins, ends or has its middle, as ``align`` says: ``left``, ``right`` or ``centre``.
        most_mm
            How long it may be.
        grey
            From 0, black, to 255; or red, green and blue.
        halo
            Whether it stands on white of its own, so that it can be read over lines.
        turned_deg
            Counter-clockwise, about where it is.

        Returns
        -------
        float
            Where it ends.
        """
        self._pdf.set_font(self._family, "B" if bold else "", size_pt)
        written = self._fitting(self._readable(words), most_mm)
        width = self._pdf.get_string_width(written)
        left = x - width * {"left": 0.0, "right": 1.0}.get(align, 0.5)
        with self._pdf.rotation(turned_deg, x, y):
            if halo:
                self._stroke(left, y, written)
            self._pdf.set_text_color(grey)
            self._put(left, y, written)
        return float(left + width)

    def _stroke(self, x: float, y: float, words: str) -> None:
        with self._pdf.local_context(text_mode="STROKE", line_width=0.9, draw_color=255):
            self._put(x, y, words)

    def _put(self, x: float, y: float, words: str) -> None:
        # a cell, since it alone puts scripts that run from right to left in order; its base line lies lower by this
        self._pdf.set_xy(x, y - _CELL_BASE * self._pdf.font_size)
        self._pdf.cell(w=0.1, h=0, text=words)

    def width_of(self, words: str, *, size_pt: float, bold: bool = False) -> float:
        """Tell how long a line would be, in millimetres."""
        self._pdf.set_font(self._family, "B" if bold else "", size_pt)
        return float(self._pdf.get_string_width(self._readable(words)))

    def paragraph(self, x: float, y: float, words: str, *, size_pt: float, width_mm: float, lines: int) -> None:
        """Write text over several lines, the last cut short where there would be more."""
        self._pdf.set_font(self._family, "", size_pt)
        found = [""]
        for word in self._readable(" ".join(words.split())).split(" "):
            longer = f"{found[-1]} {word}".strip()
            if found[-1] and self._pdf.get_string_width(longer) > width_mm:
                found.append(word)
            else:
                found[-1] = longer
        if len(found) > lines:
            found = [*found[: lines - 1], f"{found[lines - 1]} {_ELLIPSIS}"]
        for at, line in enumerate(found):
            self.text(x, y + at * size_pt * PT_MM * 1.25, line, size_pt=size_pt, most_mm=width_mm)

    def line(self, begin: Spot, end: Spot, *, width_mm: float, grey: int = BLACK, dash_mm: float | None = None) -> None:
        """Draw a straight line."""
        self.lines([begin, end], width_mm=width_mm, grey=grey, dash_mm=dash_mm)

    def lines(self, spots: Sequence[Spot], *, width_mm: float, grey: int = BLACK, dash_mm: float | None = None) -> None:
        """Draw lines from spot to spot, with round ends."""
        self._pdf.set_draw_color(grey)
        self._pdf.set_line_width(width_mm)
        with self._pdf.local_context(dash_pattern={"dash": dash_mm or 0, "gap": dash_mm or 0, "phase": 0}):
            self._pdf.polyline(list(spots))

    def box(self, x: float, y: float, width: float, height: float, *, width_mm: float, grey: int = BLACK) -> None:
        """Draw the edges of a box."""
        self._pdf.set_draw_color(grey)
        self._pdf.set_line_width(width_mm)
        self._pdf.rect(x, y, width, height)

    def dot(self, spot: Spot, radius_mm: float, *, grey: int = BLACK, ring_mm: float | None = None) -> None:
        """Draw a dot, or a ring on white."""
        self._pdf.set_fill_color(255 if ring_mm else grey)
        self._pdf.set_draw_color(grey)
        self._pdf.set_line_width(ring_mm or 0.1)
        self._pdf.circle(spot[0], spot[1], radius_mm, style="DF" if ring_mm else "F")

    @contextmanager
    def within(self, x: float, y: float, width: float, height: float) -> Iterator[None]:
        """Keep what is drawn meanwhile within a box."""
        with self._pdf.rect_clip(x, y, width, height):
            yield

    def white(self, x: float, y: float, width: float, height: float) -> None:
        """Cover a box with white."""
        self._pdf.set_fill_color(255)
        self._pdf.rect(x, y, width, height, style="F")

    def qr(self, words: str, x: float, y: float, side_mm: float) -> None:
        """Draw a QR code, its white edge included."""
        import segno

        rows = [bytes(row) for row in segno.make(words, error="m", micro=False).matrix_iter(border=2)]
        step = side_mm / len(rows)
        self._pdf.set_fill_color(BLACK)
        for down, row in enumerate(rows):
            for right, dark in enumerate(row):
                if dark:
                    # a little wider, so that no reader shows hair lines between them
                    self._pdf.rect(x + right * step, y + down * step, step + 0.01, step + 0.01, style="F")

    def _readable(self, words: str) -> str:
        """Write what the font has no letters for in Latin ones."""
        from anyascii import anyascii

        if self._others and self._known and not self._known.issuperset(map(ord, words)):
            self._take_others()

        def has(char: str) -> bool:
            return ord(char) < 0x100 if self._known is None else ord(char) in self._known  # noqa: PLR2004 - Latin-1

        return "".join(char if has(char) else anyascii(char) for char in words)

    def _fitting(self, words: str, most_mm: float | None) -> str:
        if most_mm is None or self._pdf.get_string_width(words) <= most_mm:
            return words
        mark = _ELLIPSIS if self._known is not None else "..."
        while words and self._pdf.get_string_width(words + mark) > most_mm:
            words = words[:-1].rstrip()
        return words + mark
