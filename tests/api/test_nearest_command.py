"""``barnraiser nearest``: for a need and for a place, in words and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from geo.store.engine import make_sessions, transaction

from api.cli import run
from tests.factories import add_helper, add_need

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_names_the_nearest_and_why(installed: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction(make_sessions(installed)) as session:
        need = add_need(session, languages=("fi",))
        add_helper(session, public_name="Aino K.")
        add_helper(session, public_name="Ulla P.", languages=("sv",))
    assert run(["nearest", "--need", str(need.id), "--json", "--at", "2026-06-07T19:00"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["results"]] == ["Aino K."]
    assert found["passed_over_codes"] == {"no_shared_language": 1}
    assert run(["nearest", "--lon=24.944", "--lat=60.171", "--language=sv", "--cool-down-h=0"]) == 0
    printed = capsys.readouterr().out
    assert "Ulla P.: about 1 min on foot, speaks Swedish" in printed
    assert "1 nearer, no shared language" in printed
    assert "travel: " in printed


@pytest.mark.parametrize("asked", [[], ["--lon=24.9"], ["--need", "0" * 32, "--lon=24.9", "--lat=60.1"]])
def test_a_need_or_a_place_is_named(installed: Engine, asked: list[str]) -> None:
    assert installed
    assert run(["nearest", *asked]) == 2
