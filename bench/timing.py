"""Timing contenders side by side: turn by turn in one run, so that a slower moment of the machine meets them all."""

from __future__ import annotations

import gc
import os
import resource
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Answer = TypeVar("Answer")
STATUS: Final = Path("/proc/self/status")
CLEAR: Final = Path("/proc/self/clear_refs")
RESET_PEAK: Final = "5"
CHUNK: Final = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds over repeated runs of one contender."""

    median: float
    p95: float
    least: float
    most: float
    runs: int
    p99: float = 0.0

    def as_dict(self) -> dict[str, float | int]:
        """Give the figures as they are written down."""
        return asdict(self)


def spread_of(seconds: Sequence[float]) -> Spread:
    """Sum up measured seconds."""
    p95, p99 = (float(np.quantile(seconds, share)) for share in (0.95, 0.99))
    return Spread(float(np.median(seconds)), p95, min(seconds), max(seconds), len(seconds), p99)


def take_turns(
    contenders: Mapping[str, Callable[[int], object]], *, rounds: int, warm_up: int = 3
) -> dict[str, Spread]:
    """Time each contender on each round, one after the other, the first to go changing every round.

    Parameters
    ----------
    contenders
        What to run, given the number of the round.
    rounds, warm_up
        How many rounds count, and how many are run before without counting.

    Returns
    -------
    dict
        The spread of each contender.
    """
    names = list(contenders)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(-warm_up, rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            started = perf_counter()
            contenders[name](max(turn, 0))
            if turn >= 0:
                seconds[name].append(perf_counter() - started)
    return {name: spread_of(taken) for name, taken in seconds.items()}


def time_each(do: Callable[[Any], Answer], things: Iterable[Any]) -> tuple[list[float], list[Answer]]:
    """Do one thing after the other; give the seconds of each, and what came of it."""
    seconds, answers = [], []
    for thing in things:
        started = perf_counter()
        answers.append(do(thing))
        seconds.append(perf_counter() - started)
    return seconds, answers


def time_by_turns(
    contenders: Mapping[str, tuple[Callable[[Any], Any], Sequence[Any]]], *, chunk: int = CHUNK
) -> dict[str, tuple[list[float], list[Any]]]:
    """Do each contender's things, some of one and then as many of the next, so that a slower moment meets them all.

    Parameters
    ----------
    contenders
        For each what it does, and the things it does it to.
    chunk
        How many things a turn has.

    Returns
    -------
    dict
        For each contender the seconds of every thing and what came of it, in order.
    """
    done: dict[str, tuple[list[float], list[Any]]] = {name: ([], []) for name in contenders}
    for start in range(0, max(len(things) for _, things in contenders.values()), chunk):
        for name, (do, things) in contenders.items():
            seconds, answers = time_each(do, things[start : start + chunk])
            done[name][0].extend(seconds)
            done[name][1].extend(answers)
    return done


@dataclass(frozen=True, slots=True)
class Apart(Generic[Answer]):
    """One run in a process of its own: its answer, its seconds, and the most memory it had above where it began."""

    answer: Answer
    seconds: float
    peak_bytes: int


def run_apart(prepare: Callable[..., Any], work: Callable[[Any], Answer], *arguments: object) -> Apart[Answer]:
    """Run work in a fresh process; only ``work`` is measured.

    Parameters
    ----------
    prepare
        Makes the input from ``arguments`` inside the process; found by its name, like ``work``.
    """
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (prepare, work, arguments))


def _measure(
    prepare: Callable[..., Any], work: Callable[[Any], Answer], arguments: tuple[object, ...]
) -> Apart[Answer]:
    given = prepare(*arguments)
    gc.collect()
    before = _start_watching()
    started = perf_counter()
    answer = work(given)
    return Apart(answer, perf_counter() - started, _peak_bytes() - before)


def _start_watching() -> int:
    # a child begins with the high-water mark of imports and input, so it is put back to what is in use now
    if os.access(CLEAR, os.W_OK):
        CLEAR.write_text(RESET_PEAK)
    return _peak_bytes()


def _peak_bytes() -> int:
    if STATUS.exists():
        fields = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def growth(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Fit the exponent ``b`` of ``seconds ~ size ** b`` by least squares on logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
