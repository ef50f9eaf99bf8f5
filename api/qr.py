"""QR codes as SVG text, for links that are scanned instead of typed."""

from __future__ import annotations

import io

import segno


def draw_qr(text: str) -> str:
    """Draw a QR code.

    Returns
    -------
    str
        An ``svg`` element without a fixed size, dark modules on nothing.
    """
    target = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        target, kind="svg", xmldecl=False, omitsize=True, border=2, light="#fff", dark="#111"
    )
    return target.getvalue().decode()
