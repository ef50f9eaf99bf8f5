"""Tiles over HTTP: the standard's documents, who is given what, and nothing of what is not theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h3
import pytest

from geo.domain.place import Point
from geo.domain.principals import Tier
from geo.domain.tiles import MAX_ZOOM, AgreedInCell, CoverageInCell
from geo.domain.words import Audience, Category, Urgency
from geo.privacy.allow_list import ALLOWED
from geo.privacy.cells import cell_of
from geo.store.dwellings import replace_dwellings
from geo.store.needs import update_need
from geo.store.tiles import Tile

from api.routers.tiles import DROPPED
from api.tile_sets import TILES_TYPE
from api.tile_shelf import KeptTile, TileShelf
from tests.api.conftest import SERVICE_AREA, assert_problem, carrying
from tests.callers import partner
from tests.factories import add_asset, add_need
from tests.geo.store.test_tiles import tile_at
from tests.grid import HELSINKI
from tests.rights import operator, serve_area
from tests.tiles import by_gdal, by_tippecanoe

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

    from geo.domain.tiles import TileAddress
    from geo.store.engine import SessionFactory

FAR = Point(25.05, 60.25)
SET = "WebMercatorQuad"


def path_of(collection: str, at: TileAddress) -> str:
    return f"/ogc/collections/{collection}/tiles/{SET}/{at.z}/{at.y}/{at.x}"


def read(client: TestClient, collection: str, z: int, place: Point = HELSINKI) -> dict[str, list[dict[str, Any]]]:
    at = tile_at(place, z)
    answer = client.get(path_of(collection, at))
    assert answer.status_code in (200, 204), answer.text
    if answer.status_code == 204:
        assert answer.content == b""
        return {}
    assert answer.headers["content-type"] == TILES_TYPE
    assert client.get(path_of(collection, at), headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    return by_gdal(answer.content, at)


@pytest.fixture
def town(session: Session) -> Session:
    """Needs here and far away, of which one is withheld and one is sensitive; and two places, one at a home."""
    serve_area(session, SERVICE_AREA)
    add_need(session, urgency=Urgency.HIGH)
    add_need(session)
    add_need(session, category=Category.MEDICINE)
    add_need(session, withheld=True)
    add_need(session, FAR)
    add_asset(session, name="Corner pantry")
    add_asset(session, name="Somebody's garage", is_private=True)
    homes = {str(cell) for at in (HELSINKI, FAR) for cell in h3.grid_disk(cell_of(at), 4)}
    with operator(session):
        replace_dwellings(session, dict.fromkeys(homes, 90))
    session.commit()
    return session


@pytest.fixture
def as_partner(anonymous: TestClient, sessions: SessionFactory) -> TestClient:
    """A partner whose agreement is about the neighbourhood of some of the needs."""
    _, token = partner(sessions, frozenset(map(str, h3.grid_disk(cell_of(HELSINKI), 3))))
    return carrying(anonymous, token)


@pytest.mark.usefixtures("town")
class TestStaff:
    def test_needs_are_counted(self, client: TestClient) -> None:
        (near,) = read(client, "needs", 14)["needs"]
        assert near == {"cell": cell_of(HELSINKI), "count": 3, "pressing": 1, "food": 2, "medicine": 1}
        assert sum(one["count"] for one in read(client, "needs", 0)["needs"]) == 4

    def test_coverage_adds_up_at_every_zoom(self, client: TestClient) -> None:
        for z in (0, 5, 8):
            rows = read(client, "coverage", z)["coverage"]
            assert sum(one["demand"] for one in rows) == 4
            assert all(one["demand"] == one["covered"] + one["gap"] for one in rows)
            assert {name for one in rows for name in one} == set(ALLOWED[CoverageInCell][Audience.ADMIN])

    def test_a_change_is_seen_at_once_and_told_by_the_tag(self, client: TestClient, town: Session) -> None:
        path = path_of("needs", tile_at(HELSINKI, 14))
        first = client.get(path)
        assert client.get(path).headers["etag"] == first.headers["etag"]
        made = add_need(town)
        town.commit()
        second = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert second.status_code == 200
        update_need(town, made.id, {"status": "met"})
        town.commit()
        assert client.get(path).headers["etag"] == first.headers["etag"]

    def test_nothing_is_204(self, client: TestClient) -> None:
        answer = client.get(path_of("needs", tile_at(Point(-120.0, -40.0), 9)))
        assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("zyx", ["-1/0/0", "a/0/0", "1e1/0/0", "1.5/0/0", "00000000/0/0", "٣/0/0", "0x1/0/0"])
def test_what_is_no_number_is_400(client: TestClient, zyx: str) -> None:
    assert_problem(client.get(f"/ogc/collections/needs/tiles/{SET}/{zyx}"), 400)


@pytest.mark.parametrize("zyx", ["0/1/0", "0/0/1", "5/32/0", f"{MAX_ZOOM + 1}/0/0", "9999999/0/0"])
def test_what_is_not_in_the_matrix_is_404(client: TestClient, zyx: str) -> None:
    assert_problem(client.get(f"/ogc/collections/needs/tiles/{SET}/{zyx}"), 404)


@pytest.mark.usefixtures("town")
class TestPartner:
    def test_a_partner_has_its_own_view_and_no_more(self, as_partner: TestClient) -> None:
        for z in (0, 6, 9, 12, 14, 16):
            found = read(as_partner, "needs", z)["needs"]
            assert {name for one in found for name in one} <= set(ALLOWED[AgreedInCell][Audience.PARTNER])
            assert [(one["kind"], one["count"], one["soon"]) for one in found] == [("food", 2, 1)]
        assert read(as_partner, "needs", 14, FAR) == {}

    def test_a_tile_counts_what_the_feed_lists(self, as_partner: TestClient) -> None:
        listed = as_partner.get("/ogc/collections/needs/items?limit=1000").json()["features"]
        assert sum(one["count"] for one in read(as_partner, "needs", 12)["needs"]) == len(listed)

    def test_its_tag_says_nothing_of_what_happens_elsewhere(self, as_partner: TestClient, town: Session) -> None:
        path = path_of("needs", tile_at(HELSINKI, 10))
        tag = as_partner.get(path).headers["etag"]
        add_need(town, FAR)
        add_need(town, category=Category.SHELTER)
        town.commit()
        assert as_partner.get(path, headers={"If-None-Match": tag}).status_code == 304
        add_need(town)
        town.commit()
        assert as_partner.get(path, headers={"If-None-Match": tag}).status_code == 200

    def test_it_sees_no_homes_and_no_coverage(self, as_partner: TestClient) -> None:
        for z in (3, 15):
            assert not {"homes"} & set(read(as_partner, "assets", z))
        assert_problem(as_partner.get(path_of("coverage", tile_at(HELSINKI, 5))), 404)
        for document in (f"tiles/{SET}", "tiles", f"tiles/{SET}/tilejson.json"):
            assert_problem(as_partner.get(f"/ogc/collections/coverage/{document}"), 404)

    def test_what_is_drawn_counts_against_the_quota(self, anonymous: TestClient, sessions: SessionFactory) -> None:
        near = frozenset(map(str, h3.grid_disk(cell_of(HELSINKI), 3)))
        _, token = partner(sessions, near, quota_per_day=2)
        client = carrying(anonymous, token)
        path = path_of("needs", tile_at(HELSINKI, 14))
        tag = client.get(path).headers["etag"]
        assert client.get(path).status_code == 200
        assert_problem(client.get(path), 429)
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304

    def test_a_referred_place_is_in_no_tile(self, anonymous: TestClient, sessions: SessionFactory) -> None:
        near = frozenset(map(str, h3.grid_disk(cell_of(HELSINKI), 3)))
        _, token = partner(sessions, near, Tier.REFERRAL)
        content = carrying(anonymous, token).get(path_of("needs", tile_at(HELSINKI, 14))).content
        drawn = by_tippecanoe(content, tile_at(HELSINKI, 14))
        assert {one["geometry"]["type"] for one in drawn["needs"]} == {"Polygon"}

    def test_an_agreement_that_ends_shows_nothing(
        self, anonymous: TestClient, sessions: SessionFactory, client: TestClient
    ) -> None:
        made, token = partner(sessions, frozenset({cell_of(HELSINKI)}))
        other = carrying(anonymous, token)
        path = path_of("needs", tile_at(HELSINKI, 14))
        assert other.get(path).status_code == 200
        assert client.delete(f"/v1/agreements/{made}", headers={"If-Match": "*"}).status_code in (200, 204)
        assert_problem(other.get(path), 401)


@pytest.mark.usefixtures("town")
def test_no_two_readers_share_a_tile_or_a_tag(
    anonymous: TestClient, sessions: SessionFactory, client: TestClient
) -> None:
    near = frozenset(map(str, h3.grid_disk(cell_of(HELSINKI), 3)))
    elsewhere = frozenset(map(str, h3.grid_disk(cell_of(FAR), 1)))
    tokens = [partner(sessions, cells, name=name)[1] for name, cells in (("A", near), ("B", near), ("C", elsewhere))]
    readers = [*(carrying(anonymous, token) for token in tokens), client]
    path = path_of("needs", tile_at(HELSINKI, 14))
    answers = [reader.get(path) for reader in readers]
    assert [one.status_code for one in answers] == [200, 200, 204, 200]
    assert answers[0].content == answers[1].content != answers[3].content
    tags = [one.headers["etag"] for one in answers]
    assert len(set(tags)) == 4
    for n, reader in enumerate(readers):
        others = ", ".join(tag for tag in tags if tag != tags[n])
        again = reader.get(path, headers={"If-None-Match": others})
        assert (again.status_code, again.content) == (answers[n].status_code, answers[n].content)


@pytest.mark.usefixtures("town")
class TestDocuments:
    def test_each_link_leads_somewhere(self, client: TestClient) -> None:
        document = client.get("/ogc/collections/needs/tiles").json()
        (listed,) = document["tilesets"]
        for link in (*document["links"], *listed["links"]):
            href = link["href"].replace("http://testserver", "")
            if link.get("templated"):
                href = href.replace("{tileMatrix}", "0").replace("{tileRow}", "0").replace("{tileCol}", "0")
            if link["rel"] != "related":
                assert client.get(href).status_code == 200, href

    def test_tilejson_names_what_is_in_the_tiles(self, client: TestClient) -> None:
        for collection in ("needs", "assets", "coverage"):
            document = client.get(f"/ogc/collections/{collection}/tiles/{SET}/tilejson.json").json()
            assert document["tilejson"] == "3.0.0"
            (template,) = document["tiles"]
            assert template.endswith(f"/{collection}/tiles/{SET}/{{z}}/{{y}}/{{x}}")
            said = {
                (layer["id"], z)
                for layer in document["vector_layers"]
                for z in range(layer["minzoom"], layer["maxzoom"] + 1)
            }
            for z in (4, 15):
                for name, features in read(client, collection, z).items():
                    assert (name, z) in said
                    words = {
                        word for layer in document["vector_layers"] if layer["id"] == name for word in layer["fields"]
                    }
                    assert {word for one in features for word in one} <= words

    def test_a_partner_is_told_of_its_own_words(self, as_partner: TestClient) -> None:
        document = as_partner.get(f"/ogc/collections/needs/tiles/{SET}/tilejson.json").json()
        (layer,) = document["vector_layers"]
        assert set(layer["fields"]) == {"cell", "kind", "count", "soon", "band"}

    def test_the_matrix_is_the_standards(self, client: TestClient) -> None:
        document = client.get(f"/ogc/tileMatrixSets/{SET}").json()
        first = document["tileMatrices"][0]
        assert first["scaleDenominator"] == pytest.approx(559082264.028717)
        assert first["cellSize"] == pytest.approx(156543.033928041)
        assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])

    def test_limits_hold_the_whole_area(self, client: TestClient) -> None:
        limits = client.get(f"/ogc/collections/needs/tiles/{SET}").json()["tileMatrixSetLimits"]
        at = tile_at(HELSINKI, 12)
        held = limits[12]
        assert held["minTileRow"] <= at.y <= held["maxTileRow"]
        assert held["minTileCol"] <= at.x <= held["maxTileCol"]
        assert len(json.dumps(limits)) < 5000


def test_the_shelf_is_bounded() -> None:
    shelf = TileShelf(most_bytes=10_000)
    for n in range(50):
        kept = shelf.tile("who", n, lambda: Tile(b"x" * 1000))
        assert isinstance(kept, KeptTile)
    drawn = []
    shelf.tile("who", 49, lambda: drawn.append(1) or Tile(b""))  # type: ignore[func-returns-value]
    shelf.tile("who", 0, lambda: drawn.append(0) or Tile(b""))  # type: ignore[func-returns-value]
    assert drawn == [0]
    assert DROPPED


def test_what_is_not_cut_into_tiles_has_none(client: TestClient) -> None:
    for name in ("areas", "public", "nope"):
        assert_problem(client.get(f"/ogc/collections/{name}/tiles"), 404)
        assert_problem(client.get(f"/ogc/collections/{name}/tiles/{SET}/0/0/0"), 404)
