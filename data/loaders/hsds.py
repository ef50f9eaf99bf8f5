"""Bulk import of HSDS: a package or JSON of full services becomes assets, in one transaction."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from geo.domain.directory import DirectoryRow, HsdsReport, Wishes
from geo.interchange.hsds_directory import read_directory
from geo.store.directory_intake import take_directory
from geo.store.engine import transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo.store.engine import SessionFactory


def load_hsds(
    sessions: SessionFactory, path: Path, wishes: Wishes, *, rows: Callable[[DirectoryRow], None] | None = None
) -> HsdsReport:
    """Read a package or JSON of full services, in one transaction: all of it counts, or nothing.

    Parameters
    ----------
    sessions
        Where to.
    path
        A zip, or anything else as JSON or JSON lines.
    wishes
        How.
    rows
        Told of each row in turn.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read, or is larger than it may be.
    InvalidInput
        If the source is not in its form.
    """
    report = HsdsReport(wishes.slug, wishes.dry_run)
    with path.open("rb") as stream, suppress(_OnlyLooked), transaction(sessions) as session:
        services, report.unknown_tables = read_directory(stream)
        take_directory(session, services, wishes, report, rows=rows)
        if wishes.dry_run:
            raise _OnlyLooked
    return report


class _OnlyLooked(Exception):
    """Takes back what a dry run has done."""
