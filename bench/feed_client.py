"""Asks services over HTTP from a process of its own, so that asking takes nothing from those that answer."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.pool import Pool


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of a service: paths in turn, each with headers of its own, and how it must be answered."""

    port: int
    paths: Sequence[str]
    headers: Sequence[Mapping[str, str]]
    status: int = 200


def open_client() -> Pool:
    """Start the process that asks."""
    return get_context("spawn").Pool(1)


def ask_for_a_while(client: Pool, asking: Asking, *, clients: int, seconds: float) -> float:
    """Ask with some clients at once, each over a connection that stays; give the requests answered in a second.

    Raises
    ------
    AssertionError
        If one is not answered as it must be.
    """
    answered: float = client.apply(_ask, (asking, clients, seconds))
    return answered


def _ask(asking: Asking, clients: int, seconds: float) -> float:
    done, faults = [0] * clients, list[str]()
    until = monotonic() + seconds

    def go_on(number: int) -> None:
        connection, turn = HTTPConnection("127.0.0.1", asking.port, timeout=120), number
        while monotonic() < until and not faults:
            at = turn % len(asking.paths)
            connection.request("GET", asking.paths[at], headers=dict(asking.headers[at]))
            answer = connection.getresponse()
            answer.read()
            if answer.status != asking.status:
                faults.append(f"{asking.paths[at]}: {answer.status}")
            done[number] += 1
            turn += 1
        connection.close()

    threads = [threading.Thread(target=go_on, args=(number,)) for number in range(clients)]
    started = monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise AssertionError(faults[0])
    return sum(done) / (monotonic() - started)


def fetch(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[Mapping[str, str], bytes]:
    """Ask once; give the headers, named in small letters, and the content."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers=dict(headers or {}))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return {name.lower(): value for name, value in answer.getheaders()}, content


def drain(port: int, path: str, headers: Mapping[str, str]) -> int:
    """Read a long answer as it comes and keep nothing of it; give its length in bytes."""
    connection, length = HTTPConnection("127.0.0.1", port, timeout=600), 0
    connection.request("GET", path, headers=dict(headers))
    answer = connection.getresponse()
    while piece := answer.read(1 << 18):
        length += len(piece)
    connection.close()
    return length
