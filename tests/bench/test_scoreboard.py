"""The scoreboard counts what is right, wrong, shared by twins, and left to a person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from geo.domain.place import Candidate, GeocodeResult, Point
from geo.domain.words import Decision, MatchQuality

from bench.geocoding import score
from bench.geocoding.exam import Exam, Goal, Query
from bench.geocoding.gazetteer import AddressRow, Rows
from bench.geocoding.marks import judge, mark, tally

if TYPE_CHECKING:
    from sqlalchemy import Engine

HOME = Point(-76.5, 39.4)
METRES_NORTH = 1 / 111_000


def north_of_home(metres: float) -> Point:
    return Point(HOME.lon, HOME.lat + metres * METRES_NORTH)


def answer(
    metres: float, decision: Decision = Decision.ACCEPT, quality: MatchQuality = MatchQuality.ROOFTOP
) -> GeocodeResult:
    best = Candidate(north_of_home(metres), "1 Elm St", quality, 100.0, 100, "bench")
    return GeocodeResult(decision, (best,))


def asked(*, twin_m: float | None = None, kind: str = "clean") -> Query:
    return Query(kind, "1 Elm St", (HOME,), () if twin_m is None else (north_of_home(twin_m),))


@pytest.mark.parametrize(
    ("metres", "quality", "wrong"),
    [
        (59, MatchQuality.ROOFTOP, False),
        (61, MatchQuality.ROOFTOP, True),
        (249, MatchQuality.INTERPOLATED, False),
        (251, MatchQuality.INTERPOLATED, True),
        (99, MatchQuality.STREET, False),
        (101, MatchQuality.STREET, True),
        (61, MatchQuality.INTERSECTION, True),
        (61, MatchQuality.PLACE, True),
    ],
)
def test_an_accepted_answer_is_wrong_beyond_what_its_quality_allows(
    metres: float, quality: MatchQuality, *, wrong: bool
) -> None:
    assert mark(asked(), answer(metres, quality=quality)).wrong is wrong


def test_what_is_left_to_a_person_is_never_a_wrong_accept() -> None:
    assert not mark(asked(), answer(5000, Decision.REVIEW)).wrong


def test_where_nothing_is_right_every_accept_is_wrong() -> None:
    absent = Query("negstreet", "1 Elm St", ())
    found = tally([mark(absent, answer(0)), mark(absent, answer(0, Decision.REVIEW))])
    assert (found.wrong, found.wrong_share, found.near) == (1, 50.0, 0.0)


def test_a_twin_is_counted_apart() -> None:
    found = tally([mark(asked(twin_m=900), answer(900)), mark(asked(twin_m=900), answer(450))])
    assert (found.twins, found.wrong) == (1, 1)


def test_a_goal_without_a_question_is_not_held() -> None:
    goal = Goal("clean", ("clean",), "near", 99.9)
    assert not judge(goal, []).held
    assert judge(goal, [mark(asked(), answer(0))]).held
    assert not judge(goal, [mark(asked(), answer(0)), mark(asked(), answer(300))]).held
    assert judge(goal, [mark(asked(), answer(0)), mark(asked(kind="other"), answer(300))]).held


def test_thinning_keeps_every_kind() -> None:
    many = [asked(kind=kind) for kind in ("a", "b") for _ in range(50)]
    assert [q.kind for q in score.thin(many, 3)] == ["a"] * 3 + ["b"] * 3
    assert score.thin(many, None) == many


@pytest.mark.own_db
def test_a_planted_wrong_accept_is_found(own_db: Engine) -> None:
    """The gazetteer has the door at a wrong place; the sheet must say so, with the question."""
    doors = [AddressRow("Elm St", str(n), north_of_home(20.0 * n), "21236", "Nottingham") for n in range(1, 20)]
    planted = AddressRow("Oak Ave", "7", north_of_home(9000), "21236", "Nottingham")
    exam = Exam(
        "planted",
        lambda: Rows(addresses=[*doors, planted]),
        [
            Query("right", "5 Elm St, Nottingham 21236", (north_of_home(100),)),
            Query("wrong", "7 Oak Ave, Nottingham 21236", (HOME,)),
        ],
        (Goal("none wrong", (), "wrong", 0.0, at_least=False),),
    )
    sheet = score.sit(exam, own_db, timed=1)
    kinds = sheet.by_kind()
    assert (kinds["right"].near, kinds["right"].wrong) == (100.0, 0)
    assert (kinds["wrong"].near, kinds["wrong"].wrong) == (0.0, 1)
    assert not sheet.verdicts()[0].held
    console = Console(record=True, width=160)
    score.show(sheet, console)
    score.show_worst(sheet, "wrong", console)
    printed = console.export_text()
    assert "MISSED none wrong" in printed
    assert "7 Oak Ave" in printed
    kept = json.loads(json.dumps(sheet.as_dict(), allow_nan=False))["all"]
    assert (kept["wrong"], kept["interpolated_median_m"]) == (1, None)
