from __future__ import annotations
import json
import pytest
from tests.browser.conftest import Watched
from tests.browser.looking import be_idle
pytestmark = [pytest.mark.browser, pytest.mark.slow]
OUT = "/tmp/lead/saying2/shots"

def test_shots(browser, site, signed_in):
    for locale, width, dark in (("ar", 1400, False), ("ar", 390, True), ("es", 1400, False), ("fi", 390, False)):
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=locale, storage_state=signed_in, color_scheme="dark" if dark else "light")
        seen = Watched(context.new_page(), str(site.base_url).rstrip("/"))
        seen.open("/dash/map")
        be_idle(seen.page)
        frame = next(f for f in reversed(seen.page.frames) if "streamlit_folium" in f.url)
        frame.wait_for_selector("path.br-cell")
        said = [one.get_attribute("aria-label") for one in frame.query_selector_all("path.br-cell")[:4]]
        said += [one.get_attribute("aria-label") for one in frame.query_selector_all(".br-badge")[:6]]
        print(locale, json.dumps(said, ensure_ascii=False, indent=1))
        print(frame.evaluate("[document.documentElement.lang, document.documentElement.dataset.direction, document.querySelector('.leaflet-control-zoom-in').title, document.querySelector('.br-save-open').textContent]"))
        print(seen.page.evaluate("JSON.stringify(document.querySelector('[data-goes-on]').dataset)"), seen.page.evaluate("[document.documentElement.lang, document.documentElement.dir]"))
        frame.click(".br-save-open")
        seen.page.screenshot(path=f"{OUT}/map-{locale}-{width}.png", full_page=True)
        for page in ("plan", "what-if", "review", "duplicates", "about"):
            seen.page.goto(seen.base + "/dash/" + page)
            seen.page.wait_for_selector(".br-head")
            be_idle(seen.page)
            seen.page.wait_for_timeout(800)
            seen.page.screenshot(path=f"{OUT}/{page}-{locale}-{width}.png", full_page=True)
        print([t for t in seen.trouble])
        context.close()
