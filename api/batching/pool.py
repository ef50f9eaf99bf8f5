"""Pieces of a table answered by several processes, in order, with few of them in memory at a time."""

from __future__ import annotations

import os
import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Final

from geo.errors import GeoError
from geo.store.engine import make_engine, make_sessions, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from geo.interchange.table import TableRow
    from geo.store.engine import SessionFactory

    from api.batching.work import Answered, Work

PIECE: Final = 1_000
"""Rows that are looked up together."""
ALONE: Final = 3_000
"""So few rows are answered sooner than another process has started."""
MAX_WORKERS: Final = 4
_AHEAD: Final = 2
_STATEMENT_TIMEOUT_S: Final = 600.0
_LOST: Final = "a worker process ended before its rows were answered"


def count_workers(wanted: int | None) -> int:
    """Say how many processes to use: as many as there are cores, at most four."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(wanted or cores, MAX_WORKERS)


def answer_rows(
    rows: Iterator[TableRow], work: Work, sessions: SessionFactory, *, url: str, workers: int
) -> Iterator[Answered]:
    """Answer rows in pieces, in order.

    Parameters
    ----------
    rows
        Read as they are needed.
    work
        What to do with them.
    sessions
        For what is done in this process.
    url
        The database, to which every other process opens a connection of its own. It reaches them through a pipe: a
        password in it shows in no list of processes.
    workers
        How many processes; with one, or for at most ``ALONE`` rows, this one does all.

    Yields
    ------
    Answered
        For each piece.

    Raises
    ------
    GeoError
        If a process was lost, or a piece could not be answered.
    """
    opening = list(islice(rows, ALONE + 1))
    pieces = _pieces(chain(opening, rows))
    if workers == 1 or len(opening) <= ALONE:
        for piece in pieces:
            with transaction(sessions) as session:
                answered = work.answer(session, piece)
            yield answered
        return
    yield from _by_others(pieces, work, url, workers)


def _pieces(rows: Iterator[TableRow]) -> Iterator[list[TableRow]]:
    while piece := list(islice(rows, PIECE)):
        yield piece


def _by_others(pieces: Iterator[list[TableRow]], work: Work, url: str, workers: int) -> Iterator[Answered]:
    waiting: deque[Future[Answered]] = deque()
    with _pool(work, url, workers) as pool:
        try:
            for piece in pieces:
                waiting.append(pool.submit(_answer, piece))
                if len(waiting) >= workers * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise GeoError(_LOST) from None


@contextmanager
def _pool(work: Work, url: str, workers: int) -> Iterator[ProcessPoolExecutor]:
    # started anew and not forked: no connection, lock or key of this process is shared
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_open, initargs=(work, url))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_opened: list[tuple[Work, SessionFactory]] = []


def _open(work: Work, url: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    engine = make_engine(url, statement_timeout_s=_STATEMENT_TIMEOUT_S, pool_size=1)
    _opened.append((work, make_sessions(engine, role=None)))


def _end_with_parent() -> None:
    """Leave nothing behind when the first process is killed."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _answer(piece: list[TableRow]) -> Answered:
    work, sessions = _opened[0]
    try:
        with transaction(sessions) as session:
            return work.answer(session, piece)
    except GeoError:
        raise
    except Exception as error:  # noqa: BLE001 - said once more where it is waited for
        # the text of a driver's error may carry an address, and its type may not travel
        raise GeoError(f"a piece could not be answered: {type(error).__name__}") from None
