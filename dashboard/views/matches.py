"""Matches: whom to ask about all open needs at once, why, and why not; nobody is asked without a click."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import client
from dashboard.board_words import LEFT_OUT, about, how_good, in_a_row, proposals_headline
from dashboard.sentences import since
from dashboard.told_words import say, say_travel
from dashboard.translation import number, tr, trn
from dashboard.widgets import balance, entry, notice, theme, trouble
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.answers import Meta, Need
    from dashboard.board_answers import Match, Pair, Proposals
    from dashboard.client import Client

FOUND: Final = "proposals"
KIND, RING, EACH, WAIT = "propose_kind", "propose_ring", "propose_each", "propose_wait"
RINGS: Final = (15, 30, 60)
"""How many minutes away helpers may be."""
WAITS: Final = (6, 24, 72)
"""In how many hours they answer."""
_HOUR_MIN: Final = 60
_DAY_H: Final = 24
AT_ONCE: Final = 25
MORE: Final = "propose_shown"
ONLY, BEGIN = "propose_only", "propose_begin"
"""The needs that were chosen on the board, and whether they are yet to be looked at."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was proposed, the needs by their ids, and whom we have asked since."""

    answer: Proposals
    needs: Mapping[str, Need]
    wait_h: float
    asked: Mapping[str, Match] = field(default_factory=dict)


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta = api.get_meta()
        found: _Found | None = st.session_state.get(FOUND)
        _head(meta, found)
        notice.show()
        _form(api, meta)
        if found is None:
            trouble.empty(
                tr("Nothing is proposed yet."),
                tr(
                    "All open needs and all helpers who may be asked are looked at together, so that the most pressing "
                    "come first and nobody is asked too much. Nobody is asked before you say so."
                ),
            )
            return
        _proposed(meta, found)
        _unmatched(found.answer)
        balance.show(found.answer.balance)


def only(need_ids: Sequence[str]) -> None:
    """Propose for these needs alone when the page is drawn next."""
    st.session_state[ONLY], st.session_state[BEGIN] = tuple(need_ids), True
    st.session_state.pop(FOUND, None)


def _narrowed(count: int) -> None:
    with st.container(key="propose_only", horizontal=True, vertical_alignment="center"):
        told = trn(
            "Only the {n} need chosen on the board is looked at.",
            "Only the {n} needs chosen on the board are looked at.",
            count,
        )
        st.html(f"<p class='br-note'><b>{as_html(told)}</b></p>")
        st.button(tr("All open needs again"), key="propose_all", type="tertiary", on_click=_widen)


def _widen() -> None:
    for key in (ONLY, BEGIN, FOUND):
        st.session_state.pop(key, None)


def _head(meta: Meta, found: _Found | None) -> None:
    title, lead = tr("Whom to ask about what"), tr("Proposals for all open needs at once, each with its reason.")
    if found:
        title, lead = proposals_headline(found.answer), how_good(found.answer)
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _form(api: Client, meta: Meta) -> None:
    kinds, chosen = dict(meta.categories), st.session_state.get(ONLY, ())
    if chosen:
        _narrowed(len(chosen))
    with st.container(key="propose_form"), st.form("propose", border=True):
        columns = st.columns([1, 1, 1, 1, 0.9], vertical_alignment="bottom")
        kind = columns[0].selectbox(
            tr("Kind of need"), ["", *kinds], format_func=lambda one: kinds.get(one, tr("Every kind")), key=KIND
        )
        ring = columns[1].selectbox(tr("Helpers at most"), RINGS, index=1, format_func=_away, key=RING)
        most = columns[2].selectbox(tr("For each helper at most"), [1, 2, 3, 5], index=1, format_func=_needs, key=EACH)
        wait = columns[3].selectbox(tr("They answer"), WAITS, index=1, format_func=_soon, key=WAIT)
        wanted = columns[4].form_submit_button(
            tr("Propose"), type="primary", icon=":material/auto_awesome:", width="stretch"
        )
    if not (st.session_state.pop(BEGIN, False) or wanted):
        return
    asked: dict[str, Any] = {"ring_min": float(ring), "most_each": int(most), "answer_within_h": float(wait)}
    asked |= {"need_ids": list(chosen)} if chosen else {}
    with st.spinner(tr("Looking at every need and every helper …")):
        answer = api.propose(asked | ({"category": kind} if kind else {}))
        st.session_state[FOUND] = _Found(answer, _needs_of(api, answer), float(wait))
    st.session_state[MORE] = AT_ONCE
    st.rerun()


def _needs(count: int) -> str:
    return trn("{n} need", "{n} needs", count)


def _away(ring_min: int) -> str:
    return tr("an hour away") if ring_min == _HOUR_MIN else trn("{n} minute away", "{n} minutes away", ring_min)


