"""Ours beside its peers: the same questions on the same addresses in the same run."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import numpy as np
from psycopg import sql

from bench.geocoding import peers
from bench.geocoding.county import address_rows
from bench.geocoding.gazetteer import Rows, load, open_desk
from bench.geocoding.marks import NEAR_M, nearest_m
from bench.geocoding.ways import ask
from bench.timing import time_by_turns, time_each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from geo.domain.place import Point

    from bench.geocoding.county import House
    from bench.geocoding.exam import Query

WARM_UP: Final = 60
NOMINATIM_MOST: Final = 30_000
"""Its import takes minutes for so many."""


def beside_peers(
    folder: Path,
    corpus: Sequence[House],
    open_database: Callable[[], AbstractContextManager[Engine]],
    seed: int,
    each: int,
) -> tuple[dict[str, float], dict[str, float | int | str]]:
    """Put the same questions to ours and to each peer that is installed, on the same addresses.

    Parameters
    ----------
    each
        How many questions of each kind.

    Returns
    -------
    tuple
        Ratios of the middle seconds of a question, ours over theirs; and for each peer how many of each two got
        within 60 m, or why it was left out.
    """
    ratios: dict[str, float] = {}
    facts: dict[str, float | int | str] = {}
    for name in peers.PACKAGES:
        if missing := peers.find_missing(folder, name):
            facts[f"{name}"] = missing.why
            continue
        some = corpus[:NOMINATIM_MOST] if name == "nominatim" else corpus
        try:
            ratio, told = _beside(name, folder, some, open_database, ask(some, each, seed + 2))
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            # a peer is a courtesy: that it does not run here must not stop the measurement of ours
            facts[f"{name}"] = f"did not run: {str(error)[-300:]}"
            continue
        ratios |= ratio
        facts |= told
    return ratios, facts


def _beside(
    name: str,
    folder: Path,
    corpus: Sequence[House],
    open_database: Callable[[], AbstractContextManager[Engine]],
    queries: Sequence[Query],
) -> tuple[dict[str, float], dict[str, float | int | str]]:
    texts = [query.text for query in queries]
    with open_database() as engine:
        started = perf_counter()
        load(engine, Rows(addresses=address_rows(corpus)))
        loaded_s = perf_counter() - started
        with open_desk(engine) as desk, _peer(name, folder, corpus, engine) as peer:
            time_each(desk.geocode, texts[:WARM_UP])
            peer.ask(texts[:WARM_UP])
            turns = time_by_turns({"ours": (desk.geocode, texts), "theirs": (lambda text: peer.ask([text]), texts)})
    seconds, results = turns["ours"]
    ours = peers.Replies([result.best.point if result.best else None for result in results], seconds)
    replies = turns["theirs"][1]
    # what passing the question over takes is ours and not theirs, so their own clock counts
    theirs = peers.Replies([r.points[0] for r in replies], [r.seconds[0] for r in replies])
    return _compare(peer, loaded_s, queries, ours, theirs, len(corpus))


@contextmanager
def _peer(name: str, folder: Path, corpus: Sequence[House], engine: Engine) -> Iterator[peers.Peer]:
    database = f"barnraiser_peer_{uuid4().hex[:8]}"
    host = engine.url.host or str(engine.url.query.get("host", "localhost"))
    server = peers.Server(host, engine.url.username or "postgres", database)
    try:
        with TemporaryDirectory() as work, peers.opener(name, folder, corpus, Path(work), server) as peer:
            yield peer
    finally:
        _drop(engine, database)


def _drop(engine: Engine, database: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.connection.cursor().execute(statement)


def _compare(
    peer: peers.Peer, loaded_s: float, queries: Sequence[Query], ours: peers.Replies, theirs: peers.Replies, size: int
) -> tuple[dict[str, float], dict[str, float | int | str]]:
    name = f"{peer.name}, {size:,} addresses"
    ratios = {
        f"{name}: median lookup": float(np.median(ours.seconds) / np.median(theirs.seconds)),
        f"{name}: 95th percentile": float(np.quantile(ours.seconds, 0.95) / np.quantile(theirs.seconds, 0.95)),
        f"{name}: import": loaded_s / peer.loaded_s,
    }
    facts: dict[str, float | int | str] = {
        f"{name}: lookups a second, ours": len(queries) / sum(ours.seconds),
        f"{name}: lookups a second, theirs": len(queries) / sum(theirs.seconds),
    }
    right = {who: right_by_kind(queries, replies.points) for who, replies in (("ours", ours), ("theirs", theirs))}
    for who, shares in right.items():
        facts[f"{name}: top-1 within 60 m %, {who}"] = round(sum(shares.values()) / len(shares), 2)
    for kind in right["ours"]:
        facts[f"{name}: {kind} %, ours and theirs"] = f"{right['ours'][kind]:.1f} {right['theirs'][kind]:.1f}"
    return ratios, facts


def right_by_kind(queries: Sequence[Query], points: Sequence[Point | None]) -> Mapping[str, float]:
    """Give for each kind the share, in percent, of answers within 60 m."""
    marks: dict[str, list[bool]] = {}
    for query, point in zip(queries, points, strict=True):
        marks.setdefault(query.kind, []).append(point is not None and nearest_m(point, query.truth) <= NEAR_M)
    return {kind: 100 * sum(found) / len(found) for kind, found in marks.items()}
