"""The table under the map as comma-separated rows, in words that a spreadsheet's reader understands."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Final

from geo.domain.words import CATEGORY_LABELS, Category
from geo.interchange.csv_rows import as_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TextIO

HEADER: Final = (
    "place", "need", "needs_without_help", "needs", "needs_helped", "share_helped", "out_of_reach", "why", "cell",
)  # fmt: skip


def write_gap_table(target: TextIO, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows of coverage as they may leave, the widest gap first; no cell begins a formula.

    Parameters
    ----------
    target
        An open text file, opened with ``newline=""``.
    rows
        With ``label``, ``category``, ``demand``, ``covered``, ``gap``, ``coverage``, ``out_of_reach``, ``why`` and
        ``cell``.

    Returns
    -------
    int
        How many rows were written, the header not counted.
    """
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEADER)
    found = sorted(rows, key=lambda row: (-row["gap"], row["cell"], row["category"]))
    for row in found:
        label = CATEGORY_LABELS[Category(row["category"])]
        figures = (row["gap"], row["demand"], row["covered"], row["coverage"], row["out_of_reach"])
        writer.writerow([as_cell(value) for value in (row["label"], label, *figures, row["why"], row["cell"])])
    return len(found)
