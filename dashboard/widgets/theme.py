"""Colours and type: one warm neutral house style, light and dark, safe for colour-blind eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import streamlit as st

from dashboard.translation import tr

BROWSER: Final = Path(__file__).parent.parent / "browser"
"""Scripts and styles of our own that run in the browser."""

LIGHT: Final[dict[str, Any]] = {
    "name": "light",
    "paper": "#f4efe6",
    "ink": "#2a2520",
    "muted": "#6a6056",
    "line": "#ddd3c4",
    "card": "#ffffff",
    "accent": "#1f5f5b",
    "onaccent": "#ffffff",
    "gaps": ["#fbd9a5", "#f3a672", "#dc6a5f", "#a83a6c", "#5a1f66"],
    "none": "#8fa7a0",
    "helper": "#1f5f5b",
    "asset": "#2d5d8f",
    "water": "#c3d8e0",
    "green": "#dce5c9",
    "building": "#e9e1d4",
    "minor": "#ffffff",
    "major": "#f6dfae",
    "casing": "#d9cdbb",
    "halo": "#faf7f2",
    "label": "#5c5248",
}
DARK: Final[dict[str, Any]] = {
    "name": "dark",
    "paper": "#211f1c",
    "ink": "#efe9e0",
    "muted": "#b3a99c",
    "line": "#3d3832",
    "card": "#262320",
    "accent": "#7cc4b8",
    "onaccent": "#0f211f",
    "gaps": ["#5c3a75", "#9a417f", "#d35d70", "#f2955f", "#fbdf9d"],
    "none": "#5f7670",
    "helper": "#7cc4b8",
    "asset": "#8ab6e6",
    "water": "#243942",
    "green": "#2b3326",
    "building": "#2b2824",
    "minor": "#38342f",
    "major": "#4a4236",
    "casing": "#1a1816",
    "halo": "#1b1917",
    "label": "#a89e91",
}
_VARIABLES: Final = ("paper", "ink", "muted", "line", "card", "accent", "onaccent", "none", "helper", "asset")


def palette() -> dict[str, Any]:
    """Give the colours of the theme the person is looking at."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def dress() -> None:
    """Put the house style on the page."""
    colours = palette()
    variables = "".join(f"--br-{name}:{colours[name]};" for name in _VARIABLES)
    variables += f"--br-choose-file:'{tr('Choose a file')}';"
    scale = "".join(f"--br-gap-{i}:{colour};" for i, colour in enumerate(colours["gaps"]))
    st.html(f"<style>:root{{{variables}{scale}}}{(BROWSER / 'page.css').read_text(encoding='utf-8')}</style>")


def script(name: str) -> str:
    """Read one of our own browser scripts."""
    return (BROWSER / name).read_text(encoding="utf-8")
