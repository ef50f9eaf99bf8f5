"""The engine in processes of its own, so that a crash of native code ends one answer and not the server."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import weakref
from pathlib import Path
from queue import LifoQueue
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any, Final

from geo.analysis.travel import worker
from geo.errors import TravelFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT_S: Final = 60.0
PROCESSES: Final = 2


class WorkerProcess:
    """One process with the engine; started when it is first asked, and again after it died.

    Parameters
    ----------
    command
        What runs it.
    timeout_s
        Seconds an answer may take before the process is ended.
    """

    def __init__(self, command: Sequence[str], timeout_s: float = TIMEOUT_S) -> None:
        self._command = list(command)
        self._timeout_s = timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def ask(self, action: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Ask one question.

        Raises
        ------
        TravelFailed
            If the process cannot be started, dies, or takes too long. The next question starts another.
        """
        asked = json.dumps({"action": action, "body": body}).encode()
        with self._lock:
            process = self._running()
            watch = Timer(self._timeout_s, process.kill)
            watch.daemon = True
            watch.start()
            try:
                answer = self._exchange(process, asked)
            finally:
                watch.cancel()
            if answer is None:
                self._end()
                raise TravelFailed
        try:
            return json.loads(answer)
        except ValueError:
            raise TravelFailed from None

    @staticmethod
    def _exchange(process: subprocess.Popen[bytes], asked: bytes) -> bytes | None:
        if process.stdin is None or process.stdout is None:
            return None
        try:
            worker.write_message(process.stdin, asked)
            return worker.read_message(process.stdout)
        except OSError:
            return None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        try:
            # of our environment it gets nothing: no key, no address of the database
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.defpath},
                cwd="/",
            )
        except OSError:
            raise TravelFailed from None
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()


class EnginePool:
    """A few processes with the engine; whoever asks gets one that is free, and waits while there is none."""

    def __init__(self, config: Path, *, processes: int = PROCESSES, timeout_s: float = TIMEOUT_S) -> None:
        command = (sys.executable, str(Path(worker.__file__).resolve()), str(config))
        self._all = [WorkerProcess(command, timeout_s) for _ in range(processes)]
        self._free: LifoQueue[WorkerProcess] = LifoQueue()
        for one in self._all:
            self._free.put(one)
        # nobody has to remember to end them
        self._end = weakref.finalize(self, _close_all, self._all)

    def ask(self, action: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Ask one question; see :class:`geo.analysis.travel.streets.Engine`."""
        one = self._free.get()
        try:
            return one.ask(action, body)
        finally:
            self._free.put(one)

    def close(self) -> None:
        """End all processes; asking again starts others."""
        _close_all(self._all)


def _close_all(processes: Sequence[WorkerProcess]) -> None:
    for one in processes:
        one.close()
