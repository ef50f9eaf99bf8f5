"""The list of erasures beside the database: what it names stays erased, whatever backup is put back."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from geo.domain.words import SubjectKind
from geo.errors import SourceUnreadable

if TYPE_CHECKING:
    from pathlib import Path

_READ_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure: of whom, when, and the records, entries and keys that went with it. Ids only."""

    network: UUID
    kind: SubjectKind
    subject: UUID
    at: datetime
    buried: tuple[tuple[str, UUID], ...]
    """Kind and id of each tombstone: ``need``, ``helper``, ``household``, ``submission`` or ``key``."""

    def ids(self, kind: str) -> list[UUID]:
        """Give the ids of a kind."""
        return [found for named, found in self.buried if named == kind]


@dataclass(frozen=True, slots=True)
class ErasureLog:
    """The file: one line of JSON for each erasure, added to and never changed."""

    path: Path

    def add(self, erasure: Erasure) -> None:
        """Write an erasure down so that it outlives a power cut."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _cut_half_line(file.fileno())
            file.write(_line(erasure))
            os.fsync(file.fileno())
        if is_new:
            _sync(self.path.parent)

    def read(self) -> list[Erasure]:
        """Read every erasure, oldest first.

        Raises
        ------
        SourceUnreadable
            Naming the line that is damaged: to start without it could bring a person back.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        whole, _, _half = content.rpartition(b"\n")
        lines = enumerate(whole.split(b"\n") if whole else (), 1)
        return [self._parse(line, number) for number, line in lines]

    def _parse(self, line: bytes, number: int) -> Erasure:
        try:
            kept = json.loads(line)
            buried = tuple((str(kind), UUID(found)) for kind, found in kept["buried"])
            network, subject = UUID(kept["network"]), UUID(kept["subject"])
            return Erasure(network, SubjectKind(kept["kind"]), subject, datetime.fromisoformat(kept["at"]), buried)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SourceUnreadable(
                f"line {number} of {self.path} is damaged, and starting without it could bring an erased person back. "
                "Put the file back from your newest backup."
            ) from error


def _line(erasure: Erasure) -> bytes:
    kept = {
        "at": erasure.at.isoformat(),
        "network": str(erasure.network),
        "kind": erasure.kind.value,
        "subject": str(erasure.subject),
        "buried": [[kind, str(found)] for kind, found in erasure.buried],
    }
    return json.dumps(kept).encode() + b"\n"


def _cut_half_line(descriptor: int) -> None:
    """Drop what a kill left half written; its erasure was never answered and never committed."""
    size = end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - _READ_BYTES)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end != size:
        os.ftruncate(descriptor, end)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
