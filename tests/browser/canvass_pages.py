"""What people do on the phone pages, and what then has arrived."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.browser.canvass_site import AXE, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Locator, Page


@contextmanager
def enrolled(context: BrowserContext, small: Site) -> Iterator[Page]:
    """A phone that was just enrolled, with the pages on it."""
    opened, trouble = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.goto(small.code())
    opened.locator("#home:not([hidden])").wait_for()
    assert opened.url == f"{small.base}/canvass/"
    opened.locator("html[data-offline=ready]").wait_for(state="attached")
    yield opened
    assert trouble == []


def jpeg(size: tuple[int, int] = (2400, 1800)) -> dict[str, Any]:
    picture, written = Image.effect_noise(size, 60).convert("RGB"), io.BytesIO()
    exif = picture.getexif()
    exif[0x010F] = "Secret maker"
    picture.save(written, "JPEG", exif=exif, quality=85)
    return {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}


def here(page: Page) -> Locator:
    """The questions that are on the screen."""
    return page.locator("fieldset[data-step]:not([hidden])")


def go_on(page: Page) -> None:
    page.locator("#next").click()


def finish(page: Page) -> None:
    while page.locator("#next").is_visible():
        go_on(page)
    page.locator("#save").click()
    # said once the queue has been counted anew; the first screen alone may still show the count from before
    page.locator("#done:not([hidden])").wait_for()


def sent(page: Page) -> None:
    page.locator("html[data-waiting='0'][data-stuck='0']").wait_for(state="attached")


def newest(small: Site) -> dict[str, Any]:
    small.wait_until_taken_in()
    found = max(small.entries(), key=lambda entry: entry["received_at"] + entry["id"])
    return found | {"typed": small.typed(found["id"])}


def complaints(page: Page) -> list[str]:
    """What the checker finds that is serious or worse."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
