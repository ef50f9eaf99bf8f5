"""Referrals: what waits for a partner's answer, what came back, and what is over."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.referral_words import EMPTY, LANE_NAMES, LANES, left, stands, step_line
from dashboard.translation import number, tr, trn
from dashboard.widgets import doing, entry, notice, proof, theme, trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.answers import Meta
    from dashboard.client import Client
    from dashboard.referral_answers import Referral, Referrals

LANE, OPEN = "referral_lane", "open_referral"
CAN_UNDO: Final = frozenset({"accepted", "served", "declined", "not_eligible", "full", "withdrawn"})


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        wanted = st.session_state.get(LANE) or next(iter(LANES))
        answers = [api.list_referrals(state=state) for state in LANES[wanted]]
        found = sorted((one for each in answers for one in each.items), key=_order)
        _head(meta, answers[0])
        _choose(answers[0])
        with st.container(key="referral_notice"):
            notice.show()
        if found:
            _work(api, meta, found)
        else:
            trouble.empty(*EMPTY[wanted])
        proof.ask()


def _order(one: Referral) -> tuple[bool, float]:
    """Order by what ends first; what is over, by the newest."""
    if one.is_running:
        return not one.is_due_soon, one.expires_at.timestamp()
    return True, -(one.ended_at or one.expires_at).timestamp()


def _head(meta: Meta, told: Referrals) -> None:
    waiting, accepted = told.counts.get("waiting", 0), told.counts.get("accepted", 0)
    title, lead = tr("Referrals"), tr("A partner has a need until it answers or the time is over.")
    if waiting:
        title = trn("{n} referral waits for an answer", "{n} referrals wait for an answer", waiting)
    if accepted:
        lead = trn("{n} need is with a partner who said yes.", "{n} needs are with a partner who said yes.", accepted)
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _choose(told: Referrals) -> None:
    counts = {lane: sum(told.counts.get(state, 0) for state in states) for lane, states in LANES.items()}
    st.segmented_control(
        tr("How they stand"), list(LANES), default=next(iter(LANES)), required=True, key=LANE, wrap=True,
        format_func=lambda lane: f"{LANE_NAMES[lane]} · {number(counts[lane])}", label_visibility="collapsed",
        on_change=_other_lane,
    )  # fmt: skip


def _other_lane() -> None:
    st.session_state.pop(OPEN, None)


def _work(api: Client, meta: Meta, found: Sequence[Referral]) -> None:
    at = next((n for n, one in enumerate(found) if one.id == st.session_state.get(OPEN)), 0)
    left_side, right_side = st.columns([1, 1.9], gap="medium")
    with left_side:
        _steps(found, at)
        with st.container(key="waiting"):
            for place, one in enumerate(found):
                st.button(
                    _label(meta, one),
                    key=f"wait_{one.id}",
                    type="primary" if place == at else "secondary",
                    width="stretch",
                    on_click=_look,
                    args=(one.id,),
                )
    with right_side, st.container(key="referral_open"), trouble.guarded():
        _open(api, meta, found[at])


def _steps(found: Sequence[Referral], at: int) -> None:
    with st.container(key="steps", horizontal=True, vertical_alignment="center"):
        entry.heading(tr("{n} of {all}", n=number(at + 1), all=number(len(found))))
        for key, label, by, shortcut in (("previous", tr("Back"), -1, "k"), ("next", tr("Next"), 1, "j")):
            there = 0 <= at + by < len(found)
            st.button(
                label,
                key=key,
                type="tertiary",
                shortcut=shortcut,
                disabled=not there,
                on_click=_look,
                args=(found[at + by].id if there else "",),
            )


def _label(meta: Meta, one: Referral) -> str:
    parts = [tr("ends soon")] if one.is_due_soon else []
    line = " · ".join([*parts, one.partner, stands(one)])
    return f"**{as_label(meta.label(one.category))}**  \n{as_label(line)}"


def _look(referral_id: str) -> None:
    st.session_state[OPEN] = referral_id


def _open(api: Client, meta: Meta, one: Referral) -> None:
    service = f" · {one.service}" if one.service else ""
    st.html(f"<h2 class='br-section'>{as_html(f'{meta.label(one.category)} → {one.partner}{service}')}</h2>")
    lines = [part for part in (stands(one).capitalize(), left(one)) if part]
    st.html(f"<p class='br-note'>{as_html(' · '.join(lines))}</p>")
    if one.is_due_soon:
        st.warning(tr("Nobody has answered, and little time is left. A call may help."), icon=":material/call:")
    with st.container(key="referral_does", horizontal=True):
        if one.is_running:
            ask = tr("The partner no longer has the need, from its next request on.")
            key, words = f"referral_{one.id}", (tr("Take back"), tr("Take it back"))
            entry.sure(st.container(), key, words, ask, partial(_take_back, one))
        if one.state in CAN_UNDO:
            undo = tr("Undo the last step")
            st.button(undo, key=f"undo_{one.id}", icon=":material/undo:", on_click=_undo, args=(one,))
    names = {person.id: person.name for person in api.list_people()} | {one.agreement_id: one.partner}
    steps = "".join(
        f"<li><div>{as_html(step_line(step, names))}</div></li>" for step in api.list_referral_steps(one.id)
    )
    label = as_html(tr("What has happened"))
    st.html(f"<ul class='br-log' aria-label='{label}'>{steps}</ul>")


def _take_back(one: Referral) -> None:
    said = tr("{partner} no longer has this need.", partner=one.partner)
    doing.attempt(lambda api: api.take_back(one.id), lambda _: notice.say(said))


def _undo(one: Referral) -> None:
    def done(made: Referral) -> None:
        st.session_state[OPEN] = made.id
        words = tr("The last step was taken back: {partner}, {state}.", partner=made.partner, state=stands(made))
        notice.say(words)

    proof.attempt(lambda api: api.undo_referral(one.id), done)
