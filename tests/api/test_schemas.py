from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.schemas.organizations import OrganizationIn


@pytest.mark.parametrize("url", ["https://example.org", "http://localhost:80/a?b#c", "https://[::1]/"])
def test_web_addresses_that_are_taken(url: str) -> None:
    assert OrganizationIn(name="Pantry", url=url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1", "http://[::1]:99999/", "http://good@evil.example", "http://a:b@c.example", "https://x.example:0",
        "https:///path", "ftp://x.example", "javascript:alert(1)", "https://x y.example",
    ],
)  # fmt: skip
def test_web_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        OrganizationIn(name="Pantry", url=url)
