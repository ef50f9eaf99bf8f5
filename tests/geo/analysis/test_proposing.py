"""Who is asked about what, against every possible choice, with the reason of everybody left out."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.analysis import proposing
from geo.analysis.proposing import propose
from geo.analysis.prospects import Asking, Offering
from geo.analysis.suiting import Asks, Offers, wants_of
from geo.analysis.travel import StraightLineTravel
from geo.domain.proposing import LeftOut
from geo.domain.words import Category, Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL = StraightLineTravel()
MODES = list(Mode)
STEP_DEG = 0.004
"""About 220 m along a parallel at 60 degrees."""


def at(steps: Sequence[int]) -> np.ndarray[Any, Any]:
    return np.array([[24.9 + STEP_DEG * one, 60.17] for one in steps], dtype=float).reshape(-1, 2)


def asking(needs: Sequence[dict[str, Any]]) -> Asking:
    usual = {"languages": (), "category": Category.FOOD, "weight": 1.0, "left": 240.0, "ring": 240.0, "car": False}
    full = [usual | one for one in needs]
    return Asking(
        wants_of([Asks(one["category"], one["languages"]) for one in full]),
        at([one["at"] for one in full]),
        np.array([one["weight"] for one in full], dtype=float),
        np.array([one["left"] for one in full], dtype=float),
        np.array([one["ring"] for one in full], dtype=float),
        np.array([one["car"] for one in full], dtype=bool),
    )


def offering(helpers: Sequence[dict[str, Any]]) -> Offering:
    usual = {
        "languages": ("fi",), "category": Category.FOOD, "mode": Mode.WALK, "most": 60.0, "room": 1, "load": 0,
        "free": True, "rested": True,
    }  # fmt: skip
    full = [usual | one for one in helpers]
    return Offering(
        [Offers(frozenset({one["category"]}), one["languages"]) for one in full],
        at([one["at"] for one in full]),
        np.array([MODES.index(one["mode"]) for one in full], dtype=np.int64),
        np.array([one["most"] for one in full], dtype=float),
        np.array([one["room"] for one in full], dtype=np.int64),
        np.array([one["load"] for one in full], dtype=np.int64),
        np.array([one["mode"] is Mode.CAR for one in full], dtype=bool),
        np.array([one["free"] for one in full], dtype=bool),
        np.array([one["rested"] for one in full], dtype=bool),
    )


def run(needs: Any, helpers: Any, apart: Sequence[tuple[int, int]] = (), **how: Any) -> proposing.Proposed:
    how = {"most_each": 2, "fair_min": 5.0} | how
    pairs = np.array(apart, dtype=np.int64).reshape(-1, 2)
    return propose(asking(needs), offering(helpers), pairs, model=MODEL, **how)


@pytest.mark.parametrize(
    ("need", "helper", "why"),
    [
        ({}, {"category": Category.WATER}, LeftOut.NOBODY_OFFERS_IT),
        ({"languages": ("ar",)}, {}, LeftOut.NO_SHARED_LANGUAGE),
        ({"car": True}, {}, LeftOut.NO_CAR),
        ({}, {"free": False}, LeftOut.NOT_AT_THAT_TIME),
        ({}, {"room": 0}, LeftOut.NO_ROOM_THIS_WEEK),
        ({}, {"rested": False}, LeftOut.ASKED_LATELY),
        ({}, {"at": 40}, LeftOut.TOO_FAR),
        ({"ring": 1.0}, {"at": 3}, LeftOut.TOO_FAR),
        # whoever would fail at two is told the first
        ({"languages": ("ar",)}, {"room": 0, "at": 40}, LeftOut.NO_SHARED_LANGUAGE),
    ],
)
def test_the_binding_reason_is_the_first_nobody_is_left_after(
    need: dict[str, Any], helper: dict[str, Any], why: LeftOut
) -> None:
    found = run([{"at": 0} | need], [{"at": 1} | helper])
    assert (found.need.tolist(), found.left) == ([], {0: why})


def test_kept_apart_and_others_first_are_told_apart_from_too_far() -> None:
    assert run([{"at": 0}], [{"at": 1}], [(0, 0)]).left == {0: LeftOut.KEPT_APART}
    said_no = np.array([(0, 0)])
    assert run([{"at": 0}], [{"at": 1}], declined=said_no).left == {0: LeftOut.ALL_DECLINED}
    assert run([{"at": 0}], [{"at": 1}, {"at": 2}], [(0, 1)], declined=said_no).left == {0: LeftOut.ALL_DECLINED}
    assert run([{"at": 0}], [{"at": 1}], [(0, 0)], declined=said_no).left == {0: LeftOut.KEPT_APART}
    assert run([{"at": 0}], [{"at": 1}, {"at": 2}], declined=said_no).helper.tolist() == [1]
    both = run([{"at": 1}, {"at": 2}], [{"at": 0}])
    assert (both.need.tolist(), both.left) == ([0], {1: LeftOut.OTHERS_COME_FIRST})
    assert run([], []).left == {}
    assert run([{"at": 0}], []).left == {0: LeftOut.NOBODY_OFFERS_IT}


def test_the_urgent_and_the_long_waiting_are_not_left_out() -> None:
    urgent = run([{"at": 1}, {"at": 3, "weight": 4.0, "left": 960.0}], [{"at": 0}])
    assert urgent.need.tolist() == [1]
    waiting = run([{"at": 1}, {"at": 2, "left": 300.0}], [{"at": 0}])
    assert waiting.need.tolist() == [1]


def test_nobody_is_asked_about_more_at_once_than_allowed() -> None:
    needs = [{"at": one} for one in range(5)]
    found = run(needs, [{"at": 2, "room": 9}], most_each=3)
    assert len(found.need) == 3
    assert found.left == dict.fromkeys(set(range(5)) - set(found.need.tolist()), LeftOut.OTHERS_COME_FIRST)


def test_whoever_carries_more_is_asked_later() -> None:
    found = run([{"at": 0}], [{"at": 1, "room": 3, "load": 2}, {"at": 2, "room": 3}])
    assert found.helper.tolist() == [1]
    assert run([{"at": 0}], [{"at": 1, "room": 3, "load": 2}, {"at": 2, "room": 3}], fair_min=0.0).helper.tolist() == [
        0
    ]


def test_more_are_measured_where_the_nearest_do_not_suffice(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    needs = [{"at": int(one)} for one in rng.integers(0, 4, 30)]
    helpers = [{"at": int(one), "most": 240.0} for one in rng.integers(0, 14, 40)]
    whole = run(needs, helpers)
    monkeypatch.setattr(proposing, "SOUGHT_AT_FIRST", 2)
    monkeypatch.setattr(proposing, "MEASURED_AT_FIRST", 1)
    few = run(needs, helpers)
    assert few.assigned.objective == pytest.approx(whole.assigned.objective)
    assert few.bound == pytest.approx(few.assigned.objective)
    monkeypatch.setattr(proposing, "MOST_TURNS", 1)
    cut = run(needs, helpers)
    assert cut.bound <= whole.assigned.objective + 1e-6


@st.composite
def towns(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[int, int]]]:
    place = st.integers(0, 25)
    languages = st.sampled_from([(), ("fi",), ("ar",)])
    need = st.fixed_dictionaries(
        {"at": place, "languages": languages, "weight": st.sampled_from([0.5, 1.0, 4.0]),
         "left": st.sampled_from([120.0, 240.0, 900.0]), "ring": st.sampled_from([10.0, 240.0]), "car": st.booleans()}
    )  # fmt: skip
    helper = st.fixed_dictionaries(
        {"at": place, "languages": st.sampled_from([("fi",), ("ar", "fi")]), "room": st.integers(0, 2),
         "mode": st.sampled_from([Mode.WALK, Mode.CAR]), "most": st.sampled_from([8.0, 60.0]),
         "load": st.integers(0, 2), "rested": st.booleans()}
    )  # fmt: skip
    needs, helpers = draw(st.lists(need, max_size=4)), draw(st.lists(helper, min_size=1, max_size=3))
    pairs = [(n, h) for n in range(len(needs)) for h in range(len(helpers))]
    return needs, helpers, draw(st.lists(st.sampled_from(pairs), max_size=2)) if pairs else []


@settings(max_examples=200, deadline=None)
@given(towns())
def test_it_is_the_best_of_every_choice(
    town: tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[int, int]]],
) -> None:
    needs, helpers, apart = town
    found = run(needs, helpers, apart)
    minutes = np.array(
        [[MODEL.matrix(at([h["at"]]), at([n["at"]]), h["mode"])[0, 0] for h in helpers] for n in needs]
    ).reshape(len(needs), len(helpers))
    may = {
        (i, j)
        for i, n in enumerate(needs)
        for j, h in enumerate(helpers)
        if (not n["languages"] or set(n["languages"]) & set(h["languages"]))
        and (not n["car"] or h["mode"] is Mode.CAR)
        and h["rested"]
        and h["room"]
        and minutes[i, j] <= min(n["ring"], h["most"])
        and (i, j) not in apart
    }
    best = (len(needs) + 1, float("inf"))
    for choice in product([-1, *range(len(helpers))], repeat=len(needs)):
        if all(j < 0 or (i, j) in may for i, j in enumerate(choice)):
            load = [choice.count(j) for j in range(len(helpers))]
            if all(k <= min(h["room"], 2) for k, h in zip(load, helpers, strict=True)):
                cost = sum(
                    n["left"] if j < 0 else minutes[i, j] * n["weight"]
                    for i, (n, j) in enumerate(zip(needs, choice, strict=True))
                )
                cost += sum(5.0 * (h["load"] * k + k * (k - 1) / 2) for k, h in zip(load, helpers, strict=True))
                best = min(best, (choice.count(-1), cost))
    assert len(found.left) == best[0]
    assert found.assigned.objective == pytest.approx(best[1])
    assert found.bound == pytest.approx(best[1])
    for i, j, travel in zip(found.need.tolist(), found.helper.tolist(), found.travel_min.tolist(), strict=True):
        assert (i, j) in may
        assert travel == pytest.approx(minutes[i, j])
    for i, why in found.left.items():
        assert (why is LeftOut.OTHERS_COME_FIRST) == any((i, j) in may for j in range(len(helpers)))
