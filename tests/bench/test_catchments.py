"""The benchmark of floating catchments gives the published scores; its times are nobody's test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import catchments
from tests.geo.analysis.references import REFERENCE, needs_reference

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np


@needs_reference
def test_ours_gives_the_published_scores() -> None:
    outcome = catchments.run(100, 0, reference=REFERENCE, peers_at=None)
    assert outcome.size == 1930
    assert float(outcome.facts["farthest from the published score"]) <= catchments.CLOSE
    assert not outcome.ratios


@needs_reference
def test_a_wrong_score_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    real = catchments.read_published

    def other(folder: Path) -> np.ndarray:
        return real(folder) + 1e-9

    monkeypatch.setattr(catchments, "read_published", other)
    with pytest.raises(RuntimeError, match="differs"):
        catchments.run(100, 0, reference=REFERENCE, peers_at=None)
