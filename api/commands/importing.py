"""``import``: other people's tables, with a map of their columns, a check beforehand and a report of every row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from geo.domain.words import Audience, EntryKind

from api.commands.jobs import OK, PROBLEMS, AsJson, load_settings, open_store, put, put_json, show_progress

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo.domain.imports import ColumnMap, ImportFile, TableFile
    from geo.store.engine import SessionFactory

    from data.loaders.report import Progress

app = typer.Typer(
    no_args_is_help=True, help="Tables of other people: rows made, or held to be corrected; none is lost."
)
File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)]
Map = Annotated[
    str,
    typer.Option(
        "--map", help="Which column is which, where the guess is wrong: category=WHAT,address=STREET+TOWN,urgency="
    ),
]
Words = Annotated[str, typer.Option(help="What words of the file mean: parcel=food,asap=high")]
Default = Annotated[str, typer.Option(help="What holds for every empty cell: category=food,consent=yes")]
Source = Annotated[str | None, typer.Option(help="What the rows are known under; the file's name when left out.")]
Sheet = Annotated[str | None, typer.Option(help="The sheet of a workbook; its first when left out.")]
Encoding = Annotated[str, typer.Option(help="How a text is written, such as windows-1252 or gb18030.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each row.")]
Report = Annotated[Path | None, typer.Option(help="Write what became of each row to this CSV file.")]
MOST_LISTED = 1000


def _register(name: str, kind: EntryKind, about: str) -> None:
    @app.command(name, help=about)
    def take(  # noqa: PLR0913 - each is an option of the command
        file: File,
        *,
        columns: Map = "",
        words: Words = "",
        default: Default = "",
        source: Source = None,
        sheet: Sheet = None,
        encoding: Encoding = "utf-8",
        dry_run: DryRun = False,
        report: Report = None,
    ) -> None:
        given = {"columns": _pairs(columns), "words": _pairs(words), "defaults": _pairs(default)}
        _import(file, kind, given, source=source, sheet=sheet, encoding=encoding, dry_run=dry_run, report=report)


_register("needs", EntryKind.NEED, "Import needs (.csv, .xlsx, .jsonl).")
_register("helpers", EntryKind.HELPER, "Import helpers, the volunteers (.csv, .xlsx, .jsonl).")
_register("assets", EntryKind.ASSET, "Import places and services (.csv, .xlsx, .jsonl).")


def _pairs(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, written.split(",")):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter("write field=column, parted by commas")
        found[name.strip()] = value.strip()
    return found


def _import(
    path: Path,
    kind: EntryKind,
    given: dict[str, dict[str, str]],
    *,
    source: str | None,
    sheet: str | None,
    encoding: str,
    dry_run: bool,
    report: Path | None,
) -> None:
    from geo.interchange.table import kind_of

    from api.importing.tables import describe

    form = kind_of(path.name)
    with path.open("rb") as stream:
        told = describe(stream, kind, form, path.name, source=source, encoding=encoding, sheet=sheet)
    with open_store(load_settings()) as store, show_progress() as progress:
        file = _work(store.sessions, path, told, given, dry_run=dry_run, progress=progress)
        if report is not None:
            _write(store.sessions, file, report)
        if dry_run:
            _forget(store.sessions, file)
    put_json(_shown(file))
    raise typer.Exit(PROBLEMS if file.error or file.held else OK)


def _work(
    sessions: SessionFactory,
    path: Path,
    told: TableFile,
    given: dict[str, dict[str, str]],
    *,
    dry_run: bool,
    progress: Progress,
) -> ImportFile:
    from geo.domain.imports import ImportState
    from geo.store.engine import transaction
    from geo.store.imports import add_import, begin, find_unfinished

    from api.importing.engine import work_through

    with transaction(sessions) as session:
        file = None if dry_run else find_unfinished(session, told)
        if file is None:
            added = add_import(session, told, _mapping(session, told, given))
            file = begin(session, added.id, ImportState.CHECKING if dry_run else ImportState.RUNNING)
    verb = "checked" if dry_run else "gone through"
    with path.open("rb") as stream:
        return work_through(
            sessions,
            file.id,
            stream,
            progress=lambda done: progress(f"{done} rows {verb}", stream.tell(), path.stat().st_size),
        )


def _mapping(session: Session, told: TableFile, given: dict[str, dict[str, str]]) -> ColumnMap:
    from geo.domain.imports import ColumnMap
    from geo.interchange.column_map import check_map, guess_columns
    from geo.store.imports import find_mapping

    known = find_mapping(session, told.kind, told.columns) or guess_columns(told.kind, told.columns)
    columns = {name: headers for name, headers in known.columns.items() if name not in given["columns"]}
    # a field without a column is left out, whatever was guessed
    columns |= {name: _headers(told, value) for name, value in given["columns"].items() if value}
    found = ColumnMap(columns, {**known.words, **given["words"]}, {**known.defaults, **given["defaults"]})
    check_map(found, told.kind, told.columns)
    return found


def _headers(told: TableFile, value: str) -> tuple[str, ...]:
    return (value,) if value in told.columns else tuple(part.strip() for part in value.split("+"))


def _write(sessions: SessionFactory, file: ImportFile, target: Path) -> None:
    from geo.store.engine import transaction
    from geo.store.import_rows import iterate_rows

    from api.importing.report import write_report

    with transaction(sessions) as session, target.open("w", encoding="utf-8", newline="") as opened:
        write_report(opened, file, iterate_rows(session, file.id))


def _forget(sessions: SessionFactory, file: ImportFile) -> None:
    from geo.store.engine import transaction
    from geo.store.imports import delete_import

    with transaction(sessions) as session:
        delete_import(session, file.id)


def _shown(file: ImportFile) -> dict[str, Any]:
    from geo.privacy.disclosure import disclose

    return disclose(file, Audience.ORGANIZER)


@app.command("list")
def list_all(*, as_json: AsJson = False) -> None:
    """List imports, the newest first, each with what became of its rows."""
    from geo.store.imports import list_imports

    with open_store(load_settings()) as store, store.sessions() as session:
        found = list_imports(session, limit=MOST_LISTED)
    if as_json:
        put_json({"items": [_shown(one) for one in found]})
        return
    for one in found:
        counts = ", ".join(f"{count} {outcome.value}" for outcome, count in one.counts.items() if count)
        put(f"{one.id}  {one.created_at:%Y-%m-%d %H:%M}  {one.state.value:<8}  {one.name}  {counts}")
    put(f"{len(found)} imports")


@app.command("report")
def report_of(
    import_id: Annotated[UUID, typer.Argument(metavar="ID")],
    *,
    out: Annotated[Path, typer.Option(help="Where to write it, as CSV.")],
) -> None:
    """Write what became of each row of an import."""
    from geo.store.engine import transaction
    from geo.store.imports import get_import

    with open_store(load_settings()) as store:
        with transaction(store.sessions) as session:
            file = get_import(session, import_id)
        _write(store.sessions, file, out)
    put(str(out))


@app.command()
def undo(import_id: Annotated[UUID, typer.Argument(metavar="ID")]) -> None:
    """Take back all an import has made, as long as nothing has been done with any of it."""
    from geo.store.engine import transaction
    from geo.store.import_undo import undo_import

    with open_store(load_settings()) as store, transaction(store.sessions) as session:
        file = undo_import(session, import_id)
    put_json(_shown(file))
