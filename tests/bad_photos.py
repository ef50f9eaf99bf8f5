"""Photos that are wrong in hundreds of ways: none does harm, and of one that is shown nothing but the picture stays."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from PIL import Image, PngImagePlugin

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET: Final = b"Secret-of-this-file"
_HEAD: Final = b"\x89PNG\r\n\x1a\n"


def picture(kind: str, size: tuple[int, int] = (90, 60), mode: str = "RGB", **how: object) -> bytes:
    """Draw a picture of a kind."""
    written = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(written, kind, **how)  # type: ignore[arg-type]
    return written.getvalue()


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *more: bytes, depth: int = 8, kind: int = 2, data: bytes | None = None) -> bytes:
    """Write a PNG by hand, whatever it says of itself."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    rows = zlib.compress(data if data is not None else b"\x00" * 1000)
    return _HEAD + head + b"".join(more) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def refused() -> dict[str, bytes]:
    """Give what is no photo: by name."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
    jpeg = picture("JPEG")
    found = {
        "nothing": b"",
        "a text": b"food",
        "SVG": svg,
        "SVG with its head": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + svg,
        "a web page": b"<html><script>alert(1)</script></html>",
        "PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        "a program": b"\x7fELF\x02\x01\x01" + b"\x00" * 200,
        "a zip": _zip(b"x"),
        "50,000 pixels a side": png(50_000, 50_000),
        "two thousand million pixels": png(2_147_483_647, 2_147_483_647),
        "a row of two thousand million": png(2_147_483_647, 1),
        "no width": png(0, 10),
        "50,000 pixels a side in JPEG": _with_size(jpeg, 50_000, 50_000),
        "65,535 pixels a side in JPEG": _with_size(jpeg, 65_535, 65_535),
        "a colour of no kind": png(10, 10, kind=9),
        "a depth of no kind": png(10, 10, depth=3),
        "no picture in it": png(900, 900, data=b""),
        "a bomb of colours": png(90, 90, _chunk(b"iCCP", b"p\x00\x00" + zlib.compress(b"\x00" * 200_000_000))),
        "a bomb of words": png(90, 90, _chunk(b"zTXt", b"t\x00\x00" + zlib.compress(b"\x00" * 200_000_000))),
        "a hundred bombs of words": png(
            90, 90, *[_chunk(b"zTXt", b"t\x00\x00" + zlib.compress(b"a" * 1_000_000))] * 100
        ),
    }  # fmt: skip
    for kind in ("GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "SGI", "DDS", "MSP", "XBM", "PDF", "EPS"):
        mode = "1" if kind in ("MSP", "XBM") else "RGB"
        found[f"{kind} from a scanner"] = picture(kind, (64, 64), mode)
    return found


def _zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.html", content)
    return out.getvalue()


def _with_size(jpeg: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0")
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def shown() -> dict[str, bytes]:
    """Give photos with something beside the picture, which must not stay: by name."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    page = b"<html><script>" + SECRET + b"</script></html>"
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "blue", "green")]
    behind = {"a zip": _zip(SECRET), "a page": page, "PHP": b"<?php " + SECRET, "itself": picture("JPEG") + SECRET}
    kinds = ("JPEG", "PNG", "WEBP")
    found = {f"{kind} and {name}": picture(kind) + content for kind in kinds for name, content in behind.items()}
    for kind in ("JPEG", "WEBP", "PNG"):
        found[f"{kind} with a camera"] = picture(kind, exif=exif)
        found[f"{kind} with colours"] = picture(kind, icc_profile=SECRET * 1000)
        animated = io.BytesIO()
        if kind != "JPEG":
            frames[0].save(animated, kind, save_all=True, append_images=frames[1:])
            found[f"{kind} that moves"] = animated.getvalue() + SECRET
    found["JPEG with a comment"] = picture("JPEG", comment=SECRET)
    found["PNG with a text"] = picture("PNG", pnginfo=text)
    for mode in ("1", "L", "LA", "P", "RGBA", "I;16"):
        found[f"PNG of {mode}"] = picture("PNG", mode=mode)
    for mode in ("L", "CMYK"):
        found[f"JPEG of {mode}"] = picture("JPEG", mode=mode)
    found["PNG 50,000 pixels wide"] = picture("PNG", (50_000, 700), "L")
    found["JPEG 50,000 pixels wide"] = picture("JPEG", (50_000, 200), "L")
    return found


def damaged() -> Iterator[tuple[str, bytes]]:
    """Give photos that were cut off or changed in places; some can be shown, and none may do harm."""
    draw = random.Random(0)  # noqa: S311 - makes input
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = picture(kind)
        for at in range(1, len(whole), max(1, len(whole) // 25)):
            yield f"{kind} cut at {at}", whole[:at]
        for number in range(40):
            changed = bytearray(whole)
            for _ in range(draw.randint(1, 12)):
                # most of what is said of a picture stands at its beginning
                most = draw.choice((len(changed), min(200, len(changed))))
                changed[draw.randrange(most)] = draw.randrange(256)
            yield f"{kind} changed {number}", bytes(changed)
