"""The phone pages as files: small, whole, of this host alone, and said in every language."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from api.canvass.catalogues import PAGE_LANGUAGES, read_catalogues
from api.canvass.pages import BASE, build_pages
from tests.api.canvass_texts import texts_of_page, texts_of_scripts

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

MOST_ON_THE_WIRE = 150_000
MOST_UNPACKED = 220_000
_PLACES = re.compile(r"\{\w+\}")


def test_all_that_a_phone_fetches_is_small(anonymous: TestClient) -> None:
    worker = anonymous.get("/canvass/worker.js").text
    files = json.loads(re.search(r"const FILES = (\[.*?\]);", worker)[1])  # type: ignore[index]
    assert BASE in files
    assert len(files) == len(set(files)) == len(build_pages()) - 1
    packed = {"accept-encoding": "gzip"}
    size = int(anonymous.get("/canvass/worker.js", headers=packed).headers["content-length"])
    for path in files:
        answer = anonymous.get(path, headers=packed)
        assert answer.status_code == 200, path
        size += int(answer.headers["content-length"])
    assert size < MOST_ON_THE_WIRE
    # and not very much more where a proxy takes the packing away
    assert sum(len(found.content) for found in build_pages().values()) < MOST_UNPACKED


def test_pages_hold_nothing_inline_and_may_load_nothing_of_others(anonymous: TestClient) -> None:
    answer = anonymous.get("/canvass/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=|<style", answer.text)
    assert re.findall(r'(?:src|href)="(?!/canvass/|#)[^"]*"', answer.text) == []


def test_the_version_changes_with_any_file() -> None:
    from api.canvass.pages import _worker

    made = {name: found.content for name, found in build_pages().items() if name != "worker.js"}
    versions = {_worker(made)} | {_worker(made | {name: content + b" "}) for name, content in made.items()}
    assert len(versions) == len(made) + 1


def test_a_file_that_is_known_is_not_sent_again(anonymous: TestClient) -> None:
    tag = anonymous.get("/canvass/page.css").headers["etag"]
    again = anonymous.get("/canvass/page.css", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    plain = anonymous.get("/canvass/page.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert anonymous.get("/canvass/nothing.js").status_code == 404
    assert anonymous.get("/canvass/../settings.py").status_code == 404
    assert anonymous.get("/canvass", follow_redirects=False).headers["location"] == "/canvass/"
    assert anonymous.get("/canvass/enrol").text == anonymous.get("/canvass/").text


def test_the_pages_can_be_installed(anonymous: TestClient) -> None:
    manifest = anonymous.get("/canvass/app.webmanifest").json()
    assert (manifest["display"], manifest["scope"], manifest["start_url"]) == ("standalone", BASE, BASE)
    sizes = {icon["sizes"] for icon in manifest["icons"] if icon["type"] == "image/png"}
    assert {"192x192", "512x512"} <= sizes
    for icon in manifest["icons"]:
        answer = anonymous.get(icon["src"])
        assert answer.headers["content-type"].startswith(icon["type"])
        if icon["type"] == "image/png":
            with Image.open(io.BytesIO(answer.content)) as drawn:
                assert f"{drawn.width}x{drawn.height}" == icon["sizes"]


@pytest.mark.parametrize("code", [code for code in PAGE_LANGUAGES if code != "en"])
def test_every_text_is_said_in_every_language(code: str) -> None:
    found = next(one for one in read_catalogues() if one.code == code)
    texts = texts_of_page() | texts_of_scripts()
    assert len(texts) > 100
    assert set(found.words) == texts
    for text, said in found.words.items():
        assert said.strip()
        assert sorted(_PLACES.findall(text)) == sorted(_PLACES.findall(said)), text
    same = [text for text, said in found.words.items() if text == said]
    assert set(same) <= {"No"}


def test_a_language_that_nobody_has_read_says_so(anonymous: TestClient) -> None:
    page = anonymous.get("/canvass/").text
    for found in read_catalogues():
        option = re.search(rf'<option value="{found.code}"[^>]*>([^<]*)', page)
        assert option is not None
        assert option[1].endswith("*") is not found.is_reviewed
