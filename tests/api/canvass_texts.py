"""Every text of the phone pages, found where it is said."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from api.canvass.catalogues import read_catalogues
from api.canvass.pages import HOME, render_page

_SAID = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
_BOTH = re.compile(r'\? t\("(?:[^"\\]|\\.)*"\) : t\("((?:[^"\\]|\\.)*)"\)')
_DEMANDED = re.compile(r'\bdemand\(.*?, "((?:[^"\\]|\\.){12,})"(?:, "\w+")?\)')


class _Marked(HTMLParser):
    """Collects the text of whatever is marked for another language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as it is called
        if any(name == "data-t" for name, _ in attrs):
            self.depth += 1
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("span", "small"):
            self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.found[-1] += data


def texts_of_page() -> set[str]:
    """What the page itself says."""
    marked = _Marked()
    marked.feed(render_page(read_catalogues()))
    return {text.strip() for text in marked.found}


def texts_of_scripts() -> set[str]:
    """What the scripts say."""
    found: set[str] = set()
    for path in sorted((HOME / "files").glob("*.js")):
        text = path.read_text("utf-8")
        for pattern in (_SAID, _BOTH, _DEMANDED):
            found |= set(pattern.findall(text))
    return found
