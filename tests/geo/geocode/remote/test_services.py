"""Each of the four services: what it is asked, and what its answer is taken to mean."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.outside import OutsideService
from geo.domain.words import Decision, MatchQuality, RemoteProvider
from geo.errors import OutsideFailed
from geo.geocode.remote.endpoint import Reach, parse_endpoint
from geo.geocode.remote.pinned import PinnedFetcher
from geo.geocode.remote.services import RemoteGeocoder

from tests.providers import BY_PROVIDER, EMPTY, LAT, LON, says, serving

if TYPE_CHECKING:
    from geo.domain.place import GeocodeResult

    from tests.providers import Provider

NEAR = Reach(is_on=True, loopback=True)
TYPED = "Matti Meikäläinen, Olematonkatu 12 A 5, 00170 Helsinki, soita ovikelloa"
ASKED = {
    "nominatim": ("/search", {
        "street": ["Olematonkatu 12"], "postalcode": ["00170"], "city": ["Helsinki"], "countrycodes": ["fi"],
        "format": ["json"], "limit": ["5"], "addressdetails": ["1"],
    }),
    "photon": ("/api", {"q": ["Olematonkatu 12, 00170 Helsinki"], "limit": ["5"]}),
    "pelias": ("/v1/search", {"text": ["Olematonkatu 12, 00170 Helsinki"], "boundary.country": ["FI"]}),
    "census": ("/geocoder/locations/address", {
        "street": ["Olematonkatu 12"], "zip": ["00170"], "city": ["Helsinki"], "format": ["json"],
        "benchmark": ["Public_AR_Current"],
    }),
}  # fmt: skip
MEANT = {
    "nominatim": [
        (MatchQuality.PARCEL, 30.0, ["remote.unverified"]),
        (MatchQuality.STREET, 249.0, ["remote.unverified"]),
        (MatchQuality.INTERPOLATED, 100.0, ["remote.unverified", "remote.postcode_differs"]),
    ],
    "photon": [(MatchQuality.PARCEL, 30.0, ["remote.unverified"]), (MatchQuality.STREET, 249.0, ["remote.unverified"])],
    "pelias": [
        (MatchQuality.PARCEL, 30.0, ["remote.unverified"]),
        (MatchQuality.INTERPOLATED, 100.0, ["remote.unverified"]),
        (MatchQuality.STREET, 500.0, ["remote.unverified"]),
    ],
    "census": [(MatchQuality.INTERPOLATED, 250.0, ["remote.unverified"])],
}


def ask(provider: Provider, kind: str, typed: str = TYPED, path: str = "") -> GeocodeResult:
    endpoint = parse_endpoint(provider.url + path, NEAR)
    service = OutsideService(RemoteProvider(kind), endpoint.url, 1000, country="fi", town="Helsinki")
    return RemoteGeocoder(service, PinnedFetcher(endpoint, NEAR)).geocode(typed)


@pytest.mark.parametrize("kind", BY_PROVIDER)
def test_it_is_asked_for_the_street_line_and_the_postcode_alone(kind: str) -> None:
    with serving(says(BY_PROVIDER[kind])) as provider:
        ask(provider, kind)
    assert provider.asked == [ASKED[kind]]
    assert provider.headers[0]["User-Agent"] == "barnraiser/0.1"
    assert set(provider.headers[0]) == {"Host", "User-Agent", "Accept-Encoding", "Connection"}


@pytest.mark.parametrize("kind", BY_PROVIDER)
def test_its_answer_is_read_honestly_and_never_accepted(kind: str) -> None:
    with serving(says(BY_PROVIDER[kind])) as provider:
        result = ask(provider, kind)
    assert result.decision is Decision.REVIEW
    found = [(c.match_quality, round(c.uncertainty_m), [f.name for f in c.faults]) for c in result.candidates]
    assert found == [(quality, round(wide), faults) for quality, wide, faults in MEANT[kind]]
    assert all(c.match_quality is not MatchQuality.ROOFTOP for c in result.candidates)
    assert {c.source for c in result.candidates} == {f"remote:{kind}"}
    assert (result.candidates[0].point.lon, result.candidates[0].point.lat) == (LON, LAT)


@pytest.mark.parametrize("kind", BY_PROVIDER)
def test_it_may_know_nothing(kind: str) -> None:
    with serving(says(EMPTY[kind])) as provider:
        assert ask(provider, kind).decision is Decision.NONE
    assert len(provider.asked) == 1


@pytest.mark.parametrize("kind", BY_PROVIDER)
@pytest.mark.parametrize("typed", ["PO Box 12, 00170", "Apt 5", "Olematonkatu", "soita Matille"])
def test_where_no_street_line_is_found_nobody_is_asked(kind: str, typed: str) -> None:
    with serving(says(BY_PROVIDER[kind])) as provider:
        assert ask(provider, kind, typed).candidates == ()
    assert provider.asked == []


def test_a_path_before_the_service_is_kept() -> None:
    with serving(says([])) as provider:
        ask(provider, "nominatim", path="/own/nominatim")
    assert provider.asked[0][0] == "/own/nominatim/search"


BROKEN: list[bytes] = [
    b"", b"{", b"\xff\xfe", b"null", b"[1]", b'"Olematonkatu"', b"{}", b'{"features": 3}', b'{"features": [{}]}',
    b"[[]]", b"[" * 200_000, b'{"result": {}}', b'{"result": {"addressMatches": [1]}}', b"<html>",
    b'[{"lat": NaN, "lon": 1}]', b'{"features": [{"geometry": null, "properties": null}]}',
    b'{"error": "Olematonkatu 12"}', b"[" + b"9" * 5000 + b"]",
]  # fmt: skip


def outcome(provider: Provider, kind: str) -> tuple[int, OutsideFailed | None]:
    """How many candidates there were, and how asking failed if it did."""
    try:
        return len(ask(provider, kind).candidates), None
    except OutsideFailed as failure:
        return 0, failure


@pytest.mark.parametrize("kind", BY_PROVIDER)
@pytest.mark.parametrize("body", BROKEN, ids=[str(b[:24]) for b in BROKEN])
def test_wrong_json_is_a_failure_or_nothing_and_never_an_error_of_ours(
    kind: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(says(body)) as provider:
        found, failure = outcome(provider, kind)
    assert found == 0
    if failure is not None:
        assert (failure.reason, failure.__cause__, failure.__context__) == ("unreadable", None, None)
    assert "Olematonkatu" not in caplog.text


@pytest.mark.parametrize("place", ["inf", "NaN", "1e400", "200", "0", None, [], "x"])
def test_a_place_that_is_none_is_left_out(place: Any) -> None:
    with serving(says([{"lat": place, "lon": place, "display_name": "x"}, BY_PROVIDER["nominatim"][0]])) as provider:
        assert outcome(provider, "nominatim") == (1, None)


def test_a_label_is_short_plain_text() -> None:
    answer = [{"lat": "60.1", "lon": "24.9", "display_name": "a\u202eb\x00\n" + "x" * 5000, "place_rank": 16}]
    with serving(says(answer)) as provider:
        (candidate,) = ask(provider, "nominatim").candidates
    assert candidate.label.startswith("a b x")
    assert len(candidate.label) <= 200
    assert candidate.match_quality is MatchQuality.LOCALITY


def test_another_house_number_than_asked_is_named() -> None:
    answer = [BY_PROVIDER["nominatim"][0] | {"address": {"house_number": "14", "postcode": "00180"}}]
    with serving(says(answer)) as provider:
        (candidate,) = ask(provider, "nominatim").candidates
    assert [f.name for f in candidate.faults] == [
        "remote.unverified",
        "remote.number_differs",
        "remote.postcode_differs",
    ]
    assert candidate.score == 100 - 20 - 30 - 15


def test_what_is_asked_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="geopy")
    with serving(says(b"Olematonkatu 12 is unknown here", status=500)) as provider, pytest.raises(OutsideFailed):
        ask(provider, "nominatim")
    with serving(says(BY_PROVIDER["photon"])) as provider:
        ask(provider, "photon")
    assert "lematon" not in caplog.text
