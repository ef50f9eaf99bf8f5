from __future__ import annotations

import collections
import csv
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import InvalidInput, OutsideServiceArea, SourceUnreadable
from geo.store.gazetteer_sources import list_addresses, list_sources
from geo.store.network import get_network, set_service_area

from data.loaders.addresses import load_addresses
from data.loaders.csv_rows import read_rows
from data.loaders.report import report_from_dict
from data.loaders.text_files import MAX_LINE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo.store.engine import SessionFactory

MAP = {"number": "Nr", "street": "road", "lon": "x", "lat": "y", "city": "town", "postcode": "zip"}
HEADER = "nr,road,town,zip,x,y"
GOOD = "5,Mill Road,Townham,12345,-76.60,39.40"


def write(tmp_path: Path, *lines: str, name: str = "register.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    return path


def test_rows_are_stored_under_any_column_names(sessions: SessionFactory, tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, '"7 B","Mill Road, North",Townham,,-76.601,39.401')
    report = load_addresses(sessions, path, columns=MAP, licence="CC0", attribution="Townham County")
    assert report.as_dict() | {"elapsed_s": 0} == {
        "source": "register.csv",
        "attribution": "Townham County",
        "unchanged": False,
        "read": 2,
        "taken": 2,
        "skipped": {},
        "layers": {"addresses": {"read": 2, "taken": 2, "made": 0, "skipped": {}}},
        "problems": [],
        "elapsed_s": 0,
    }
    with sessions() as session:
        rows = list_addresses(session)
        assert [(row.number, row.street, row.postcode) for row in rows] == [
            ("5", "Mill Road", "12345"),
            ("7 B", "Mill Road, North", None),
        ]
        assert list_sources(session)[0].report["taken"] == 2
        box = get_network(session).bbox
    assert box is not None
    assert box[0] < -76.601 < -76.6 < box[2]


BAD = [
    ("5,Mill Road,T,1,nan,39.4", "bad_coordinates"),
    ("5,Mill Road,T,1,inf,39.4", "bad_coordinates"),
    ("5,Mill Road,T,1,1e400,39.4", "bad_coordinates"),
    ('5,Mill Road,T,1,"-76,6",39.4', "bad_coordinates"),
    ("5,Mill Road,T,1,٢٤,39.4", "bad_coordinates"),
    ("5,Mill Road,T,1,-76.6,", "bad_coordinates"),
    ("5,Mill Road,T,1,,", "no_coordinates"),
    ("5,Mill Road,T,1,-976.6,39.4", "coordinates_out_of_range"),
    ("5,Mill Road,T,1,0,0", "coordinates_are_zero"),
    ("5,Mill Road,T,1,39.4,-76.6", "lon_lat_swapped"),
    ("5,Mill Road,T,1,12.5,41.9", "too_far_from_the_rest"),
    ("5,,T,1,-76.6,39.4", "no_street"),
    ("5,...,T,1,-76.6,39.4", "no_street"),
    (",Mill Road,T,1,-76.6,39.4", "no_house_number"),
    (f"5,{'M' * 201},T,1,-76.6,39.4", "street_too_long"),
    (f"{'5' * 31},Mill Road,T,1,-76.6,39.4", "number_too_long"),
    ("5,Mill Road,T,1,-76.6,39.4,more", "more_cells_than_columns"),
    (f"5,{'M' * 10_001},T,1,-76.6,39.4", "cell_too_long"),
    ("5,Mill\0Road,T,1,-76.6,39.4", "not_utf8"),
    ("5,Mill Road", "bad_coordinates"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_a_bad_row_is_told_by_its_line_and_never_ends_the_file(
    sessions: SessionFactory, tmp_path: Path, line: str, reason: str
) -> None:
    reason = "no_coordinates" if line == "5,Mill Road" else reason
    report = load_addresses(sessions, write(tmp_path, GOOD, line, GOOD.replace("5,", "6,", 1)), columns=MAP)
    assert report.layers["addresses"].taken == 2
    assert [(problem.line, problem.reason) for problem in report.problems] == [(3, reason)]


def test_a_row_in_another_encoding_is_told_too(sessions: SessionFactory, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(f"\ufeff{HEADER}\n{GOOD}\n".encode() + "6,Mäkikatu,T,1,-76.6,39.4\n".encode("latin-1"))
    report = load_addresses(sessions, path, columns=MAP)
    assert report.skipped == {"not_utf8": 1}
    assert report.layers["addresses"].taken == 1


def test_a_quote_left_open_does_not_swallow_the_memory(sessions: SessionFactory, tmp_path: Path) -> None:
    path = write(
        tmp_path, GOOD, '6,"Mill Road,T,1,-76.6,39.4', *[GOOD.replace("5", str(n), 1) for n in range(7, 5_000)]
    )
    report = load_addresses(sessions, path, columns=MAP)
    assert report.skipped.keys() <= {"unreadable_row", "more_cells_than_columns", "cell_too_long"}
    assert report.layers["addresses"].taken > 1


def test_only_the_first_hundred_bad_rows_are_named_and_all_are_counted(
    sessions: SessionFactory, tmp_path: Path
) -> None:
    report = load_addresses(sessions, write(tmp_path, GOOD, *["5,,T,1,-76.6,39.4"] * 150), columns=MAP)
    assert len(report.problems) == 100
    assert report.skipped == {"no_street": 150}


def test_the_same_file_again_changes_nothing_and_a_new_one_replaces_it(
    sessions: SessionFactory, tmp_path: Path
) -> None:
    path = write(tmp_path, GOOD)
    first = load_addresses(sessions, path, columns=MAP)
    again = load_addresses(sessions, path, columns=MAP)
    assert (first.unchanged, again.unchanged) == (False, True)
    write(tmp_path, "9,Other Road,T,1,-76.6,39.4")
    load_addresses(sessions, path, columns=MAP)
    with sessions() as session:
        assert [row.street for row in list_addresses(session)] == ["Other Road"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"\xff\xfen\x00r\x00", "not text in UTF-8"),
        (b"nr,road,town\n1,a,b\n", "has no column named x, y, zip"),
        (b"nr,road,town,zip,x,x,y\n", "two of one name"),
        (f"{HEADER}\n".encode(), "holds no address"),
        (f"{HEADER}\n5,,T,1,-76.6,39.4\n".encode(), "holds no address"),
    ],
)
def test_a_useless_file_is_refused_and_the_old_rows_stay(
    sessions: SessionFactory, tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = write(tmp_path, GOOD)
    load_addresses(sessions, path, columns=MAP)
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable) as caught:
        load_addresses(sessions, path, columns=MAP)
    assert complaint.split(" named", maxsplit=1)[0] in str(caught.value)
    with sessions() as session:
        assert len(list_addresses(session)) == 1


@pytest.mark.parametrize("columns", [{"number": "nr"}, MAP | {"colour": "red"}, {}])
def test_the_map_must_name_what_is_needed_and_nothing_else(
    sessions: SessionFactory, tmp_path: Path, columns: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput, match="the fields are"):
        load_addresses(sessions, write(tmp_path, GOOD), columns=columns)


def test_a_town_on_another_continent_is_refused(sessions: SessionFactory, tmp_path: Path) -> None:
    with sessions() as session:
        set_service_area(session, (24.9, 60.1, 25.0, 60.2))
        session.commit()
    with pytest.raises(OutsideServiceArea, match="home folder of its own"):
        load_addresses(sessions, write(tmp_path, GOOD), columns=MAP)


def test_a_missing_file_is_named(sessions: SessionFactory, tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"gone\.csv cannot be opened"):
        load_addresses(sessions, tmp_path / "gone.csv", columns=MAP)


OPEN_CSV = "LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH"
OPEN_ROWS = ["-76.6,39.4,5,Mill Road,,Townham,,MD,12345,,a1", "-76.6,39.4,5,Mill Road,Apt 2,Townham,,MD,12345,,a2"]


def doors(sessions: SessionFactory) -> list[tuple[str, str, str | None, str | None]]:
    with sessions() as session:
        return [(row.number, row.street, row.locality, row.postcode) for row in list_addresses(session)]


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_open_addresses_need_no_map(
    sessions: SessionFactory, tmp_path: Path, case: Callable[[str], str], *, is_packed: bool
) -> None:
    path = tmp_path / "county.csv"
    written = "\n".join([case(OPEN_CSV), *OPEN_ROWS]).encode()
    path.write_bytes(gzip.compress(written) if is_packed else written)
    report = load_addresses(sessions, path)
    assert doors(sessions) == [("5", "Mill Road", "Townham", "12345")]
    assert report.skipped == {"same_as_before": 1}
    assert report.problems == ()


def feature(number: Any = "5", at: Any = (-76.6, 39.4), **more: Any) -> dict[str, Any]:
    properties = {"number": number, "street": "Mill Road", "unit": "Apt 2", "city": "Townham", "postcode": "12345"}
    geometry = None if at is None else {"type": "Point", "coordinates": list(at)}
    return {"type": "Feature", "properties": properties | more, "geometry": geometry}


def as_lines(features: list[str]) -> str:
    return "\n".join(features)


def as_sequence(features: list[str]) -> str:
    return "".join(f"\x1e{one}\n" for one in features)


def as_collection(features: list[str]) -> str:
    return '{"type": "FeatureCollection",\n"features": [\n' + ",\n".join(features) + "\n]}\n"


def on_one_line(features: list[str]) -> str:
    crs = '{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}'
    return f'{{"type":"FeatureCollection","crs":{crs},"features":[{",".join(features)}]}}'


@pytest.mark.parametrize("form", [as_lines, as_sequence, as_collection, on_one_line])
@pytest.mark.parametrize("is_packed", [False, True])
def test_geojson_is_read_in_every_form(
    sessions: SessionFactory, tmp_path: Path, form: Callable[[list[str]], str], *, is_packed: bool
) -> None:
    features = [json.dumps(feature(7)), json.dumps(feature("9", (-76.601, 39.4, 12.5), Postcode=None))]
    path = tmp_path / "county.geojson"
    path.write_bytes(gzip.compress(form(features).encode()) if is_packed else form(features).encode())
    report = load_addresses(sessions, path)
    assert [door[0] for door in doors(sessions)] == ["7", "9"]
    assert report.layers["addresses"].ignored == {"unit": 2}
    assert report_from_dict(report.as_dict(), elapsed_s=0.0).layers["addresses"].ignored == {"unit": 2}


BAD_FEATURES = [
    ('{"type": "Feature", "properties": {"number": "5"', "unreadable_row"),
    ("[" * 100_000, "unreadable_row"),
    ('{"type": "Feature", "properties": {"number": NaN}}', "unreadable_row"),
    ("7", "not_a_feature"),
    ('{"type": "Point"}', "not_a_feature"),
    (json.dumps(feature(street="\ud800")), "not_utf8"),
    (json.dumps(feature(street="a\0b")), "not_utf8"),
    (json.dumps(feature(street="M" * 10_001)), "cell_too_long"),
    (json.dumps(feature(street=["Mill Road"])), "no_street"),
    (json.dumps(feature(number=True)), "no_house_number"),
    (json.dumps(feature(at=None)), "no_coordinates"),
    (json.dumps(feature(at=(-76.6,))), "no_coordinates"),
    (json.dumps(feature(at=("-76.6", "1e400"))), "bad_coordinates"),
    (json.dumps(feature(at=(-976.6, 39.4))), "coordinates_out_of_range"),
]


@pytest.mark.parametrize("form", [as_lines, as_collection])
@pytest.mark.parametrize(("bad", "reason"), BAD_FEATURES)
def test_a_bad_feature_is_told_by_its_line_and_never_ends_the_file(
    sessions: SessionFactory, tmp_path: Path, bad: str, reason: str, form: Callable[[list[str]], str]
) -> None:
    path = tmp_path / "county.geojson"
    path.write_text(form([json.dumps(feature("7")), bad, json.dumps(feature("9"))]), "utf-8")
    report = load_addresses(sessions, path)
    assert [door[0] for door in doors(sessions)] == ["7", "9"]
    line = 2 if form is as_lines else 4
    assert [(problem.line, problem.reason) for problem in report.problems] == [(line, reason)]


def test_a_collection_larger_than_what_is_read_at_once_comes_whole(sessions: SessionFactory, tmp_path: Path) -> None:
    path = tmp_path / "county.geojson"
    count = 9_000
    path.write_text(on_one_line([json.dumps(feature(n, note="x" * 100)) for n in range(1, count + 1)]), "utf-8")
    assert path.stat().st_size > 2 * MAX_LINE
    assert load_addresses(sessions, path).layers["addresses"].taken == count


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b'{"type":"FeatureCollection","features":[{"type":"Feature"},', "ends within its features"),
        (b'{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:2248"}},"features":[]}', "of its own"),
        (b'{"hello": 1}', "no GeoJSON features"),
        (gzip.compress(OPEN_CSV.encode())[:-9], "damaged gzip"),
        (gzip.compress(b"\0" * 300_000_000), "unpacks to far more"),
        (b'LON,LAT,NUMBER,STREET\n"' + b"x" * 200_000, "no address that can be used"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(
    sessions: SessionFactory, tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "county.any"
    path.write_bytes(content)
    with pytest.raises((SourceUnreadable, InvalidInput), match=f"{complaint}|with --map"):
        load_addresses(sessions, path)


def test_a_bomb_is_refused_however_little_of_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as file:
        file.write(f"{OPEN_CSV}\n".encode())
        for _ in range(300):
            file.write(b",,,,,,,,,,\n" * 100_000)
    with pytest.raises(SourceUnreadable, match="unpacks to far more"):
        collections.deque(read_rows(path), maxlen=0)


def test_several_columns_make_a_street(sessions: SessionFactory, tmp_path: Path) -> None:
    path = tmp_path / "parts.csv"
    path.write_text("num,sfx,pre,name,type,x,y\n12,1/2,N,Charles,ST,-76.6,39.4\n14,,,York,RD,-76.6,39.4\n", "utf-8")
    columns = {"number": "NUM+sfx", "street": "PRE + NAME + TYPE", "lon": "x", "lat": "y"}
    load_addresses(sessions, path, columns=columns)
    assert [door[:2] for door in doors(sessions)] == [("12 1/2", "N Charles ST"), ("14", "York RD")]


def test_a_line_without_an_end_is_one_bad_row(sessions: SessionFactory, tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, f"6,{'M' * (2 * MAX_LINE)},T,1,-76.6,39.4", GOOD.replace("5", "7", 1))
    report = load_addresses(sessions, path, columns=MAP)
    assert [(problem.line, problem.reason) for problem in report.problems] == [(3, "unreadable_row")]
    assert report.layers["addresses"].taken == 2


def test_a_national_file_is_cut_to_a_box(sessions: SessionFactory, tmp_path: Path) -> None:
    far, turned = GOOD.replace("-76.60", "-120.5").replace("5,", "6,", 1), "7,Mill Road,T,1,39.4,-76.6"
    path = write(tmp_path, far, GOOD, far.replace("6,", "8,", 1), turned)
    report = load_addresses(sessions, path, columns=MAP, within=(-77.0, 39.0, -76.0, 40.0))
    assert report.skipped == {"outside_the_box": 2, "lon_lat_swapped": 1}
    assert [(problem.line, problem.reason) for problem in report.problems] == [(5, "lon_lat_swapped")]
    assert [door[0] for door in doors(sessions)] == ["5"]
    again = load_addresses(sessions, path, columns=MAP, within=(-77.0, 39.0, -76.0, 40.0))
    assert again.unchanged
    with pytest.raises(SourceUnreadable, match="no address"):
        load_addresses(sessions, path, columns=MAP, within=(-10.0, 39.0, -9.0, 40.0))


def test_the_area_served_can_be_the_box(sessions: SessionFactory, tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, GOOD.replace("-76.60", "-76.90").replace("5,", "6,", 1))
    with pytest.raises(InvalidInput, match="no area is served"):
        load_addresses(sessions, path, columns=MAP, clip=True)
    box = (-76.61, 39.39, -76.59, 39.41)
    with sessions() as session:
        set_service_area(session, box)
        session.commit()
    assert load_addresses(sessions, path, columns=MAP, clip=True).skipped == {"outside_the_box": 1}


def test_progress_tells_bytes_of_a_known_total(sessions: SessionFactory, tmp_path: Path) -> None:
    path = write(tmp_path, *[GOOD.replace("5", str(n), 1) for n in range(1, 12_001)])
    told: list[tuple[str, int, int]] = []
    load_addresses(sessions, path, columns=MAP, progress=lambda *step: told.append(step))
    assert {total for _, _, total in told[:-1]} == {path.stat().st_size}
    assert len({done for _, done, _ in told[:-1]}) > 2
    assert told[-1] == ("done", 1, 1)


ANY_CELL = st.text(max_size=40) | st.sampled_from(
    ["5", "Mill Road", "-76.6", "39.4", "½", "ß" * 150, "0" * 30, "\u202e"]
)


@given(rows=st.lists(st.lists(ANY_CELL, min_size=6, max_size=6), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_cell_ever_stops_an_import(sessions: SessionFactory, tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "hostile.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        # more good rows than bad ones: the middle of a file says what is too far from the rest
        good = [[str(n), "Mill Road", "T", "1", "-76.6", "39.4"] for n in range(1, 22)]
        csv.writer(file).writerows([HEADER.split(","), *good, *rows])
    layer = load_addresses(sessions, path, columns=MAP).layers["addresses"]
    blank = sum(not "".join(row).strip() for row in rows)
    assert layer.taken >= len(good)
    assert layer.read == len(good) + len(rows) - blank


JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(values=st.lists(st.tuples(JSON_VALUE, JSON_VALUE, JSON_VALUE, JSON_VALUE), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_feature_ever_stops_an_import(
    sessions: SessionFactory, tmp_path: Path, values: list[tuple[Any, Any, Any, Any]]
) -> None:
    path = tmp_path / "hostile.geojson"
    features = [
        {
            "type": "Feature",
            "properties": {"number": number, "street": street, "city": city},
            "geometry": {"type": "Point", "coordinates": at},
        }
        for number, street, city, at in values
    ]
    features += map(feature, range(1, 22))
    path.write_text(as_lines([json.dumps(one) for one in features]), "utf-8")
    layer = load_addresses(sessions, path).layers["addresses"]
    assert layer.taken >= 21
    assert layer.read == len(features)
