"""What has come in, and what became of each entry, as the API answers it: frozen records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dashboard.answers import read_instant, read_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Json


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry as it came in, without what was typed; ``faults`` are pointers and reasons."""

    id: str
    kind: str
    state: str
    record_id: str | None
    handed_in_by: str | None
    device_at: datetime | None
    received_at: datetime
    is_kept: bool
    faults: tuple[tuple[str, str], ...]
    channel: str
    form: int | None
    accuracy_m: float | None
    has_photo: bool
    refused_because: str | None
    decided_at: datetime | None
    kept_until: datetime | None
    photo_until: datetime | None
    can_undo: bool

    @property
    def waits(self) -> bool:
        """Whether an organizer has to decide."""
        return self.state in ("held", "quarantined")

    @classmethod
    def read(cls, body: Json) -> Arrival:
        """Take one entry out of an answer."""
        form, accuracy_m = body.get("form"), body.get("accuracy_m")
        return cls(
            id=str(body["id"]),
            kind=str(body["kind"]),
            state=str(body["state"]),
            record_id=read_line(body.get("record_id")),
            handed_in_by=read_line(body.get("handed_in_by")),
            device_at=read_instant(body.get("device_at")),
            received_at=datetime.fromisoformat(body["received_at"]),
            is_kept=bool(body["is_kept"]),
            faults=tuple((str(one["pointer"]), str(one["reason"])) for one in body["faults"]),
            channel=str(body["channel"]),
            form=None if form is None else int(form),
            accuracy_m=None if accuracy_m is None else float(accuracy_m),
            has_photo=bool(body["has_photo"]),
            refused_because=read_line(body.get("refused_because")),
            decided_at=read_instant(body.get("decided_at")),
            kept_until=read_instant(body.get("kept_until")),
            photo_until=read_instant(body.get("photo_until")),
            can_undo=bool(body["can_undo"]),
        )


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Some of what has come in, the marker of what follows, and how many there are in each state."""

    items: tuple[Arrival, ...]
    following: str | None
    counts: Mapping[str, int]

    @classmethod
    def read(cls, body: Json) -> Arrivals:
        """Take a page out of an answer."""
        counts = {str(name): int(count) for name, count in body["counts"].items()}
        return cls(tuple(Arrival.read(item) for item in body["items"]), read_line(body.get("next")), counts)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, and what an organizer put in its place."""

    typed: Mapping[str, Any] = field(repr=False)
    corrected: Mapping[str, Any] | None = field(repr=False)
    has_photo: bool

    @property
    def body(self) -> Mapping[str, Any]:
        """What the record was to be made of; nothing where it is not written as entries are."""
        found = self.typed.get("body") if self.corrected is None else self.corrected
        return found if isinstance(found, dict) else {}

    @classmethod
    def read(cls, body: Json) -> Typed:
        """Take it out of an answer."""
        return cls(dict(body["typed"]), body.get("corrected"), bool(body["has_photo"]))
