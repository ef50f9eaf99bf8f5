"""What a person sees when something goes wrong: what happened, what is done about it, never a traceback."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.errors import GeoError

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.translation import tr
from dashboard.widgets import once
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Iterator

RETRY_S: Final = 4.0

_log = logging.getLogger(__name__)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn any trouble with the API into words on the page."""
    try:
        yield
    except ApiTrouble as trouble:
        _show(trouble)
    except (GeoError, LookupError, TypeError, ValueError):
        _log.exception("an answer could not be shown")
        _panel(
            tr("The service gave an answer that cannot be shown."),
            tr("It has been noted in the log. Other pages still work."),
        )


def _show(trouble: ApiTrouble) -> None:
    if trouble.is_over:
        st.html(_over())
        return
    if not trouble.is_away:
        _panel(str(trouble), " ".join(trouble.field_reasons) or tr("Nothing was changed."))
        return
    _panel(str(trouble), tr("Nothing is lost. This page tries again by itself every few seconds."))
    _wait_for_it()


def _over() -> str:
    link = f"<a href='/enter?next=/dash/{as_html(once.page())}' target='_top'>{as_html(tr('Sign in again'))}</a>"
    told = tr("Nothing is lost. {sign_in} and you are back here.", sign_in=link)
    return f"<div class='br-trouble' role='alert'><strong>{as_html(tr('Your session has ended.'))}</strong>{told}</div>"


@st.fragment(run_every=RETRY_S)
def _wait_for_it() -> None:
    again = st.button(tr("Try again now"), key="try_again")
    if again or client.connect().is_there():
        st.rerun()


def _panel(what: str, then: str) -> None:
    st.html(f"<div class='br-trouble' role='alert'><strong>{as_html(what)}</strong>{as_html(then)}</div>")


def empty(what: str, then: str) -> None:
    """Say that there is nothing here, and what that means."""
    st.html(f"<div class='br-empty'><strong>{as_html(what)}</strong>{as_html(then)}</div>")
