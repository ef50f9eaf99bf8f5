"""Eighty texts that try to be run, in every text of the map's page: they are text in it, and the map hears none."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any

from tests.dashboard.fake_api import FakeApi, rows
from tests.dashboard.test_map import component, shown, table_of
from tests.payloads import ALL, RUN

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from streamlit.testing.v1 import AppTest

    Open = Callable[..., AppTest]


def nasty_rows(category: str | None, minutes: float) -> list[dict[str, Any]]:
    """One row for each text, as its place and as its reason; the five first are drawn as cards."""
    (first, *_) = rows(category, minutes)
    return [
        {**first, "gap": 90 - n, "demand": 90, "covered": n, "label": text, "why": text, "because": []}
        for n, text in enumerate(ALL)
    ]


def test_no_text_of_the_page_is_markup_or_template(
    open_page: Open, fake: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.dashboard.fake_api.rows", nasty_rows)
    meta = fake._meta()
    monkeypatch.setattr(fake, "_meta", lambda: {**meta, "network": "".join(ALL[:60:7])})
    page = open_page("map")
    assert not page.exception
    given = json.dumps(component(page))
    assert "fired(" not in given
    assert RUN not in given
    written = shown(page)
    assert "<script" not in written.lower()
    assert "onerror=fired" not in written.replace("&", "<").partition("<img")[2][:200]
    for text in ALL[:5]:
        assert text in unescape(written)
    assert list(table_of(page)["Place"]) == list(ALL)
    assert list(table_of(page)["Why"]) == list(ALL)
    assert "".join(ALL[:60:7]) in unescape(written)
