"""One question over HTTP: to the address that was checked and no other, within a time and a size, and nothing followed.

The standard library's client is used because it logs nothing, follows nothing, asks no proxy, unpacks nothing, and lets
the connection be made here.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import TYPE_CHECKING, Final, Literal

from geo.errors import OutsideFailed
from geo.geocode.remote.endpoint import resolve, system_resolver

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from http.client import HTTPResponse

    from geo.geocode.remote.endpoint import Endpoint, Reach, Resolver

TIMEOUT_S: Final = 5.0
MOST_BYTES: Final = 1_000_000
_CHUNK: Final = 65_536
_GOOD: Final = 200
_REDIRECTS: Final = range(300, 400)
_TOO_MANY: Final = 429


class _Pinned(HTTPConnection):
    """A connection to an address that was found before; the host's name is for the server and its certificate alone."""

    def __init__(self, endpoint: Endpoint, address: str, context: ssl.SSLContext | None, timeout_s: float) -> None:
        super().__init__(endpoint.host, endpoint.port, timeout=timeout_s)
        self.default_port = 443 if endpoint.scheme == "https" else 80  # what the Host header leaves out
        self._address = address
        self._context = context
        self._held: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the pinned address; the certificate must be the named host's."""
        self.sock = self._held = socket.create_connection((self._address, self.port), timeout=self.timeout)
        if self._context is not None:
            # held before the handshake, so that it can be cut off in the middle of one
            wrapped = self._context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self._held = wrapped
            wrapped.do_handshake()

    def cut(self) -> None:
        """End all waiting, whatever it is for; while an answer is read, the socket is the answer's alone."""
        if self._held is not None:
            with contextlib.suppress(OSError):
                self._held.shutdown(socket.SHUT_RDWR)


class PinnedFetcher:
    """Fetches from one endpoint.

    Parameters
    ----------
    endpoint
        Where to.
    reach
        What the operator permits.
    resolver
        Gives the addresses of a name.
    context
        How certificates are checked; the system's own authorities when left out.
    timeout_s
        Seconds for everything together: name, connection and answer.
    most_bytes
        The largest answer.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        reach: Reach,
        *,
        resolver: Resolver = system_resolver,
        context: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.endpoint = endpoint
        self._reach = reach
        self._resolver = resolver
        self._context = context
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes

    def get(self, target: str, headers: Mapping[str, str]) -> bytes:
        """Send one GET and read the whole answer; see :meth:`send`."""
        return self.send("GET", target, headers)

    def send(
        self,
        method: Literal["GET", "POST"],
        target: str,
        headers: Mapping[str, str],
        *,
        body: bytes | None = None,
        also: Collection[int] = (),
    ) -> bytes:
        """Send one question and read the whole answer.

        Parameters
        ----------
        target
            Path and query.
        headers
            Further ones; the answer is asked for as it is, not packed.
        body
            What a POST carries.
        also
            Statuses whose answers are read like good ones.

        Raises
        ------
        OutsideFailed
            With the reason: ``timeout``, ``unreachable``, ``refused_address``, ``redirected``, ``too_many``,
            ``status``, ``packed`` or ``too_large``. It never has what was asked or answered in it.
        """
        deadline = time.monotonic() + self._timeout_s
        address = resolve(self.endpoint, self._reach, resolver=self._resolver, timeout_s=self._timeout_s)
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise OutsideFailed("timeout")
        connection = _Pinned(self.endpoint, address, self._tls(), left_s)
        watch = Timer(left_s, connection.cut)
        watch.daemon = True
        watch.start()
        reason = "unreachable"
        try:
            plain = {**headers, "Accept-Encoding": "identity", "Connection": "close"}
            connection.request(method, target, body=body, headers=plain)
            with connection.getresponse() as answer:
                found = self._read(answer, also)
            # a connection that was cut looks like an answer that ended
            if time.monotonic() < deadline:
                return found
            reason = "timeout"
        except (OSError, HTTPException, ValueError):
            # the text of such an error may repeat the address, so it goes no further
            reason = "timeout" if time.monotonic() >= deadline else "unreachable"
        finally:
            watch.cancel()
            connection.close()
        raise OutsideFailed(reason)

    def _tls(self) -> ssl.SSLContext | None:
        if self.endpoint.scheme == "http":
            return None
        return self._context or ssl.create_default_context()

    def _read(self, answer: HTTPResponse, also: Collection[int]) -> bytes:
        if answer.status in _REDIRECTS:
            raise OutsideFailed("redirected")
        if answer.status == _TOO_MANY:
            raise OutsideFailed("too_many")
        if answer.status != _GOOD and answer.status not in also:
            raise OutsideFailed("status")
        if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            raise OutsideFailed("packed")
        found = bytearray()
        while part := answer.read(_CHUNK):
            found += part
            if len(found) > self._most_bytes:
                raise OutsideFailed("too_large")
        return bytes(found)
