"""The map as a picture, as a page and as a table, over the same small town as the map itself."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from pypdf import PdfReader
from shapely import MultiPolygon, box

from geo.domain.drafts import AreaDraft
from geo.domain.words import Urgency
from geo.interchange.map_picture import FORMS, PictureSize
from geo.store.areas import create_area

from api.params import Bbox
from api.picturing import seen_box
from api.routers import map_picture
from tests.api.conftest import assert_problem
from tests.factories import add_asset, add_helper, add_need, nowhere
from tests.grid import HELSINKI, draw

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response
    from sqlalchemy.orm import Session

TOWN = draw("N.A....H....F", step_m=100)
HERE = f"bbox={HELSINKI.lon - 0.01:.4f},{HELSINKI.lat - 0.01:.4f},{HELSINKI.lon + 0.03:.4f},{HELSINKI.lat + 0.01:.4f}"
PNG, PDF, TABLE = "/v1/map/picture.png", "/v1/map/picture.pdf", "/v1/coverage.csv"


@pytest.fixture
def town(session: Session) -> Session:
    """Two needs beside a pantry for one, a helper up the street, and a need far from everything."""
    add_need(session, TOWN["N"], urgency=Urgency.CRITICAL)
    add_need(session, TOWN["N"])
    add_need(session, TOWN["F"])
    add_need(session, nowhere())
    add_asset(session, TOWN["A"], name="Corner {{127*64}} pantry", capacity_per_week=1)
    add_asset(session, TOWN["A"], name="Somebody's garage", is_private=True, capacity_per_week=None)
    add_helper(session, TOWN["H"], max_travel_min=30)
    session.commit()
    return session


def words_of(answer: Response) -> str:
    assert answer.status_code == 200, answer.text
    return " ".join(PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())


def rows_of(answer: Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.usefixtures("town")
class TestPictures:
    def test_a_page_says_what_the_page_of_the_dashboard_says(self, client: TestClient) -> None:
        answer = client.get(f"{PDF}?{HERE}&layers=coverage,needs,helpers,assets&category=food&standard_min=5")
        said = words_of(answer)
        assert "2 of 3 open food needs find no help within 5 minutes on foot." in said
        assert "4 food needs received = 3 located" in said
        assert "Corner {{127*64}} pantry" in said
        assert "garage" not in said
        assert "Straight line" in said or "straight line" in said
        assert answer.headers["content-disposition"].startswith('attachment; filename="map-20')
        assert answer.headers["cache-control"] == "private, no-cache"

    def test_a_picture_is_a_png_of_the_size_asked_for(self, client: TestClient) -> None:
        answer = client.get(f"{PNG}?{HERE}&size=phone&layers=coverage,needs&mode=bicycle")
        assert answer.headers["content-type"] == "image/png"
        with Image.open(io.BytesIO(answer.content)) as drawn:
            assert drawn.size[0] == pytest.approx(FORMS[PictureSize.PHONE].width_mm * 300 / 25.4, abs=1.5)
            assert "by bicycle" in drawn.info["Title"]

    def test_who_has_it_already_is_told_so(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(map_picture, "write_png", lambda *_: b"the same")
        tag = client.get(f"{PNG}?{HERE}").headers["etag"]
        again = client.get(f"{PNG}?{HERE}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")

    def test_a_part_of_town_has_its_own_figures(self, client: TestClient, session: Session) -> None:
        far = TOWN["F"]
        shape = MultiPolygon([box(far.lon - 0.004, far.lat - 0.004, far.lon + 0.004, far.lat + 0.004)])
        area = create_area(
            session, AreaDraft(slug="far", name="The {{127*64}} far end", kind="district", geometry=shape)
        )
        session.commit()
        said = words_of(client.get(f"{PDF}?{HERE}&area={area.id}&category=food&standard_min=5&layers=coverage"))
        assert "1 of 1 open food need finds no help" in said
        assert "The {{127*64}} far end" in said
        assert "received everywhere" in said
        (row,) = rows_of(client.get(f"{TABLE}?area={area.id}&category=food&standard_min=5"))
        assert row["needs_without_help"] == "1"

    def test_when_help_must_be_open_is_said(self, client: TestClient) -> None:
        said = words_of(client.get(f"{PDF}?{HERE}&open_at=2026-06-01T15:00:00Z"))
        assert "on Monday 1 June" in said

    @pytest.mark.parametrize(
        "bad",
        ["layers=roads", "layers=coverage,needs,roads", "size=poster", "bbox=1,2,3", "bbox=20,50,30,60",
         "bbox=24,60,27,61", "standard_min=0", "mode=rocket", "category=gold", "area=here", "width=100000", "dpi=9000",
         "bbox=24,89.5,24.1,89.9", f"layers={'coverage,' * 20}"],
    )  # fmt: skip
    def test_what_cannot_be_drawn_is_said(self, client: TestClient, bad: str) -> None:
        for path in (PNG, PDF):
            assert_problem(client.get(f"{path}?{bad}"), 422)

    def test_an_area_that_is_not_there_is_not_found(self, client: TestClient) -> None:
        for path in (f"{PNG}?{HERE}&", f"{PDF}?{HERE}&", f"{TABLE}?"):
            assert_problem(client.get(f"{path}area=0a6f7d2e-3c54-4f0b-9a51-6a2b1d1f0001"), 404)

    def test_only_so_many_are_drawn_at_once(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(map_picture, "WAIT_S", 0.01)
        places: Any = client.app.state.drawing  # type: ignore[attr-defined] # the application under test
        taken = 0
        while places.acquire(blocking=False):
            taken += 1
        try:
            assert taken == 2
            answer = client.get(f"{PNG}?{HERE}")
            assert_problem(answer, 503)
            assert answer.headers["retry-after"]
        finally:
            for _ in range(taken):
                places.release()
        assert client.get(f"{PNG}?{HERE}&size=phone").status_code == 200
        # a place that was taken is given back, also when nothing could be drawn
        assert client.get(f"{PNG}?layers=roads").status_code == 422
        assert [places.acquire(blocking=False) for _ in range(2)] == [True, True]
        places.release(2)


@pytest.mark.usefixtures("town")
def test_the_table_has_the_rows_of_the_service(client: TestClient) -> None:
    table = client.get("/v1/coverage?standard_min=5").json()["rows"]
    rows = rows_of(client.get(f"{TABLE}?standard_min=5"))
    told = {(row["cell"], row["place"], int(row["needs"]), int(row["needs_without_help"])) for row in rows}
    assert told == {(row["key"], row["label"], row["demand"], row["gap"]) for row in table}
    assert len(rows) == len(table) > 0


def test_a_network_nobody_knows_the_place_of_says_which_box_is_wanted(client: TestClient) -> None:
    answer = client.get(PNG)
    if answer.status_code == 200:
        pytest.fail("the test network has a place after all; give it none")
    assert "box" in assert_problem(answer, 422)["detail"]


@pytest.mark.parametrize("size", PictureSize)
@pytest.mark.parametrize("asked", [(24.9, 60.1, 25.0, 60.2), (24.9, 60.1, 25.0, 60.101), (24.9, 60.1, 24.901, 60.2)])
def test_more_is_read_than_is_seen(size: PictureSize, asked: tuple[float, float, float, float]) -> None:
    import numpy as np

    from geo.crs import shapes_to_degrees
    from geo.interchange.map_picture import view_of
    from geo.interchange.sheet_view import MapBox

    form = FORMS[size]
    wide = 0.92 * form.width_mm
    for share in (0.4, 0.6, 0.85):
        view = view_of(asked, MapBox(0, 0, wide, share * form.height_mm))
        seen = shapes_to_degrees(np.array([view.seen], dtype=object), view.crs)[0].bounds
        west, south, east, north = seen_box(Bbox(asked), size)
        assert west <= seen[0]
        assert south <= seen[1]
        assert east >= seen[2]
        assert north >= seen[3]
