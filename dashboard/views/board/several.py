"""Several needs of a lane at once: chosen one by one or all that are shown, then one step for all, with its undo."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.board_words import about, card_line
from dashboard.sentences import URGENCY
from dashboard.translation import tr, trn
from dashboard.views import matches
from dashboard.widgets import notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dashboard.answers import Meta, Need
    from dashboard.board_answers import Board, Card, Steps

ON: Final = "board_several"
REASON: Final = "several_reason"
LEFT: Final = "several_left"
"""What a step left as it was: the id of each need, and what it is called."""
MOST_REASON: Final = 200


def _tick(need_id: str) -> str:
    return f"several_{need_id}"


def _chosen(board: Board) -> list[Need]:
    return [card.need for card in board.cards if st.session_state.get(_tick(card.need.id))]


def show(meta: Meta, board: Board, at: int) -> None:
    """Draw what can be done with several needs; ``at`` is the one that is looked at."""
    is_on = bool(st.session_state.get(ON))
    label = tr("Stop choosing") if is_on else tr("Choose several")
    # a button: while a switch has the keyboard, the keys of the page do nothing
    st.button(
        label, key="several_begin", type="tertiary", icon=":material/checklist:", on_click=_begin, args=(not is_on,)
    )
    if not is_on:
        return
    chosen = _chosen(board)
    with st.container(key="several_choice", horizontal=True, vertical_alignment="center", gap="small"):
        told = trn("{n} chosen", "{n} chosen", len(chosen))
        st.html(f"<p class='br-note' role='status'><b>{as_html(told)}</b></p>")
        every = [card.need.id for card in board.cards]
        here = board.cards[at].need.id
        st.button(tr("All shown"), key="several_all", type="tertiary", shortcut="a", on_click=_choose, args=(every,))
        st.button(tr("This one"), key="several_this", type="tertiary", shortcut="x", on_click=_turn, args=(here,))
        none = tr("None")
        st.button(none, key="several_none", type="tertiary", disabled=not chosen, on_click=_let_go, args=(every,))
    with st.container(key="several_steps", horizontal=True, vertical_alignment="center", gap="small"):
        if board.lane == "done":
            st.button(tr("Open them again"), key="several_open", icon=":material/undo:", disabled=not chosen,
                      on_click=_close, args=(meta, chosen, "open"))  # fmt: skip
        else:
            _closing(meta, chosen)
            _urgency(meta, chosen)
        if board.lane == "waiting" and st.button(
            tr("Propose helpers"), key="several_propose", icon=":material/auto_awesome:", disabled=not chosen
        ):
            matches.only([need.id for need in chosen])
            st.switch_page(st.Page(matches.show, url_path="matches"))


def _begin(is_on: bool) -> None:  # noqa: FBT001 - a button hands over its arguments by place
    st.session_state[ON] = is_on


def _choose(need_ids: Sequence[str]) -> None:
    st.session_state.update(dict.fromkeys(map(_tick, need_ids), True))


def _let_go(need_ids: Sequence[str]) -> None:
    st.session_state.update(dict.fromkeys(map(_tick, need_ids), False))


def _turn(need_id: str) -> None:
    st.session_state[_tick(need_id)] = not st.session_state.get(_tick(need_id))


@contextmanager
def beside(meta: Meta, card: Card) -> Iterator[None]:
    """Draw a box to tick beside what is drawn within, while several are chosen."""
    if not st.session_state.get(ON):
        yield
        return
    with st.container(key=f"pick_{card.need.id}", horizontal=True, vertical_alignment="center", gap="small"):
        label = tr("Choose {need}", need=_called(meta, card))
        st.checkbox(as_label(label), key=_tick(card.need.id), label_visibility="collapsed")
        yield


def _called(meta: Meta, card: Card) -> str:
    return tr(", ").join((about(meta, card.need), card_line(card)))


def _closing(meta: Meta, chosen: Sequence[Need]) -> None:
    with st.popover(tr("Close them"), key="several_close", icon=":material/done_all:", disabled=not chosen):
        st.text_input(
            tr("Why, for everybody here to read; may be left out"),
            key=REASON,
            max_chars=MOST_REASON,
            autocomplete="off",
        )
        st.button(tr("They were met"), key="several_met", on_click=_close, args=(meta, chosen, "met"), width="stretch")
        label = tr("They are not wanted any more")
        st.button(label, key="several_gone", on_click=_close, args=(meta, chosen, "withdrawn"), width="stretch")
        st.caption(tr("They stay counted, and can be opened again."))


def _urgency(meta: Meta, chosen: Sequence[Need]) -> None:
    with st.popover(tr("How urgent"), key="several_urgent", icon=":material/priority_high:", disabled=not chosen):
        for word, label in URGENCY.items():
            st.button(label, key=f"several_{word}", on_click=_press, args=(meta, chosen, word), width="stretch")


def _close(meta: Meta, chosen: Sequence[Need], status: str) -> None:
    reason = str(st.session_state.get(REASON) or "").strip() if status != "open" else ""

    def done(steps: Steps) -> None:
        opened = status == "open"
        told = (
            trn("{n} need is open again.", "{n} needs are open again.", len(steps.needs))
            if opened
            else trn("{n} need is closed.", "{n} needs are closed.", len(steps.needs))
        )
        back = Undo(tr("Undo"), _undo_status, (steps.needs, "met" if opened else "open"))
        _tell(meta, chosen, steps, told, back)
        st.session_state.pop(REASON, None)

    attempt(lambda api: api.step_needs(chosen, {"status": status}, reason=reason or None), done)


def _press(meta: Meta, chosen: Sequence[Need], urgency: str) -> None:
    before = {need.id: need.urgency for need in chosen}

    def done(steps: Steps) -> None:
        told = trn(
            "{n} need is now: {urgency}.", "{n} needs are now: {urgency}.", len(steps.needs), urgency=URGENCY[urgency]
        )
        _tell(meta, chosen, steps, told, Undo(tr("Undo"), _undo_urgency, (steps.needs, before)))

    attempt(lambda api: api.step_needs(chosen, {"urgency": urgency}), done)


def _tell(meta: Meta, chosen: Sequence[Need], steps: Steps, told: str, back: Undo) -> None:
    _let_go([need.id for need in chosen])
    names = {need.id: about(meta, need) for need in chosen}
    st.session_state[LEFT] = [(one, names.get(one, one)) for one in steps.left]
    left = trn(
        "{n} had changed meanwhile and was left as it is: open it below.",
        "{n} had changed meanwhile and were left as they are: open them below.",
        len(steps.left),
    )
    if not steps.needs:
        notice.refuse(left)
    else:
        notice.say(f"{told} {left}" if steps.left else told, undo=back)


def _undo_status(needs: Sequence[Need], status: str) -> None:
    attempt(lambda api: api.step_needs(needs, {"status": status}), lambda steps: _taken_back([steps]))


def _undo_urgency(needs: Sequence[Need], before: dict[str, str]) -> None:
    ordered = sorted(needs, key=lambda need: before[need.id])
    done: list[Steps] = []
    for urgency, some in groupby(ordered, key=lambda need: before[need.id]):
        group = list(some)
        attempt(lambda api, group=group, urgency=urgency: api.step_needs(group, {"urgency": urgency}), done.append)  # type: ignore[misc]
    _taken_back(done)


def _taken_back(done: Sequence[Steps]) -> None:
    if not done:
        return
    count, left = (sum(len(part) for part in parts) for parts in zip(*((s.needs, s.left) for s in done), strict=True))
    told = trn("{n} need stands as it did before.", "{n} needs stand as they did before.", count)
    more = trn("{n} had changed meanwhile and was left.", "{n} had changed meanwhile and were left.", left)
    notice.say(f"{told} {more}" if left else told)


def show_left(look: Callable[[str], None]) -> None:
    """Draw the needs that the last step left as they were; ``look`` opens one."""
    left: list[tuple[str, str]] = st.session_state.get(LEFT) or []
    if not left:
        return
    with st.container(key="several_left", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f"<p class='br-note'><b>{as_html(tr('Left as they are:'))}</b></p>")
        for need_id, name in left:
            st.button(as_label(name), key=f"left_{need_id}", on_click=look, args=(need_id,))
        st.button(tr("Put away"), key="several_away", type="tertiary", on_click=_put_away)


def _put_away() -> None:
    st.session_state.pop(LEFT, None)
