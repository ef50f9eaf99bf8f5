"""``export map``: the map as a picture or as a page, drawn as the server draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.errors import InvalidInput

from api.commands.jobs import open_store
from api.commands.reaching import travelling

if TYPE_CHECKING:
    from geo.domain.words import Audience

    from api.settings import Settings

KINDS: Final = (".pdf", ".png")


@dataclass(frozen=True, slots=True)
class WantedPicture:
    """What a picture is to show, for whom; ``bbox`` and ``layers`` as in an address."""

    audience: Audience
    standard_min: float | None
    layers: str | None = None
    bbox: str | None = None
    size: str = "a4"


def draw_picture(settings: Settings, wanted: WantedPicture, kind: str) -> bytes:
    """Draw the map; ``kind`` is how the file's name ends.

    Raises
    ------
    InvalidInput
        If it is neither ``.pdf`` nor ``.png``, or what is wanted cannot be drawn.
    NotPermitted
        If the audience may not have a layer.
    """
    from geo.interchange.map_picture import PictureSize, write_pdf, write_png
    from geo.store.coverage import Question
    from geo.store.network import standard_of
    from geo.store.tile_counts import fold_changes

    from api.params import parse_bbox
    from api.picturing import AskedPicture, Drawing, make_picture, parse_layers
    from api.sheets import find_fonts
    from api.statics import BASEMAP

    if kind not in KINDS:
        raise InvalidInput("a map is written as .pdf or .png: name such a file with --out", field="out")
    size = PictureSize(wanted.size)
    box = None if wanted.bbox is None else parse_bbox(wanted.bbox)
    layers, tiles = parse_layers(wanted.layers), settings.home.tiles / BASEMAP
    with travelling(settings) as model, open_store(settings) as store, store.sessions() as session:
        standard = wanted.standard_min or standard_of(session, settings.demo.standard_min)
        asked = AskedPicture(Question(model, standard), box, layers, None, None, size)
        drawing = Drawing(session, None, lambda: fold_changes(session), wanted.audience, tiles)
        picture = make_picture(drawing, asked)
    return (write_pdf if kind == ".pdf" else write_png)(picture, size, find_fonts())
