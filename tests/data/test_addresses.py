from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo.errors import InvalidInput, OutsideServiceArea, SourceUnreadable
from geo.store.gazetteer_sources import list_addresses, list_sources
from geo.store.network import get_network, set_service_area

from data.loaders.addresses import load_addresses

if TYPE_CHECKING:
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
