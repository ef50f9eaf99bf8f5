"""How the page of directories speaks: what became of a service, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.domain.directory import read_terms

from dashboard.directory_answers import KINDS
from dashboard.import_words import read_pairs
from dashboard.translation import Phrases, number, tr, trn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.domain.words import Category

    from dashboard.directory_answers import DirectoryReport, ServiceTold, TakenBack

DONE: Final = Phrases(
    {
        "new": ("New", "Each of these is new here."),
        "updated": ("Changed", "Each of these was brought before, and has changed there."),
        "twin": ("Looks like ours", "Each of these looks like an asset of ours, and is left out until you say more."),
        "kept": ("Ours stays", "Each of these was changed here and there since; ours stays."),
        "skipped": ("Cannot be used", "Each of these cannot be used."),
        "joined": ("Same as ours", "Each of these is an asset of ours, as you have said."),
        "ours": ("From here", "Each of these came from this network in the first place."),
        "missing": ("Not named any more", "Each of these was brought before, and is not named any more."),
        "retired": ("Marked as gone", "Each of these is not named any more, and marked as gone for good."),
        "unchanged": ("As before", "Each of these was brought before, and is the same."),
    }
)
"""For each thing that may become of a service: its name, and a sentence about all of them."""
WHY: Final = Phrases(
    {
        "no_id": "it has no id",
        "no_name": "it has no name",
        "no_category": "none of its terms says what kind of help it is",
        "bad_status": "its status is no status of HSDS",
        "bad_location": "its place is none on earth",
        "too_many_locations": "it has too many locations",
        "named_twice": "it stands there twice",
        "refused": "it cannot be stored",
        "same_name": "the same name",
        "like_name": "a like name",
        "near": "at the same place",
        "same_phone": "the same telephone",
        "same_website": "the same page",
        "same_organization": "the same organization",
        "same_category": "the same kind of help",
        "no_place": "its address is not known here, so it is not on the map",
    }
)
FIELDS: Final = Phrases({
    "name": "name", "kind": "kind of place", "description": "description", "address": "address",
    "opening_hours": "opening hours", "schedule": "calendar", "interpreter": "interpreters", "categories": "what it "
    "helps with", "status": "status", "step_free": "steps", "languages": "languages", "assured_on": "day it was "
    "confirmed", "organization_id": "organization", "point": "place",
})  # fmt: skip


def summary(report: DirectoryReport) -> str:
    """Say in one line what became of the services, or would."""
    parts = [f"{number(report.counts[kind])} {DONE[kind][0].lower()}" for kind in KINDS if report.counts[kind]]
    told = tr(", ").join(parts) or tr("nothing in it")
    return trn("{n} service read: {told}.", "{n} services read: {told}.", report.read_count, told=told)


def why(row: ServiceTold) -> str:
    """Say of one service why it came to that."""
    told = [WHY.get(name) or _field(name) for name in row.reasons]
    if row.done == "twin":
        ours = row.ours or tr("an asset of ours")
        return tr("Looks like {ours}: {why}.", ours=ours, why=tr(", ").join(told))
    return f"{', '.join(told).capitalize()}." if told else ""


def _field(reason: str) -> str:
    bad = reason.removeprefix("bad_")
    named = FIELDS.get(bad, bad.replace("_", " "))
    return tr("its {field} cannot be used", field=named) if bad != reason else named


def left_aside(report: DirectoryReport) -> str:
    """Say what of the file has no room here; empty where there is nothing."""
    parts = [f"{name.replace('_', ' ')} ({number(count)})" for name, count in sorted(report.ignored.items())]
    if report.unknown_tables:
        tables = len(report.unknown_tables)
        parts.append(trn("{n} table that HSDS does not have", "{n} tables that HSDS does not have", tables))
    return tr("Not taken over: {parts}.", parts=tr(", ").join(parts)) if parts else ""


def undone(told: TakenBack) -> list[str]:
    """Say what taking a directory back does, one line for each."""
    removed = trn(
        "{n} asset it brought and nobody has changed or used; removed.",
        "{n} assets it brought and nobody has changed or used; removed.",
        told.removed,
    )
    kept = trn(
        "{n} asset somebody has changed or used; ours from now on.",
        "{n} assets somebody has changed or used; ours from now on.",
        told.kept,
    )
    parted = trn(
        "{n} asset was ours before; it stays, and what it said of it is forgotten.",
        "{n} assets were ours before; they stay, and what it said of them is forgotten.",
        told.parted,
    )
    lines = ((told.removed, removed), (told.kept, kept), (told.parted, parted))
    return [line for count, line in lines if count]


def terms_of(text: str, labels: Mapping[str, str]) -> dict[str, Category]:
    """Read lines of ``their term = our kind of help``, by its name or its label.

    Raises
    ------
    ValueError
        If a line is none of these.
    InvalidInput
        If what stands behind ``=`` is no kind of help.
    """
    by_label = {label.lower(): value for value, label in labels.items()}
    pairs = read_pairs(text)
    if any("," in term for term in pairs):
        raise ValueError(tr("Write a term without its comma, or give its code."))
    return read_terms(",".join(f"{term}={by_label.get(meant.lower(), meant.lower())}" for term, meant in pairs.items()))


def source_of(written: str) -> str:
    """Make what somebody has called a directory into what it can be called here, as far as that goes."""
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in written.lower()).split())[:30]
