from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from geo.analysis.travel import StraightLineTravel
from geo.domain.words import Audience
from geo.errors import InvalidInput, NotPermitted
from geo.store.feeds import export_features, need_feature

from tests.factories import add_asset, add_need

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def test_a_withheld_need_is_drawn_nowhere(session: Session) -> None:
    need = add_need(session, withheld=True)
    drawn = need_feature(need, Audience.ORGANIZER)
    assert drawn["geometry"] is None
    assert need.cell is not None
    assert need.cell not in json.dumps(drawn)


def test_a_need_is_drawn_as_its_cell(session: Session) -> None:
    drawn = need_feature(add_need(session), Audience.ORGANIZER)
    assert drawn["geometry"]["type"] == "Polygon"
    assert drawn["properties"]["cell"]


def test_a_private_asset_has_no_point(session: Session) -> None:
    add_asset(session, is_private=True)
    (drawn,) = export_features(session, "assets", Audience.ORGANIZER, model=StraightLineTravel(), standard_min=5)
    assert drawn["geometry"]["type"] == "Polygon"
    assert list(export_features(session, "assets", Audience.PUBLIC, model=StraightLineTravel(), standard_min=5)) == []


def test_who_may_not_have_a_feed_gets_nothing_of_it(session: Session) -> None:
    add_need(session)
    with pytest.raises(NotPermitted):
        list(export_features(session, "needs", Audience.PARTNER, model=StraightLineTravel(), standard_min=5))
    with pytest.raises(InvalidInput):
        export_features(session, "people", Audience.ADMIN, model=StraightLineTravel(), standard_min=5)  # type: ignore[arg-type]
