"""The program of the engine's own process: questions come in by one pipe, answers go out by the other.

It is run by its file and imports nothing of ours. Each message is eight bytes of length and then JSON. It ends when
whoever asks goes away.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO

ACTIONS = {"locate": "locate", "sources_to_targets": "matrix", "isochrone": "isochrone", "status": "status"}


def read_message(source: IO[bytes]) -> bytes | None:
    """Read one message; nothing at the end of the pipe, or in the middle of a message that broke off."""
    head = source.read(8)
    if len(head) < 8:  # noqa: PLR2004 - of the length
        return None
    size = int.from_bytes(head, "big")
    body = source.read(size)
    return body if len(body) == size else None


def write_message(target: IO[bytes], body: bytes) -> None:
    """Write one message."""
    target.write(len(body).to_bytes(8, "big") + body)
    target.flush()


def main(config: str) -> None:
    """Answer until there is nobody left to ask."""
    # what native code prints must not get among the answers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from valhalla import Actor, ValhallaError

    actor = Actor(config)
    while (asked := read_message(sys.stdin.buffer)) is not None:
        question = json.loads(asked)
        try:
            answer = getattr(actor, ACTIONS[question["action"]])(json.dumps(question["body"]))
        except ValhallaError as error:
            answer = json.dumps({"error_code": error.code})
        write_message(answers, answer.encode() if isinstance(answer, str) else json.dumps(answer).encode())


if __name__ == "__main__":
    main(sys.argv[1])
