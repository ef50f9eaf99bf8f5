"""What a picture of the map is drawn on: the same strokes as lines of a PDF or as dots of a PNG, in millimetres."""

from __future__ import annotations

import io
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from geo.interchange.sheet_ink import PT_MM, Ink, SheetFonts
from geo.interchange.sheet_view import Writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from geo.interchange.sheet_view import Spot

Colour = tuple[int, int, int]
INK: Final[Colour] = (42, 37, 32)
WHITE: Final[Colour] = (255, 255, 255)
MOST_DPI: Final = 300
_MM_PER_INCH: Final = 25.4
_FINER: Final = 2
"""A PNG is drawn so many times larger and made smaller, since that smooths its edges."""
_JOINED_DOTS: Final = 6
_HALO_PT: Final = 1.6
_LATIN: Final = 0x100
_ELLIPSIS: Final = "…"


class Canvas(Writes, Protocol):
    """A page of a picture."""

    width_mm: float
    height_mm: float

    def shape(
        self, ring: Sequence[Spot], *, fill: Colour | None = None, opacity: float = 1.0, edge: Colour | None = None,
        width_mm: float = 0.2,
    ) -> None:  # fmt: skip
        """Fill and outline a shape without holes."""

    def stroke(self, spots: Sequence[Spot], *, colour: Colour, width_mm: float) -> None:
        """Draw lines from spot to spot."""

    def disc(self, spot: Spot, radius_mm: float, *, fill: Colour, edge: Colour, width_mm: float) -> None:
        """Fill and outline a circle."""

    def within(self, x: float, y: float, width: float, height: float) -> Any:  # noqa: ANN401 - a context
        """Keep what is drawn meanwhile within a box."""

    def as_bytes(self) -> bytes:
        """Give the file."""


class PdfCanvas(Ink):
    """A page of a PDF, which a reader can search and enlarge."""

    def shape(
        self, ring: Sequence[Spot], *, fill: Colour | None = None, opacity: float = 1.0, edge: Colour | None = None,
        width_mm: float = 0.2,
    ) -> None:  # fmt: skip
        """Fill and outline a shape without holes."""
        self._prepare(fill, edge, width_mm)
        style = ("F" if fill else "") + ("D" if edge else "")
        if opacity < 1 and fill:
            with self._pdf.local_context(fill_opacity=opacity):
                self._pdf.polygon(list(ring), style="F")
            style = "D" if edge else ""
        if style:
            self._pdf.polygon(list(ring), style=style)

    def stroke(self, spots: Sequence[Spot], *, colour: Colour, width_mm: float) -> None:
        """Draw lines from spot to spot."""
        self._prepare(None, colour, width_mm)
        self._pdf.polyline(list(spots))

    def disc(self, spot: Spot, radius_mm: float, *, fill: Colour, edge: Colour, width_mm: float) -> None:
        """Fill and outline a circle."""
        self._prepare(fill, edge, width_mm)
        self._pdf.circle(spot[0], spot[1], radius_mm, style="DF")

    def _prepare(self, fill: Colour | None, edge: Colour | None, width_mm: float) -> None:
        if fill:
            self._pdf.set_fill_color(*fill)
        if edge:
            self._pdf.set_draw_color(*edge)
            self._pdf.set_line_width(width_mm)


