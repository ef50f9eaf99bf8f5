"""Packages: what is written is read again, what is written by others is read within bounds."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import SourceUnreadable
from geo.interchange import hsds_json, hsds_package
from geo.interchange.csv_rows import as_cell, of_cell
from geo.interchange.hsds_fields import TABLES
from geo.interchange.hsds_json import read_json
from geo.interchange.hsds_package import ANY_SIZE, Sizes, read_package, write_package

from tests.geo.interchange.test_hsds import assets, written

if TYPE_CHECKING:
    from geo.domain.records import Asset


def packed(services: list[dict[str, Any]]) -> io.BytesIO:
    target = io.BytesIO()
    write_package(target, services, title="Testers")
    target.seek(0)
    return target


def zipped(**files: str | bytes) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name.replace("__", "."), content)
    target.seek(0)
    return target


def as_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_texts(inner) for name, inner in value.items()}
    return [as_texts(inner) for inner in value] if isinstance(value, list) else str(value)


@given(st.lists(assets(), max_size=4, unique_by=lambda asset: asset.id))
def test_a_package_read_back_holds_the_same_services(found: list[Asset]) -> None:
    listing = {"phone": "+358 9 1234 567", "website": None}
    services = [written(asset, listing=listing) for asset in found]
    again, unknown = read_package(packed(services))
    assert list(again) == as_texts(services)
    assert unknown == ()


@given(st.lists(assets(), min_size=1, max_size=3, unique_by=lambda asset: asset.id))
def test_a_package_keeps_what_its_description_says(found: list[Asset]) -> None:
    with zipfile.ZipFile(packed([written(asset) for asset in found])) as package:
        described = json.loads(package.read("datapackage.json"))
        rows = {
            one["name"]: list(csv.DictReader(io.StringIO(package.read(one["path"]).decode(), newline="")))
            for one in described["resources"]
        }
    for resource in described["resources"]:
        ids = [row["id"] for row in rows[resource["name"]]]
        assert len(set(ids)) == len(ids)
        for field in resource["schema"]["fields"]:
            cells = [row[field["name"]] for row in rows[resource["name"]]]
            limits = field.get("constraints", {})
            assert not limits.get("required") or all(cells), (resource["name"], field["name"])
            assert "enum" not in limits or set(cells) - {""} <= set(limits["enum"])
        for key in resource["schema"]["foreignKeys"]:
            known = {row["id"] for row in rows[key["reference"]["resource"]]}
            assert {row[key["fields"]] for row in rows[resource["name"]]} - {""} <= known


def test_the_same_services_give_the_same_bytes() -> None:
    service = {"id": "1", "name": "Pantry", "status": "active"}
    assert packed([service]).getvalue() == packed([service]).getvalue()


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_cells_are_harmless_and_read_back(text: str) -> None:
    cell = as_cell(text)
    assert as_cell(of_cell(cell)) == cell
    if not text.startswith("'") and ";'" not in text:
        assert of_cell(cell) == text or "'" in text


def test_formulas_do_not_reach_a_spreadsheet() -> None:
    service = {"id": "1", "name": "=cmd|' /C calc'!A0", "status": "active", "phones": [{"id": "2", "number": "+1+cmd"}]}
    with zipfile.ZipFile(packed([service])) as package:
        assert "\r\n1,,'=cmd" in package.read("services.csv").decode()
        assert "'+1+cmd" in package.read("phones.csv").decode()


def test_a_package_without_a_description_is_read_by_its_file_names() -> None:
    services = "id,organization_id,name,status\r\ns1,o1,Pantry,active\r\n"
    organizations = "\ufeffid,name,description\r\no1,St Mary,A parish\r\n"
    found, unknown = read_package(
        zipped(hsds__csv="a\r\n1\r\n", services__csv=services, organizations__csv=organizations)
    )
    (service,) = found
    assert service["organization"]["name"] == "St Mary"
    assert unknown == ("hsds",)


def refuse(stream: io.BytesIO, sizes: Sizes = ANY_SIZE) -> str:
    with pytest.raises(SourceUnreadable) as refused:
        list(read_package(stream, sizes)[0])
    return str(refused.value)


def test_what_is_no_package_is_refused() -> None:
    assert "no zip" in refuse(io.BytesIO(b"PK\x03\x04 nothing"))
    assert "no table of services" in refuse(zipped(organizations__csv="id\r\n1\r\n"))
    assert "does not describe" in refuse(zipped(datapackage__json="[1]", services__csv="id\r\n1\r\n"))
    assert "UTF-8" in refuse(zipped(services__csv=b"id,name\r\n1,\xff\r\n"))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    assert "packed more tightly" in refuse(zipped(services__csv="id\r\n" + "0" * 5_000_000))


def test_a_zip_that_lies_about_its_sizes_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hsds_package, "_check_sizes", lambda _package, _sizes: None)
    assert "unpacks to more" in refuse(zipped(services__csv="id\r\n" + "a\r\n" * 5000), Sizes(unpacked=1000))


def test_rows_files_and_cells_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hsds_package, "MAX_CELL", 10)
    monkeypatch.setattr(hsds_package, "MAX_MEMBERS", 2)
    assert "more than 3 rows" in refuse(zipped(services__csv="id\r\n" + "1\r\n" * 4), Sizes(rows=3))
    assert "too long" in refuse(zipped(services__csv="id\r\n" + "1" * 11))
    assert "more than 2 files" in refuse(zipped(a="", b="", c=""))


def test_names_that_climb_out_of_the_package_reach_nothing() -> None:
    described = {"resources": [{"name": "service", "path": "../../../etc/passwd"}]}
    assert "no table of services" in refuse(
        zipped(datapackage__json=json.dumps(described), services__csv="id\r\n1\r\n")
    )


@pytest.mark.parametrize(
    "text",
    ['{"id": "1"}', '[{"id": "1"}]', '{"total_items": 1, "contents": [{"id": "1"}]}', '{"id": "1"}\n\n' ],
)  # fmt: skip
def test_json_is_read_in_each_of_its_forms(text: str) -> None:
    assert list(read_json(io.BytesIO(text.encode()))) == [{"id": "1"}]


def test_json_lines_are_read() -> None:
    assert [one["id"] for one in read_json(io.BytesIO(b'{"id": "1"}\n{"id": "2"}\n'))] == ["1", "2"]


@pytest.mark.parametrize("raw", [b"[1]", b"nothing", b'{"id": 1}\nnothing', b"\xff", b"[" * 100_000])
def test_what_is_no_service_is_refused(raw: bytes) -> None:
    with pytest.raises(SourceUnreadable):
        list(read_json(io.BytesIO(raw)))


def test_json_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hsds_json, "MAX_BYTES", 10)
    with pytest.raises(SourceUnreadable, match="longer than"):
        read_json(io.BytesIO(b'[{"id": "123"}]'))


def test_every_table_has_a_file_of_its_own() -> None:
    assert len({table.path for table in TABLES.values()}) == len(TABLES)
