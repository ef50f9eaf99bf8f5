"""Who may come in: the people, phones and keys of the network, and one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.translation import Phrases, tr
from dashboard.views.access import account, keys, outside, people, phones
from dashboard.widgets import notice, once, proof, theme, trouble
from dashboard.widgets.address import understand
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.access_answers import Me
    from dashboard.client import Client

SECTIONS: Final[dict[str, Callable[[Client, Me], None]]] = {
    "People": people.show,
    "Phones": phones.show,
    "Keys": keys.show,
    "Outside": outside.show,
    "Account": account.show,
}
NAMES: Final = Phrases(
    {"People": "People", "Phones": "Phones", "Keys": "Keys", "Outside": "Outside", "Account": "Account"}
)
LEADS: Final = Phrases(
    {
        "People": "Who belongs to this network. Somebody new comes in by a one-time link.",
        "Phones": "Canvassers' phones hand in what people ask for. They see nobody else's needs.",
        "Keys": "Everything that opens something here right now. What you revoke is useless at once.",
        "Outside": "Addresses are looked up on this host. Whether a service outside may be asked is decided here.",
        "Account": "Your password, one-time codes, and the way out.",
    }
)
MANAGES: Final = "manage_access"


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        me = api.get_me()
        section = _choose(me)
        title = tr("Set up one-time codes") if me.needs_totp else NAMES[section]
        lead = tr("This network asks everybody for them.") if me.needs_totp else LEADS[section]
        with st.container(key="access_head"):
            st.html(
                f"<div class='br-head'><p class='br-over'>{as_html(me.here)}</p><h1>{as_html(title)}</h1>"
                f"<p class='br-lead'>{as_html(lead)}</p></div>"
            )
        notice.show()
        once.show()
        SECTIONS[section](api, me)
        proof.ask()


def _choose(me: Me) -> str:
    allowed = list(SECTIONS) if me.may(MANAGES) else ["Account"]
    if len(allowed) == 1:
        return allowed[0]
    understand("section", allowed, NAMES.__getitem__)
    chosen: str | None = st.segmented_control(
        tr("Section"),
        allowed,
        format_func=NAMES.__getitem__,
        default=allowed[0],
        required=True,
        key="section",
        label_visibility="collapsed",
        bind="query-params",
        on_change=once.forget,
    )
    return chosen or allowed[0]
