"""Data-sharing sheets put together: an agreement as it may leave, in words of one of the network's languages."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo.domain.message_texts import RIGHT_TO_LEFT, choose_language
from geo.domain.principals import Tier
from geo.interchange.sharing_sheet import SharingSheet
from geo.privacy.disclosure import disclose
from geo.store.network import get_network

from api.link_views import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geo.domain.principals import Agreement
    from geo.domain.words import Audience

WORDS: Final = Path(__file__).parent / "sheets" / "sharing.json"
CELL_KM2: Final = 0.105
"""About so large is a hexagon of resolution 9 (H3's table of average areas)."""
_RULES: Final = ("rule_purpose", "rule_people", "rule_key", "rule_delete", "rule_noted")


@cache
def all_words() -> Mapping[str, Mapping[str, str]]:
    """Read the words of sheets, by language."""
    found: Mapping[str, Mapping[str, str]] = json.loads(WORDS.read_text("utf-8"))
    return found


def make_sharing_sheet(
    session: Session, agreement: Agreement, audience: Audience, language: str | None = None
) -> SharingSheet:
    """Put the sheet of an agreement together.

    Parameters
    ----------
    language
        Which it is to be in; the network's own first one when left out.
    """
    network = get_network(session)
    chosen = choose_language([language, *network.languages])
    words, shown = all_words()[chosen], disclose(agreement, audience)
    return SharingSheet(
        network=network.name,
        title=words["title"],
        terms=_terms(shown, words, words_of(chosen)),
        rules_title=words["rules"],
        rules=[words[name] for name in (*_RULES, *(["rule_marked"] if agreement.is_marked else []))],
        signers=[words["signed_us"], words["signed_you"]],
        made_at=agreement.created_at or agreement.expires_at,
        is_right=chosen in RIGHT_TO_LEFT,
    )


def _terms(shown: Mapping[str, Any], words: Mapping[str, str], kinds: Mapping[str, str]) -> list[tuple[str, str]]:
    count = int(shown["cell_count"])
    area = words["cells"].format(count=count, km2=max(1, round(count * CELL_KM2)))
    found = [
        (words["partner"], shown["name"]),
        (words["purpose"], shown["purpose"]),
        (words["holds"], shown["expires_at"][:10]),
        (words["sees"], _seen(shown["tier"], words)),
        (words["never"], words["hidden"]),
        (words["kinds"], ", ".join(kinds[f"category.{name}"] for name in shown["categories"])),
        (words["area"], area),
        (words["quota"], words["records"].format(count=shown["quota_per_day"])),
    ]
    if shown["tier"] == Tier.REFERRAL.value:
        found.insert(5, (words["fields"], ", ".join(words[name] for name in shown["fields"]) or words["none"]))
    return found


def _seen(tier: str, words: Mapping[str, str]) -> str:
    """Say what a tier sees; that of referred needs comes on top of the hexagons."""
    return f"{words['coarse']} {words['referral']}" if tier == Tier.REFERRAL.value else words[tier]
