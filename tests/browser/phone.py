"""A canvasser's phone: Chromium with a profile on the disk, which can be killed and started again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any

from playwright.sync_api import TimeoutError as NotInTime

from tests.browser.conftest import FLAGS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, Playwright

YEAR_MS = 365 * 24 * 3600 * 1000
SKEWED = """
(() => {
  const Real = Date, by = %d;
  globalThis.Date = class extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + by); }
    static now() { return Real.now() + by; }
  };
})();
"""


class Phone:
    """One phone.

    Parameters
    ----------
    playwright
        Drives it.
    profile
        The folder of what it keeps.
    base
        Where it finds the server, when it does.
    clock_ms
        How wrong its clock is.
    """

    def __init__(self, playwright: Playwright, profile: Path, base: str, *, clock_ms: int = 0) -> None:
        self.playwright = playwright
        self.profile = profile
        self.base = base
        self.clock_ms = clock_ms
        self.trouble: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    def switch_on(self) -> Page:
        """Start the browser with an empty window."""
        for left in reversed(range(3)):
            try:
                self._start()
                break
            except NotInTime:
                # one that was killed does not always come up at once, as any machine
                self.kill()
                if not left:
                    raise
        context = self._browser.contexts[0]
        context.set_default_timeout(30_000)
        self.page = context.pages[0] if context.pages else context.new_page()
        self.page.set_viewport_size({"width": 360, "height": 740})
        if self.clock_ms:
            self.page.add_init_script(SKEWED % self.clock_ms)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        return self.page

    def _start(self) -> None:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        assert path, "Chromium is not installed; run: make setup"
        order = [path, *FLAGS, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={self.profile}"]
        self._process = subprocess.Popen(
            order, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
        )
        self._browser = self.playwright.chromium.connect_over_cdp(_address(self._process), timeout=20_000)

    def kill(self) -> None:
        """End it at once, as when a battery falls out."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate(timeout=20)
            self._process = None

    def open(self, path: str = "/canvass/") -> None:
        """Open the pages, and wait until they are ready."""
        self.page.goto(self.base + path)
        self.page.locator("html[data-begun]").wait_for(state="attached")

    def enrol(self, link: str) -> None:
        """Scan a code, and wait until the pages are on the phone."""
        self.page.goto(f"{self.base}/canvass/enrol#{link.partition('#')[2]}")
        self.page.locator("#home:not([hidden])").wait_for()
        self.page.locator("html[data-offline=ready]").wait_for(state="attached")

    def need(self, note: str, *, category: str = "food", photo: dict[str, Any] | None = None) -> None:
        """Write down a need by its note alone, through every question of the form."""
        page = self.page
        page.locator("[data-kind=need]").click()
        page.locator(f"[name=category][value={category}]").check()
        page.locator("[name=note]").evaluate("(field, text) => { field.value = text; }", note)
        if photo:
            page.locator("#photo").set_input_files([photo])
            page.locator("#picture-row:not([hidden])").wait_for(state="attached")
        page.evaluate("for (const next = document.getElementById('next'); !next.hidden;) next.click()")
        page.locator("#save").click()
        page.locator("#home:not([hidden])").wait_for()

    def queued(self) -> list[dict[str, Any]]:
        """Whatever waits on the phone, as it is kept."""
        return list(self.page.evaluate("import('/canvass/queue.js').then((queue) => queue.all())"))

    def wait_until_sent(self, *, timeout_s: float) -> None:
        """Wait until nothing waits any more."""
        self.page.locator("html[data-waiting='0'][data-stuck='0']").wait_for(state="attached", timeout=timeout_s * 1000)


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stderr or ():
        if found := re.search(r"DevTools listening on ws://([^/]+)/", line):
            return f"http://{found[1]}"
    raise AssertionError("the browser did not start")
