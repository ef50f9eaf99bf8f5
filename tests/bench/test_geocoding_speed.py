"""The geocoder's bench at a small size, the metropolis it is run on, and what peers are given."""

from __future__ import annotations

import json
import random
import sys
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from geo.domain.place import Point

from bench.geocoding import contest, peers, slips, speed
from bench.geocoding.county import House
from bench.geocoding.exam import Query
from bench.geocoding.gazetteer import scratch
from bench.geocoding.grid_city import build as build_grid
from bench.geocoding.metropolis import build
from bench.geocoding.ways import KINDS, ask

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

NAMES = (
    "STONEOAK",
    "WINTERSET",
    "KERRIGAN",
    "GREENCROFT",
    "HARBORVIEW",
    "BUCKINGHAM",
    "CHESTNUT",
    "ELM",
    "OAK",
    "CARMEL",
)


def town() -> tuple[House, ...]:
    return tuple(
        House(
            f"{row}-{n}",
            str(n),
            f"{name} RD",
            ("", name, "RD", ""),
            "NOTTINGHAM",
            "21236",
            Point(-76.5 + n * 0.0003, 39.4 + row * 0.002),
        )
        for row, name in enumerate(NAMES)
        for n in range(1, 21)
    )


def test_every_copy_of_the_town_has_streets_of_its_own() -> None:
    corpus = build(town(), 450, 0)
    copies: dict[str, set[str]] = {}
    for house in corpus:
        copies.setdefault(house.postcode, set()).add(house.street)
    assert len(corpus) == 450
    assert list(copies) == ["21236", "22236", "23236"]
    assert [len(streets) for streets in copies.values()] == [10, 10, 3]
    assert len(set.union(*copies.values())) == 23


def test_the_same_seed_makes_the_same_metropolis() -> None:
    assert build(town(), 400, 0) == build(town(), 400, 0)
    assert build(town(), 400, 0) != build(town(), 400, 1)


def test_a_smaller_metropolis_is_the_beginning_of_a_larger_one() -> None:
    assert build(town(), 450, 3)[:250] == build(town(), 250, 3)


def test_questions_come_in_equal_shares_and_know_their_answer() -> None:
    corpus = build(town(), 200, 0)
    queries = ask(corpus, 3, 0)
    assert [query.kind for query in queries] == [*KINDS] * 3
    points = {house.point for house in corpus}
    assert all(set(query.truth) <= points and query.truth for query in queries)
    clean = next(query for query in queries if query.kind == "clean_abbr")
    house = next(h for h in corpus if h.point == clean.truth[0])
    assert clean.text == f"{house.number} {house.street}, NOTTINGHAM 21236"


@pytest.mark.parametrize("slip", slips.OF_NAMES.values(), ids=slips.OF_NAMES)
def test_a_slip_changes_a_name_or_says_that_it_cannot(slip: object) -> None:
    assert callable(slip)
    made = [slip("old frederick hill", random.Random(seed)) for seed in range(20)]  # noqa: S311 - makes slips
    assert any(made)
    assert "old frederick hill" not in made


def test_a_typo_leaves_numbers_and_spared_words_alone() -> None:
    for seed in range(30):
        text = slips.typo("West 41st Avenue", random.Random(seed), spared=frozenset({"avenue"}))  # noqa: S311 - likewise
        first, number, last = text.split(" ")
        assert (number, last) == ("41st", "Avenue")
        assert first != "West"


def test_the_grid_has_its_parallel_streets() -> None:
    doors = build_grid()
    assert len({(d.number, d.kind) for d in doors if d.kind in ("Ave", "Rd", "Dr")}) == 210
    assert len({d.written() for d in doors}) == len(doors)


@pytest.mark.slow
def test_the_bench_measures_everything_at_each_size(
    server_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "real_houses", lambda *_: town())
    plan = speed.Plan((100, 300), each=4, batch=30, reversed=10, peer_each=1)
    database = partial(scratch, tmp_path, server_url.render_as_string(hide_password=False))
    outcome = speed.run(300, 0, database, tmp_path, reference=tmp_path, peers_at=tmp_path / "nothing", plan=plan)
    assert set(outcome.ratios) == {"import", "single", "reverse", "batch"}
    assert all(ratio > 0 for ratio in outcome.ratios.values())
    assert outcome.facts["300: wrong among accepted"] == 0
    assert float(outcome.facts["300: top-1 within 60 m, %"]) > 80
    assert float(outcome.facts["300: bytes an address, all"]) > 50
    assert "not installed" in str(outcome.facts["addok"])
    assert json.dumps(outcome.as_dict())


@pytest.mark.own_db
def test_the_bench_stops_when_accepted_answers_are_wrong(own_db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = [Query(q.kind, q.text, (Point(0, 0),)) for q in ask(town(), 4, 0)]
    monkeypatch.setattr(speed, "ask", lambda *_: moved)
    with pytest.raises(AssertionError, match="accepted answers are wrong"):
        speed.measure(own_db, town(), 0, speed.Plan((200,), each=4))


def test_peers_are_given_the_same_houses(tmp_path: Path) -> None:
    corpus = build(town(), 200, 0)
    documents = list(peers.addok_documents(corpus))
    assert sum(len(d["housenumbers"]) for d in documents) == 200  # type: ignore[arg-type]
    assert {d["name"] for d in documents} == {f"{name.title()} Road" for name in NAMES}
    path = tmp_path / "corpus.osm"
    peers.write_osm(path, corpus)
    root = ET.parse(path).getroot()  # noqa: S314 - written by ourselves a line ago
    numbers = root.findall("node/tag[@k='addr:housenumber']")
    assert len(numbers) == 200
    assert len(root.findall("way")) == len(NAMES)
    assert [tag.get("v") for tag in root.findall("node/tag[@k='place']")] == ["town"]


def test_right_answers_are_counted_by_kind() -> None:
    here = Point(-76.5, 39.4)
    queries = [Query("clean", "x", (here,)), Query("clean", "x", (here,)), Query("typo1", "x", (here,))]
    assert contest.right_by_kind(queries, [here, None, Point(-76.5, 39.41)]) == {"clean": 50.0, "typo1": 0.0}


ECHO = """
def look(text):
    print("a peer may say what it likes")
    if text == "broken":
        raise ValueError(text)
    return (len(text), 1.5)
"""


def test_a_peer_answers_through_one_process_and_its_errors_are_no_answers(tmp_path: Path) -> None:
    command = [sys.executable, "-c", peers._QUIET + ECHO + peers._LOOP]
    with peers._answering(command, {}, tmp_path) as ask_peer:
        replies = ask_peer(["abc", "broken", "abcd\u00e4"])
        assert replies.points == [Point(3, 1.5), None, Point(5, 1.5)]
        assert len(ask_peer(["again"]).seconds) == 1


def test_a_peer_that_ends_is_told(tmp_path: Path) -> None:
    with (
        peers._answering([sys.executable, "-c", "pass"], {}, tmp_path) as ask_peer,
        pytest.raises(RuntimeError, match="ended in the middle"),
    ):
        ask_peer(["abc"] * 1000)


def test_a_peer_that_does_not_run_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no memory left")

    monkeypatch.setattr(peers, "find_missing", lambda *_: None)
    monkeypatch.setattr(contest, "_beside", fail)
    ratios, facts = contest.beside_peers(tmp_path, list(town()), nullcontext, 0, 1)  # type: ignore[arg-type]
    assert ratios == {}
    assert facts == dict.fromkeys(peers.PACKAGES, "did not run: no memory left")
