"""One run over a table: read, answered, written, counted."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo.errors import InvalidInput, SourceUnreadable
from geo.interchange.answers import new_tally
from geo.interchange.asked import check_columns
from geo.interchange.opening import open_table
from geo.interchange.table import TableKind, kind_of
from geo.store.gazetteer_version import list_source_checksums

from api.batching.journal import Journal, Stamp, read_marks
from api.batching.pool import answer_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from geo.interchange.answers import Tally
    from geo.interchange.table import Table

    from api.batching.work import Work
    from api.commands.jobs import Store

STANDARD: Final = Path("-")
"""Standard input, as a name of a file."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be answered and where the answers go.

    ``source`` may be ``-``, standard input as CSV; without ``out`` the answers go to standard output as JSON lines.
    """

    source: Path
    out: Path | None
    work: Work
    sheet: str | None = None
    resume: bool = False
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run went: what was counted, and how many rows an earlier run had answered."""

    tally: Tally
    resumed: int


def run_batch(order: Order, store: Store, *, say: Callable[[str], None], progress: Callable[[int, int], None]) -> Ran:
    """Answer a table row for row.

    Parameters
    ----------
    order
        What, and where to.
    store
        The open database.
    say
        Takes a line for the person watching.
    progress
        Takes the rows done and how many there are, 0 if nobody knows.

    Raises
    ------
    SourceUnreadable
        If the table cannot be read, or has not the columns asked for.
    InvalidInput
        If a broken run cannot be gone on with.
    GeoError
        If a process was lost; the answers so far are kept.
    """
    with ExitStack() as opened:
        stream = opened.enter_context(_read(order.source))
        kind = TableKind.CSV if order.source == STANDARD else kind_of(order.source.name)
        table = open_table(stream, kind, sheet=order.sheet)
        check_columns(table.columns, order.work.needed() if table.columns else ())
        if order.out is None:
            return _to_standard_output(order, table, store, progress)
        return _to_file(order, order.out, table, store, say, progress)


def _read(source: Path) -> BinaryIO:
    return sys.stdin.buffer if source == STANDARD else source.open("rb")


def _to_standard_output(order: Order, table: Table, store: Store, progress: Callable[[int, int], None]) -> Ran:
    if order.resume:
        raise SourceUnreadable("--resume needs --out: what went to standard output is not kept")
    tally = new_tally(order.work.words)
    answered = answer_rows(table.rows, order.work, store.sessions, url=store.url, workers=order.workers)
    for lines, counted in answered:
        sys.stdout.buffer.write(lines)
        _add(tally, counted)
        progress(tally["rows"]["rows"], 0)
    sys.stdout.buffer.flush()
    return Ran(tally, 0)


def _to_file(
    order: Order,
    out: Path,
    table: Table,
    store: Store,
    say: Callable[[str], None],
    progress: Callable[[int, int], None],
) -> Ran:
    if out.exists() and order.source != STANDARD and out.samefile(order.source):
        raise InvalidInput("the answers cannot be written over what is asked")
    journal = Journal(out, order.work)
    marks, total = ("", 0) if order.source == STANDARD else read_marks(order.source)
    if order.resume and order.source == STANDARD:
        raise SourceUnreadable("--resume needs a file: standard input cannot be read again")
    with store.sessions() as session:
        sources = list_source_checksums(session)
    options = {**order.work.options(), "sheet": order.sheet}
    try:
        with journal.open(Stamp(marks, options, sources), resume=order.resume) as target:
            _say_what_is_there(journal, order, say)
            rows = islice(table.rows, journal.done, None)
            known = 0 if _is_packed(order.source) else total
            for lines, counted in answer_rows(rows, order.work, store.sessions, url=store.url, workers=order.workers):
                target.write(lines)
                target.flush()
                _add(journal.tally, counted)
                progress(journal.tally["rows"]["rows"], known)
        journal.finish(table.columns)
    except BaseException:
        kept = journal.tally["rows"]["rows"]
        if kept and journal.part.exists():
            say(f"{kept} rows are kept in {journal.part.name}; --resume goes on with them")
        raise
    finally:
        journal.drop_if_empty()
    return Ran(journal.tally, journal.done)


def _is_packed(source: Path) -> bool:
    """Tell whether the lines of a file say nothing of its rows."""
    return source.suffix.lower() == ".xlsx"


def _say_what_is_there(journal: Journal, order: Order, say: Callable[[str], None]) -> None:
    if order.resume:
        say(f"{journal.done} rows were already answered")
    elif journal.dropped:
        say(f"an earlier run left {journal.part.name}; beginning anew (--resume would have gone on)")


def _add(tally: Tally, more: Tally) -> None:
    for name, counted in more.items():
        tally[name].update(counted)


def summarise(ran: Ran, work: Work) -> dict[str, Any]:
    """Write how a run went: rows, rows that could not be read, and what was answered how often."""
    tally = ran.tally
    summary: dict[str, Any] = {"rows": tally["rows"]["rows"]}
    first, *others = work.words
    summary |= {word: tally[first][word] for word in work.outcomes}
    summary |= {name: dict(tally[name].most_common()) for name in others}
    return summary | {"errors": tally["rows"]["errors"], "resumed": ran.resumed}
