"""Whole tables from the command line: row for row, by several processes, broken off and gone on with."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook, load_workbook

from geo.domain.place import GeocodeResult, Point
from geo.domain.words import Decision
from geo.errors import GeoError
from geo.interchange.asked import AddressColumns
from geo.store.engine import make_sessions, transaction
from geo.store.gazetteer_import import replace_source
from geo.store.gazetteer_sources import AddressRow, SourceInfo

from api.batching import pool
from api.batching.pool import ALONE, answer_rows
from api.batching.work import GeocodeWork
from api.cli import run
from tests.api.test_cli import COMMAND

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from geo.interchange.table import TableRow

ROWS = 4 * ALONE


@pytest.fixture
def town(installed: Engine) -> Engine:
    load(installed, "one")
    return installed


def load(engine: Engine, checksum: str) -> None:
    doors = [
        AddressRow(f"{name}katu", str(n), Point(24.94 + n / 5000, 60.17 + row / 500), "00100", "Helsinki")
        for row, name in enumerate(("Liisan", "Marian", "Snellmanin", "Unionin"))
        for n in range(1, 41)
    ]
    with transaction(make_sessions(engine, role=None)) as session:
        replace_source(session, SourceInfo("town", "Town", "CC0", "nobody", checksum), addresses=doors)


def write_rows(path: Path, count: int) -> Path:
    names = ("Liisankatu", "Mariankatu", "Snelmaninkatu", "Unioninkatu", "Olematonkatu")
    lines = [f"{n},{names[n % 5]} {n % 45}" for n in range(count)]
    path.write_text("\n".join(["id,q", *lines, ""]), "utf-8")
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.own_db
def test_every_row_is_answered_and_counted(town: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert town
    source, out = write_rows(tmp_path / "in.csv", 500), tmp_path / "out.jsonl"
    assert run(["geocode", str(source), "--out", str(out), "--json"]) == 0
    lines = read_lines(out)
    summary = json.loads(capsys.readouterr().out)
    assert [line["input"]["id"] for line in lines] == [str(n) for n in range(500)]
    assert summary["rows"] == 500
    for word in Decision:
        assert summary[word] == sum(line["decision"] == word for line in lines)
    assert summary["match_quality"]["rooftop"] == sum(line["match_quality"] == "rooftop" for line in lines)
    assert summary["faults"]["street.misspelt"] == sum("street.misspelt" in line["faults"] for line in lines) > 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["in.csv", "out.jsonl"]


@pytest.mark.own_db
def test_a_run_that_was_killed_goes_on_to_the_same_answers(
    town: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_rows(tmp_path / "in.csv", ROWS)
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    part = tmp_path / "out.jsonl.part"
    assert run(["geocode", str(source), "--out", str(whole), "--workers", "1"]) == 0
    command = [*COMMAND, "geocode", str(source), "--out", str(out), "--workers", "2"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None and not (part.exists() and part.stat().st_size):
            os.sched_yield()
        running.send_signal(signal.SIGKILL)
    assert not out.exists()
    with part.open("ab") as torn:
        torn.write(b'{"input": {"id": "half a li')
    done = part.read_bytes().count(b"\n")
    assert 0 < done < ROWS
    capsys.readouterr()
    assert run(["geocode", str(source), "--out", str(out), "--resume", "--json"]) == 0
    printed = capsys.readouterr()
    assert f"{done} rows were already answered" in printed.err
    assert out.read_bytes() == whole.read_bytes()
    summary = json.loads(printed.out)
    assert (summary["rows"], summary["resumed"]) == (ROWS, done)
    assert summary["accept"] == sum(line["decision"] == "accept" for line in read_lines(whole))
    assert not list(tmp_path.glob("*.part*"))
    assert town


@pytest.mark.own_db
@pytest.mark.parametrize("changed", ["the input", "the options", "the gazetteer", "missing or broken"])
def test_a_run_is_not_gone_on_with_where_something_changed(
    town: Engine, tmp_path: Path, changed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = write_rows(tmp_path / "in.csv", 20), tmp_path / "out.jsonl"
    part, stamp = tmp_path / "out.jsonl.part", tmp_path / "out.jsonl.part.json"
    assert run(["geocode", str(source), "--out", str(out)]) == 0
    kept = begin_again(source, out)
    more: list[str] = []
    if changed == "the input":
        write_rows(source, 21)
    elif changed == "the options":
        more = ["--full"]
    elif changed == "the gazetteer":
        load(town, "another")
    else:
        stamp.unlink()
    capsys.readouterr()
    assert run(["geocode", str(source), "--out", str(out), "--resume", *more]) == 2
    assert changed in capsys.readouterr().err
    assert part.read_bytes() == kept


def begin_again(source: Path, out: Path) -> bytes:
    """Leave what a run leaves behind that was broken off after seven rows."""
    command = ["geocode", str(source), "--out", str(out)]
    kept = b"".join(out.read_bytes().splitlines(keepends=True)[:7])
    stamps: list[bytes] = []
    drop = Path.unlink

    def noted(path: Path, *, missing_ok: bool = False) -> None:
        if path.name.endswith(".part.json"):
            stamps.append(path.read_bytes())
        drop(path, missing_ok=missing_ok)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", noted)
        assert run(command) == 0
    out.unlink()
    out.with_name(f"{out.name}.part").write_bytes(kept)
    out.with_name(f"{out.name}.part.json").write_bytes(stamps[0])
    return kept


@pytest.mark.own_db
def test_tables_of_every_kind_come_in_and_go_out(town: Engine, tmp_path: Path) -> None:
    assert town
    book = Workbook()
    book.active.append(["id", "street", "number", "city", "note"])
    book.active.append([1, "Liisankatu", 4, "Helsinki", "=1+1"])
    book.active.append([2, None, None, None, "@SUM(1)"])
    book.active.append([3, "Mariankatu", "5", None, "-x"])
    book.save(tmp_path / "in.xlsx")
    parts = ["--map", "street=street,number=number,city=city"]
    assert run(["geocode", str(tmp_path / "in.xlsx"), *parts, "--out", str(tmp_path / "out.csv")]) == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"))))
    assert [row["decision"] for row in rows] == ["accept", "none", "accept"]
    assert [row["note"] for row in rows] == ["'=1+1", "'@SUM(1)", "'-x"]
    assert run(["geocode", str(tmp_path / "out.csv"), *parts, "--full", "--out", str(tmp_path / "out.xlsx")]) == 0
    written = list(load_workbook(tmp_path / "out.xlsx").active.iter_rows())
    assert [cell.data_type for cell in written[2]].count("f") == 0
    names = [cell.value for cell in written[0]]
    assert names[:5] == ["id", "street", "number", "city", "note"]
    assert {"found_decision", "found_label", "parsed", "alternatives", "source"} <= set(names)
    assert run(["geocode", str(tmp_path / "out.xlsx"), "--sheet", "none", *parts]) == 2


@pytest.mark.own_db
def test_what_is_asked_is_never_written_over(town: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert town
    source = write_rows(tmp_path / "in.csv", 3)
    kept = source.read_bytes()
    assert run(["geocode", str(source), "--out", str(tmp_path / "." / "in.csv")]) == 2
    assert "over what is asked" in capsys.readouterr().err
    assert source.read_bytes() == kept


@pytest.mark.own_db
def test_a_run_that_fails_says_what_is_kept(
    town: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert town
    source, out = write_rows(tmp_path / "in.csv", 2 * pool.PIECE), tmp_path / "out.jsonl"
    answer = GeocodeWork.answer

    def failing(work: GeocodeWork, session: Session, rows: list[TableRow]) -> Any:
        if rows[0][0]["id"] != "0":
            raise GeoError("the database is gone")
        return answer(work, session, rows)

    monkeypatch.setattr(GeocodeWork, "answer", failing)
    assert run(["geocode", str(source), "--out", str(out)]) == 1
    printed = capsys.readouterr().err
    assert "the database is gone" in printed
    assert f"{pool.PIECE} rows are kept in out.jsonl.part; --resume" in printed
    monkeypatch.undo()
    assert len((tmp_path / "out.jsonl.part").read_bytes().splitlines()) == pool.PIECE


@pytest.mark.own_db
def test_json_lines_bring_their_own_columns(town: Engine, tmp_path: Path) -> None:
    assert town
    source, out = tmp_path / "in.ndjson", tmp_path / "out.jsonl"
    rows = (
        '{"q": "Liisankatu 4"}',
        '{"street": "Mariankatu", "number": 5}',
        "",
        "nonsense",
        '{"q": null, "n": [1]}',
        "[1]",
    )
    source.write_text("\n".join(rows), "utf-8")
    assert run(["geocode", str(source), "--full", "--out", str(out)]) == 1
    lines = read_lines(out)
    assert [line["decision"] for line in lines] == ["accept", "accept", "none", "none", "none"]
    assert lines[1]["parsed"]["number"] == "5"
    assert [line.get("error") for line in lines[2:]] == ["line 4 is not JSON", None, "line 6 is not a JSON object"]
    assert lines[3]["input"] == {"q": None, "n": [1]}


@pytest.mark.own_db
def test_standard_input_goes_to_standard_output(town: Engine) -> None:
    assert town
    done = subprocess.run([*COMMAND, "geocode", "-"], input=b"q\nLiisankatu 4\n", capture_output=True, check=True)
    assert json.loads(done.stdout)["decision"] == "accept"
    assert b"1 accept" in done.stderr


@pytest.mark.own_db
def test_points_are_named_row_for_row(town: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert town
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("x,y\n24.9408,60.17\n200,60\nhere,there\n10,50\n", "utf-8")
    assert run(["reverse", str(source), "--lon", "x", "--lat", "y", "--out", str(out), "--json"]) == 1
    lines = read_lines(out)
    assert [line["kind"] for line in lines] == ["door", "none", "none", "none"]
    assert lines[0]["address"] == "Liisankatu 4, 00100 Helsinki"
    assert ["error" in line for line in lines] == [False, True, True, False]
    summary = json.loads(capsys.readouterr().out)
    assert (summary["rows"], summary["door"], summary["none"], summary["errors"]) == (4, 1, 3, 2)


# -- other processes -------------------------------------------------------------------------------------


class Stub(GeocodeWork):
    """Answers without a database; one row ends the process that meets it."""

    __slots__ = ()

    def answer(self, session: Session, rows: list[TableRow]) -> Any:
        del session
        if any(cells["q"] == "die" for cells, _ in rows):
            os._exit(9)
        return self.answer_by(lambda texts: [GeocodeResult(Decision.NONE) for _ in texts], rows)


def stubbed(count: int, *, fatal: int | None = None) -> list[TableRow]:
    return [({"q": "die" if n == fatal else str(n)}, None) for n in range(count)]


@pytest.mark.own_db
def test_a_lost_process_ends_the_run_with_what_was_answered(own_db: Engine) -> None:
    url = own_db.url.render_as_string(hide_password=False)
    answered = answer_rows(
        iter(stubbed(8 * ALONE, fatal=7 * ALONE)), Stub(AddressColumns()), make_sessions(own_db), url=url, workers=2
    )
    lines: list[str] = []
    with pytest.raises(GeoError, match="worker process ended"):
        lines.extend(json.loads(line)["input"]["q"] for piece, _ in answered for line in piece.splitlines())
    assert lines == [str(n) for n in range(len(lines))]
    assert len(lines) >= ALONE


@pytest.mark.own_db
def test_few_pieces_are_in_memory_however_long_the_table(own_db: Engine) -> None:
    taken = 0
    most_ahead = 0

    def counted() -> Any:
        nonlocal taken
        for row in stubbed(30 * pool.PIECE):
            taken += 1
            yield row

    url = own_db.url.render_as_string(hide_password=False)
    answered = 0
    for piece, _ in answer_rows(counted(), Stub(AddressColumns()), make_sessions(own_db), url=url, workers=2):
        answered += piece.count(b"\n")
        most_ahead = max(most_ahead, taken - answered)
    assert answered == 30 * pool.PIECE
    assert most_ahead <= 6 * pool.PIECE


@pytest.mark.own_db
def test_a_short_table_starts_no_process(own_db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_by_others", None)
    rows = iter(stubbed(ALONE))
    answered = list(answer_rows(rows, Stub(AddressColumns()), make_sessions(own_db), url="", workers=4))
    assert sum(piece.count(b"\n") for piece, _ in answered) == ALONE
