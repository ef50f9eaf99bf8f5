"""What HSDS 3 demands of its records, written down as facts: the required fields, the types, the formats, the words.

Taken from reading the published schemas of versions 3.0 to 3.2 and holding where all three agree; a field that one of
them does not know is no field here.
"""

from __future__ import annotations

from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker

UUID: Final = {"type": "string", "format": "uuid"}
TEXT: Final = {"type": "string"}
DATE: Final = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "format": "date"}
INSTANT: Final = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$"}
URI: Final = {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*://[^\s<>\"{}|\\^`]+$"}
NUMBER: Final = {"type": "number"}
CLOCK: Final = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}


def words(*allowed: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(allowed)}


def many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def one(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def record(required: str, **fields: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "additionalProperties": False, "properties": fields}


_PLACES: Final = words("physical", "postal", "virtual")
DEFS: Final[dict[str, Any]] = {
    "taxonomy": record("id name description", id=UUID, name=TEXT, description=TEXT, uri=URI),
    "taxonomy_term": record(
        "id name description", id=UUID, code=TEXT, name=TEXT, description=TEXT, parent_id=UUID, language=TEXT,
        taxonomy_id=UUID, term_uri=URI, taxonomy_detail=one("taxonomy"),
    ),
    "attribute": record(
        "id link_type", id=UUID, link_id=UUID, taxonomy_term_id=UUID, link_type=TEXT, link_entity=TEXT, value=TEXT,
        taxonomy_term=one("taxonomy_term"),
    ),
    "language": record("id", id=UUID, service_id=UUID, location_id=UUID, phone_id=UUID, name=TEXT, code=TEXT),
    "phone": record(
        "id number", id=UUID, location_id=UUID, service_id=UUID, organization_id=UUID, contact_id=UUID,
        service_at_location_id=UUID, number=TEXT, extension=NUMBER, type=TEXT, description=TEXT,
        languages=many("language"),
    ),
    "schedule": record(
        "id", id=UUID, service_id=UUID, location_id=UUID, service_at_location_id=UUID, valid_from=DATE, valid_to=DATE,
        dtstart=DATE, timezone=NUMBER, until=DATE, freq=words("WEEKLY", "MONTHLY"), interval=NUMBER, byday=TEXT,
        byweekno=TEXT, description=TEXT, opens_at=CLOCK, closes_at=CLOCK, schedule_link=URI, attending_type=TEXT,
        notes=TEXT,
    ),
    "service_area": record(
        "id", id=UUID, service_id=UUID, name=TEXT, description=TEXT, extent=TEXT,
        extent_type=words("geojson", "topojson", "kml", "text"), uri=TEXT,
    ),
    "accessibility": record("id", id=UUID, location_id=UUID, description=TEXT, details=TEXT, url=URI),
    "address": record(
        "id address_1 city state_province postal_code country address_type", id=UUID, location_id=UUID, attention=TEXT,
        address_1=TEXT, address_2=TEXT, city=TEXT, region=TEXT, state_province=TEXT, postal_code=TEXT, country=TEXT,
        address_type=_PLACES,
    ),
    "location": record(
        "id location_type", id=UUID, location_type=_PLACES, url=URI, organization_id=UUID, name=TEXT,
        alternate_name=TEXT, description=TEXT, transportation=TEXT, latitude=NUMBER, longitude=NUMBER,
        external_identifier=TEXT, external_identifier_type=TEXT, languages=many("language"),
        addresses=many("address"), accessibility=many("accessibility"), phones=many("phone"),
        schedules=many("schedule"), attributes=many("attribute"),
    ),
    "service_at_location": record(
        "id", id=UUID, service_id=UUID, location_id=UUID, description=TEXT, location=one("location"),
        phones=many("phone"), schedules=many("schedule"), attributes=many("attribute"),
    ),
    "organization": record(
        "id name description", id=UUID, name=TEXT, alternate_name=TEXT, description=TEXT, email=TEXT, website=URI,
        phones=many("phone"), locations=many("location"), attributes=many("attribute"),
    ),
    "service": record(
        "id name status", id=UUID, organization_id=UUID, program_id=UUID, name=TEXT, alternate_name=TEXT,
        description=TEXT, url=URI, email=TEXT, status=words("active", "inactive", "defunct", "temporarily closed"),
        interpretation_services=TEXT, application_process=TEXT, fees_description=TEXT, eligibility_description=TEXT,
        assured_date=DATE, assurer_email=TEXT, alert=TEXT, last_modified=INSTANT, schedules=many("schedule"),
        languages=many("language"), service_at_locations=many("service_at_location"), phones=many("phone"),
        organization=one("organization"), service_areas=many("service_area"), attributes=many("attribute"),
    ),
}  # fmt: skip
TABULAR: Final = {
    "service": {"organization_id"},
    "service_at_location": {"service_id", "location_id"},
    "attribute": {"link_id", "taxonomy_term_id", "link_entity"},
}
"""What only the tables demand."""


def faults(name: str, found: object) -> list[str]:
    """List what is wrong with a record, each with where it is."""
    schema = {"$ref": f"#/$defs/{name}", "$defs": DEFS}
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in checker.iter_errors(found)]
