"""Where help should be next, what would be, when help is missing and what has changed, as the API answers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from dashboard.answers import read_balance
from dashboard.told_answers import Told

if TYPE_CHECKING:
    from geo.domain.balance import Balance

    from dashboard.answers import Json


_HOURS_UNKNOWN: Final = {"hours", "not", "known"}


@dataclass(frozen=True, slots=True)
class Totals:
    """Needs: demand is what is asked, gap what finds no help."""

    demand: int
    covered: int
    gap: int

    @classmethod
    def read(cls, body: Json) -> Totals:
        """Take three figures out of an answer."""
        return cls(int(body["demand"]), int(body["covered"]), int(body["gap"]))


@dataclass(frozen=True, slots=True)
class SitesAsked:
    """A question for the next places; ``capacity`` in needs a week of each, ``candidates`` where to look."""

    category: str
    k: int
    capacity: int
    standard_min: int
    candidates: str

    def as_body(self) -> dict[str, object]:
        """Write the question as the API takes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Site:
    """A place to open, WGS 84 degrees: needs served by opening it after those before it, and by all so far."""

    lon: float
    lat: float
    label: str
    newly_served: int
    cumulative: int

    @classmethod
    def read(cls, body: Json) -> Site:
        """Take one place out of an answer."""
        return cls(
            float(body["lon"]),
            float(body["lat"]),
            str(body["label"]),
            int(body["newly_served"]),
            int(body["cumulative"]),
        )


@dataclass(frozen=True, slots=True)
class Sites:
    """The next places in the order in which each serves most; ``all_*`` are of every kind of need."""

    asked: SitesAsked
    sites: tuple[Site, ...]
    before: Totals
    after: Totals
    all_before: Totals
    all_after: Totals
    is_optimal: bool
    most: float
    was_cut: bool
    unreached: int
    candidate_count: int
    note: str
    travel_note: Told
    balance: Balance

    @classmethod
    def read(cls, body: Json, asked: SitesAsked) -> Sites:
        """Take the answer to a question apart; ``most`` is what no choice of so many places can serve more than."""
        before, after = Totals.read(body["all_before"]), Totals.read(body["all_after"])
        return cls(
            asked=asked,
            sites=tuple(Site.read(site) for site in body["sites"]),
            before=Totals.read(body["before"]),
            after=Totals.read(body["after"]),
            all_before=before,
            all_after=after,
            is_optimal=bool(body["optimal"]),
            most=after.covered - before.covered + max(0.0, float(body["bound"]) - float(body["objective"])),
            was_cut=bool(body["was_cut"]),
            unreached=int(body["unreached"]),
            candidate_count=int(body["candidate_count"]),
            note=str(body["note"]),
            travel_note=Told.of_travel(body["travel_model"]),
            balance=read_balance(body["balance"]),
        )

    @property
    def helped(self) -> int:
        """How many more needs of every kind would be served."""
        return self.all_after.covered - self.all_before.covered


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One part of town and one kind of need that fares otherwise; from ``gap_before`` to ``gap_after``.

    ``newly_within`` are the needs that come within reach of help, ``no_longer_within`` those that leave it.
    """

    label: str
    category: str
    demand: int
    gap_before: int
    gap_after: int
    newly_within: int = 0
    no_longer_within: int = 0
    key: str = ""

    @classmethod
    def read(cls, body: Json) -> ChangedRow:
        """Take one row out of an answer."""
        names = ("demand", "gap_before", "gap_after", "newly_within", "no_longer_within")
        figures = {name: int(body[name]) for name in names}
        return cls(str(body["label"]), str(body["category"]), **figures, key=str(body["key"]))

    @classmethod
    def read_since(cls, body: Json) -> ChangedRow:
        """Take one row of what has changed since a day out of an answer."""
        demand, then, now = (int(body[name]) for name in ("demand", "gap_then", "gap"))
        return cls(str(body["label"]) if body["key"] else "", str(body["category"]), demand, then, now)

    @property
    def change(self) -> int:
        """How many more needs are without help; below zero, how many fewer."""
        return self.gap_after - self.gap_before


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would change; nothing that is stored has. ``kinds`` are before and after by kind of need.

    ``reach`` counts, by kind, the needs out of reach now, those newly and no longer within reach, and those out of
    reach then. ``cells`` and ``groups`` are as ``rows``, where they were asked for.
    """

    sentence: str
    notes: tuple[str, ...]
    kinds: tuple[tuple[str, Totals, Totals], ...]
    reach: dict[str, tuple[int, int, int, int]]
    rows: tuple[ChangedRow, ...]
    cells: tuple[ChangedRow, ...]
    groups: tuple[ChangedRow, ...]
    standard_min: int
    travel_note: Told
    balance: Balance

    @classmethod
    def read(cls, body: Json) -> WhatIf:
        """Take the answer apart."""
        before, after = ({kind: Totals.read(one) for kind, one in body[name].items()} for name in ("before", "after"))
        nothing = Totals(0, 0, 0)
        return cls(
            sentence=str(body["sentence"]),
            notes=tuple(str(note) for note in body["notes"]),
            kinds=tuple((kind, before.get(kind, nothing), after.get(kind, nothing)) for kind in {**before, **after}),
            reach={kind: _reach(one) for kind, one in body["reach"].items()},
            rows=tuple(ChangedRow.read(row) for row in body["rows"]),
            cells=tuple(ChangedRow.read(row) for row in body["cells"]),
            groups=tuple(ChangedRow.read(row) for row in body["groups"]),
            standard_min=round(body["standard_min"]),
            travel_note=Told.of_travel(body["travel_model"]),
            balance=read_balance(body["balance"]),
        )


def _reach(body: Json) -> tuple[int, int, int, int]:
    return (
        int(body["out_before"]), int(body["newly_within"]), int(body["no_longer_within"]), int(body["out_after"]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class HelpingPlace:
    """A place that helps now; ``capacity`` in needs a week, if it is known, and where it is, if that may be told."""

    id: str
    name: str
    kind: str
    capacity: int | None
    place: tuple[float, float] | None = None

    @classmethod
    def read(cls, body: Json) -> HelpingPlace:
        """Take one place out of an answer."""
        room, point = body.get("capacity_per_week"), body.get("point")
        place = (float(point["lon"]), float(point["lat"])) if point else None
        return cls(str(body["id"]), str(body["name"]), str(body["kind"]), None if room is None else int(room), place)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the week and one group; ``weekday`` from 0 for Monday."""

    weekday: int
    hour: int
    group: str
    demand: int
    gap: int

    @classmethod
    def read(cls, body: Json) -> Hour:
        """Take one row out of an answer."""
        figures = (int(body[name]) for name in ("demand", "gap"))
        return cls(int(body["weekday"]), int(body["hour"]), str(body["group"]), *figures)


@dataclass(frozen=True, slots=True)
class Week:
    """Every hour of one week, and the worst of it in sentences with the group each is of."""

    hours: tuple[Hour, ...]
    worst: tuple[tuple[str, str], ...]
    week_of: date
    time_zone: str
    unknown_hours: int
    travel_note: Told
    balance: Balance

    @classmethod
    def read(cls, body: Json) -> Week:
        """Take the answer apart."""
        excluded = body["excluded_supply"].items()
        return cls(
            hours=tuple(Hour.read(row) for row in body["rows"]),
            worst=tuple((str(one["group"]), str(one["sentence"])) for one in body["worst"]),
            week_of=date.fromisoformat(body["week_of"]),
            time_zone=str(body["time_zone"]),
            unknown_hours=sum(int(count) for reason, count in excluded if set(reason.split()) >= _HOURS_UNKNOWN),
            travel_note=Told.of_travel(body["travel_model"]),
            balance=read_balance(body["balance"]),
        )

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups there are, the largest first."""
        sizes: dict[str, int] = {}
        for hour in self.hours:
            sizes[hour.group] = max(sizes.get(hour.group, 0), hour.demand)
        return tuple(sorted(sizes, key=lambda group: (-sizes[group], group)))


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since a day that was kept, the gap that widened most first; no day where none is kept."""

    since: date | None
    rows: tuple[ChangedRow, ...]
    kinds: tuple[ChangedRow, ...]
    travel_note: Told

    @classmethod
    def read(cls, body: Json) -> Changes:
        """Take the answer apart."""
        return cls(
            since=date.fromisoformat(body["since"]) if body["since"] else None,
            rows=tuple(ChangedRow.read_since(row) for row in body["rows"]),
            kinds=tuple(ChangedRow.read_since(row) for row in body["totals"].values()),
            travel_note=Told.of_travel(body["travel_model"]),
        )
