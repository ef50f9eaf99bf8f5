"""Suites of other projects, for tests only; they lie beside the checkout where they are at hand."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

REFERENCE = Path(__file__).parents[3].parent / "shared" / "reference" / "geocoding"
needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="the reference suites are not on this machine")


@dataclass(frozen=True)
class Labelled:
    """An address with the number, street and ZIP that its suite names."""

    text: str
    number: str
    street: str
    postcode: str | None


def labelled_parses(name: str) -> list[Labelled]:
    """List the cases with a number and a street; the others (boxes, places, streets alone) have no door to compare."""
    root = ET.fromstring(gzip.decompress((REFERENCE / "suites" / name).read_bytes()))  # noqa: S314 - a file of ours
    cases = [_labelled(address) for address in root]
    return [case for case in cases if case.number and case.street]


def _labelled(address: ET.Element) -> Labelled:
    parts = [(part.tag, (part.text or "").strip(" ,\n")) for part in address]
    number = " ".join(text for tag, text in parts if tag.startswith("AddressNumber"))
    street = " ".join(text for tag, text in parts if tag.startswith("StreetName"))
    postcode = next((text for tag, text in parts if tag == "ZipCode"), None)
    return Labelled("".join(address.itertext()).strip(), number, street, postcode)


def baltimore_queries() -> list[dict[str, Any]]:
    """List the queries with their kind, number, street and ZIP."""
    queries: list[dict[str, Any]] = json.loads(
        gzip.decompress((REFERENCE / "queries" / "balt_queries.json.gz").read_bytes())
    )
    return queries


def acceptance_rows() -> list[dict[str, str]]:
    """List the acceptance cases of British Columbia."""
    with (REFERENCE / "suites" / "bcgov_ols_atp_addresses.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def crossings() -> list[dict[str, str]]:
    """List the crossings of Vancouver: both names and where they meet."""
    with gzip.open(REFERENCE / "corpora" / "vancouver_xing.csv.gz", "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
