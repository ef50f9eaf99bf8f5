"""Questions of a campaign on the phone pages: asked without a signal while their conditions hold, and sealed."""

from __future__ import annotations

import io
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from tests.api.collect import Collect
from tests.browser.canvass_site import AXE, Site, serve_small
from tests.browser.conftest import NASTY
from tests.xlsforms import filled, winter, workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WHY = {"reason": "to put it right"}
WILD = NASTY.replace("${", "{")
"""What looks like anything but a reference to a question, which forms may hold."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_drawn = io.BytesIO()
Image.effect_noise((600, 400), 60).convert("RGB").save(_drawn, "JPEG")
PHOTO = _drawn.getvalue()
COLUMNS = [
    "type", "name", "label::English (en)", "label::العربية (ar)", "hint::English (en)", "required", "relevant",
    "constraint", "constraint_message::English (en)", "barnraiser",
]  # fmt: skip
CHOICES = [
    ["list_name", "name", "label::English (en)", "label::العربية (ar)"],
    ["kinds", "food", "Food", "طعام"],
    ["heats", "wood", WILD, "حطب"],
    ["heats", "oil", "Oil", "نفط"],
]
ROWS = [
    ["select_multiple kinds", "need.category", "What?", "ماذا؟"],
    ["integer", "people", "How many?", "كم؟", "", "", "", "", "", "household.size"],
    ["select_multiple heats", "heating", "How is it heated?", "كيف التدفئة؟", "", "yes", "${people} >= 2"],
    ["integer", "logs", "How many logs?", "كم حطبة؟", "About", "", "selected(${heating}, 'wood')", ". > 0 and . <= 50",
     "From 1 to 50."],
    ["date", "since", "Since when?", "منذ متى؟", "", "", "", ". <= today()"],
    ["text", "why", WILD, "لماذا؟"],
    ["image", "entry.photo", "A photo", "صورة"],
    ["note", "thanks", "Thank you for ${logs} logs", "شكرا"],
]  # fmt: skip


@pytest.fixture(scope="module")
def small(admin: Engine, template: str, server_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve_small(admin, template, server_url, tmp_path_factory.mktemp("home")) as site:
        yield site


def ask(small: Site, book: bytes) -> dict[str, Any]:
    """Have this form asked and no other."""
    for form in small.client.get("/v1/forms").json()["items"]:
        small.client.post(f"/v1/forms/{form['id']}/withdraw")
    made = small.client.post("/v1/forms", content=book, headers={"Content-Type": XLSX})
    assert made.status_code in (200, 201), made.text
    version: dict[str, Any] = made.json()
    asked = small.client.post(f"/v1/forms/{version['form_id']}/versions/{version['id']}/activate")
    assert asked.status_code == 200, asked.text
    return version


def asked(small: Site) -> dict[str, Any]:
    """The one form that is asked."""
    (found,) = [one for one in small.client.get("/v1/forms").json()["items"] if one["is_active"]]
    return dict(found)


@pytest.fixture
def version(small: Site) -> dict[str, Any]:
    book = workbook(survey=[COLUMNS, *ROWS], choices=CHOICES, settings=[["form_title", "form_id"], [WILD, "winter"]])
    return ask(small, book)


@pytest.fixture
def page(browser: Browser, small: Site, version: dict[str, Any]) -> Iterator[Page]:
    """A phone that was just enrolled and has the form."""
    assert version["is_active"] is False
    yield from enrolled(browser, small)


def enrolled(browser: Browser, small: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    context.set_default_timeout(15_000)
    opened, trouble = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.goto(small.code())
    opened.locator("#home:not([hidden])").wait_for()
    opened.locator("html[data-offline=ready][data-forms='1']").wait_for(state="attached")
    yield opened
    assert trouble == []
    context.close()


def begin(page: Page, *, people: int = 3) -> None:
    page.locator("[data-kind=need]").click()
    page.locator("[name=category][value=food]").check()
    page.locator("[name=household_size]").evaluate("(field, count) => { field.value = count; }", people)
    page.evaluate(
        """() => {
          const next = document.getElementById("next");
          const step = () => document.querySelector("[data-step=campaign]:not([hidden])");
          while (!next.hidden && !step()) next.click();
        }"""
    )


def question(page: Page, name: str) -> Locator:
    return page.locator(f"[data-step=campaign]:not([hidden]) [name$='/{name}']")


def press(page: Page, name: str) -> None:
    page.locator(f"#{name}").click()


def test_a_campaign_asks_without_a_signal_and_its_answers_arrive_sealed(
    page: Page, small: Site, version: dict[str, Any]
) -> None:
    page.context.set_offline(True)
    page.close()
    page = page.context.new_page()
    page.goto(f"{small.base}/canvass/")
    page.locator("html[data-begun]").wait_for(state="attached")
    begin(page)
    assert page.locator("[data-step=campaign]:not([hidden]) h1").inner_text() == WILD
    press(page, "next")
    assert page.locator("#trouble").inner_text() == "Answer this question."
    assert not question(page, "logs").is_visible()
    question(page, "heating").first.check()
    question(page, "logs").fill("51")
    press(page, "next")
    assert page.locator("#trouble").inner_text() == "From 1 to 50."
    question(page, "logs").fill("12")
    assert page.get_by_text("Thank you for 12 logs").is_visible()
    question(page, "since").fill((datetime.now(UTC) + timedelta(days=3)).date().isoformat())
    press(page, "next")
    assert page.locator("#trouble").inner_text() == "This answer cannot be used."
    question(page, "since").fill("2024-02-29")
    question(page, "why").fill(NASTY)
    press(page, "next")
    assert "How many logs?" in page.locator("#summary").inner_text()
    press(page, "save")
    # said once it is kept and counted; the first screen may be in sight before
    page.locator("#done:not([hidden])").wait_for()
    (waiting,) = page.evaluate("import('/canvass/queue.js').then((queue) => queue.all())")
    assert set(waiting) == {"id", "kind", "box", "state", "at"}
    page.context.set_offline(False)
    page.locator("html[data-waiting='0'][data-stuck='0']").wait_for(state="attached")
    small.wait_until_taken_in()
    (entry,) = [one for one in small.entries() if one["id"] == waiting["id"]]
    assert (entry["state"], entry["faults"]) == ("made", [])
    answers = {"heating": "wood", "logs": "12", "since": "2024-02-29", "why": NASTY}
    assert small.typed(entry["id"])["custom"] == [{"form": version["id"], "answers": answers}]
    assert page.title() == "Barnraiser"


def test_what_holds_no_more_is_neither_asked_nor_sent(page: Page, small: Site) -> None:
    begin(page)
    question(page, "heating").first.check()
    question(page, "logs").fill("4")
    question(page, "heating").first.uncheck()
    question(page, "heating").nth(1).check()
    assert not question(page, "logs").is_visible()
    press(page, "next")
    press(page, "save")
    # said once it is kept and counted; the first screen may be in sight before
    page.locator("#done:not([hidden])").wait_for()
    page.locator("#home:not([hidden])").wait_for()
    page.wait_for_function("import('/canvass/queue.js').then((queue) => queue.all()).then((all) => !all.length)")
    small.wait_until_taken_in()
    answers = [small.typed(one["id"]).get("custom") for one in small.entries()]
    assert [found[0]["answers"] for found in answers if found and found[0]["answers"]["heating"] == "oil"] == [
        {"heating": "oil"}
    ]
    # of others than needs nothing is asked
    page.locator("[data-kind=helper]").click()
    assert page.locator("[data-step=campaign][data-for=need]").count() == 1
    assert "of 6" in page.locator("#progress").inner_text()


def test_questions_change_their_language_and_keep_what_was_typed(page: Page) -> None:
    begin(page)
    question(page, "why").fill("cold")
    page.locator("#language").select_option("ar")
    page.get_by_text("كيف التدفئة؟").wait_for()
    assert question(page, "why").input_value() == "cold"
    page.locator("#language").select_option("fi")
    # the form does not speak it, so its own first language stands in
    page.get_by_text("How is it heated?").wait_for()


def test_a_draft_outlives_the_page_and_a_form_that_is_gone(page: Page, small: Site, version: dict[str, Any]) -> None:
    begin(page)
    question(page, "why").fill("cold")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("import('/canvass/queue.js').then((queue) => queue.own('draft'))")
    page.reload()
    page.locator("#ask:not([hidden])").wait_for()
    assert question(page, "why").input_value() == "cold"
    small.client.post(f"/v1/forms/{version['form_id']}/withdraw")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate("import('/canvass/queue.js').then((queue) => queue.keep('forms', undefined))")
    page.reload()
    page.locator("#ask:not([hidden])").wait_for()
    assert page.locator("[data-step=campaign][data-for=need]").count() == 0


HOLDS = {
    "${t} = 'wood'": True, "${t} != 'wood'": False, "${t} = ''": False, "${e} = ''": True, "${e} != ''": False,
    "${n} = 12": True, "${n} = '12'": True, "${n} > 9": True, "${n} < 9": False, "${n} <= 12.0": True,
    "${e} > 0": False, "${e} < 1": False, "${e} != 3": True, "${n} >= 12 and ${t} = 'wood'": True,
    "${n} > 12 or ${t} = 'oil'": False, "not(${n} > 12)": True, "selected(${s}, 'oil')": True,
    "selected(${s}, 'wo')": False, "count-selected(${s}) = 2": True, "count-selected(${e}) = 0": True,
    "string-length(${t}) = 4": True, "${d} < today()": True, "${d} > today()": False, "${d} = '2024-02-29'": True,
    "true()": True, "false()": False, "${n} > 1 or ${n} < 0 and false()": True,
    "(${n} > 1 or true()) and false()": False,
    "selected(${need.category}, 'food')": True, "${e} = 'x' or selected(${s}, 'wood')": True,
}  # fmt: skip


def test_conditions_hold_as_they_do_in_odk_programs(browser: Browser, small: Site) -> None:
    """By the rules of XPath 1.0: texts compare as texts, anything with a number as numbers, nothing is no number."""
    columns = ["type", "name", "label", "relevant"]
    asked = [["text", "t", "T"], ["text", "e", "E"], ["integer", "n", "N"], ["date", "d", "D"],
             ["select_multiple heats", "s", "S"], ["select_multiple kinds", "need.category", "C"]]  # fmt: skip
    notes = [["note", f"note{at}", f"Note {at}!", condition] for at, condition in enumerate(HOLDS)]
    choices = [["list_name", "name", "label"], *([one[0], one[1], one[1]] for one in CHOICES[1:])]
    settings = [["form_title", "form_id"], ["Conditions", "conditions"]]
    ask(small, workbook(survey=[columns, *asked, *notes], choices=choices, settings=settings))
    for page in enrolled(browser, small):
        begin(page)
        for name, text in (("t", "wood"), ("n", "12"), ("d", "2024-02-29")):
            question(page, name).fill(text)
        for at in (0, 1):
            question(page, "s").nth(at).check()
        shown = [page.get_by_text(f"Note {at}!", exact=True).is_visible() for at in range(len(HOLDS))]
        assert dict(zip(HOLDS, shown, strict=True)) == HOLDS


def test_questions_can_be_used_by_anybody(page: Page) -> None:
    begin(page)
    question(page, "heating").first.check()
    page.evaluate(AXE.read_text("utf-8"))
    for language in ("en", "ar"):
        page.locator("#language").select_option(language)
        page.locator(f"html[lang={language}]").wait_for(state="attached")
        found = page.evaluate("() => axe.run()")["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for box in page.locator("[data-step=campaign]:not([hidden]) .choice").all():
        assert (box.bounding_box() or {"height": 0})["height"] >= 44


def test_an_older_phone_keeps_its_form_until_it_has_asked(page: Page, small: Site, version: dict[str, Any]) -> None:
    newer = ask(small, winter())
    assert newer["id"] != version["id"]
    page.reload()
    page.locator("html[data-forms='1']").wait_for(state="attached")
    page.wait_for_function(
        "(id) => import('/canvass/queue.js').then((queue) => queue.own('forms')).then((kept) => kept[0].id === id)",
        arg=newer["id"],
    )
    begin(page)
    assert page.locator("[data-step=campaign]:not([hidden]) h1").inner_text() == "Winter round"


def _cut_off(small: Site, collect: Collect, xml: bytes, share: float) -> None:
    """Send a part of a post, and lose the line."""
    body, headers = collect.written(xml, [("1.jpg", PHOTO)])
    host = small.base.removeprefix("http://")
    told = {**headers, "Host": host, "Content-Length": len(body), "Authorization": f"Basic {collect.password}"}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    raw = f"POST /openrosa/submission HTTP/1.1\r\n{head}\r\n".encode() + body
    with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2]))) as line:
        line.sendall(raw[: int(len(raw) * share)])


def test_an_odk_program_on_a_bad_line_lands_each_form_once(small: Site) -> None:
    """Against the server itself: lines that are cut, posts that are split, and the same post from many at once."""
    ask(small, winter())
    before = asked(small)["entries"]
    with httpx.Client(base_url=small.base, timeout=30) as client:
        collect = Collect(client, small.token("Collect"))
        offered = collect.ask("HEAD", "/openrosa/submission")
        assert (offered.status_code, offered.headers["x-openrosa-version"]) == (204, "1.0")
        assert len(offered.headers.get_list("date")) == 1
        (form,) = collect.forms()
        xml = collect.fetch(form)
        answers = {"need.category": "food", "picture": "1.jpg", "heating": NASTY}
        ids = [str(uuid4()) for _ in range(5)]
        for at, one in enumerate(ids):
            written = filled(xml, answers, f"uuid:{one}")
            _cut_off(small, collect, written, at / 5)
            assert collect.send(written, [("1.jpg", PHOTO), ("audit.csv", b"")], posts=2) == [202, 201]
            with ThreadPoolExecutor(4) as pool:
                again = pool.map(lambda _, sent=written: collect.post(sent, [("1.jpg", PHOTO)]).status_code, range(4))
                assert set(again) == {201}
        fresh = filled(xml, answers, f"uuid:{uuid4()}")
        with ThreadPoolExecutor(6) as pool:
            assert set(pool.map(lambda _: collect.post(fresh).status_code, range(6))) == {201}
    small.wait_until_taken_in()
    assert asked(small)["entries"] - before == len(ids) + 1
    made = {one["id"]: one for one in small.entries()}
    assert [(made[one]["state"], made[one]["faults"]) for one in ids] == [("made", [])] * len(ids)
    for one in ids:
        shown = small.client.post(f"/v1/entries/{one}/typed", json=WHY).json()
        assert (shown["has_photo"], shown["typed"]["custom"][0]["answers"]) == (True, answers)
