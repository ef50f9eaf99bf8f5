"""Photos from phones: decoded within bounds and encoded anew, so that nothing but the picture is kept."""

from __future__ import annotations

import io
from typing import Final

from geo.errors import InvalidInput

MAX_SIDE_PX: Final = 1280
MAX_PIXELS: Final = 40_000_000
"""Of the picture as it came; one that says it is larger is not decoded."""
_KINDS: Final = ("JPEG", "PNG", "WEBP")
_QUALITIES: Final = (80, 60, 40, 20)


def encode_anew(content: bytes, *, most: int | None = None) -> bytes:
    """Make a JPEG of at most 1280 pixels a side that holds no more than what can be seen: no place, time or camera.

    Parameters
    ----------
    content
        A JPEG, PNG or WebP as it came.
    most
        Bytes it may have; it is written less sharply until it fits.

    Raises
    ------
    InvalidInput
        If it is no such picture, is damaged, or has more pixels than can be looked at safely.
    """
    from PIL import Image, ImageOps

    broken = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=_KINDS) as found:
            if found.width * found.height > MAX_PIXELS:
                raise InvalidInput("the photo has too many pixels", field="photo")
            # a JPEG is decoded at no more than the size that is kept
            found.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))
            turned = ImageOps.exif_transpose(found)
            turned.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
            clean = Image.new("RGB", turned.size, "white")
            clean.paste(turned.convert("RGB"))
    except broken:
        raise InvalidInput("this is no photo that can be read", field="photo") from None
    for quality in _QUALITIES:
        written = io.BytesIO()
        clean.save(written, "JPEG", quality=quality)
        if most is None or written.tell() <= most:
            return written.getvalue()
    raise InvalidInput("the photo is too large", field="photo")
