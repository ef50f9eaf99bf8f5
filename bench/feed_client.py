"""Asks services over HTTP from a process of its own, so that asking takes nothing from those that answer."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context
from time import monotonic
from typing import TYPE_CHECKING, BinaryIO

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
    asked = [_written(asking.port, *one) for one in zip(asking.paths, asking.headers, strict=True)]
    until = monotonic() + seconds

    def go_on(number: int) -> None:
        turn = number
        with socket.create_connection(("127.0.0.1", asking.port), timeout=120) as line, line.makefile("rb") as answers:
            while monotonic() < until and not faults:
                at = turn % len(asked)
                line.sendall(asked[at])
                if (status := _skip_answer(answers)) != asking.status:
                    faults.append(f"{asking.paths[at]}: {status}")
                done[number] += 1
                turn += 1

    threads = [threading.Thread(target=go_on, args=(number,)) for number in range(clients)]
    started = monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise AssertionError(faults[0])
    return sum(done) / (monotonic() - started)


def _written(port: int, path: str, headers: Mapping[str, str]) -> bytes:
    """Write a request once, so that whoever asks spends little of the processors on it."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _skip_answer(answers: BinaryIO) -> int:
    """Read one answer to its end and give its status."""
    first = answers.readline()
    if not first:
        raise AssertionError("a service hung up")
    length, is_chunked = 0, False
    while (line := answers.readline().lower()) not in (b"\r\n", b""):
        if line.startswith(b"content-length:"):
            length = int(line[15:])
        is_chunked = is_chunked or line.startswith(b"transfer-encoding: chunked")
    answers.read(length)
    while is_chunked and (size := int(answers.readline().split(b";")[0], 16)) >= 0:
        answers.read(size + 2)
        is_chunked = size > 0
    return int(first.split()[1])


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
