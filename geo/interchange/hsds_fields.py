"""The tables of the Human Services Data Specification that are spoken here, with their fields and what hangs on what.

HSDS 3 (Open Referral, docs.openreferral.org) describes one thing in two forms: nested JSON, and a tabular data package
(Frictionless Data) of one CSV file for each table. Both are made from, and read by, what stands here: names and types
of the fields, which are required, and which table nests in which under what name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION: Final = "3.1"
"""The version of HSDS that is spoken; what is written is also valid against 3.0 and 3.2."""
PROFILE: Final = "https://docs.openreferral.org/en/v3.1.0/"
STATUSES: Final = ("active", "inactive", "defunct", "temporarily closed")
LOCATION_TYPES: Final = ("physical", "postal", "virtual")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a table: its type and format as Frictionless Data names them."""

    name: str
    type: str = "string"
    form: str | None = None
    is_required: bool = False
    words: tuple[str, ...] = ()
    refers_to: str | None = None

    def described(self) -> dict[str, Any]:
        """Describe the field as a data package does."""
        limits: dict[str, Any] = {"required": True} if self.is_required else {}
        limits |= {"unique": True} if self.name == "id" else {}
        limits |= {"enum": list(self.words)} if self.words else {}
        shown: dict[str, Any] = {"name": self.name, "type": self.type}
        return shown | ({"format": self.form} if self.form else {}) | ({"constraints": limits} if limits else {})


@dataclass(frozen=True, slots=True)
class HsdsTable:
    """A table: the name of its file, and its fields in order."""

    name: str
    path: str
    fields: tuple[Field, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the fields in order."""
        return tuple(field.name for field in self.fields)


def _id() -> Field:
    return Field("id", form="uuid", is_required=True)


def _to(table: str, *, needed: bool = False) -> Field:
    return Field(f"{table}_id", form="uuid", is_required=needed, refers_to=table)


def _must(name: str, *words: str) -> Field:
    return Field(name, is_required=True, words=words)


_TABLES: Final = (
    HsdsTable(
        "organization",
        "organizations.csv",
        (_id(), _must("name"), _must("description"), Field("website", form="uri")),
    ),
    HsdsTable(
        "service",
        "services.csv",
        (
            _id(), _to("organization", needed=True), _must("name"), Field("description"), Field("url", form="uri"),
            Field("email", form="email"), _must("status", *STATUSES), Field("interpretation_services"),
            Field("assured_date", "date"), Field("alert"), Field("last_modified", "datetime"),
        ),
    ),
    HsdsTable(
        "location",
        "locations.csv",
        (
            _id(), _must("location_type", *LOCATION_TYPES), _to("organization"), Field("name"), Field("description"),
            Field("latitude", "number"), Field("longitude", "number"),
        ),
    ),
    HsdsTable(
        "service_at_location",
        "service_at_location.csv",
        (_id(), _to("service", needed=True), _to("location", needed=True)),
    ),
    HsdsTable(
        "phone",
        "phones.csv",
        (
            _id(), _to("location"), _to("service"), _to("organization"), _to("service_at_location"), _must("number"),
            Field("type"),
        ),
    ),
    HsdsTable(
        "address",
        "addresses.csv",
        (
            _id(), _to("location"), _must("address_1"), Field("address_2"), _must("city"), Field("region"),
            _must("state_province"), _must("postal_code"), _must("country"), _must("address_type", *LOCATION_TYPES),
        ),
    ),
    HsdsTable(
        "schedule",
        "schedules.csv",
        (
            _id(), _to("service"), _to("location"), _to("service_at_location"), Field("valid_from", "date"),
            Field("valid_to", "date"), Field("dtstart", "date"), Field("until", "date"), Field("count", "number"),
            Field("freq", words=("WEEKLY", "MONTHLY")), Field("interval", "number"), Field("byday"),
            Field("byweekno"), Field("bymonthday"), Field("byyearday"), Field("description"),
            Field("opens_at", "time", "%H:%M"), Field("closes_at", "time", "%H:%M"), Field("notes"),
        ),
    ),
    HsdsTable(
        "service_area",
        "service_areas.csv",
        (
            _id(), _to("service"), Field("name"), Field("description"), Field("extent"), Field("extent_type"),
        ),
    ),
    HsdsTable(
        "language",
        "languages.csv",
        (_id(), _to("service"), _to("location"), Field("name"), Field("code")),
    ),
    HsdsTable(
        "accessibility",
        "accessibility.csv",
        (_id(), _to("location"), Field("description")),
    ),
    HsdsTable(
        "attribute",
        "attributes.csv",
        (
            _id(), Field("link_id", form="uuid", is_required=True), _to("taxonomy_term", needed=True),
            _must("link_type"), _must("link_entity"), Field("value"),
        ),
    ),
    HsdsTable(
        "taxonomy_term",
        "taxonomy_terms.csv",
        (_id(), Field("code"), _must("name"), _must("description"), _to("taxonomy")),
    ),
    HsdsTable(
        "taxonomy",
        "taxonomies.csv",
        (_id(), _must("name"), _must("description")),
    ),
)  # fmt: skip
TABLES: Final[Mapping[str, HsdsTable]] = {table.name: table for table in _TABLES}

MANY: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "service": (
        ("service_at_locations", "service_at_location"),
        ("phones", "phone"),
        ("schedules", "schedule"),
        ("languages", "language"),
        ("service_areas", "service_area"),
        ("attributes", "attribute"),
    ),
    "service_at_location": (("phones", "phone"), ("schedules", "schedule"), ("attributes", "attribute")),
    "location": (
        ("addresses", "address"),
        ("phones", "phone"),
        ("accessibility", "accessibility"),
        ("languages", "language"),
        ("schedules", "schedule"),
        ("attributes", "attribute"),
    ),
    "organization": (("phones", "phone"), ("attributes", "attribute")),
}
"""Lists that nest in a record: under what name, of which table."""

ONE: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "service": (("organization", "organization", "organization_id"),),
    "service_at_location": (("location", "location", "location_id"),),
    "attribute": (("taxonomy_term", "taxonomy_term", "taxonomy_term_id"),),
    "taxonomy_term": (("taxonomy_detail", "taxonomy", "taxonomy_id"),),
}
"""Single records that nest in a record: under what name, of which table, and by which field of it."""


def describe_package(*, title: str, tables: Mapping[str, HsdsTable] = TABLES) -> dict[str, Any]:
    """Describe a tabular data package as ``datapackage.json`` does (Frictionless Data, Tabular Data Package)."""
    return {
        "name": "human_services_data",
        "title": title,
        "profile": "tabular-data-package",
        "version": VERSION,
        "homepage": "https://docs.openreferral.org",
        "resources": [_resource(table) for table in tables.values()],
    }


def _resource(table: HsdsTable) -> dict[str, Any]:
    keys = [
        {"fields": field.name, "reference": {"resource": field.refers_to, "fields": "id"}}
        for field in table.fields
        if field.refers_to
    ]
    schema = {"fields": [field.described() for field in table.fields], "primaryKey": "id", "foreignKeys": keys}
    return {
        "name": table.name,
        "path": table.path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }
