"""How a question reaches the API, and what came of it: one request with the rights of whoever looks at the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from functools import cache
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Any, Final

import httpx

from dashboard.translation import tr

COOKIE: Final = "__Host-sid"
TIMEOUT: Final = httpx.Timeout(20.0, connect=2.0)
PATIENT: Final = httpx.Timeout(90.0, connect=2.0)
"""For questions that are worked out by trying much."""
PAGE: Final = 200
PAUSES_S: Final = (0.5, 1.0, 2.0, 4.0, *(8.0,) * 13)
"""How long to wait before a question is asked again that nobody answered: about two minutes in all."""

KEPT_S: Final = 20.0
"""How long an answer that hardly ever changes is good for, when nothing was sent since."""

PROOF: Final = "proof-needed"
CODE: Final = "code-needed"
REFUSED: Final = "sign-in-refused"
UNSURE: Final = "unsure"
"""What was asked may have been done, or not: it was sent, and no answer came."""
_STEPS: Final = frozenset({PROOF, CODE, REFUSED})
"""Problems of somebody who is signed in all the same."""

_AWAY: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Query = Mapping[str, str | int | float | bool | None]
Kept = MutableMapping[object, tuple[float, dict[str, Any]]]
"""Answers by what was asked and who asked it, each with the instant it came."""


class ApiTrouble(Exception):
    """The API did not do what was asked; ``str()`` is a sentence to show."""

    def __init__(
        self, sentence: str, *, status: int | None = None, field_reasons: tuple[str, ...] = (), kind: str = ""
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.field_reasons = field_reasons
        self.kind = kind

    @property
    def is_over(self) -> bool:
        """Whether the session is no longer good."""
        return self.status == HTTPStatus.UNAUTHORIZED and self.kind not in _STEPS

    @property
    def is_away(self) -> bool:
        """Whether nobody answered, or nobody who could reach the data, so that trying again is worth it."""
        return self.status is None or self.status in _AWAY

    @property
    def is_unsure(self) -> bool:
        """Whether what was asked may have been done all the same."""
        return self.kind == UNSURE


class Wire:
    """A connection to the API; what is asked over it is said by the classes that build on this one.

    Parameters
    ----------
    base_url
        Where the API answers, without a path.
    session
        The cookie of whoever looks at the page: every question is asked with that person's rights and no others.
    host
        The name by which that person's browser knows this server; links in the answers carry it.
    transport
        Another way to send requests; tests hand in one that answers from files.
    wait
        Waits so many seconds before a question is asked again that nobody answered; without it, it is asked once.
    kept
        Where answers are kept that hardly ever change; without it, none is.
    """

    def __init__(
        self,
        base_url: str,
        *,
        session: str | None = None,
        host: str | None = None,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] | None = None,
        kept: Kept | None = None,
    ) -> None:
        self._wait = wait
        self._kept = kept
        self._http = _pool(base_url) if transport is None else _make(base_url, transport)
        self._headers = {"Cookie": f"{COOKIE}={session}"} if session else {}
        self._headers |= {"Host": host} if host else {}

    def _get(self, path: str, query: Query | None = None, *, timeout: httpx.Timeout = TIMEOUT) -> dict[str, Any]:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        for pause_s in PAUSES_S if self._wait else ():
            try:
                return self._send("GET", path, params=given, timeout=timeout)
            except ApiTrouble as trouble:
                if not trouble.is_away or self._wait is None:
                    raise
                self._wait(pause_s)
        return self._send("GET", path, params=given, timeout=timeout)

    def _recall(self, path: str, query: Query | None = None) -> dict[str, Any]:
        """Ask what hardly ever changes, or give what was answered a moment ago; whatever is sent forgets it."""
        if self._kept is None:
            return self._get(path, query)
        asked = (self._headers.get("Cookie"), path, tuple(sorted((query or {}).items())))
        at, body = self._kept.get(asked, (float("-inf"), {}))
        if monotonic() - at > KEPT_S:
            body = self._get(path, query)
            self._kept[asked] = (monotonic(), body)
        return body

    def _send(self, method: str, path: str, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - passed on to httpx as it is
        if method != "GET" and self._kept is not None:
            self._kept.clear()
        try:
            headers = self._headers | how.pop("headers", {})
            answer = self._http.request(method, path, headers=headers, **how)
            body = {} if answer.status_code == HTTPStatus.NO_CONTENT else answer.json()
        except httpx.HTTPError as error:
            raise _unanswered(method, error) from error
        except ValueError as error:
            raise ApiTrouble(
                tr("The service gave an answer that cannot be read."), status=answer.status_code
            ) from error
        if answer.is_error:
            raise _trouble(answer.status_code, body)
        return dict(body)

    def _fetch(self, method: str, path: str, **how: Any) -> bytes:  # noqa: ANN401 - as above
        """Ask for what is no JSON."""
        try:
            answer = self._http.request(method, path, headers=self._headers, **how)
            problem = answer.json() if answer.is_error else None
        except httpx.HTTPError as error:
            raise _unanswered(method, error) from error
        except ValueError:
            problem = None
        if answer.is_error:
            raise _trouble(answer.status_code, problem)
        return answer.content

    @staticmethod
    def _if_at(version: int) -> dict[str, str]:
        """Write the header that lets a change through only while the record is as it was read."""
        return {"If-Match": f'"v{version}"'}


def _unanswered(method: str, error: httpx.HTTPError) -> ApiTrouble:
    if method == "GET" or isinstance(error, _NEVER_SENT):
        return ApiTrouble(tr("The service that holds the data is not answering."))
    return ApiTrouble(
        tr("No answer came in time: this may have been done, or not. Look before you do it again"), kind=UNSURE
    )


def _trouble(status: int, problem: object) -> ApiTrouble:
    told: dict[str, Any] = problem if isinstance(problem, dict) else {}
    reasons = tuple(
        f"{str(e.get('pointer') or '').strip('/') or 'request'}: {e.get('reason')}" for e in told.get("errors") or ()
    )
    said = told.get("detail") or told.get("title")
    sentence = said if isinstance(said, str) else tr("The service refused the request ({status}).", status=status)
    kind = str(told.get("type") or "").partition("#")[2]
    return ApiTrouble(sentence, status=status, field_reasons=reasons, kind=kind)


def _make(base_url: str, transport: httpx.BaseTransport | None) -> httpx.Client:
    # a jar that keeps no cookie: this client is shared, and a cookie is one person's
    # the server closes idle connections after five seconds; one that is closed meanwhile must not be used again
    limits = httpx.Limits(keepalive_expiry=2.0)
    http = httpx.Client(base_url=base_url, timeout=TIMEOUT, limits=limits, transport=transport, trust_env=False)
    http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return http


@cache
def _pool(base_url: str) -> httpx.Client:
    """Share connections among pages; nothing of a person is kept with them."""
    return _make(base_url, None)
