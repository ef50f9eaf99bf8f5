"""The review queue: every address that could not be placed waits here until a person has looked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.sentences import plural, since
from dashboard.views import decide
from dashboard.widgets import theme, trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.answers import Meta, Queue, Waiting

OPEN: Final = "open_need"

LONG: Final = 60


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta, queue = api.get_meta(), api.get_queue()
        _head(queue)
        decide.show_done()
        _work(meta, queue)


def _head(queue: Queue) -> None:
    waits = plural(queue.count, "address waits", "addresses wait")
    title = f"{waits} for a place" if queue.count else "Review queue"
    lead = (
        "These needs are counted but not on the map yet: what was typed could not be placed for certain. "
        "Choose a suggestion or set a pin."
    )
    st.html(f"<div class='br-head'><h1>{as_html(title)}</h1><p class='br-lead'>{lead if queue.count else ''}</p></div>")


def _work(meta: Meta, queue: Queue) -> None:
    again = decide.reopened()
    if not queue.items and again is None:
        trouble.empty("Every address has a place. Nothing waits here.", "New addresses that need a person will appear.")
        return
    chosen = again or _chosen(queue)
    left, right = st.columns([1, 1.9], gap="medium")
    with right:
        decide.show(meta, chosen)
    with left:
        _aside(meta, queue, chosen)


def _chosen(queue: Queue) -> Waiting:
    wanted = st.session_state.get(OPEN)
    return next((item for item in queue.items if item.need.id == wanted), queue.items[0])


def _aside(meta: Meta, queue: Queue, chosen: Waiting) -> None:
    st.html("<h2 class='br-section'>Waiting</h2>")
    with st.container(key="waiting"):
        for item in queue.items:
            _entry(meta, item, is_open=item.need.id == chosen.need.id)
    if queue.count > len(queue.items):
        st.caption(f"and {queue.count - len(queue.items)} more, which follow as these are done")


def _entry(meta: Meta, item: Waiting, *, is_open: bool) -> None:
    st.button(
        label_of(meta, item),
        key=f"wait_{item.need.id}",
        type="primary" if is_open else "secondary",
        width="stretch",
        on_click=_open,
        args=(item.need.id,),
    )


def label_of(meta: Meta, item: Waiting) -> str:
    """Write one entry of the queue as a button's label."""
    typed = item.address_typed or "Nothing typed"
    short = typed if len(typed) <= LONG else f"{typed[:LONG]}…"
    return (
        f"**{as_label(short)}**  \n{as_label(meta.label(item.need.category))}, came in {since(item.need.received_at)}"
    )


def _open(need_id: str) -> None:
    st.session_state[OPEN] = need_id
    decide.forget_pin()
