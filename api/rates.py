"""How often one may ask: signing in, guessing keys, reading lists, pulling feeds.

Whoever asks is known by a keyed hash of what they show (key or cookie), or by the address of the connection when they
show nothing; never by a header that anybody can write, such as ``X-Forwarded-For``.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
import threading
import time
import unicodedata
from collections import OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers

from api import problems
from api.access import COOKIE
from api.problems import Problem, respond
from api.rate_store import MOST_KEYS, RateStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.settings import RateSettings

FEEDS: Final = ("/ogc/collections/", "/hsds/", "/v1/export", "/v1/changes", "/v1/calendar.ics")
LOOKUPS: Final = ("/v1/geocode", "/v1/links/followed/")
"""What only looks up, or can be guessed at, by whatever method."""
_READS: Final = frozenset({"GET", "HEAD"})
_LONGER_MIN: Final = 10
_PER_NAME: Final = 2
_PER_PEER: Final = 30
_MOST_NAME: Final = 320
ENDED_PER_MIN: Final = 30
"""Requests a minute of a phone that was ended."""


class Known:
    """Those who have shown lately that they may come in; the one not seen longest is forgotten first."""

    def __init__(self, most: int = MOST_KEYS) -> None:
        self.most = most
        self._seen: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, who: str) -> bool:
        """Tell whether somebody is known."""
        return who in self._seen

    def __len__(self) -> int:
        """Tell how many are."""
        return len(self._seen)

    def add(self, who: str) -> None:
        """Remember somebody."""
        self._seen[who] = None
        self._seen.move_to_end(who)
        while len(self._seen) > self.most:
            self._seen.popitem(last=False)

    def discard(self, who: str) -> None:
        """Forget somebody."""
        self._seen.pop(who, None)


class Limiter:
    """All limits of one server, in its memory.

    Parameters
    ----------
    settings
        The installation's.
    clock
        Seconds since some beginning.
    """

    def __init__(self, settings: RateSettings, *, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.store = RateStore(clock=clock)
        self.logins = RateStore(clock=clock)
        self.guesses = RateStore(clock=clock)
        tries = settings.logins_per_min
        self._pair = _tiers(tries)
        self._name = _tiers(tries * _PER_NAME)
        self._peer = _tiers(tries * _PER_PEER)
        self._reads = (RateLimitItemPerMinute(settings.reads_per_min, namespace="reads"),)
        self._feeds = (RateLimitItemPerMinute(settings.feeds_per_min, namespace="feeds"),)
        self._texts = (RateLimitItemPerMinute(settings.texts_per_min, namespace="texts"),)
        self._sender = (RateLimitItemPerMinute(settings.texts_per_sender, namespace="sender"),)
        self._guesses = (RateLimitItemPerMinute(settings.bad_keys_per_min, namespace="guesses"),)
        self._ended = (RateLimitItemPerMinute(ENDED_PER_MIN, namespace="ended"),)
        self._known_logins = Known()
        self._known_keys = Known()
        self._lock = threading.Lock()
        self._hash_key = secrets.token_bytes(32)

    def check_login(self, name: str, peer: str | None) -> None:
        """Count a try to sign in, before the password is looked at.

        Parameters
        ----------
        name
            As it was typed; spellings of one name count as one.
        peer
            The address of the connection.

        Raises
        ------
        Problem
            429 with ``Retry-After``, ten minutes at most, when this name has been tried too often from this address,
            from anywhere, or this address has tried too many names. Who has signed in from here before is only
            bound by the first.
        """
        who, where = self._digest(canonical_name(name)), network_of(peer)
        pair = f"{who}@{where}"
        with self._lock:
            wanted = [(self._pair, f"pair {pair}")]
            if pair not in self._known_logins:
                wanted += [(self._name, f"name {who}"), (self._peer, f"peer {where}")]
            wait_s = self._hit(self.logins, wanted)
        if wait_s:
            raise too_many(wait_s)

    def login_succeeded(self, name: str, peer: str | None) -> None:
        """Forget the wrong tries of a name from an address, after the right password; strangers no longer bar it."""
        who, where = self._digest(canonical_name(name)), network_of(peer)
        with self._lock:
            self._known_logins.add(f"{who}@{where}")
            for tier in self._pair:
                self.logins.clear(tier.key_for(f"pair {who}@{where}"))

    def check_text(self, hook: str, number: str) -> None:
        """Count a signed text before it is taken.

        Parameters
        ----------
        hook
            Which gateway hands it in.
        number
            Who wrote it; kept as a keyed hash.

        Raises
        ------
        Problem
            429 with ``Retry-After``, when this number or this gateway sends too many.
        """
        sender = self._digest(f"{hook} {number}")
        with self._lock:
            wait_s = self._hit(self.store, [(self._texts, f"hook {hook}"), (self._sender, f"sender {sender}")])
        if wait_s:
            raise too_many(wait_s)

    def wait_for(self, *, path: str, method: str, credential: str | None, peer: str | None) -> int:
        """Count a request; give the seconds to wait before it may be sent again, 0 when it may go on."""
        where = network_of(peer)
        who = f"peer {where}" if credential is None else self._digest(credential)
        kind = self._feeds if path.startswith(FEEDS) else self._reads if _is_read(path, method) else None
        with self._lock:
            if credential is not None and who not in self._known_keys:
                wait_s = self._wait(self.guesses, self._guesses, where)
                if wait_s:
                    return wait_s
            return self._hit(self.store, [(kind, who)]) if kind else 0

    def check_ended(self, credential: str) -> None:
        """Count what a phone that was ended still hands in.

        Raises
        ------
        Problem
            429 with ``Retry-After`` when that is too often for a phone that empties its queue.
        """
        with self._lock:
            wait_s = self._hit(self.store, [(self._ended, self._digest(credential))])
        if wait_s:
            raise too_many(wait_s)

    def note_answer(self, *, is_good: bool, credential: str, peer: str | None) -> None:
        """Learn whether the key or cookie that was shown is somebody's."""
        who = self._digest(credential)
        with self._lock:
            if is_good:
                self._known_keys.add(who)
            else:
                self._known_keys.discard(who)
                self._hit(self.guesses, [(self._guesses, network_of(peer))])

    def _hit(self, store: RateStore, wanted: Sequence[tuple[Sequence[RateLimitItem], str]]) -> int:
        """Count in every window, or in none when one of them is full; give the seconds until none is."""
        waits = [self._wait(store, tiers, who) for tiers, who in wanted]
        if any(waits):
            return max(waits)
        strategy = MovingWindowRateLimiter(store)
        for tiers, who in wanted:
            for tier in tiers:
                strategy.hit(tier, who)
        return 0

    def _wait(self, store: RateStore, tiers: Sequence[RateLimitItem], who: str) -> int:
        strategy, waits = MovingWindowRateLimiter(store), [0]
        for tier in tiers:
            reset_at, left = strategy.get_window_stats(tier, who)
            if left <= 0:
                waits.append(max(1, math.ceil(reset_at - self.clock())))
        return max(waits)

    def _digest(self, shown: str) -> str:
        return hashlib.blake2b(shown.encode("utf-8", "replace"), key=self._hash_key, digest_size=16).hexdigest()


