"""The review queue: every address that could not be placed waits here until a person has looked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.sentences import URGENCY, since
from dashboard.translation import Phrases, number, tr, trn
from dashboard.views import decide, decided
from dashboard.widgets import entry, review_keys, theme, trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.answers import Counts, Meta, Queue, Waiting

LIST: Final = "review_list"
ORDER: Final = "review_order"

LONG: Final = 60
QUEUE: Final = "queue"
OUTSIDE: Final = "outside_area"
DECIDED: Final = "decided"
_EMPTY: Final = Phrases(
    {
        QUEUE: ("Every address has a place. Nothing waits here.", "New addresses that need a person will appear."),
        OUTSIDE: ("Nothing here lies outside your area.", "What you mark so is kept here, and stays counted."),
    }
)


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        chosen = st.session_state.get(LIST) or QUEUE
        queue = api.get_queue(state=OUTSIDE if chosen == OUTSIDE else None)
        _head(queue.counts)
        _lists(queue.counts)
        decide.show_done()
        if chosen == DECIDED:
            decided.show(meta, api)
        else:
            _work(meta, queue, chosen)


def _head(counts: Counts) -> None:
    title = trn("{n} address waits for a place", "{n} addresses wait for a place", counts.waiting)
    lead = tr(
        "These needs are counted but not on the map yet: what was typed could not be placed for certain. "
        "Choose a suggestion or set a pin."
    )
    if not counts.waiting:
        title, lead = tr("Review queue"), ""
    st.html(
        f"<div class='br-head'><h1>{as_html(title)}</h1><p class='br-lead'>{as_html(lead)}</p></div>"
        + _progress(counts)
    )


def _progress(counts: Counts) -> str:
    done, whole = counts.decided_today, counts.decided_today + counts.waiting
    if not done:
        return ""
    said = as_html(tr("{done} of {all} done today", done=number(done), all=number(whole)))
    share = round(100 * done / whole)
    return (
        f"<div class='br-progress'><span role='progressbar' aria-label='{said}' aria-valuemin='0' "
        f"aria-valuemax='{whole}' aria-valuenow='{done}'><i style='width:{share}%'></i></span>{said}</div>"
    )


def _lists(counts: Counts) -> None:
    names = {
        QUEUE: tr("To place {n}", n=number(counts.queue)),
        OUTSIDE: tr("Outside our area {n}", n=number(counts.outside_area)),
        DECIDED: tr("Decided lately"),
    }
    with st.container(key="lists", horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            tr("Which list"),
            list(names),
            default=QUEUE,
            format_func=names.__getitem__,
            key=LIST,
            label_visibility="collapsed",
            on_change=_other_list,
            required=True,
            wrap=True,
        )
        review_keys.show()


def _other_list() -> None:
    st.session_state.pop(decide.OPEN, None)
    decide.put_away()


def _work(meta: Meta, queue: Queue, which: str) -> None:
    if not queue.items:
        trouble.empty(*_EMPTY[which])
        return
    at = _place_in(queue)
    left, right = st.columns([1, 1.9], gap="medium")
    with right:
        after = queue.items[at + 1 : at + 2]
        decide.show(meta, queue.items[at], following=after[0].need.id if after else None)
    with left:
        _aside(meta, queue, at)


def _place_in(queue: Queue) -> int:
    wanted = st.session_state.get(decide.OPEN)
    return next((at for at, item in enumerate(queue.items) if item.need.id == wanted), 0)


def _aside(meta: Meta, queue: Queue, at: int) -> None:
    _steps(queue, at)
    with st.container(key="waiting"):
        for place, item in enumerate(queue.items):
            is_first_asked = item.state == "ask_again" and (place == 0 or queue.items[place - 1].state != "ask_again")
            if is_first_asked:
                entry.heading(tr("To ask"))
            _entry(meta, item, is_open=place == at)
    if queue.count > len(queue.items):
        st.caption(
            trn(
                "and {n} more, which follows as these are done",
                "and {n} more, which follow as these are done",
                queue.count - len(queue.items),
            )
        )


def _steps(queue: Queue, at: int) -> None:
    last = len(queue.items) - 1
    st.session_state[ORDER] = [item.need.id for item in queue.items]
    st.session_state[decide.OPEN] = queue.items[at].need.id
    with st.container(key="steps", horizontal=True, vertical_alignment="center"):
        entry.heading(tr("{n} of {all}", n=number(at + 1), all=number(queue.count)))
        for key, label, by, shortcut in (("previous", tr("Back"), -1, "k"), ("next", tr("Next"), 1, "j")):
            st.button(
                label,
                key=key,
                type="tertiary",
                shortcut=shortcut,
                disabled=not 0 <= at + by <= last,
                on_click=_step,
                args=(by,),
            )


def _step(by: int) -> None:
    # from what is open now, not from what was open when the button was drawn
    order = st.session_state.get(ORDER) or []
    now = st.session_state.get(decide.OPEN)
    at = order.index(now) + by if now in order else 0
    if 0 <= at < len(order):
        open_need(order[at])


def _entry(meta: Meta, item: Waiting, *, is_open: bool) -> None:
    st.button(
        label_of(meta, item),
        key=f"wait_{item.need.id}",
        type="primary" if is_open else "secondary",
        width="stretch",
        on_click=open_need,
        args=(item.need.id,),
    )


def label_of(meta: Meta, item: Waiting) -> str:
    """Write one entry of the queue as a button's label: the address, and how urgent, what and since when."""
    typed = item.address_typed or tr("Nothing typed")
    short = typed if len(typed) <= LONG else f"{typed[:LONG]}…"
    urgency = URGENCY.get(item.need.urgency, item.need.urgency)
    pressing = f"**{as_label(urgency)}** · " if item.need.urgency in ("critical", "high") else ""
    about = tr(", ").join((as_label(meta.label(item.need.category)), since(item.need.received_at)))
    return f"**{as_label(short)}**  \n{pressing}{about}"


def open_need(need_id: str) -> None:
    """Look at another need."""
    st.session_state[decide.OPEN] = need_id
    decide.put_away()
