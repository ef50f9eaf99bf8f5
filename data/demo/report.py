"""What the main job found: for machines as one object, for people as a page of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo.domain.words import CATEGORY_LABELS, Audience
from geo.privacy.disclosure import disclose

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator, Mapping, Sequence
    from pathlib import Path

    from geo.domain.coverage import CoverageReport, CoverageRow, NearestReport, Totals
    from geo.domain.records import Need
    from geo.domain.words import Category

WORST, SHOWN_NEEDS, SHOWN_HELPERS = 5, 3, 3


@dataclass(frozen=True, slots=True)
class NeedHelp:
    """An open need and its nearest suitable helpers."""

    need: Need
    nearest: NearestReport


@dataclass(frozen=True, slots=True)
class DemoReport:
    """The whole outcome. ``elapsed_s`` names each step in the order it was done."""

    coverage: CoverageReport
    help: Sequence[NeedHelp]
    gazetteer: Mapping[str, int]
    geojson: Mapping[str, Path]
    attribution: str
    elapsed_s: Mapping[str, float]

    def as_dict(self, audience: Audience = Audience.ORGANIZER) -> dict[str, Any]:
        """Give the outcome as one JSON object, disclosed for an audience."""
        return {
            "needs": self.coverage.balance.as_dict(),
            "gazetteer": dict(self.gazetteer),
            "gaps": [_gap(row, audience) for row in self.coverage.rows if row.totals.gap],
            "coverage": {c.value: {"demand": t.demand, "covered": t.covered, "gap": t.gap} for c, t in self._totals()},
            "nearest": [_nearest(found, audience) for found in self.help],
            "travel_model": self.coverage.travel_model.as_dict(),
            "standard_min": self.coverage.standard_min,
            "supply_not_counted": self.coverage.excluded_supply,
            "geojson": {name: str(path) for name, path in self.geojson.items()},
            "attribution": self.attribution,
            "elapsed_s": {step: round(seconds, 2) for step, seconds in self.elapsed_s.items()},
        }

    def as_text(self) -> str:
        """Give the outcome as a page a person can read."""
        return "\n".join(self._lines())

    def _totals(self) -> ItemsView[Category, Totals]:
        return self.coverage.totals.items()

    def _lines(self) -> Iterator[str]:
        yield from self._balance_lines()
        yield from self._gap_lines()
        yield from self._help_lines()
        yield ""
        yield f"Travel: {self.coverage.travel_model.note}"
        yield f"Map data: {self.attribution}. The people are made up."

    def _balance_lines(self) -> Iterator[str]:
        b = self.coverage.balance
        doors, streets = self.gazetteer.get("address_points", 0), self.gazetteer.get("streets", 0)
        yield f"City      {doors:,} addresses on {streets:,} streets"
        yield (
            f"Needs     {b.received} received = {b.located} located + {b.approximate} approximate + "
            f"{b.needs_review} waiting for review + {b.no_location} without a place + "
            f"{b.withheld} withheld + {b.closed} closed"
        )
        demand = sum(t.demand for _, t in self._totals())
        covered = sum(t.covered for _, t in self._totals())
        standard = f"{self.coverage.standard_min:g} minutes on foot"
        yield f"Coverage  {covered} of {demand} open needs can be served within {standard}; {demand - covered} cannot"

    def _gap_lines(self) -> Iterator[str]:
        yield ""
        yield "Where needs outstrip the help within reach"
        for row in self.coverage.rows[:WORST]:
            counted = f"{row.totals.gap:3d} of {row.totals.demand:3d}"
            yield f"  {counted}  {_word(row.category):<14} {row.label}: {row.why}"

    def _help_lines(self) -> Iterator[str]:
        yield ""
        yield "The nearest suitable helpers"
        for found in [h for h in self.help if h.nearest.results][:SHOWN_NEEDS]:
            need = found.need
            yield f"  {need.urgency.value.capitalize()} need for {_word(need.category)}, {_speaks(need)}"
            for result in found.nearest.results[:SHOWN_HELPERS]:
                yield f"    {result.name:<12} {result.reason}"


def _word(category: Category) -> str:
    return CATEGORY_LABELS[category].lower()


def _speaks(need: Need) -> str:
    return f"speaks {', '.join(need.languages)}" if need.languages else "language not known"


def _gap(row: CoverageRow, audience: Audience) -> dict[str, Any]:
    shown = disclose(row, audience)
    return {"cell": shown.pop("key"), **shown}


def _nearest(found: NeedHelp, audience: Audience) -> dict[str, Any]:
    return {
        "need": disclose(found.need, audience),
        "results": [disclose(result, audience) for result in found.nearest.results],
        "passed_over": dict(found.nearest.passed_over),
        "travel_model": found.nearest.travel_model.name,
    }
