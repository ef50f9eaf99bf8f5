"""What the columns of the table of gaps are called, on the screen and on paper."""

from __future__ import annotations

from typing import Final

from dashboard.translation import Phrases

HEADS: Final = Phrases(
    {
        "Place": "Place",
        "Need": "Need",
        "Without help": "Without help",
        "Needs": "Needs",
        "Helped": "Helped",
        "Why": "Why",
    }
)