class PngCanvas:
    """A picture of dots.

    Parameters
    ----------
    width_mm, height_mm
        As if it were printed.
    dpi
        Dots for each inch, at most ``MOST_DPI``.
    made_at
        The instant the picture says it was made.
    fonts
        What to write with; without them the font that comes with the drawing library.
    title
        What whoever cannot see the picture is told.
    """

    def __init__(
        self, width_mm: float, height_mm: float, made_at: datetime, fonts: SheetFonts | None, *, title: str, dpi: int
    ) -> None:
        from PIL import Image, ImageDraw

        self.width_mm, self.height_mm = width_mm, height_mm
        self._per_mm = min(dpi, MOST_DPI) / _MM_PER_INCH * _FINER
        size = (round(width_mm * self._per_mm), round(height_mm * self._per_mm))
        self._image = Image.new("RGB", size, WHITE)
        self._pen: Any = ImageDraw.Draw(self._image, "RGBA")
        self._fonts = fonts
        self._dpi, self._told, self._made_at = dpi, title, made_at

    def shape(
        self, ring: Sequence[Spot], *, fill: Colour | None = None, opacity: float = 1.0, edge: Colour | None = None,
        width_mm: float = 0.2,
    ) -> None:  # fmt: skip
        """Fill and outline a shape without holes."""
        dots = self._dots(ring)
        if fill:
            self._pen.polygon(dots, fill=(*fill, round(255 * opacity)))
        if edge:
            self._pen.line([*dots, dots[0]], fill=edge, width=self._wide(width_mm), joint=self._joint(width_mm))

    def stroke(self, spots: Sequence[Spot], *, colour: Colour, width_mm: float) -> None:
        """Draw lines from spot to spot."""
        self._pen.line(self._dots(spots), fill=colour, width=self._wide(width_mm), joint=self._joint(width_mm))

    def disc(self, spot: Spot, radius_mm: float, *, fill: Colour, edge: Colour, width_mm: float) -> None:
        """Fill and outline a circle."""
        x, y, r = spot[0] * self._per_mm, spot[1] * self._per_mm, radius_mm * self._per_mm
        self._pen.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline=edge, width=self._wide(width_mm))

    @contextmanager
    def within(self, x: float, y: float, width: float, height: float) -> Iterator[None]:
        """Keep what is drawn meanwhile within a box."""
        from PIL import ImageDraw

        whole = self._image.copy()
        yield
        left, top = round(x * self._per_mm), round(y * self._per_mm)
        box = (left, top, left + round(width * self._per_mm), top + round(height * self._per_mm))
        whole.paste(self._image.crop(box), box)
        self._image, self._pen = whole, ImageDraw.Draw(whole, "RGBA")

    def text(  # noqa: PLR0913 - as ink writes
        self, x: float, y: float, words: str, *, size_pt: float, bold: bool = False, align: str = "left",
        most_mm: float | None = None, grey: int | Colour = 0, halo: bool = False, turned_deg: float = 0.0,
    ) -> float:  # fmt: skip
        """Write one line on a base line, cut short where it is longer than it may be; give where it ends."""
        written = self._fitting(self._readable(words), most_mm, size_pt, bold=bold)
        wide = self.width_of(written, size_pt=size_pt, bold=bold)
        left = x - wide * {"left": 0.0, "right": 1.0}.get(align, 0.5)
        how: dict[str, Any] = {"font": self._font(size_pt, bold=bold), "anchor": "ls", "fill": _rgb(grey)}
        if halo:
            how |= {"stroke_width": max(1, round(_HALO_PT * PT_MM * self._per_mm)), "stroke_fill": WHITE}
        if turned_deg:
            self._turned((x, y), (left - x, written), turned_deg, how)
        else:
            self._pen.text((left * self._per_mm, y * self._per_mm), written, **how)
        return left + wide

    def width_of(self, words: str, *, size_pt: float, bold: bool = False) -> float:
        """Tell how long a line would be, in millimetres."""
        return float(self._font(size_pt, bold=bold).getlength(self._readable(words))) / self._per_mm

    def as_bytes(self) -> bytes:
        """Give the file."""
        from PIL import Image, PngImagePlugin

        size = (self._image.width // _FINER, self._image.height // _FINER)
        small = self._image.resize(size, Image.Resampling.BOX)
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("Title", self._told)
        notes.add_text("Creation Time", self._made_at.isoformat(timespec="seconds"))
        target = io.BytesIO()
        small.save(target, "PNG", dpi=(self._dpi, self._dpi), pnginfo=notes, compress_level=6)
        return target.getvalue()

    def _turned(self, at: Spot, line: tuple[float, str], turned_deg: float, how: dict[str, Any]) -> None:
        """Write a line on glass of its own, turned about a spot, and lay that on."""
        from PIL import Image, ImageDraw

        shift, words = line
        half = round(abs(shift) * self._per_mm) + 6 * self._wide(1)
        glass = Image.new("RGBA", (2 * half, 2 * half), (*WHITE, 0))
        ImageDraw.Draw(glass).text((half + shift * self._per_mm, half), words, **how)
        turned = glass.rotate(turned_deg, Image.Resampling.BICUBIC)
        corner = (round(at[0] * self._per_mm) - half, round(at[1] * self._per_mm) - half)
        self._image.paste(turned, corner, turned)

    def _fitting(self, words: str, most_mm: float | None, size_pt: float, *, bold: bool) -> str:
        if most_mm is None or self.width_of(words, size_pt=size_pt, bold=bold) <= most_mm:
            return words
        while words and self.width_of(words + _ELLIPSIS, size_pt=size_pt, bold=bold) > most_mm:
            words = words[:-1].rstrip()
        return words + _ELLIPSIS

    def _readable(self, words: str) -> str:
        """Write on one line, and in Latin letters what the font has no letters for."""
        from anyascii import anyascii

        known = None if self._fonts is None else _letters(self._fonts.regular)
        line = " ".join(words.split())
        return "".join(c if (ord(c) < _LATIN if known is None else ord(c) in known) else anyascii(c) for c in line)

    def _font(self, size_pt: float, *, bold: bool) -> Any:  # noqa: ANN401 - the library's own type
        dots = max(1, round(size_pt * PT_MM * self._per_mm))
        file = None if self._fonts is None else (self._fonts.bold if bold else self._fonts.regular)
        return _load(file, dots)

    def _dots(self, spots: Sequence[Spot]) -> list[Spot]:
        return [(x * self._per_mm, y * self._per_mm) for x, y in spots]

    def _joint(self, width_mm: float) -> str | None:
        # thin lines show no gap where they bend, and joints take most of the time
        return "curve" if self._wide(width_mm) >= _JOINED_DOTS else None

    def _wide(self, width_mm: float) -> int:
        return max(1, round(width_mm * self._per_mm))


@lru_cache(maxsize=64)
def _load(file: Path | None, dots: int) -> Any:  # noqa: ANN401 - the library's own type
    from PIL import ImageFont

    return ImageFont.load_default(dots) if file is None else ImageFont.truetype(file, dots)


@lru_cache(maxsize=4)
def _letters(file: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it has no types

    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _rgb(grey: int | Colour) -> Colour:
    return grey if isinstance(grey, tuple) else (grey, grey, grey)
