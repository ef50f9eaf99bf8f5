"""Doing something at a press: it is done, or the page says why not; nothing else happens."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.translation import tr
from dashboard.widgets import notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.client import Client


def attempt(do: Callable[[Client], Any], then: Callable[[Any], None]) -> None:
    """Do something; what goes wrong is said on the page.

    Parameters
    ----------
    do
        What to ask of the API.
    then
        What follows when it was done; gets the answer.
    """
    try:
        answer = do(client.connect())
    except ApiTrouble as trouble:
        if not trouble.is_over:  # an ended session is told by the page itself
            stale = trouble.status == HTTPStatus.PRECONDITION_FAILED
            notice.refuse(_changed() if stale else notice.in_words(trouble))
        return
    then(answer)


def _changed() -> str:
    return tr("Somebody else has changed this in the meantime. You now see it as it is; nothing was done.")
