"""What was decided lately about places, and the way to take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.sentences import since
from dashboard.translation import Phrases, tr
from dashboard.views import decide
from dashboard.widgets import trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Decided, Meta
    from dashboard.client import Client

_KINDS: Final = Phrases(
    {
        "candidate": "a suggestion was chosen",
        "pin": "a pin was set",
        "confirm": "its place was confirmed",
        "ask_again": "put under “To ask”",
        "outside_area": "marked as outside our area",
    }
)


def show(meta: Meta, api: Client) -> None:
    """Draw the newest decisions, each with its undo."""
    if refused := st.session_state.pop(decide.REFUSED, None):
        st.error(refused, icon=":material/error:")
    found = api.list_decided()
    if not found:
        trouble.empty(
            tr("Nothing was decided lately."), tr("What you decide is listed here for two weeks, and can be undone.")
        )
        return
    names = {person.id: person.name for person in api.list_people()} if any(one.decided_by for one in found) else {}
    for one in found:
        with st.container(key=f"row_{one.need.id}", horizontal=True, vertical_alignment="center"):
            st.html(_entry(meta, one, names))
            st.button(
                tr("Undo"),
                key=f"undo_{one.need.id}",
                icon=":material/undo:",
                disabled=not one.can_undo,
                on_click=decide.take_back,
                args=(one.need,),
            )


def _entry(meta: Meta, one: Decided, names: Mapping[str, str]) -> str:
    who = names.get(one.decided_by or "") or (
        tr("Somebody no longer here") if one.decided_by else tr("The command line")
    )
    remembered = f"<span class='br-tag'>{as_html(tr('remembered'))}</span>" if one.remembered else ""
    typed = one.address_typed or meta.label(one.need.category)
    about = tr("{what} {ago} by {who}", what=_KINDS.get(one.kind, one.kind), ago=since(one.decided_at), who=who)
    note = f"<p>{as_html(tr('To ask:'))} {as_html(one.note)}</p>" if one.note else ""
    return f"<div class='br-entry'><h3>{as_html(typed)}{remembered}</h3><p>{as_html(about)}</p>{note}</div>"
