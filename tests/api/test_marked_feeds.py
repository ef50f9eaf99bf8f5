"""A marked feed: a few needs in it are made up, in every form alike, and nowhere else; who asks for one is noted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import h3
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.domain.canaries import CanaryAsker, CanaryDoor
from geo.domain.ids import new_id
from geo.domain.place import Point
from geo.domain.principals import Tier
from geo.domain.words import Category, Urgency
from geo.errors import InvalidInput
from geo.privacy.canaries import look_of
from geo.privacy.cells import cell_of
from geo.privacy.partners import opaque_id
from geo.store.audit import list_audit
from geo.store.canaries import list_canaries, list_hits, note_hit
from geo.store.dwellings import replace_dwellings
from geo.store.engine import AUTH_ROLE, DEFAULT_NETWORK, DEVICE_ROLE, PARTNER_ROLE, Acting, transaction
from geo.store.marking import keep_marked
from geo.store.needs import update_need

from tests.api.conftest import SERVICE_AREA, TestClient, assert_problem, carrying
from tests.api.test_changes import pull as pull_changes
from tests.api.test_tiles import read as read_tile
from tests.callers import enrolled_device, partner
from tests.factories import add_need
from tests.grid import HELSINKI
from tests.rights import operator, serve_area

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.canaries import Canary
    from geo.store.engine import SessionFactory

ITEMS = "/ogc/collections/needs/items"
NEAR = frozenset(map(str, h3.grid_disk(cell_of(HELSINKI), 5)))
FOOD_WATER = frozenset({Category.FOOD, Category.WATER})
NOW = datetime.now(UTC)
EVERYTHING = (
    "/v1/needs?limit=1000", "/v1/balance", "/v1/coverage?category=food", "/v1/map/needs?bbox=24.8,60.1,25.1,60.3",
    f"{ITEMS}?limit=1000", "/v1/board", "/v1/review", "/v1/changes?collection=needs", "/v1/duplicates",
    "/v1/referrals", "/ogc/collections/public/items", "/ogc/collections/coverage/items?limit=1000",
)  # fmt: skip


@pytest.fixture
def town(session: Session) -> Session:
    """Forty needs over a few hexagons, weeks and kinds."""
    serve_area(session, SERVICE_AREA)
    chance = Random(0)  # noqa: S311 - a town, not a secret
    for _ in range(40):
        place = Point(HELSINKI.lon + chance.uniform(-0.006, 0.006), HELSINKI.lat + chance.uniform(-0.003, 0.003))
        values = {"category": chance.choice(sorted(FOOD_WATER)), "urgency": chance.choice(list(Urgency))}
        add_need(session, place, received_at=NOW - timedelta(days=chance.randrange(40)), **values)
    with operator(session):
        replace_dwellings(session, dict.fromkeys(map(str, h3.grid_disk(cell_of(HELSINKI), 9)), 90))
    session.commit()
    return session


def marked(sessions: SessionFactory, name: str = "Food bank", **values: Any) -> tuple[UUID, Any]:
    return partner(sessions, NEAR, name=name, is_marked=True, **values)


def plant(sessions: SessionFactory, *, now: datetime | None = None) -> int:
    return keep_marked(sessions, now=now or datetime.now(UTC))


def only_canary(sessions: SessionFactory, agreement_id: UUID) -> Canary:
    with transaction(sessions) as session:
        (found,) = list_canaries(session, agreement_id)
    return found


def items(client: TestClient) -> dict[str, dict[str, Any]]:
    answer = client.get(ITEMS, params={"limit": 1000})
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["features"]}


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("tier", [Tier.COARSE, Tier.REFERRAL])
def test_a_canary_is_in_every_form_of_its_own_feed_alike(
    anonymous: TestClient, client: TestClient, sessions: SessionFactory, tier: Tier
) -> None:
    agreement_id, token = marked(sessions, tier=tier)
    bank = carrying(anonymous, token)
    before = items(bank)
    assert len(before) == 40
    seen = pull_changes(bank)["next"]
    assert plant(sessions) == 1
    canary = only_canary(sessions, agreement_id)
    after = items(bank)
    assert after.keys() - before.keys() == {canary.name}
    one = after[canary.name]
    assert look_of(one["properties"]) not in {look_of(each["properties"]) for each in before.values()}
    assert one["properties"].keys() == next(iter(before.values()))["properties"].keys()
    assert one["geometry"]["type"] == "Polygon"
    assert bank.get(f"{ITEMS}/{canary.name}").json()["properties"] == one["properties"]
    (came,) = pull_changes(bank, seen)["changes"]
    assert (came["id"], came["feature"]["properties"]) == (canary.name, one["properties"])
    assert sum(each["count"] for each in read_tile(bank, "needs", 12)["needs"]) == 41
    preview = client.get(f"/v1/agreements/{agreement_id}/preview?limit=1000").json()
    assert {each["id"] for each in preview["features"]} == after.keys()
    assert bank.get(ITEMS, params={"f": "csv", "limit": 1000}).text.count(canary.name) == 1


@pytest.mark.usefixtures("town")
def test_two_partners_have_the_same_needs_and_each_its_own_canary(
    anonymous: TestClient, sessions: SessionFactory
) -> None:
    bank_id, bank_key = marked(sessions)
    clinic_id, clinic_key = marked(sessions, "Clinic")
    _, plain_key = partner(sessions, NEAR, name="Unmarked")
    assert plant(sessions) == 2
    feeds = [items(carrying(anonymous, key)) for key in (bank_key, clinic_key, plain_key)]
    own = [only_canary(sessions, each).name for each in (bank_id, clinic_id)]
    assert not feeds[0].keys() & feeds[1].keys()
    looks = [sorted(look_of(one["properties"]) for one in feed.values()) for feed in feeds]
    first, second = (look_of(feed[name]["properties"]) for feed, name in zip(feeds, own, strict=False))
    # side by side the two feeds differ by exactly the canaries, and each of these is in no other feed
    assert first != second
    assert first not in looks[1] + looks[2]
    assert second not in looks[0] + looks[2]
    assert sorted([*looks[2], first]) == looks[0]
    assert sorted([*looks[2], second]) == looks[1]


@pytest.mark.usefixtures("town")
def test_a_canary_is_in_no_count_and_on_no_page_of_the_network(client: TestClient, sessions: SessionFactory) -> None:
    marked(sessions)
    before = {path: client.get(path) for path in EVERYTHING}
    assert all(answer.status_code == 200 for answer in before.values()), {p: a.status_code for p, a in before.items()}
    assert plant(sessions) == 1
    for path, answer in before.items():
        assert client.get(path).json() | {"next": 0} == answer.json() | {"next": 0}, path


def test_a_feed_that_was_read_is_marked_one_by_one_and_an_unread_one_at_once(
    town: Session, anonymous: TestClient, sessions: SessionFactory
) -> None:
    for number in range(200):
        add_need(town, Point(HELSINKI.lon + number / 40_000, HELSINKI.lat), category=Category.FOOD)
    town.commit()
    read_id, key = marked(sessions)
    items(carrying(anonymous, key))
    unread_id, _ = marked(sessions, "Clinic")
    plant(sessions)
    with transaction(sessions) as session:
        assert [len(list_canaries(session, each)) for each in (read_id, unread_id)] == [1, 3]
        weeks = {one.received_at for one in list_canaries(session, unread_id)}
    assert plant(sessions) == 1
    assert plant(sessions) == 1
    assert plant(sessions) == 0
    assert max(weeks) <= datetime.now(UTC)


def test_a_canary_goes_as_a_need_goes(town: Session, anonymous: TestClient, sessions: SessionFactory) -> None:
    agreement_id, key = marked(sessions)
    bank = carrying(anonymous, key)
    plant(sessions)
    canary = only_canary(sessions, agreement_id)
    seen = pull_changes(bank)["next"]
    for one in list_open(town)[:25]:
        update_need(town, one, {"status": "met"})
    town.commit()
    # of fifteen needs none may be made up
    assert plant(sessions) == 1
    changes = pull_changes(bank, seen)["changes"]
    assert {"id": canary.name, "feature": None, "gone": "gone"} in changes
    assert canary.name not in items(bank)
    assert bank.get(f"{ITEMS}/{canary.name}").status_code == 404


def list_open(session: Session) -> list[UUID]:
    return list(session.scalars(text("SELECT id FROM need ORDER BY id")))


@pytest.mark.usefixtures("town")
def test_figures_cannot_be_marked(client: TestClient, sessions: SessionFactory) -> None:
    with pytest.raises(InvalidInput, match="cannot be marked"):
        marked(sessions, tier=Tier.AGGREGATE)
    body = {"name": "X", "tier": "aggregate", "categories": ["food"], "purpose": "x", "is_marked": True}
    assert_problem(client.post("/v1/agreements", json=body), 422)


def test_a_canary_holds_nothing_of_anybody(town: Session, sessions: SessionFactory) -> None:
    agreement_id, _ = marked(sessions)
    plant(sessions)
    canary = only_canary(sessions, agreement_id)
    town.rollback()
    instants = set(town.scalars(text("SELECT received_at FROM need")))
    assert canary.id not in list_open(town)
    assert canary.received_at not in instants
    assert canary.received_at.isoweekday() == 1
    stored = town.execute(text("SELECT * FROM access.canary")).mappings().one()
    ids = {str(one) for one in list_open(town)}
    assert not ids & {str(value) for value in stored.values()}


@pytest.mark.usefixtures("town")
class TestHits:
    """Somebody asks for a canary that was given to another."""

    @pytest.fixture
    def canary(self, sessions: SessionFactory) -> Canary:
        agreement_id, self.key = marked(sessions)
        plant(sessions)
        return only_canary(sessions, agreement_id)

    def hits(self, sessions: SessionFactory, canary: Canary) -> list[tuple[str, str, str | None, int]]:
        with transaction(sessions) as session:
            found = list_hits(session, canary.agreement_id)
        return [(one.door.value, one.who.value, one.asker, one.count) for one in found]

    def test_another_partner_who_asks_for_it_is_named(
        self, canary: Canary, anonymous: TestClient, client: TestClient, sessions: SessionFactory
    ) -> None:
        clinic = carrying(anonymous, marked(sessions, "Clinic")[1])
        never = opaque_id(b"k" * 32, new_id(), new_id())
        asked, control = clinic.get(f"{ITEMS}/{canary.name}"), clinic.get(f"{ITEMS}/{never}")
        assert asked.status_code == control.status_code == 404
        assert asked.json() | {"instance": ""} == control.json() | {"instance": ""}
        assert clinic.get(ITEMS, params={"filter": f"id = '{canary.name}'"}).json()["features"] == []
        assert self.hits(sessions, canary) == [("feeds", "partner", "Clinic", 2)]
        told = client.get(f"/v1/agreements/{canary.agreement_id}/use").json()
        assert told["canaries"] == 1
        (hit,) = told["hits"]
        assert (hit["door"], hit["who"], hit["asker"], hit["count"]) == ("feeds", "partner", "Clinic", 2)
        assert hit["first_at"] <= hit["last_at"]
        assert canary.name not in str(told)
        with transaction(sessions) as session:
            noted = list_audit(session, action="hit")
        assert [(one.actor_kind, one.object_kind, one.object_ids) for one in noted] == [
            ("partner", "canary", (canary.id,))
        ] * 2

    @pytest.mark.parametrize(
        ("path", "door"),
        [
            (ITEMS + "/{}", "feeds"), ("/v1/needs/{}", "records"), ("/public/nowhere/{}", "pages"),
            ("/v1/changes?collection=needs&cursor={}", "feeds"), ("/nowhere?x={}", "pages"),
        ],
    )  # fmt: skip
    def test_whoever_has_no_key_is_noted_at_every_door(
        self, canary: Canary, anonymous: TestClient, sessions: SessionFactory, path: str, door: str
    ) -> None:
        assert anonymous.get(path.format(canary.name.upper())).status_code in (400, 401, 404)
        assert self.hits(sessions, canary) == [(door, "stranger", None, 1)]

    def test_a_phone_a_dead_key_and_another_network_are_told_apart(
        self, canary: Canary, sessions: SessionFactory, callers: dict[str, TestClient]
    ) -> None:
        for name in ("device", "revoked", "foreign_organizer", "anonymous"):
            callers[name].get(f"/v1/needs/{canary.name}")
        found = {who: (door, asker) for door, who, asker, _ in self.hits(sessions, canary)}
        assert found == {
            "phone": ("records", None), "bad_key": ("records", None), "elsewhere": ("records", None),
            "stranger": ("records", None),
        }  # fmt: skip

    def test_its_own_partner_and_its_organizers_are_no_hit(
        self, canary: Canary, anonymous: TestClient, client: TestClient, sessions: SessionFactory
    ) -> None:
        bank = carrying(anonymous, self.key)
        assert bank.get(f"{ITEMS}/{canary.name}").status_code == 200
        bank.get(ITEMS, params={"filter": f"id = '{canary.name}'"})
        bank.get(f"/v1/needs/{canary.name}")
        client.get(f"{ITEMS}/{canary.name}")
        assert self.hits(sessions, canary) == []

    def test_a_real_need_is_no_canary(self, canary: Canary, anonymous: TestClient, sessions: SessionFactory) -> None:
        bank, clinic = (carrying(anonymous, key) for key in (self.key, marked(sessions, "Clinic")[1]))
        (real, *_) = (name for name in items(bank) if name != canary.name)
        assert_problem(clinic.get(f"{ITEMS}/{real}"), 404)
        assert self.hits(sessions, canary) == []

    def test_only_those_who_planted_it_learn_which_it_is(
        self, canary: Canary, anonymous: TestClient, client: TestClient, sessions: SessionFactory
    ) -> None:
        path = f"/v1/agreements/{canary.agreement_id}/canaries"
        (told,) = client.get(path).json()["items"]
        assert (told["name"], told["category"]) == (canary.name, canary.category.value)
        with transaction(sessions) as session:
            assert [one.object_ids for one in list_audit(session, action="list")] == [(canary.id,)]
        phone = carrying(anonymous, enrolled_device(sessions))
        for caller in (anonymous, phone, carrying(anonymous, self.key)):
            assert caller.get(path).status_code in (401, 404)
        assert_problem(client.get(f"/v1/agreements/{new_id()}/canaries"), 404)

    def test_asking_a_thousand_times_is_one_row(self, canary: Canary, sessions: SessionFactory) -> None:
        with transaction(sessions) as session:
            for _ in range(50):
                note_hit(session, canary.id, CanaryDoor.FEEDS, CanaryAsker.STRANGER)
        assert self.hits(sessions, canary) == [("feeds", "stranger", None, 50)]

    def test_the_database_gives_each_role_no_more_than_it_needs(self, canary: Canary, sessions: SessionFactory) -> None:
        other_id, _ = marked(sessions, "Clinic")
        for role, actor in ((PARTNER_ROLE, canary.agreement_id), (DEVICE_ROLE, None)):
            for statement in ("SELECT name FROM access.canary", "SELECT * FROM access.canary_hit"):
                with pytest.raises(DBAPIError), transaction(sessions, Acting(DEFAULT_NETWORK, role, actor)) as session:
                    session.execute(text(statement))
        with transaction(sessions, Acting(DEFAULT_NETWORK, PARTNER_ROLE, other_id)) as session:
            assert session.scalars(text("SELECT id FROM access.canary")).all() == []
        with transaction(sessions, Acting(None, AUTH_ROLE)) as session:
            assert session.scalars(text("SELECT name FROM access.canary")).all() == [canary.name]
        with transaction(sessions, Acting(new_id())) as session:
            assert session.scalars(text("SELECT id FROM access.canary")).all() == []


@pytest.mark.usefixtures("town")
def test_somebody_of_another_network_sees_no_canaries(sessions: SessionFactory, callers: dict[str, TestClient]) -> None:
    agreement_id, _ = marked(sessions)
    plant(sessions)
    for path in ("use", "canaries", "preview"):
        assert_problem(callers["foreign_organizer"].get(f"/v1/agreements/{agreement_id}/{path}"), 404)
    assert callers["organizer"].get(f"/v1/agreements/{agreement_id}/canaries").status_code == 200
