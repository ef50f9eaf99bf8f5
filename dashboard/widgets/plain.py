"""Text that people wrote, made harmless for the two places Streamlit would read it as markup."""

from __future__ import annotations

import html
import re
from typing import Final

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&\"'])")


def as_html(text: object) -> str:
    """Escape text for ``st.html``."""
    return html.escape(str(text), quote=True)


def as_label(text: object) -> str:
    """Escape text for labels and captions, which Streamlit reads as Markdown."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))
