"""What the kinds of help are called."""

from __future__ import annotations

from typing import Final

from dashboard.translation import Phrases

CATEGORIES: Final = Phrases(
    {
        "food": "Food",
        "water": "Drinking water",
        "medicine": "Medicine",
        "shelter": "Shelter",
        "transport": "Transport",
        "childcare": "Childcare",
        "company": "Company",
        "household": "Household help",
        "paperwork": "Paperwork",
        "hygiene": "Hygiene",
    }
)
