"""Every benchmark runs at a small size and checks its own answers; nothing is timed here."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
import typer
from rich.console import Console

from bench import __main__ as command
from bench import audit, gap, live, map_views, nearest, ogc, policies, tiles, whole
from bench.outcome import Outcome
from bench.timing import spread_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from geo.domain.place import Point

    from bench.volunteers import Volunteers

SMALL = 500


@pytest.mark.own_db
def test_nearest_agrees_with_brute_force(own_db: Engine) -> None:
    outcome = nearest.measure(own_db, SMALL, 0, rounds=20)
    assert outcome.facts["answers checked against brute force"] == 20
    assert {"ours", "same statement", "both statements", "plain index order"} <= set(outcome.spreads)
    assert {"batch, ours", "batch, raw LATERAL", "ours, nobody suits"} <= set(outcome.spreads)


@pytest.mark.own_db
def test_nearest_notices_a_wrong_answer(own_db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_people: Volunteers, _asked: Point, *_rest: object) -> list[int]:
        return [-1]

    monkeypatch.setattr("bench.volunteers.Volunteers.nearest", nobody)
    with pytest.raises(AssertionError, match="is not"):
        nearest.run(SMALL, 0, lambda: nullcontext(own_db), rounds=1)


@pytest.mark.own_db
def test_policies_change_no_answer(own_db: Engine) -> None:
    outcome = policies.measure(own_db, SMALL, 0, rounds=10)
    assert outcome.facts["answers compared"] == 10
    assert set(outcome.spreads) == {"under the policies", "without"}


@pytest.mark.own_db
def test_feeds_give_the_features_of_the_bare_statement(own_db: Engine, tmp_path: Path) -> None:
    outcome = ogc.run(SMALL, 0, lambda: nullcontext(own_db), home=tmp_path, rounds=1, turn_s=0.2)
    assert {"ours", "bare handler", "nothing new", "bare statement"} <= set(outcome.spreads)
    assert outcome.ratios["requests a second, ours / bare handler"] > 0
    assert outcome.facts["streamed, megabytes"] > 0


@pytest.mark.own_db
def test_views_of_the_map_draw_no_more_than_they_can_and_add_up(own_db: Engine) -> None:
    outcome = map_views.measure(own_db, 1000, 0, rounds=2)
    assert 0 < int(outcome.facts["most drawn at once"]) <= 400


@pytest.mark.own_db
def test_tiles_count_every_place(own_db: Engine) -> None:
    outcome = tiles.measure(own_db, SMALL, 0, rounds=3)
    assert {"z00, ours", "z16, on the fly", "nothing has changed"} <= set(outcome.spreads)
    assert 0 < int(outcome.facts["largest tile, bytes"]) < 500_000


@pytest.mark.slow
def test_gaps_agree_with_the_maximum_flow() -> None:
    outcome = gap.run(SMALL, 0, rounds=1)
    served = outcome.facts["scarce: served, equal to the maximum flow"]
    assert isinstance(served, int)
    assert 0 < served < SMALL
    assert all(ratio > 0 for name, ratio in outcome.ratios.items() if "time" in name)


def test_changes_leave_the_figures_worked_out_anew() -> None:
    outcome = live.run(SMALL, 0)
    assert outcome.facts["scarce: rows, all equal to those worked out anew"]
    assert outcome.spreads["plenty: one need changed"].runs == live.CHANGES
    assert outcome.facts["scarce, streets: rows, all equal to those worked out anew"]
    assert outcome.spreads["plenty, streets: one need changed"].runs == live.CHANGES


def test_a_figure_that_is_wrong_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.analysis.live.allocation.LiveAllocation._hand_on", lambda *_: False)
    with pytest.raises(AssertionError, match="differ"):
        live.run(10 * SMALL, 0)


@pytest.mark.slow
def test_all_figures_agree_with_the_maximum_flow() -> None:
    outcome = whole.run(10 * SMALL, 0)
    assert outcome.facts["scarce: rows"]
    assert set(outcome.ratios) == {
        f"{load}: {what}, all figures / floor" for load in gap.LOADS for what in ("time", "memory")
    }


@pytest.mark.parametrize("load", gap.LOADS.values())
def test_the_same_seed_makes_the_same_scene(load: float) -> None:
    one, two = gap.make_scene(SMALL, 0, load), gap.make_scene(SMALL, 0, load)
    assert one.order.tolist() == two.order.tolist()
    assert gap.serve_ours(one) == gap.serve_floor(two)


@pytest.mark.own_db
def test_the_audit_has_exactly_what_was_added(own_db: Engine) -> None:
    outcome = audit.measure(own_db, SMALL, 0, rounds=2)
    assert outcome.facts["entries, every one in a whole chain"] == SMALL + 2 * (16 + 16 + 2)
    assert all(ratio > 0 for ratio in outcome.ratios.values())


def made_up(size: int, seed: int) -> Outcome:
    return Outcome(
        "gap", size, seed, {"time": 1.5}, {"ours": spread_of([0.002])}, {"pairs": 7, "share": 0.25, "x": "y"}
    )


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_prints_and_keeps_what_it_found(
    *, as_json: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_benches", lambda *_: {"gap": made_up, "nearest": made_up})
    monkeypatch.setattr(Outcome.write, "__defaults__", (tmp_path,))
    command.main(["gap"], size=100, seed=3, as_json=as_json)
    printed = capsys.readouterr().out
    kept = json.loads((tmp_path / "gap-100.json").read_text("utf-8"))
    assert kept["ratios"] == {"time": 1.5}
    assert json.loads(printed) == kept if as_json else "1.50" in printed


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(typer.BadParameter):
        command.main(["everything"])


def test_an_outcome_is_shown_with_its_figures() -> None:
    console = Console(record=True, width=100)
    made_up(100, 0).show(console)
    assert "share: 0.25" in console.export_text()
