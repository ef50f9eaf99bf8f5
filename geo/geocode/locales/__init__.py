"""The countries whose addresses are read. To add one: a module with a ``TABLE``, and its name here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.geocode.locales import britain, canada, finland, france, germany, portugal, spain, sweden, united_states

if TYPE_CHECKING:
    from geo.geocode.locale_table import Locale

LOCALES: Final[tuple[Locale, ...]] = tuple(
    module.TABLE for module in (united_states, finland, sweden, canada, britain, germany, france, spain, portugal)
)
"""In the order in which they are asked where two say different things."""
