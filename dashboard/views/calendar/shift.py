"""One shift: what it wants, who comes, who was there, and signing somebody up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.board_calls import ALL
from dashboard.board_words import SIGN_UP, in_a_row
from dashboard.calendar_words import hours, wanted
from dashboard.translation import Phrases, by_pattern, number, tr
from dashboard.widgets import entry, notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.calendar_answers import Shift, SignUp
    from dashboard.calendar_words import Zones
    from dashboard.client import Client

SAID: Final = Phrases(
    {
        "cancelled": "{who} does not come. The place is free again.",
        "done": "Noted: {who} was there.",
        "no_show": "Noted: {who} did not come.",
    }
)


def show(api: Client, zones: Zones, one: Shift) -> None:
    """Draw the shift."""
    names = {helper.id: helper.name for helper in api.list_helpers(limit=ALL, where={"status": "active"})}
    signed = [each for each in api.list_sign_ups(shift_id=one.id) if each.state != "cancelled"]
    for each in signed:
        if each.helper_id not in names:
            names[each.helper_id] = api.get_helper(each.helper_id).name
    _words(zones, one)
    left, right = st.columns([1.3, 1], gap="medium")
    with left:
        entry.heading(tr("Who comes"))
        if not signed:
            st.html(f"<p class='br-note'>{as_html(tr('Nobody has signed up yet.'))}</p>")
        for each in signed:
            _promise(one, each, names)
    with right:
        _sign_up(one, names, {each.helper_id for each in signed})


def _words(zones: Zones, one: Shift) -> None:
    starts = zones.local(one, one.starts_at)
    place = f" · {one.place}" if one.place else ""
    when = in_a_row(by_pattern("EEEEMMMMd", starts), hours(zones, one))
    roles = "".join(
        f"<li><span>{as_html(role.name)}</span><i aria-hidden='true'>"
        f"<b style='width:{min(100, round(100 * role.taken / role.most))}%'></b></i>"
        f"<strong>{as_html(tr('{n} of {all}', n=number(role.taken), all=number(role.most)))}</strong></li>"
        for role in one.roles
    )
    st.html(
        f"<div class='br-shift'><h2>{as_html(one.title)}</h2>"
        f"<p>{as_html(when)}{as_html(place)}</p>"
        f"<p>{as_html(wanted(one.roles))}</p><ul class='br-roles'>{roles}</ul></div>"
    )


def _promise(one: Shift, each: SignUp, names: Mapping[str, str]) -> None:
    who = names.get(each.helper_id, tr("Somebody no longer here"))
    room = entry.line(f"sign_{each.id}", who, [f"{each.role} · {SIGN_UP[each.state]}"])
    began = one.starts_at <= datetime.now(UTC)
    if began and each.state != "done":
        room.button(tr("Was there"), key=f"came_{each.id}", on_click=change, args=(each, "done", who))
    if began and each.state != "no_show":
        room.button(tr("Did not come"), key=f"missed_{each.id}", on_click=change, args=(each, "no_show", who))
    if each.state == "signed_up":
        cancel = tr("Cancel")
        room.button(cancel, key=f"cancel_{each.id}", type="tertiary", on_click=change, args=(each, "cancelled", who))


def change(each: SignUp, state: str, who: str) -> None:
    """Note what became of a promise."""
    other = {"done": "no_show", "no_show": "done"}.get(state)

    def done(made: SignUp) -> None:
        undo = Undo(tr("Sign up again"), sign_up, (each.shift_id, each.helper_id, each.role, who))
        if other:
            undo = Undo(tr("It was the other way"), change, (made, other, who))
        notice.say(SAID[state].format(who=who), undo=undo)

    attempt(lambda api: api.change_sign_up(each, state), done)


def _sign_up(one: Shift, names: Mapping[str, str], there: set[str]) -> None:
    free = [role for role in one.roles if role.room]
    if one.ends_at <= datetime.now(UTC):
        st.html(f"<p class='br-note'>{as_html(tr('This shift is over.'))}</p>")
        return
    entry.heading(tr("Sign somebody up"))
    if not free:
        st.html(f"<p class='br-note'>{as_html(tr('As many have signed up as are wanted.'))}</p>")
        return
    people = {key: name for key, name in sorted(names.items(), key=lambda item: item[1]) if key not in there}
    with st.form(f"sign_{one.id}", border=False):
        who = st.selectbox(
            tr("Helper"), list(people), format_func=people.__getitem__, index=None, key=f"who_{one.id}",
            placeholder=tr("Choose somebody"),
        )  # fmt: skip
        roles = [each.name for each in free]
        role = st.selectbox(tr("Role"), roles, format_func=str.capitalize, key=f"role_{one.id}")
        pressed = st.form_submit_button(tr("Sign up"), type="primary", icon=":material/person_add:")
    if pressed and who and role:
        sign_up(one.id, who, role, people[who])
        st.rerun()
    elif pressed:
        st.error(tr("Choose who comes."), icon=":material/error:")


def sign_up(shift_id: str, helper_id: str, role: str, who: str) -> None:
    """Sign a helper up for a role of a shift."""

    def done(made: SignUp) -> None:
        words = tr("{who} comes as {role}.", who=who, role=role)
        notice.say(words, undo=Undo(tr("Undo"), change, (made, "cancelled", who)))

    attempt(lambda api: api.sign_up(shift_id, helper_id, role), done)
