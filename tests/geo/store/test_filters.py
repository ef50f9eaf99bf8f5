"""Every filter gives what the same filter gives in plain Python, whatever it is made of."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.domain.place import Point
from geo.domain.words import AssetStatus, Category, HelperStatus, LocationState, NeedStatus, Urgency
from geo.privacy.cells import cell_of
from geo.store.assets import AssetFilter, list_assets
from geo.store.helpers import HelperFilter, list_helpers
from geo.store.needs import NeedFilter, list_needs, update_need

from tests.factories import add_asset, add_helper, add_need, located, nowhere, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geo.domain.records import Asset, Helper, Need

EXPRESSIONS = 20_000 if os.environ.get("BARNRAISER_FULL") else 150
RECORDS, ROUNDS = 60, 10
HOSTILE = ("' OR 1=1--", "%", "_", "\\", '"', "x'; DROP TABLE need; --", "NULL", "k1", "")
BY_HAND = [status for status in NeedStatus if status is not NeedStatus.MERGED]
"""What a need can be said to be; merged it is only as one of a pair."""
GRID = [Point(24.9 + n / 1000, 60.15 + n / 1000) for n in range(12)]

run = settings(
    max_examples=max(EXPRESSIONS // 3 // ROUNDS, 5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def words(kind: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(list(kind))


EDGE = st.integers(0, 12).map(lambda n: n / 1000 - 0.0005)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[float, float, float, float] | None:
    if draw(st.booleans()):
        return None
    west, east = sorted(draw(st.lists(EDGE, min_size=2, max_size=2, unique=True)))
    south, north = sorted(draw(st.lists(EDGE, min_size=2, max_size=2, unique=True)))
    return 24.9 + west, 60.15 + south, 24.9 + east, 60.15 + north


NEEDS = st.builds(
    NeedFilter,
    words(Category),
    words(Urgency),
    words(NeedStatus),
    words(LocationState),
    st.none() | st.sampled_from([cell_of(point) for point in GRID]) | st.sampled_from(HOSTILE),
)
ASSETS = st.builds(AssetFilter, words(Category), st.none() | st.sampled_from(HOSTILE), words(AssetStatus), boxes())
HELPERS = st.builds(
    HelperFilter, words(Category), words(HelperStatus), st.none() | st.sampled_from(["fi", "so", *HOSTILE])
)


def wanted_needs(found: Sequence[Need], where: NeedFilter) -> list[Need]:
    return [
        need
        for need in found
        if all(
            getattr(where, name) is None or getattr(need, name) == getattr(where, name)
            for name in ("category", "urgency", "status", "location_state", "cell")
        )
    ]


def in_box(point: Point | None, box: tuple[float, float, float, float]) -> bool:
    return point is not None and box[0] <= point.lon <= box[2] and box[1] <= point.lat <= box[3]


def wanted_assets(found: Sequence[Asset], where: AssetFilter) -> list[Asset]:
    return [
        asset
        for asset in found
        if (where.category is None or where.category in asset.categories)
        and (where.kind is None or asset.kind == where.kind)
        and (where.status is None or asset.status == where.status)
        and (where.bbox is None or in_box(asset.point, where.bbox))
    ]


def wanted_helpers(found: Sequence[Helper], where: HelperFilter) -> list[Helper]:
    return [
        helper
        for helper in found
        if (where.category is None or where.category in helper.categories)
        and (where.status is None or helper.status == where.status)
        and (where.language is None or where.language in helper.languages)
    ]


def fill(session: Session) -> None:
    rng = random.Random(0)  # noqa: S311 - makes records, guards nothing
    for _ in range(RECORDS):
        place = rng.choice([located(rng.choice(GRID)), waiting(), nowhere()])
        need = add_need(session, place, category=rng.choice(list(Category)), urgency=rng.choice(list(Urgency)))
        update_need(session, need.id, {"status": rng.choice(BY_HAND).value})
        categories = tuple(rng.sample(list(Category), 2))
        kind = rng.choice([text for text in HOSTILE if text])
        add_asset(
            session, rng.choice([*GRID, None]), categories=categories, kind=kind, status=rng.choice(list(AssetStatus))
        )
        add_helper(session, None, categories=categories, languages=(rng.choice(["fi", "so"]),))


def test_every_filter_gives_what_plain_python_gives(session: Session) -> None:
    fill(session)
    needs, assets, helpers = list_needs(session), list_assets(session), list_helpers(session)
    assert len(needs) == len(assets) == len(helpers) == RECORDS

    @run
    @given(st.lists(st.tuples(NEEDS, ASSETS, HELPERS), min_size=ROUNDS, max_size=ROUNDS))
    def compare(filters: list[tuple[NeedFilter, AssetFilter, HelperFilter]]) -> None:
        for for_needs, for_assets, for_helpers in filters:
            assert list_needs(session, where=for_needs) == wanted_needs(needs, for_needs)
            assert list_assets(session, where=for_assets) == wanted_assets(assets, for_assets)
            assert list_helpers(session, where=for_helpers) == wanted_helpers(helpers, for_helpers)

    compare()
