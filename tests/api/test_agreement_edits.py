"""An agreement is changed while it runs: the difference is told first, the next request follows, and it is undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import h3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, mapping

from geo.domain.agreements import AgreementChange
from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.principals import Tier
from geo.domain.words import Category
from geo.errors import InvalidInput
from geo.privacy.cells import cell_of
from geo.store.agreement_edits import change_agreement, compare_agreement, undo_agreement_change
from geo.store.agreements import get_agreement
from geo.store.audit import list_audit
from geo.store.dwellings import replace_dwellings
from geo.store.engine import DEFAULT_NETWORK, PARTNER_ROLE, Acting, transaction
from geo.store.partner_feed import partner_features

from api.link_views import words_of
from tests.api.conftest import SERVICE_AREA, TestClient, assert_problem, carrying
from tests.api.test_sharing import read
from tests.api.test_tiles import read as read_tile
from tests.callers import partner
from tests.factories import add_need
from tests.grid import HELSINKI
from tests.rights import operator, serve_area

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

ITEMS = "/ogc/collections/needs/items"
CELL = cell_of(HELSINKI)
NEAR = frozenset(map(str, h3.grid_disk(CELL, 2)))
ASIDE = Point(HELSINKI.lon + 0.03, HELSINKI.lat)
BOTH = NEAR | frozenset(map(str, h3.grid_disk(cell_of(ASIDE), 2)))
FOOD, WATER, MEDICINE = Category.FOOD, Category.WATER, Category.MEDICINE


@pytest.fixture
def town(session: Session) -> Session:
    """Needs of three kinds here and of two aside; one is sensitive, one withheld."""
    serve_area(session, SERVICE_AREA)
    for kind in (FOOD, FOOD, WATER, MEDICINE):
        add_need(session, category=kind)
    add_need(session, category=FOOD, withheld=True)
    for kind in (FOOD, WATER):
        add_need(session, ASIDE, category=kind)
    cells = {str(cell) for at in (HELSINKI, ASIDE) for cell in h3.grid_disk(cell_of(at), 6)}
    with operator(session):
        replace_dwellings(session, dict.fromkeys(cells, 90))
    session.commit()
    return session


@pytest.fixture
def bank(town: Session, sessions: SessionFactory) -> tuple[UUID, Any]:
    assert town is not None
    return partner(sessions, NEAR, categories=frozenset({FOOD, MEDICINE}))


def outline(cells: frozenset[str]) -> dict[str, Any]:
    """A box around the middles of cells."""
    lats, lons = zip(*(h3.cell_to_latlng(cell) for cell in cells), strict=True)
    west, east, south, north = min(lons), max(lons), min(lats), max(lats)
    return dict(mapping(Polygon([(west, south), (east, south), (east, north), (west, north)])))


def change(client: TestClient, agreement_id: UUID, version: str | None = None, **values: Any) -> Any:
    path = f"/v1/agreements/{agreement_id}"
    tag = version or client.get(path).headers["etag"]
    return client.patch(path, json=values, headers={"If-Match": tag})


def seen(client: TestClient) -> dict[str, str]:
    answer = client.get(ITEMS, params={"limit": 1000})
    assert answer.status_code == 200, answer.text
    return {one["id"]: one["properties"]["kind"] for one in answer.json()["features"]}


def test_the_next_request_follows_the_change_in_every_form(
    bank: tuple[UUID, Any], client: TestClient, anonymous: TestClient
) -> None:
    theirs = carrying(anonymous, bank[1])
    assert sorted(seen(theirs).values()) == ["food", "food"]
    assert sum(one["count"] for one in read_tile(theirs, "needs", 12)["needs"]) == 2
    position = theirs.get("/v1/changes?collection=needs").json()["next"]
    changed = change(client, bank[0], categories=["food", "water"])
    assert changed.status_code == 200, changed.text
    assert changed.json()["categories"] == ["food", "water"]
    assert changed.headers["etag"] == '"v2"'
    assert sorted(seen(theirs).values()) == ["food", "food", "water"]
    assert sum(one["count"] for one in read_tile(theirs, "needs", 12)["needs"]) == 3
    (came,) = theirs.get("/v1/changes", params={"collection": "needs", "cursor": position}).json()["changes"]
    assert came["feature"]["properties"]["kind"] == "water"
    assert change(client, bank[0], categories=["water"]).status_code == 200
    assert sorted(seen(theirs).values()) == ["water"]


def test_the_difference_is_told_and_nothing_is_changed(bank: tuple[UUID, Any], client: TestClient) -> None:
    path = f"/v1/agreements/{bank[0]}"
    before = client.get(path).json()
    body = {"categories": ["food", "water"], "area": outline(BOTH), "quota_per_day": 50, "days": 10}
    told = client.post(f"{path}/difference", json=body)
    assert told.status_code == 200, told.text
    said = told.json()
    assert said["changed"] == ["cells", "categories", "quota_per_day", "expires_at"]
    assert (said["categories_added"], said["categories_removed"]) == (["water"], ["medicine"])
    assert (said["needs_before"], said["needs_after"], said["needs_added"], said["needs_removed"]) == (2, 5, 3, 0)
    assert said["cells_after"] - said["cells_before"] == said["cells_added"] - said["cells_removed"]
    assert (said["quota_before"], said["quota_after"]) == (10_000, 50)
    assert client.get(path).json() == before
    assert client.post(f"{path}/difference", json={"quota_per_day": 10_000}).json()["changed"] == []


def test_what_was_told_is_what_becomes_of_it(bank: tuple[UUID, Any], client: TestClient, anonymous: TestClient) -> None:
    theirs = carrying(anonymous, bank[1])
    before = seen(theirs)
    body = {"area": outline(BOTH), "categories": ["water"]}
    told = client.post(f"/v1/agreements/{bank[0]}/difference", json=body).json()
    change(client, bank[0], **body)
    after = seen(theirs)
    assert (len(before), len(after)) == (told["needs_before"], told["needs_after"])
    assert len(after.keys() - before.keys()) == told["needs_added"]
    assert len(before.keys() - after.keys()) == told["needs_removed"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(
    st.sets(st.sampled_from([FOOD, WATER, MEDICINE]), min_size=1),
    st.sets(st.sampled_from(sorted(BOTH)), min_size=1, max_size=12),
)
def test_for_any_terms_the_difference_and_the_partners_own_view_agree(
    sessions: SessionFactory, bank: tuple[UUID, Any], kinds: set[Category], cells: set[str]
) -> None:
    wanted = AgreementChange(cells=frozenset({CELL, *cells}), categories=frozenset(kinds))

    def view() -> set[str]:
        with transaction(sessions) as session:
            stored = get_agreement(session, bank[0])
        with transaction(sessions, Acting(DEFAULT_NETWORK, PARTNER_ROLE, bank[0], "partner")) as session:
            return {str(one["id"]) for one in partner_features(session, stored)}

    before = view()
    with transaction(sessions) as session:
        told = compare_agreement(session, bank[0], wanted)
        change_agreement(session, bank[0], wanted)
    after = view()
    assert (told.needs_before, told.needs_after) == (len(before), len(after))
    assert (told.needs_added, told.needs_removed) == (len(after - before), len(before - after))
    if told.changed:
        with transaction(sessions) as session:
            undo_agreement_change(session, bank[0])
        assert view() == before


def test_the_last_change_is_taken_back_once(bank: tuple[UUID, Any], client: TestClient, anonymous: TestClient) -> None:
    theirs, path = carrying(anonymous, bank[1]), f"/v1/agreements/{bank[0]}"
    first, before = client.get(path).json(), seen(theirs)
    assert_problem(client.post(f"{path}/undo"), 409)
    change(client, bank[0], categories=["water"], purpose="Something else", quota_per_day=7, is_marked=True)
    assert client.get(f"{path}/use").json()["can_undo"] is True
    undone = client.post(f"{path}/undo")
    assert undone.status_code == 200, undone.text
    assert undone.json() == first | {"version": 3}
    assert seen(theirs) == before
    assert client.get(f"{path}/use").json()["can_undo"] is False
    assert_problem(client.post(f"{path}/undo"), 409)


def test_every_change_is_noted_by_field_and_one_that_changes_nothing_is_none(
    bank: tuple[UUID, Any], client: TestClient, sessions: SessionFactory
) -> None:
    change(client, bank[0], quota_per_day=7)
    assert change(client, bank[0], quota_per_day=7).headers["etag"] == '"v2"'
    client.post(f"/v1/agreements/{bank[0]}/undo")
    with transaction(sessions) as session:
        noted = [(one.action, one.fields) for one in list_audit(session) if one.object_ids == (bank[0],)]
    assert noted[:2] == [("undo", ("quota_per_day",)), ("update", ("quota_per_day",))]


def test_the_sheet_says_what_is_agreed_now(bank: tuple[UUID, Any], client: TestClient) -> None:
    change(client, bank[0], purpose="Planning water points", quota_per_day=4321, categories=["water"], is_marked=True)
    _, told = read(client.get(f"/v1/agreements/{bank[0]}/sheet.pdf?language=en").content)
    for words in ("Planning water points", "4321 records", "at most one in twenty", words_of("en")["category.water"]):
        assert words in told
    client.post(f"/v1/agreements/{bank[0]}/undo")
    _, told = read(client.get(f"/v1/agreements/{bank[0]}/sheet.pdf?language=en").content)
    assert "Planning water points" not in told
    assert "one in twenty" not in told


def test_a_quota_that_is_lowered_holds_at_once(
    bank: tuple[UUID, Any], client: TestClient, anonymous: TestClient
) -> None:
    theirs = carrying(anonymous, bank[1])
    seen(theirs)
    change(client, bank[0], quota_per_day=1)
    assert_problem(theirs.get(ITEMS), 429)


def test_who_changes_what_has_changed_since_is_told(bank: tuple[UUID, Any], client: TestClient) -> None:
    change(client, bank[0], quota_per_day=7)
    assert_problem(change(client, bank[0], '"v1"', quota_per_day=8), 412)
    assert_problem(client.patch(f"/v1/agreements/{bank[0]}", json={"quota_per_day": 8}), 428)
    assert change(client, bank[0], "*", quota_per_day=8).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {}, {"quota_per_day": 0}, {"days": 0}, {"days": 5000}, {"categories": []}, {"categories": ["gold"]},
        {"fields": ["household_size"]}, {"fields": ["name"]}, {"area": {"type": "Point", "coordinates": [24.9, 60.1]}},
        {"area": {"type": "Polygon", "coordinates": [[[0, 0], [1e-9, 0], [0, 1e-9], [0, 0]]]}}, {"purpose": None},
        {"tier": "referral"}, {"cells": ["891126d3303ffff"]}, {"name": "Another"},
        {"area": {"type": "Polygon", "coordinates": [[[-179, -80], [179, -80], [179, 80], [-179, 80], [-179, -80]]]}},
    ],
)  # fmt: skip
def test_what_cannot_be_agreed_is_refused_and_nothing_is_changed(
    bank: tuple[UUID, Any], client: TestClient, body: dict[str, Any]
) -> None:
    before = client.get(f"/v1/agreements/{bank[0]}").json()
    assert_problem(change(client, bank[0], **body), 422)
    assert_problem(client.post(f"/v1/agreements/{bank[0]}/difference", json=body), 422)
    assert client.get(f"/v1/agreements/{bank[0]}").json() == before


def test_terms_that_do_not_go_with_the_tier_are_refused(town: Session, sessions: SessionFactory) -> None:
    assert town is not None
    figures, _ = partner(sessions, NEAR, Tier.AGGREGATE)
    past = datetime.now(UTC) - timedelta(days=1)
    for wanted in (
        AgreementChange(is_marked=True),
        AgreementChange(fields=("urgency",)),
        AgreementChange(expires_at=past),
    ):
        with pytest.raises(InvalidInput), transaction(sessions) as session:
            change_agreement(session, figures, wanted)
    with transaction(sessions) as session:
        told = compare_agreement(session, figures, AgreementChange(quota_per_day=5))
    assert (told.changed, told.needs_before, told.needs_added) == (("quota_per_day",), None, None)


def test_an_agreement_that_is_over_is_not_changed(bank: tuple[UUID, Any], client: TestClient) -> None:
    path = f"/v1/agreements/{bank[0]}"
    change(client, bank[0], quota_per_day=7)
    client.delete(path)
    for answer in (
        change(client, bank[0], quota_per_day=8),
        client.post(f"{path}/undo"),
        client.post(f"{path}/difference", json={"quota_per_day": 8}),
    ):
        assert_problem(answer, 409)
    assert client.get(f"{path}/use").json()["can_undo"] is False
    for method, end in (("get", ""), ("post", "/undo")):
        assert_problem(client.request(method, f"/v1/agreements/{new_id()}{end}"), 404)
