"""The phone pages as they are served: rendered once, packed, and named by a hash of all they are made of."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo.domain.entries import ENTRY_FORM
from geo.domain.words import CATEGORY_LABELS

from api.canvass.catalogues import PAGE_LANGUAGES, SPOKEN, read_catalogues

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.canvass.catalogues import Catalogue

HOME: Final = Path(__file__).parent
BASE: Final = "/canvass/"
WORKER: Final = "worker.js"
_TYPES: Final = {
    "": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_INK, _PAPER = "#1f5f5b", "#f4efe6"
_HOUSE: Final = ((16, 3), (29, 12), (29, 29), (20, 29), (20, 21), (12, 21), (12, 29), (3, 29), (3, 12))
"""The sign of the pages on a square of 32."""
_ICON_SIZES: Final = (192, 512)
_EDGE: Final = 0.18
"""What of an icon's side stays empty around the sign, so that a round mask cuts nothing off."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the pages, as it goes over the wire."""

    content: bytes
    packed: bytes
    media_type: str
    tag: str


@cache
def build_pages() -> Mapping[str, PageFile]:
    """Make all files of the pages, by their path below ``/canvass/``; the page itself has the empty path."""
    catalogues = read_catalogues()
    made: dict[str, bytes] = {"": render_page(catalogues).encode(), "app.webmanifest": _manifest()}
    made |= {path.name: path.read_bytes() for path in sorted((HOME / "files").iterdir()) if path.name != WORKER}
    made |= {f"words/{found.code}.json": _words(found) for found in catalogues if found.words}
    made |= {"icon.svg": _svg()} | {f"icon-{size}.png": _png(size) for size in _ICON_SIZES}
    made[WORKER] = _worker(made)
    return {name: _packed(name, content) for name, content in made.items()}


def render_page(catalogues: tuple[Catalogue, ...]) -> str:
    """Write the page in English; the phone puts another language's words in the place of these."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HOME / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html").render(
        say=str,
        languages=catalogues,
        categories=[(category.value, label) for category, label in CATEGORY_LABELS.items()],
        spoken=[(code, SPOKEN.get(code) or PAGE_LANGUAGES[code]) for code in (*PAGE_LANGUAGES, *SPOKEN)],
        form=ENTRY_FORM,
    )


def _words(found: Catalogue) -> bytes:
    return json.dumps(found.words, ensure_ascii=False, separators=(",", ":")).encode()


def _manifest() -> bytes:
    icons: list[dict[str, Any]] = [{"src": f"{BASE}icon.svg", "sizes": "any", "type": "image/svg+xml"}]
    for size in _ICON_SIZES:
        icon = {"src": f"{BASE}icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
        icons += [icon, icon | {"purpose": "maskable"}]
    told = {
        "id": BASE,
        "name": "Barnraiser at the door",
        "short_name": "Barnraiser",
        "start_url": BASE,
        "scope": BASE,
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _INK,
        "icons": icons,
    }
    return json.dumps(told).encode()


def _svg() -> bytes:
    points = " ".join(f"{x},{y}" for x, y in _HOUSE)
    shape = f'<rect width="32" height="32" fill="{_INK}"/>'
    sign = f'<polygon points="{points}" fill="{_PAPER}" transform="translate(5.8 5.8) scale(.64)"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{shape}{sign}</svg>'.encode()


def _png(size: int) -> bytes:
    from PIL import Image, ImageDraw

    drawn, scale, edge = Image.new("RGB", (size, size), _INK), size * (1 - 2 * _EDGE) / 32, size * _EDGE
    ImageDraw.Draw(drawn).polygon([(edge + x * scale, edge + y * scale) for x, y in _HOUSE], fill=_PAPER)
    written = io.BytesIO()
    drawn.quantize(8).save(written, "PNG", optimize=True)
    return written.getvalue()


def _worker(made: Mapping[str, bytes]) -> bytes:
    """Give the worker the list of files, and a version that changes with any of them, itself included."""
    text = (HOME / "files" / WORKER).read_text("utf-8")
    digest = hashlib.sha256(text.encode())
    for name, content in sorted(made.items()):
        digest.update(f"{name} {len(content)} ".encode() + content)
    files = json.dumps([BASE + name for name in made])
    return text.replace("{{ version }}", digest.hexdigest()[:16]).replace("{{ files }}", files).encode()


def _packed(name: str, content: bytes) -> PageFile:
    media_type = _TYPES[name.rpartition(".")[2] if "." in name else ""]
    packed = content if media_type == "image/png" else gzip.compress(content, 9, mtime=0)
    return PageFile(content, packed, media_type, f'"{hashlib.sha256(content).hexdigest()[:20]}"')