def _is_read(path: str, method: str) -> bool:
    """Tell whether a request only looks something up; addresses are asked for in a body, so that no log has them."""
    return method in _READS or path.startswith(LOOKUPS)


def _tiers(tries: int) -> tuple[RateLimitItem, ...]:
    """Let so many through in a minute, and three times as many in ten: whoever goes on waits longer, to a bound."""
    return (
        RateLimitItemPerMinute(tries, namespace="login"),
        RateLimitItemPerMinute(3 * tries, _LONGER_MIN, namespace="login"),
    )


def canonical_name(name: str) -> str:
    """Write the spellings of a login name in one way."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name[:_MOST_NAME]).casefold()).strip()


def network_of(peer: str | None) -> str:
    """Name whoever is behind an address: for IPv6 the network of 2**64 addresses that one household is given."""
    try:
        found = ipaddress.ip_address((peer or "").partition("%")[0])
    except ValueError:
        return peer[:100] if peer else "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def too_many(wait_s: int) -> Problem:
    """Say when to come back."""
    return Problem(problems.TOO_MANY, f"try again in {wait_s} seconds", headers={"Retry-After": str(wait_s)})


def credential_of(headers: Headers) -> str | None:
    """Find what a request shows of itself: the ``Authorization`` header, else the cookie of a session."""
    given = headers.get("authorization")
    if given is not None:
        return f"key {given}"
    cookies = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return next((f"session {value}" for name, _, value in cookies if name == COOKIE and value), None)


class RateWall:
    """Answers 429 to whoever reads or guesses too often, before any body is read.

    Parameters
    ----------
    app
        The application behind the wall.
    limiter
        Counts.
    unguarded
        Path prefixes that are free.
    """

    def __init__(self, app: ASGIApp, *, limiter: Limiter, unguarded: tuple[str, ...] = ()) -> None:
        self.app = app
        self.limiter = limiter
        self.unguarded = unguarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say when to come back."""
        if scope["type"] != "http" or scope["path"].startswith(self.unguarded):
            await self.app(scope, receive, send)
            return
        credential, peer = credential_of(Headers(scope=scope)), peer_of(scope)
        path = str(scope["path"])
        wait_s = self.limiter.wait_for(path=path, method=scope["method"], credential=credential, peer=peer)
        if wait_s:
            problem = too_many(wait_s)
            refusal = respond(problem.kind, path[:200], detail=problem.detail, headers=problem.headers)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send if credential is None else self._noting(scope, credential, send))

    def _noting(self, scope: Scope, credential: str, send: Send) -> Send:
        """Note who was found; a good answer alone says nothing, since some are for everybody."""

        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = scope.get("state", {}).get("principal")
                is_good = found is not None and found.is_known
                if found is not None or message["status"] == HTTPStatus.UNAUTHORIZED:
                    self.limiter.note_answer(is_good=is_good, credential=credential, peer=peer_of(scope))
            await send(message)

        return sender


def peer_of(scope: Scope) -> str | None:
    """Give the address of the connection itself."""
    client = scope.get("client")
    return str(client[0]) if client else None
