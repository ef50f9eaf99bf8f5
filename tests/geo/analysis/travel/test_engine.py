"""The engine's own process: it may die, hang or talk nonsense, and the next question is answered again."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from threading import Thread

import pytest

from geo.analysis.travel import worker
from geo.analysis.travel.engine import EnginePool, WorkerProcess
from geo.errors import TravelFailed

PROGRAM = f"""
import json, os, sys, time
sys.path.insert(0, {str(Path(worker.__file__).parent)!r})
from worker import read_message, write_message
while (asked := read_message(sys.stdin.buffer)) is not None:
    body = json.loads(asked)["body"]
    if body == "die":
        os.abort()
    if body == "hang":
        time.sleep(60)
    if body == "half":
        sys.stdout.buffer.write((99).to_bytes(8, "big") + b"x")
        sys.stdout.flush()
        os._exit(1)
    answer = json.dumps([os.getpid(), body, sorted(os.environ)])
    write_message(sys.stdout.buffer, b"{{" if body == "nonsense" else answer.encode())
"""


def process(timeout_s: float = 20.0) -> WorkerProcess:
    return WorkerProcess([sys.executable, "-c", PROGRAM], timeout_s)


@pytest.mark.parametrize("fault", ["die", "half", "nonsense"])
def test_a_fault_ends_one_answer_and_not_the_next(fault: str) -> None:
    one = process()
    assert one.ask("x", "hello")[1] == "hello"  # type: ignore[arg-type]
    with pytest.raises(TravelFailed):
        one.ask("x", fault)  # type: ignore[arg-type]
    assert one.ask("x", "again")[1] == "again"  # type: ignore[arg-type]
    one.close()


def test_one_that_hangs_is_ended() -> None:
    one = process(timeout_s=1.0)
    with pytest.raises(TravelFailed):
        one.ask("x", "hang")  # type: ignore[arg-type]
    one.close()


def test_one_that_was_killed_between_questions_is_not_noticed() -> None:
    one = process()
    pid = one.ask("x", "hello")[0]  # type: ignore[arg-type]
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert one.ask("x", "again")[0] != pid  # type: ignore[arg-type]
    one.close()


def test_it_is_told_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARNRAISER_DATABASE_URL", "postgresql://secret")
    one = process()
    assert "BARNRAISER_DATABASE_URL" not in one.ask("x", "hello")[2]  # type: ignore[arg-type]
    one.close()


def test_an_engine_that_cannot_be_started_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(TravelFailed):
        WorkerProcess([str(tmp_path / "nothing")]).ask("locate", {})
    # neither installed nor configured: the program starts, and ends
    pool = EnginePool(tmp_path / "nothing.json")
    with pytest.raises(TravelFailed):
        pool.ask("locate", {})
    pool.close()


def test_two_askers_get_two_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pool = EnginePool(tmp_path)
    for one in pool._all:
        monkeypatch.setattr(one, "_command", [sys.executable, "-c", PROGRAM])
    answers: list[object] = []
    threads = [Thread(target=lambda: answers.append(pool.ask("x", "hello")[1])) for _ in range(6)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["hello"] * 6
    pool.close()
