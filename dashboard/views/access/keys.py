"""Everything that opens something here: sessions, links, tokens and keys, each revoked at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_words import KINDS, key_line
from dashboard.translation import tr
from dashboard.widgets import entry, notice, once, proof, trouble
from dashboard.widgets.once import Shown
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.access_answers import Key, Me
    from dashboard.client import Client

AT_ONCE: Final = 50
MOST_DAYS: Final = 90
KIND, AFTER, LABEL, DAYS = "keys_kind", "keys_after", "token_label", "token_days"


def show(api: Client, _: Me) -> None:
    """Draw what is good now."""
    _make()
    entry.heading(tr("Good right now"))
    kind: str | None = st.selectbox(
        tr("Show"),
        ["", *KINDS],
        format_func=lambda value: KINDS.get(value) or tr("Everything"),
        key=KIND,
        on_change=_from_the_start,
        width=280,
    )
    page = api.list_keys(kind=kind or None, after=st.session_state.get(AFTER), limit=AT_ONCE)
    owners = names_of(api)
    if not page.items:
        trouble.empty(tr("Nothing of this kind is good now."), tr("What has run out or was revoked is not listed."))
    for key in page.items:
        _one(key, owners)
    with st.container(horizontal=True):
        if st.session_state.get(AFTER):
            st.button(tr("Back to the first"), key="keys_first", on_click=_from_the_start)
        if page.following:
            st.button(tr("More"), key="keys_more", on_click=_go_on, args=(page.following,))


def names_of(api: Client) -> dict[str, str]:
    """Name the people, phones and partners of the network by their ids."""
    named: list[tuple[str, str]] = [(person.id, person.name) for person in api.list_people()]
    named += [(phone.id, phone.label) for phone in api.list_phones()]
    named += [(one.id, one.name) for one in api.list_agreements()]
    return dict(named)


def _make() -> None:
    with (
        st.expander(tr("Make a token for a script of your own"), icon=":material/terminal:"),
        st.form("make_token", border=False),
    ):
        told = tr("Whoever has it acts as you. It stands in the audit under your name.")
        st.html(f"<p class='br-note'>{as_html(told)}</p>")
        left, right = st.columns([2, 1])
        left.text_input(tr("What it is for"), key=LABEL, max_chars=100, placeholder=tr("Nightly export"))
        right.number_input(tr("Days it is good"), 1, MOST_DAYS, value=30, step=1, key=DAYS)
        st.form_submit_button(tr("Make the token"), type="primary", on_click=_send)


def _send() -> None:
    label, days = str(st.session_state.get(LABEL) or "").strip(), int(st.session_state.get(DAYS) or 1)
    if not label:
        notice.refuse(tr("Say what the token is for, so that it can be told from others."))
        return

    def made(token: str) -> None:
        st.session_state[LABEL] = ""
        note = tr(
            "Send it as 'Authorization: Bearer …' and keep it in a file only you can read. It is never shown again."
        )
        once.keep(Shown(tr("The token for {label}", label=label), note, token, done=tr("I have kept it")))

    proof.attempt(lambda api: api.issue_token(label, days), made)


def _one(key: Key, owners: dict[str, str]) -> None:
    label = key.label if key.label not in ("", owners.get(key.owner or "")) else ""
    room = entry.line(key.id, KINDS.get(key.kind, key.kind), [label, key_line(key, owners)], tag=key.kid)
    ask = tr("It is useless at once. This cannot be taken back.")
    if key.kind == "session":
        ask = tr("Whoever uses it is signed out at once and can sign in again. If it is your own, that is you.")
    entry.sure(room, key.id, (tr("Revoke"), tr("Revoke it")), ask, partial(_revoke, key))


def _revoke(key: Key) -> None:
    def done(_: object) -> None:
        once.forget()
        kind = KINDS.get(key.kind, key.kind)
        notice.say(tr("{kind} {number} is revoked. It opens nothing any more.", kind=kind, number=key.kid))

    proof.attempt(lambda api: api.revoke(key.id), done)


def _from_the_start() -> None:
    st.session_state.pop(AFTER, None)


def _go_on(after: str) -> None:
    st.session_state[AFTER] = after
