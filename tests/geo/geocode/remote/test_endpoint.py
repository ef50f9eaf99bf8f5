"""Where may be asked: one spelling, the public internet, and this machine only where its operator says so."""

# ruff: noqa: RUF001 - lookalikes of other scripts are what is tested

from __future__ import annotations

import ipaddress
import threading
from typing import TYPE_CHECKING

import pytest

from geo.errors import InvalidInput, OutsideFailed
from geo.geocode.remote.endpoint import Endpoint, Reach, is_outside, parse_endpoint, resolve

from tests.api.test_no_outside_calls import addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

PUBLIC = Reach(is_on=True)
NEAR = Reach(is_on=True, loopback=True)
GOOD = {
    "https://geo.example.org": "https://geo.example.org",
    "https://geo.example.org/": "https://geo.example.org",
    "https://geo.example.org:443/nominatim": "https://geo.example.org/nominatim",
    "https://geo.example.org:8443": "https://geo.example.org:8443",
    "https://8.8.8.8": "https://8.8.8.8",
    "https://[2606:4700::1111]:8443/a/b": "https://[2606:4700::1111]:8443/a/b",
}
ODD = (
    "https://2130706433", "https://0x7f000001", "https://0177.0.0.1", "https://127.1", "https://0", "https://8.8.8.08",
    "https://[fe80::1%25eth0]", "https://[fe80::1%eth0]", "https://[::ffff:127.0.0.1]", "https://[::ffff:8.8.8.8]",
    "https://[0:0:0:0:0:0:0:1]", "https://[2606:4700:0:0::1111]", "https://[64:ff9b::7f00:1]", "https://[2002:7f00:1::]",
    "https://geo.example.org.", "https://user@geo.example.org", "https://user:word@geo.example.org",
    "https://geo.example.org@127.0.0.1", "https://geo.example.org#x", "https://geo.example.org?q=x", "https://①②⑦.⓪.⓪.①",
    "https://gеo.example.org", "https://bücher.example", "https://geo.example.org/../admin", "https://geo.example.org/%2e",
    "https://geo.example.org:22", "https://geo.example.org:0", "https://geo.example.org:99999", "https://GEO.example.org",
    "HTTPS://geo.example.org", "http://geo.example.org", "http://8.8.8.8", "ftp://geo.example.org", "//geo.example.org",
    "https:/geo.example.org", "https://", "https://intranet", "https://-a.example.org", "https://a..example.org",
    "https://10.0.0.1", "https://192.168.1.1", "https://172.16.0.1", "https://169.254.169.254", "https://100.100.100.200",
    "https://168.63.129.16", "https://0.0.0.0", "https://224.0.0.1", "https://255.255.255.255",
    "https://[fd00:ec2::254]",
    "https://[ff02::1]", "https://[::]", "https://geo.example.org\\@127.0.0.1", "https://geo.example.org\n.evil.example",
    " https://geo.example.org", "https://geo.example.org ",
    "https://geo.example.org/a b", "https://" + "a" * 400 + ".org",
)  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_a_public_service_is_read(text: str) -> None:
    assert parse_endpoint(text, PUBLIC).url == GOOD[text]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("reach", [PUBLIC, NEAR], ids=["public", "near"])
def test_odd_spellings_and_inner_addresses_are_refused_without_repeating_them(text: str, reach: Reach) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_endpoint(text, reach)
    assert caught.value.field == "endpoint"
    assert text.strip() in ("https://", "") or text not in str(caught.value)


@pytest.mark.parametrize("text", addresses(8443))
def test_none_of_the_sixty_addresses_of_inner_hosts_is_taken(text: str) -> None:
    for candidate in (text, text.replace("http://", "https://", 1)):
        try:
            endpoint = parse_endpoint(candidate, PUBLIC)
        except InvalidInput:
            continue
        # a name tells nothing; what it stands for is refused when it is asked
        for inner in ("127.0.0.1", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254"):
            with pytest.raises(OutsideFailed):
                resolve(endpoint, PUBLIC, resolver=lambda *_, inner=inner: [inner], timeout_s=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "localhost"])
def test_this_machine_is_for_its_operator_to_permit(host: str) -> None:
    for scheme in ("http", "https"):
        with pytest.raises(InvalidInput, match="BARNRAISER_REMOTE_LOOPBACK"):
            parse_endpoint(f"{scheme}://{host}:8088", PUBLIC)
        endpoint = parse_endpoint(f"{scheme}://{host}:8088", NEAR)
        assert ipaddress.ip_address(resolve(endpoint, NEAR, resolver=_never, timeout_s=1)).is_loopback
        # permission that is taken back counts at once, whatever was stored
        with pytest.raises(OutsideFailed) as caught:
            resolve(endpoint, PUBLIC, resolver=_never, timeout_s=1)
        assert caught.value.reason == "refused_address"


def _never(host: str, port: int) -> Sequence[str]:
    raise AssertionError(f"{host}:{port} was looked up")


@pytest.mark.parametrize(
    "told",
    [
        ["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["::1"], ["::ffff:10.0.0.1"], ["fe80::1%eth0"],
        ["0.0.0.0"],  # noqa: S104 - to be refused, nothing is bound
        ["169.254.169.254"], ["100.64.0.1"], ["224.0.0.251"], ["240.0.0.1"], ["fd00::1"], ["::"],
        ["64:ff9b::a00:1"], ["2002:a00:1::"], ["2001:0:4136:e378:8000:63bf:3fff:fdd2"], ["::7f00:1"], ["nonsense"],
        ["168.63.129.16"], ["192.0.2.1"], ["192.88.99.1"], ["3fff::1"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("reach", [PUBLIC, NEAR], ids=["public", "near"])
def test_one_inner_address_behind_a_name_is_enough_to_refuse_it(told: list[str], reach: Reach) -> None:
    endpoint = Endpoint("https", "geo.example.org", 443)
    with pytest.raises(OutsideFailed) as caught:
        resolve(endpoint, reach, resolver=lambda *_: told, timeout_s=1)
    assert caught.value.reason == "refused_address"


def test_a_name_is_resolved_once_and_the_address_is_what_comes_back() -> None:
    told = iter([["8.8.8.8", "2606:4700::1111"], ["127.0.0.1"]])
    endpoint = Endpoint("https", "rebind.example.org", 443)
    assert resolve(endpoint, PUBLIC, resolver=lambda *_: next(told), timeout_s=1) == "8.8.8.8"


def test_a_name_that_is_not_there_or_takes_for_ever_is_given_up() -> None:
    def lost(*_: object) -> Sequence[str]:
        raise OSError("no such host geo.example.org")

    endpoint = Endpoint("https", "geo.example.org", 443)
    with pytest.raises(OutsideFailed) as caught:
        resolve(endpoint, PUBLIC, resolver=lost, timeout_s=5)
    assert caught.value.reason == "unreachable"
    let_go = threading.Event()

    def slow(*_: object) -> Sequence[str]:
        let_go.wait(30)
        return ["8.8.8.8"]

    with pytest.raises(OutsideFailed) as caught:
        resolve(endpoint, PUBLIC, resolver=slow, timeout_s=0.05)
    let_go.set()
    assert caught.value.reason == "timeout"


def test_the_public_internet_is_outside() -> None:
    assert is_outside(ipaddress.ip_address("8.8.8.8"))
    assert is_outside(ipaddress.ip_address("2606:4700::1111"))
