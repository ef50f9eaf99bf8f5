"""What a batch answers, row for row: JSON lines, from which the other forms are made."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from geo.interchange.csv_rows import as_cell
from geo.interchange.table_xlsx import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from geo.domain.place import Candidate, GeocodeResult

Tally: TypeAlias = "dict[str, Counter[str]]"
"""How often each word was answered, by kind of word."""
# built once: an encoder made for each row would take as long as what it writes
encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode
_NOTHING: Final[dict[str, Any]] = {
    "decision": "none",
    "lon": None,
    "lat": None,
    "match_quality": "none",
    "uncertainty_m": None,
    "score": None,
    "faults": [],
    "label": None,
}


def answer_of(asked: Mapping[str, Any], result: GeocodeResult) -> dict[str, Any]:
    """Write what was asked and the best answer to it: what to do, where, how surely."""
    candidates = result.candidates
    if not candidates:
        return {"input": asked, **_NOTHING, "decision": result.decision.value}
    best = candidates[0]
    point = best.point
    return {
        "input": asked,
        "decision": result.decision.value,
        "lon": round(point.lon, 6),
        "lat": round(point.lat, 6),
        "match_quality": best.match_quality.value,
        "uncertainty_m": round(best.uncertainty_m, 1),
        "score": best.score,
        "faults": [fault.name for fault in best.faults],
        "label": best.label,
    }


def no_answer(asked: Mapping[str, Any], error: str) -> dict[str, Any]:
    """Write that a row could not be asked, and why."""
    return {"input": asked, **_NOTHING, "error": error}


def alternative_of(found: Candidate) -> dict[str, Any]:
    """Write an answer that was not the best."""
    return {
        "label": found.label,
        "lon": round(found.point.lon, 6),
        "lat": round(found.point.lat, 6),
        "match_quality": found.match_quality.value,
        "uncertainty_m": round(found.uncertainty_m, 1),
        "score": found.score,
        "faults": [fault.name for fault in found.faults],
    }


def count_answers(answers: Sequence[Mapping[str, Any]], tally: Tally, words: Sequence[str]) -> None:
    """Count answers by the words they use.

    Parameters
    ----------
    answers
        As they are written.
    tally
        Counted into; ``rows`` and ``errors`` as well.
    words
        The names of what is counted; a list counts each of its words.
    """
    tally["rows"]["rows"] += len(answers)
    tally["rows"]["errors"] += sum("error" in answer for answer in answers)
    for name in words:
        said = [answer[name] for answer in answers]
        lists = bool(said) and isinstance(said[0], list)
        tally[name].update(chain.from_iterable(said) if lists else said)


def new_tally(words: Sequence[str]) -> Tally:
    """Begin to count."""
    return {name: Counter() for name in ("rows", *words)}


def write_csv_answers(
    target: BinaryIO, lines: Iterable[bytes], columns: Sequence[str], answered: Sequence[str]
) -> None:
    """Turn JSON lines of answers into a CSV table; no cell of it can be a formula.

    Parameters
    ----------
    target
        An open file; UTF-8 with a mark, which spreadsheets need to tell.
    lines
        One answer a line.
    columns
        The columns of what was asked.
    answered
        Those of the answers, behind them.
    """
    text = io.TextIOWrapper(target, "utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([as_cell(name) for name in (*columns, *_free_names(columns, answered))])
    writer.writerows([as_cell(value) for value in row] for row in _cells(lines, columns, answered))
    text.flush()
    text.detach()


def write_xlsx_answers(
    target: BinaryIO, lines: Iterable[bytes], columns: Sequence[str], answered: Sequence[str]
) -> None:
    """Turn JSON lines of answers into a workbook; see :func:`write_csv_answers`."""
    named = [*columns, *_free_names(columns, answered)]
    rows = ([_flat(value) for value in row] for row in _cells(lines, columns, answered))
    write_xlsx(target, named, rows)


def _free_names(columns: Sequence[str], answered: Sequence[str]) -> list[str]:
    return [f"found_{name}" if name in columns else name for name in answered]


def _cells(lines: Iterable[bytes], columns: Sequence[str], answered: Sequence[str]) -> Iterator[list[Any]]:
    for line in lines:
        answer = json.loads(line)
        asked = answer["input"]
        yield [*(asked.get(name) for name in columns), *(answer.get(name) for name in answered)]


def _flat(value: Any) -> Any:  # noqa: ANN401 - whatever JSON knows
    if isinstance(value, list):
        return "; ".join(item if isinstance(item, str) else encode(item) for item in value)
    return encode(value) if isinstance(value, dict) else value
