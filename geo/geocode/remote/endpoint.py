"""Where an outside service answers: an address an admin typed, read strictly, and resolved to one that may be asked.

A server that can be told what to fetch can be told to fetch from inside its own network (SSRF). So an address is read
in one spelling alone, and every IP address its name stands for is looked at before any is used.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Final

from geo.domain.outside import MAX_ENDPOINT
from geo.errors import InvalidInput, OutsideFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Resolver = Callable[[str, int], Sequence[str]]
    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_URL: Final = re.compile(
    r"(https?)://(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})(?::([0-9]{1,5}))?((?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,60}){0,8})/?"
)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LIKE_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_OPEN_PORTS: Final = 1024
_MOST_PORT: Final = 65_535
LOCALHOST: Final = "localhost"
_HIDDEN_V4: Final = tuple(ipaddress.IPv6Network(net) for net in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48"))
"""Networks of version 6 whose addresses stand for one of version 4, which would not be looked at."""
_NOT_PUBLIC: Final = tuple(ipaddress.ip_network(net) for net in ("192.88.99.0/24", "3fff::/20"))
"""Relays and documentation, which older versions of Python take for public."""
_LOOPBACK_V4: Final = ipaddress.IPv4Network("127.0.0.0/8")
_LOOPBACK_V6: Final = (ipaddress.IPv6Address("::1"),)
_METADATA: Final = frozenset({"168.63.129.16", "169.254.169.254", "100.100.100.200", "fd00:ec2::254"})
"""Where clouds answer their own machines; most are private anyway, one is not."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the operator of this host permits: asking outside at all, and a service on this very machine."""

    is_on: bool = False
    loopback: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that was read: ``host`` without brackets, ``path`` without a slash at its end."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def netloc(self) -> str:
        """Host and port as a URL has them; the usual port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def url(self) -> str:
        """The whole address, in the one way it is kept."""
        return f"{self.origin}{self.path}"

    @property
    def is_here(self) -> bool:
        """Whether it names this machine."""
        found = _literal(self.host)
        # a loopback address inside one of version 6 is none of these, and refused like every other that hides
        return self.host == LOCALHOST or found in _LOOPBACK_V6 or (found is not None and found in _LOOPBACK_V4)


def parse_endpoint(text: str, reach: Reach) -> Endpoint:
    """Read the address of a service.

    Parameters
    ----------
    text
        ``https://``, a host name or an IP address in its usual spelling, and if need be a port and a path.
    reach
        What the operator permits. Plain ``http`` is for this machine alone.

    Raises
    ------
    InvalidInput
        Saying why it cannot be used, without repeating it.
    """
    found = _URL.fullmatch(text) if len(text) <= MAX_ENDPOINT else None
    if found is None:
        raise _bad("write https:// and a host in small letters; no name, password, query or fragment belongs to it")
    scheme, host = found[1], _host(found[2])
    port = int(found[3]) if found[3] else _DEFAULT_PORTS[scheme]
    endpoint = Endpoint(scheme, host, port, found[4])
    if not 1 <= port <= _MOST_PORT:
        raise _bad("there is no such port")
    if endpoint.is_here:
        if not reach.loopback:
            raise _bad("a service on this machine is not permitted here (BARNRAISER_REMOTE_LOOPBACK)")
        return endpoint
    if scheme != "https":
        raise _bad("must be https, so that nobody on the way reads the address")
    if port != _DEFAULT_PORTS["https"] and port < _OPEN_PORTS:
        raise _bad("the port must be 443, or 1024 and above")
    literal = _literal(host)
    if literal is not None and not is_outside(literal):
        raise _bad("this address is not on the public internet")
    return endpoint


def _host(text: str) -> str:
    if text.startswith("["):
        literal = _literal(text[1:-1])
        # one spelling: whatever a program after us could read otherwise is refused
        if literal is None or str(literal) != text[1:-1] or literal.version != 6:  # noqa: PLR2004 - of the protocol
            raise _bad("the address in brackets is not an IP address in its shortest spelling")
        return str(literal)
    labels = text.split(".")
    if _LIKE_NUMBER.fullmatch(labels[-1]):
        literal = _literal(text)
        if literal is None:
            raise _bad("write an IP address as four decimal numbers")
        return str(literal)
    if text != LOCALHOST and (len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels)):  # noqa: PLR2004 - a name and its domain
        raise _bad("the host is not a full name")
    return text


def _literal(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else found


def _bad(reason: str) -> InvalidInput:
    return InvalidInput(reason, field="endpoint")


def is_outside(address: Address) -> bool:
    """Tell whether an address is one of the public internet, and stands for no other.

    Private, loopback, link-local, shared, multicast, reserved and unspecified ones are not; nor are those of version 6
    that carry one of version 4 inside (mapped, compatible, NAT64, 6to4, Teredo), nor those at which clouds answer.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or address.teredo or address.scope_id
        if inside or any(address in net for net in _HIDDEN_V4):
            return False
    if str(address) in _METADATA or any(address in net for net in _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the system which addresses a name stands for."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def resolve(endpoint: Endpoint, reach: Reach, *, resolver: Resolver, timeout_s: float) -> str:
    """Find the one address to connect to; a name is resolved once, and all it stands for is looked at.

    Parameters
    ----------
    endpoint
        From `parse_endpoint`, with what was permitted then.
    reach
        What is permitted now.
    resolver
        Gives the addresses of a name.
    timeout_s
        Seconds the name may take.

    Raises
    ------
    OutsideFailed
        ``refused_address`` when any address is not to be asked, ``unreachable`` when there is none, ``timeout``.
    """
    if endpoint.is_here:
        if not reach.loopback:
            raise OutsideFailed("refused_address")
        return "127.0.0.1" if endpoint.host == LOCALHOST else endpoint.host
    literal = _literal(endpoint.host)
    told = [endpoint.host] if literal is not None else _look_up(endpoint, resolver, timeout_s)
    addresses = [_literal(text) for text in told]
    if not addresses:
        raise OutsideFailed("unreachable")
    if any(address is None or not is_outside(address) for address in addresses):
        raise OutsideFailed("refused_address")
    return str(addresses[0])


def _look_up(endpoint: Endpoint, resolver: Resolver, timeout_s: float) -> list[str]:
    """Ask in a thread of its own: the system's own look-up cannot be told when to stop."""
    found: list[str] = []

    def ask() -> None:
        try:
            found.extend(resolver(endpoint.host, endpoint.port))
        except (OSError, UnicodeError):
            return

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise OutsideFailed("timeout")
    return list(found)
