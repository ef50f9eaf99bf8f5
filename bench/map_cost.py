"""What processes take of the machine: seconds of the processors and memory, from Linux's own counts."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

PROC: Final = Path("/proc")
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a process and all it has begun: seconds of work so far, and bytes it alone holds or its share of."""

    cpu_s: float
    memory_bytes: int


def cost_of(root: int) -> Cost:
    """Count what a process and its descendants have taken; those that have ended count with who began them."""
    family = list(_family(root))
    return Cost(sum(map(_cpu_s, family)), sum(map(_memory_bytes, family)))


def _family(root: int) -> Iterable[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children[int(fields[1])].append(int(folder.name))
    waiting = [root]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += children[found]


def _stat(process: int) -> list[str]:
    """Give what stands behind the name, which may hold anything."""
    try:
        return (PROC / str(process) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_s(process: int) -> float:
    fields = _stat(process)
    return sum(map(int, fields[11:15])) / _TICKS_PER_S if fields else 0.0


def _memory_bytes(process: int) -> int:
    try:
        lines = (PROC / str(process) / "smaps_rollup").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:"))
