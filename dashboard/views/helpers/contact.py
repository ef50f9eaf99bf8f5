"""How to reach a helper: seen for a reason, which is noted, and kept sealed with their consent."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.client import ApiTrouble
from dashboard.translation import Phrases, tr
from dashboard.views.reveal import REVEALED, ask_why, given_reason, no_reason
from dashboard.widgets import notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import in_words
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.board_answers import Helper

CHANNELS: Final = Phrases(
    {"phone": "A call", "sms": "A text message", "email": "E-mail", "visit": "A visit", "none": "Not at all"}
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look has brought: lines, or why not. It is kept under the same name as what is seen of needs."""

    need_id: str
    lines: tuple[tuple[str, str], ...] = ()
    refusal: str = ""


def show(one: Helper) -> None:
    """Draw the way to look, what was seen, and the form."""
    seen = st.session_state.get(REVEALED)
    if isinstance(seen, _Seen) and seen.need_id == one.id:
        _shown(seen)
    else:
        ask_why(one.id, tr("Show contact"), _look, (one,))
    _form(one)


def _look(one: Helper) -> None:
    reason = given_reason(one.id)
    if reason is None:
        st.session_state[REVEALED] = _Seen(one.id, refusal=no_reason())
        return
    try:
        lines = client.connect().reveal_helper(one.id, reason=reason).lines
    except ApiTrouble as trouble:
        missing = tr("No contact was kept. Set one here once they agree.")
        told = missing if trouble.status == HTTPStatus.NOT_FOUND else in_words(trouble)
        st.session_state[REVEALED] = _Seen(one.id, refusal=told)
        return
    st.session_state[REVEALED] = _Seen(one.id, lines)


def _shown(seen: _Seen) -> None:
    if seen.refusal:
        st.warning(as_label(seen.refusal), icon=":material/info:")
    else:
        rows = "".join(f"<dt>{as_html(label)}</dt><dd>{as_html(text)}</dd>" for label, text in seen.lines)
        title = as_html(tr("Contact"))
        note = as_html(tr("This look was noted, with your name and reason, in “What has happened”."))
        st.html(f"<div class='br-revealed'><strong>{title}</strong><dl>{rows}</dl><small>{note}</small></div>")
    st.button(tr("Hide it"), key=f"hide_{seen.need_id}", icon=":material/visibility_off:", on_click=_forget)


def _forget() -> None:
    st.session_state.pop(REVEALED, None)


def _form(one: Helper) -> None:
    with (
        st.popover(tr("Set contact"), key=f"set_{one.id}", type="tertiary", icon=":material/edit:", width="content"),
        st.form(f"contact_{one.id}", border=False),
    ):
        st.text_input(tr("Telephone"), key=f"phone_{one.id}", max_chars=40, autocomplete="off")
        st.text_input(tr("E-mail"), key=f"mail_{one.id}", max_chars=254, autocomplete="off")
        best = tr("Best reached by")
        st.selectbox(best, list(CHANNELS), format_func=CHANNELS.__getitem__, key=f"channel_{one.id}")
        st.checkbox(tr("They agreed to this being kept"), key=f"agreed_{one.id}")
        st.caption(tr("It is sealed, and takes the place of what was kept before."))
        with st.container(horizontal=True):
            st.form_submit_button(tr("Keep it"), type="primary", on_click=_keep, args=(one,))
            st.form_submit_button(tr("Keep nothing"), type="tertiary", on_click=_remove, args=(one,))


def _keep(one: Helper) -> None:
    phone, mail = (str(st.session_state.get(f"{name}_{one.id}") or "").strip() for name in ("phone", "mail"))
    if not (phone or mail):
        notice.refuse(tr("Give a telephone number or an e-mail address. Nothing was changed."))
        return
    if not st.session_state.get(f"agreed_{one.id}"):
        notice.refuse(tr("A contact is kept only once they have agreed. Nothing was changed."))
        return
    given = {"phone": phone, "email": mail, "preferred_channel": st.session_state.get(f"channel_{one.id}")}
    sent = {name: value for name, value in given.items() if value} | {"consent": True}
    _forget()
    attempt(lambda api: api.set_helper_contact(one, sent), lambda _: _kept(one))


def _kept(one: Helper) -> None:
    for name in ("phone", "mail"):
        st.session_state[f"{name}_{one.id}"] = ""
    notice.say(tr("The contact of {who} is kept, sealed.", who=one.name))


def _remove(one: Helper) -> None:
    _forget()
    words = tr("No contact of {who} is kept.", who=one.name)
    attempt(lambda api: api.remove_helper_contact(one), lambda _: notice.say(words))
