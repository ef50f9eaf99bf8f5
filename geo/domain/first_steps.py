"""How far an empty network has come: what a new one needs before it can help anybody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What is there already.

    Attributes
    ----------
    has_area
        A named part of town.
    has_gazetteer
        Streets or addresses to find places by.
    has_asset
        A place, service or stock that can meet a need.
    has_company
        Somebody else: another member, or a phone of a canvasser.
    has_turf
        Doors to be walked.
    is_away
        Somebody has put the steps away.
    """

    has_area: bool
    has_gazetteer: bool
    has_asset: bool
    has_company: bool
    has_turf: bool
    is_away: bool

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.has_area and self.has_gazetteer and self.has_asset and self.has_company and self.has_turf

    @property
    def is_begun(self) -> bool:
        """Tell whether there is anything at all to see on a map."""
        return self.has_area or self.has_gazetteer or self.has_asset
