"""The answers so far, kept beside the file they will become, so that a broken run can be gone on with."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo.errors import InvalidInput, SourceUnreadable
from geo.interchange.answers import count_answers, new_tally, write_csv_answers, write_xlsx_answers
from geo.interchange.table import MAX_COLUMNS, TableKind, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from geo.interchange.answers import Tally

    from api.batching.work import Work

_CHUNK: Final = 1 << 20
_SAID: Final = {"input": "the input", "options": "the options", "gazetteer": "the gazetteer"}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What answers depend on; ``gazetteer`` is the checksum of each of its sources by name."""

    input: str
    options: dict[str, Any]
    gazetteer: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Write it."""
        return {"input": self.input, "options": self.options, "gazetteer": self.gazetteer}


def read_marks(path: Path) -> tuple[str, int]:
    """Give a file's checksum and how many lines it has."""
    digest, lines = hashlib.sha256(), 0
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n")
    return digest.hexdigest(), lines


class Journal:
    """The answers of one run in ``OUT.part``, a JSON line each, and what they depend on in ``OUT.part.json``.

    Parameters
    ----------
    out
        The file they become; its ending says how it is written.
    work
        What is answered.

    Raises
    ------
    SourceUnreadable
        If its ending is not known, or there is no folder for it.
    """

    def __init__(self, out: Path, work: Work) -> None:
        self.out = out
        self.kind = kind_of(out.name)
        self.part = out.with_name(f"{out.name}.part")
        self.stamp_path = out.with_name(f"{out.name}.part.json")
        self.tally: Tally = new_tally(work.words)
        self.done = 0
        self.dropped = 0
        self._work = work
        if not out.absolute().parent.is_dir():
            raise SourceUnreadable(f"there is no folder {out.parent}")

    def open(self, stamp: Stamp, *, resume: bool) -> BinaryIO:
        """Open the answers to be written on; ``done`` says how many there are.

        Raises
        ------
        InvalidInput
            If they depend on something that has changed since, or another run is writing them.
        """
        target = self.part.open("a+b")
        try:
            fcntl.flock(target, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if resume:
                self._go_on(target, stamp)
            else:
                self.dropped = self.part.stat().st_size
                target.truncate(0)
            fresh = self.stamp_path.with_name(f"{self.stamp_path.name}.new")
            fresh.write_text(json.dumps(stamp.as_json()), "utf-8")
            fresh.replace(self.stamp_path)
        except BlockingIOError:
            target.close()
            raise InvalidInput(f"another run is writing {self.out.name}") from None
        except BaseException:
            target.close()
            raise
        return target

    def _go_on(self, target: BinaryIO, stamp: Stamp) -> None:
        if self.part.stat().st_size:
            self._check(stamp)
        target.seek(0)
        whole = 0
        for line in target:
            answer = _read(line)
            if answer is None:
                break
            count_answers([answer], self.tally, self._work.words)
            whole += len(line)
            self.done += 1
        target.truncate(whole)
        target.seek(whole)

    def _check(self, stamp: Stamp) -> None:
        try:
            kept = json.loads(self.stamp_path.read_text("utf-8"))
        except (OSError, ValueError):
            raise InvalidInput(f"{self.stamp_path.name} is missing or broken; run without --resume") from None
        changed = [said for name, said in _SAID.items() if kept.get(name) != stamp.as_json()[name]]
        if changed:
            what = " and ".join(changed)
            raise InvalidInput(f"{what} changed since {self.part.name} was begun; run without --resume")

    def finish(self, columns: Sequence[str]) -> None:
        """Turn the answers into the file they are for, which appears only when it is whole."""
        if self.kind is TableKind.JSON_LINES:
            self.part.replace(self.out)
        else:
            fresh = self.out.with_name(f"{self.out.name}.new")
            try:
                self._write(fresh, columns)
                fresh.replace(self.out)
            finally:
                fresh.unlink(missing_ok=True)
            self.part.unlink()
        self.stamp_path.unlink(missing_ok=True)

    def _write(self, fresh: Path, columns: Sequence[str]) -> None:
        write = write_csv_answers if self.kind is TableKind.CSV else write_xlsx_answers
        asked = columns or self._asked()
        answered = [name for name in self._work.answered if name != "error" or self.tally["rows"]["errors"]]
        with fresh.open("wb") as target, self.part.open("rb") as lines:
            write(target, lines, asked, answered)
            target.flush()
            os.fsync(target.fileno())

    def _asked(self) -> list[str]:
        found: dict[str, None] = {}
        with self.part.open("rb") as lines:
            for line in lines:
                found.update(dict.fromkeys(json.loads(line)["input"]))
                if len(found) > MAX_COLUMNS:
                    raise SourceUnreadable(f"the rows have more than {MAX_COLUMNS} columns; write .jsonl")
        return list(found)

    def drop_if_empty(self) -> None:
        """Leave nothing behind where nothing was answered."""
        if self.part.exists() and not self.part.stat().st_size:
            self.part.unlink()
            self.stamp_path.unlink(missing_ok=True)


def _read(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "input" in answer else None
