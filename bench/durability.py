"""What was acknowledged is kept, once: writers go on while the database and the server are killed under them."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import httpx

from bench.installation import Installation
from bench.outcome import Outcome
from bench.timing import spread_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

PATH: Final = "/v1/submissions"
WRITERS: Final = 8
BATCH: Final = 5
PATIENT_S: Final = 30.0
IMPATIENT_S: Final = 0.03
IMPATIENT: Final = 0.1
NETWORKS_ROWS: Final = {
    "needs": "SELECT id FROM need",
    "entries": "SELECT id FROM restricted.submission",
    "news of needs": "SELECT object_id FROM restricted.outbox WHERE kind = 'need.created'",
    "news of entries": "SELECT object_id FROM restricted.outbox WHERE kind = 'submission.received'",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is written, how often what is killed, and how many copies of how many entries are sent at once."""

    acknowledged: int
    database_kills: int
    backend_kills: int
    server_kills: int
    ids: int
    copies: int


SMALL: Final = Plan(300, 1, 1, 1, 20, 16)
FULL: Final = Plan(50_000, 40, 40, 20, 1000, 64)


@dataclass(slots=True)
class Journal:
    """What the writers saw: what was acknowledged, and what had to be sent again."""

    acknowledged: dict[UUID, float] = field(default_factory=dict)
    replays: int = 0
    already_there: int = 0
    waits_s: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, results: Sequence[Mapping[str, Any]], *, sent_again: int, took_s: float) -> None:
        """Write down one answer."""
        with self.lock:
            now = time.monotonic()
            self.acknowledged |= {UUID(result["id"]): now for result in results}
            self.replays += sent_again
            self.already_there += sum(result["status"] == "already_received" for result in results)
            self.waits_s.append(took_s)


def run(seed: int, plan: Plan = SMALL) -> Outcome:
    """Write under kills, then send copies at once, and compare what is stored with what was acknowledged.

    Parameters
    ----------
    seed
        Same seed, same entries and the same order of kills.
    plan
        How much.

    Returns
    -------
    Outcome
        Whose facts ``lost``, ``doubled``, ``not acknowledged``, ``news missing or extra`` and ``wrong answers`` must
        all be zero.
    """
    with Installation() as place:
        journal, back_s = write_under_kills(place, Random(seed), plan)
        facts = audit(place, set(journal.acknowledged))
        many = asyncio.run(send_copies(place, Random(seed + 1), plan))
        after = audit(place, set(journal.acknowledged) | many.ids)
    facts |= {f"{name}, after the copies": value for name, value in after.items()}
    facts |= {
        "acknowledged": len(journal.acknowledged),
        "kills": len(back_s),
        "sent again": journal.replays,
        "already there when sent again": journal.already_there,
        "answers that were no acknowledgement and no reason to wait": len(journal.refused),
        "copies sent": many.sent,
        "wrong answers": many.wrong,
        "entries with another body that were not refused": many.let_through,
    }
    spreads = {
        "until acknowledged": spread_of(journal.waits_s),
        "first acknowledgement after a restart": spread_of(back_s),
    }
    return Outcome("durability", plan.acknowledged, seed, {}, spreads, facts)