def _soon(wait_h: int) -> str:
    if wait_h < _DAY_H:
        return trn("within {n} hour", "within {n} hours", wait_h)
    return trn("within a day", "within {n} days", wait_h // _DAY_H)


def _needs_of(api: Client, answer: Proposals) -> dict[str, Need]:
    known = {need.id: need for need in api.list_open_needs()}
    # a large network has more open needs than one page holds; those shown at once are then read one by one
    for pair in answer.pairs[:AT_ONCE]:
        if pair.need_id not in known:
            known[pair.need_id] = api.get_need(pair.need_id)
    return known


def _proposed(meta: Meta, found: _Found) -> None:
    pairs = found.answer.pairs
    if not pairs:
        return
    shown = pairs[: st.session_state.get(MORE, AT_ONCE)]
    waiting = [pair for pair in shown if pair.need_id not in found.asked]
    chosen = [pair for pair in waiting if st.session_state.get(_tick(pair), True)]
    with st.container(key="propose_bar", horizontal=True, vertical_alignment="center"):
        st.button(
            trn("Ask about the one ticked", "Ask about the {n} ticked", len(chosen)),
            key="ask_ticked",
            type="primary",
            icon=":material/send:",
            disabled=not chosen,
            on_click=_ask,
            args=(chosen,),
        )
        if waiting:
            st.button(tr("Tick none"), key="tick_none", type="tertiary", on_click=_set_all, args=(waiting, False))
            st.button(tr("Tick all"), key="tick_all", type="tertiary", on_click=_set_all, args=(waiting, True))
    for pair in shown:
        _pair(meta, found, pair)
    if len(shown) < len(pairs):
        rest = len(pairs) - len(shown)
        more = tr("Show {n} of {all} more", n=number(min(rest, AT_ONCE)), all=number(rest))
        st.button(more, key="propose_more", on_click=_more)


def _tick(pair: Pair) -> str:
    return f"tick_{pair.need_id}"


def _set_all(pairs: Sequence[Pair], is_on: bool) -> None:  # noqa: FBT001 - a button hands over its arguments by place
    for pair in pairs:
        st.session_state[_tick(pair)] = is_on


def _more() -> None:
    st.session_state[MORE] = st.session_state.get(MORE, AT_ONCE) + AT_ONCE


def _pair(meta: Meta, found: _Found, pair: Pair) -> None:
    need, match = found.needs.get(pair.need_id), found.asked.get(pair.need_id)
    what = about(meta, need) if need else tr("A need")
    waited = tr("asked for {ago}", ago=since(need.received_at)) if need else ""
    with st.container(key=f"pair_{pair.need_id}", horizontal=True, vertical_alignment="center"):
        if match is None:
            st.checkbox(as_label(in_a_row(what, waited)), value=True, key=_tick(pair), label_visibility="collapsed")
        room = entry.line(f"pair_{pair.need_id}", f"{what} → {pair.helper_name}", [say(pair.reason), waited])
        if match is None:
            room.button(tr("Ask"), key=f"ask_{pair.need_id}", on_click=_ask, args=([pair],))
        else:
            back = tr("Take back")
            room.button(back, key=f"back_{pair.need_id}", type="tertiary", on_click=_back, args=(pair, match))


def _ask(pairs: Sequence[Pair]) -> None:
    asked: list[Pair] = []
    for pair in pairs:
        if not _ask_one(pair):
            break
        asked.append(pair)
    if not asked:
        return
    undo = Undo(tr("Take back"), _back_all, (asked,))
    people = len({pair.helper_id for pair in asked})
    told = asked[0].helper_name if people == 1 else trn("{n} helper", "{n} helpers", people)
    needs = _needs(len(asked))
    if len(asked) == len(pairs):
        words = tr("Asked {helpers} about {needs}. They stand on the board under “Asked”.", helpers=told, needs=needs)
        notice.say(words, undo=undo)


def _ask_one(pair: Pair) -> bool:
    found: _Found = st.session_state[FOUND]
    made: list[Match] = []
    attempt(
        lambda api: api.ask_helper(pair.need_id, "helper", pair.helper_id, answer_within_h=found.wait_h), made.append
    )
    if made:
        st.session_state[FOUND] = replace(found, asked={**found.asked, pair.need_id: made[0]})
    return bool(made)


def _back(pair: Pair, match: Match) -> None:
    def done(_: Match) -> None:
        found: _Found = st.session_state[FOUND]
        asked = {need_id: one for need_id, one in found.asked.items() if need_id != pair.need_id}
        st.session_state[FOUND] = replace(found, asked=asked)
        notice.say(tr("The question to {who} is taken back.", who=pair.helper_name))

    attempt(lambda api: api.step(match, "withdraw"), done)


def _back_all(pairs: Sequence[Pair]) -> None:
    for pair in pairs:
        match = st.session_state[FOUND].asked.get(pair.need_id)
        if match is not None:
            _back(pair, match)


def _unmatched(answer: Proposals) -> None:
    if not answer.unmatched:
        return
    entry.heading(trn("{n} need left, and why", "{n} needs left, and why", len(answer.unmatched)))
    rows = "".join(_why(reason, count) for reason, count in Counter(why for _, why in answer.unmatched).most_common())
    head = "".join(f"<th scope='col'>{as_html(word)}</th>" for word in (tr("Why"), tr("Needs"), tr("What would help")))
    label = as_html(tr("Needs nobody is proposed for, and why"))
    st.html(
        f"<div class='br-changes br-why' tabindex='0' role='region' aria-label='{label}'><table><thead><tr>{head}</tr>"
        f"</thead><tbody>{rows}</tbody></table></div><p class='br-note'>{as_html(say_travel(answer.travel_note))}</p>"
    )


def _why(reason: str, count: int) -> str:
    words, cure = LEFT_OUT.get(reason, (reason.replace("_", " "), ""))
    return f"<tr><th scope='row'>{as_html(words)}</th><td>{number(count)}</td><td>{as_html(cure)}</td></tr>"
