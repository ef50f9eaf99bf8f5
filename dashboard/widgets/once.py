"""A secret that is shown once: kept for as long as it is on the page, and no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard.translation import tr
from dashboard.widgets.plain import as_html

SHOWN: Final = "shown_once"
AT: Final = "page_looked_at"
QR_WIDTH: Final = 240


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown: a title, a note of what to do with it, the secret, and perhaps a QR code our API has drawn.

    ``done`` and ``scan`` are said where the usual words do not fit.
    """

    title: str
    note: str
    secret: str
    qr_svg: str | None = None
    done: str = ""
    scan: str = ""


def keep(shown: Shown) -> None:
    """Show something on the next run, until it is put away."""
    st.session_state[SHOWN] = shown


def forget() -> None:
    """Put away what is shown."""
    st.session_state.pop(SHOWN, None)


def arrive(page: str, *, also: tuple[str, ...] = ()) -> None:
    """Put away what another page has shown; ``also`` names further things not to be carried along."""
    if st.session_state.get(AT) != page:
        forget()
        for name in also:
            st.session_state.pop(name, None)
    st.session_state[AT] = page


def page() -> str:
    """Give the name of the page looked at, as its address has it."""
    return str(st.session_state.get(AT) or "")


def show() -> None:
    """Draw what is shown, if anything is."""
    shown: Shown | None = st.session_state.get(SHOWN)
    if shown is None:
        return
    with st.container(key="once"):
        st.html(f"<h2 class='br-section'>{as_html(shown.title)}</h2><p class='br-note'>{as_html(shown.note)}</p>")
        if shown.qr_svg and shown.qr_svg.startswith("<svg"):
            st.image(shown.qr_svg, width=QR_WIDTH, caption=shown.scan or tr("Scan this with the phone's camera"))
        st.code(shown.secret, language=None, wrap_lines=True)
        st.button(
            shown.done or tr("Done, take it off the page"), key="once_done", icon=":material/check:", on_click=forget
        )
