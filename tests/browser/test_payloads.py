"""Eighty texts that try to be run, as names of what is on the map: none runs, and each runs where it is let."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.test_dashboard import frame
from tests.payloads import ALL, RUN, SCRIPTS, SINKS

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from playwright.sync_api import Browser

    from tests.browser.conftest import Watched

    Look = Callable[..., Watched]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HEAR = "window.hits = window.hits || []; window.fired = (n) => { (window.top.hits = window.top.hits || []).push(n); };"
CARELESS = """(documents) => documents.forEach((text) => {
  const frame = document.createElement("iframe");
  frame.srcdoc = "<script>fired = (n) => parent.hits.push(n)</script>" + text;
  document.body.appendChild(frame);
})"""
OPEN_ALL = """() => {
  const said = [];
  map.eachLayer((layer) => {
    if (!layer.getTooltip || !layer.getTooltip()) return;
    layer.openTooltip();
    const node = layer.getTooltip().getElement();
    if (node) said.push(node.textContent);
    layer.closeTooltip();
  });
  return said;
}"""


def test_each_script_runs_in_a_careless_page(browser: Browser) -> None:
    page = browser.new_page()
    page.evaluate("window.hits = []")
    page.evaluate(CARELESS, [SINKS[one.sink].replace("{}", one.text) for one in SCRIPTS])
    page.wait_for_function(f"new Set(window.hits).size === {len(SCRIPTS)}", timeout=20_000)
    page.close()


def test_no_name_is_run_by_the_map_or_the_pages(look: Look, site: httpx.Client) -> None:
    for number, text in enumerate(ALL):
        point = {"lon": 24.9435 + (number % 10) / 4000, "lat": 60.1705 + number // 10 / 8000}
        asset = {"kind": "library", "categories": ["food"], "name": text, "point": point}
        made = site.post("/v1/assets", json=asset)
        assert made.status_code == 201, (text, made.text)
    seen = look()
    seen.page.add_init_script(HEAR)
    seen.open("/dash/?layers=Places+that+help&at=24.9446,60.1709,17")
    frame(seen).wait_for_selector(".br-asset")
    said = frame(seen).evaluate(OPEN_ALL)
    for text in ALL:
        assert any(text in one for one in said), text
    assert not any(RUN in one for one in said)
    heard = [one.evaluate("window.hits || []") for one in seen.page.frames]
    assert heard == [[] for _ in heard]

    seen.go("Assets")
    seen.page.get_by_role("radio", name="All", exact=True).click()
    seen.page.get_by_text(ALL[0]).first.wait_for()
    assert seen.page.evaluate("window.hits || []") == []
    assert RUN not in seen.page.content()
    assert seen.trouble == []
