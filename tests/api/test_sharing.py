"""The data-sharing sheet: what was agreed, from the agreement itself, in the network's languages."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from geo.domain.ids import new_id
from geo.domain.message_texts import TEXTS, Template
from geo.domain.principals import Tier
from geo.domain.words import Category

from api.sharing import all_words
from tests.api.conftest import TestClient, assert_problem
from tests.api.referring import NEAR
from tests.callers import partner

if TYPE_CHECKING:
    from geo.store.engine import SessionFactory

LANGUAGES = tuple(TEXTS[Template.HELPER_ASKED])
MARK = re.compile(r"\{\w+\}")


def read(raw: bytes) -> tuple[int, str]:
    pages = PdfReader(io.BytesIO(raw)).pages
    return len(pages), " ".join(" ".join(page.extract_text() for page in pages).split())


def test_every_language_has_all_words_with_the_same_gaps() -> None:
    words = all_words()
    assert set(words) == set(LANGUAGES)
    for language, own in words.items():
        assert set(own) == set(words["en"])
        for name, text in own.items():
            assert text.strip(), (language, name)
            assert MARK.findall(text) == MARK.findall(words["en"][name])
        assert {name.value for name in Tier} <= set(own)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_says_what_was_agreed_in_every_language(
    client: TestClient, sessions: SessionFactory, language: str
) -> None:
    agreed = {"fields": ("household_size",), "quota_per_day": 4321, "purpose": "Weekly <b>deliveries</b> {{7*7}}"}
    agreement, _ = partner(sessions, NEAR, Tier.REFERRAL, "Harbour bank", **agreed)
    answer = client.get(f"/v1/agreements/{agreement}/sheet.pdf", params={"language": language})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    pages, told = read(answer.content)
    assert pages == 1
    for words in ("Harbour bank", "<b>deliveries</b>", "{{7*7}}", "4321", str(len(NEAR))):
        assert words in told, (language, words)
    assert client.get(f"/v1/agreements/{agreement}/sheet.pdf", params={"language": language}).content == answer.content


def test_a_sheet_follows_its_tier_and_its_kinds(client: TestClient, sessions: SessionFactory) -> None:
    coarse, _ = partner(sessions, NEAR, Tier.COARSE, "Coarse", categories=frozenset({Category.FOOD}))
    _, told = read(client.get(f"/v1/agreements/{coarse}/sheet.pdf?language=en&paper=letter").content)
    words = all_words()["en"]
    assert words["coarse"] in told
    assert words["referral"] not in told
    assert words["fields"] not in told
    assert "Food" in told
    assert "Transport" not in told


def test_a_sheet_says_in_every_language_whether_the_feed_is_marked(
    client: TestClient, sessions: SessionFactory
) -> None:
    marked, _ = partner(sessions, NEAR, Tier.COARSE, is_marked=True)
    plain, _ = partner(sessions, NEAR, Tier.COARSE, "Plain")
    for language in LANGUAGES:
        (pages, told), (_, without) = (
            read(client.get(f"/v1/agreements/{one}/sheet.pdf", params={"language": language}).content)
            for one in (marked, plain)
        )
        assert pages == 1
        assert " 6." in told or "6. " in told, language
        assert "6." not in without
        if language == "en":
            rule = all_words()["en"]["rule_marked"]
            assert rule in told
            assert rule not in without


def test_a_language_that_is_not_there_falls_back_and_an_unknown_agreement_is_not_found(
    client: TestClient, sessions: SessionFactory
) -> None:
    agreement, _ = partner(sessions, NEAR, Tier.COARSE)
    _, told = read(client.get(f"/v1/agreements/{agreement}/sheet.pdf?language=xx").content)
    assert all_words()["en"]["title"] in told
    assert_problem(client.get(f"/v1/agreements/{new_id()}/sheet.pdf"), 404)
    assert_problem(client.get(f"/v1/agreements/{agreement}/sheet.pdf?paper=a5"), 422)