def write_under_kills(place: Installation, rng: Random, plan: Plan) -> tuple[Journal, list[float]]:
    """Keep writers busy while things are killed at even distances, and give how long each took to come back."""
    journal, stop = Journal(), threading.Event()
    writers = [
        threading.Thread(target=_write, args=(place, Random(rng.getrandbits(64)), journal, stop))
        for _ in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    try:
        kills = _kills(place, rng, plan)
        back_s = []
        for number, kill in enumerate(kills, 1):
            _await_count(journal, number * plan.acknowledged // (len(kills) + 1))
            kill()
            back_s.append(_time_to_next(journal))
        _await_count(journal, plan.acknowledged)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    return journal, back_s


def _kills(place: Installation, rng: Random, plan: Plan) -> list[Callable[[], None]]:
    def database() -> None:
        place.kill_database()
        place.cluster.start()

    def server() -> None:
        place.kill_server()
        place.start_server()

    kills = [database] * plan.database_kills + [place.kill_backend] * plan.backend_kills + [server] * plan.server_kills
    rng.shuffle(kills)
    return kills


def _await_count(journal: Journal, least: int, *, patience_s: float = 600.0) -> None:
    deadline = time.monotonic() + patience_s
    while len(journal.acknowledged) < least:
        if time.monotonic() > deadline:
            raise TimeoutError("the writers have come to a stop")
        time.sleep(0.01)


def _time_to_next(journal: Journal) -> float:
    """Wait until something is acknowledged that had not been, after everything is up again."""
    started, before = time.monotonic(), len(journal.acknowledged)
    _await_count(journal, before + 1, patience_s=60)
    return time.monotonic() - started


def _entries(rng: Random) -> Iterator[dict[str, Any]]:
    for category in cycle(("food", "water", "childcare", "medicine")):
        body = {"category": category, "household_size": rng.randint(1, 6), "location": {"address": "Olematonkatu 1"}}
        yield {"id": str(UUID(int=rng.getrandbits(128), version=4)), "kind": "need", "body": body}


def _write(place: Installation, rng: Random, journal: Journal, stop: threading.Event) -> None:
    """Send entries until told to stop; whatever is not acknowledged is sent again, as a phone does."""
    entries = _entries(rng)
    with httpx.Client(trust_env=False, headers=place.headers) as client:
        while not stop.is_set():
            queue = [next(entries) for _ in range(BATCH)]
            started, sent_again = time.monotonic(), 0
            # some answers come too late for whoever waits, so that what is kept is sent again
            patience_s = IMPATIENT_S if rng.random() < IMPATIENT else PATIENT_S
            while (results := _send(client, place.address + PATH, queue, journal, patience_s)) is None:
                sent_again += 1
                patience_s = PATIENT_S
                time.sleep(0.05)
            journal.note(results, sent_again=sent_again, took_s=time.monotonic() - started)


def _send(
    client: httpx.Client, url: str, queue: list[dict[str, Any]], journal: Journal, patience_s: float
) -> list[dict[str, Any]] | None:
    try:
        answer = client.post(url, json={"entries": queue}, timeout=patience_s)
    except httpx.TransportError:
        return None
    if answer.status_code == httpx.codes.OK and all(found["code"] in (200, 201) for found in answer.json()["results"]):
        return list(answer.json()["results"])
    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
        with journal.lock:
            journal.refused.append(f"{answer.status_code} {answer.text[:200]}")
    return None


def audit(place: Installation, acknowledged: set[UUID]) -> dict[str, float | int | str]:
    """Compare what is stored with what was acknowledged, row by row."""
    with place.connect() as connection:
        found = {name: [row[0] for row in connection.execute(query)] for name, query in NETWORKS_ROWS.items()}
    needs = set(found["needs"])
    news = sum(len(found[name]) - len(acknowledged & set(found[name])) for name in ("news of needs", "news of entries"))
    news += sum(len(acknowledged - set(found[name])) for name in ("news of needs", "news of entries"))
    return {
        "lost": len(acknowledged - needs) + len(acknowledged - set(found["entries"])),
        "doubled": len(found["needs"]) - len(needs) + len(found["entries"]) - len(set(found["entries"])),
        "not acknowledged": len(needs - acknowledged),
        "news missing or extra": news,
    }


@dataclass(slots=True)
class Copies:
    """What became of copies that were sent at once."""

    ids: set[UUID] = field(default_factory=set)
    sent: int = 0
    wrong: int = 0
    let_through: int = 0


async def send_copies(place: Installation, rng: Random, plan: Plan) -> Copies:
    """Send each entry many times at once, then once with another body."""
    entries, found = _entries(rng), Copies()
    limits = httpx.Limits(max_connections=plan.copies, max_keepalive_connections=plan.copies)
    how: dict[str, Any] = {"timeout": 60, "limits": limits, "trust_env": False, "headers": place.headers}
    async with httpx.AsyncClient(**how) as client:

        async def post(entry: dict[str, Any]) -> httpx.Response:
            return await client.post(place.address + PATH, json={"entries": [entry]})

        for _ in range(plan.ids):
            entry = next(entries)
            answers = await asyncio.gather(*(post(entry) for _ in range(plan.copies)))
            found.ids.add(UUID(entry["id"]))
            found.sent += len(answers)
            found.wrong += _count_wrong(answers)
            other = await post(entry | {"body": {"category": "company"}})
            found.let_through += other.json()["results"][0]["code"] != httpx.codes.CONFLICT
            kept = await client.get(f"{place.address}/v1/needs/{entry['id']}")
            found.let_through += kept.json()["category"] != entry["body"]["category"]
    return found


def _count_wrong(answers: Sequence[httpx.Response]) -> int:
    """Count the answers that are no acknowledgement, name another record, or say a second time that it is new."""
    good = [answer.json()["results"][0] for answer in answers if answer.status_code == httpx.codes.OK]
    records = {result["record_id"] for result in good}
    new = sum(1 for result in good if result["status"] == "created")
    return len(answers) - len(good) + len(records) - 1 + abs(new - 1)
