"""The members of the network: invited by a one-time link, given a role, and shown out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_answers import ADMIN
from dashboard.access_words import ROLE_NOTES, ROLES
from dashboard.sentences import since
from dashboard.translation import tr, trn
from dashboard.widgets import entry, notice, once, proof
from dashboard.widgets.notice import Undo
from dashboard.widgets.once import Shown
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.access_answers import Invitation, Me, Person
    from dashboard.client import Client

DECIDES: Final = "manage_people"
LOGIN, NAME, ROLE = "invite_login", "invite_name", "invite_role"


def show(api: Client, me: Me) -> None:
    """Draw the members, and for admins what they may do."""
    people = api.list_people()
    if me.may(DECIDES):
        _invite()
    else:
        admins = tr(", ").join(person.name for person in people if person.is_admin) or tr("the operator of this server")
        told = tr("Only admins invite people, change their roles or show them out. Ask {admins}.", admins=admins)
        st.html(f"<p class='br-note'>{as_html(told)}</p>")
    entry.heading(trn("{n} member", "{n} members", len(people)))
    for person in people:
        _one(person, me)


def _invite() -> None:
    with st.expander(tr("Invite somebody"), icon=":material/person_add:"), st.form("invite", border=False):
        left, right = st.columns(2)
        left.text_input(
            tr("Name they sign in with"), key=LOGIN, max_chars=100, placeholder=tr("mirja"), autocomplete="off"
        )
        right.text_input(tr("What others here call them"), key=NAME, max_chars=60, placeholder=tr("Mirja K."))
        st.radio(
            tr("What they do here"),
            list(ROLES),
            format_func=lambda role: ROLES[role],
            captions=[ROLE_NOTES[role] for role in ROLES],
            key=ROLE,
            horizontal=True,
        )
        st.form_submit_button(tr("Make the one-time link"), type="primary", on_click=_send)


def _send() -> None:
    login, name, role = (str(st.session_state.get(key) or "").strip() for key in (LOGIN, NAME, ROLE))
    if not login or not name:
        notice.refuse(tr("Give both names: the one to sign in with and the one others see."))
        return
    proof.attempt(lambda api: api.invite(login, name, role), _invited)


def _invited(made: Invitation) -> None:
    st.session_state[LOGIN] = st.session_state[NAME] = ""
    _link(made)


def _link(made: Invitation) -> None:
    note = tr(
        "Hand them this link yourself, on paper or by a message only they read. It works once, for three days, and is "
        "never shown again; a new one can be made at any time."
    )
    title = tr("The one-time link for {name}", name=made.person.name)
    once.keep(Shown(title, note, made.link, done=tr("I have passed it on")))


def _one(person: Person, me: Me) -> None:
    lines = (tr("signs in as {login} · here since {joined}", login=person.login, joined=_joined(person)),)
    room = entry.line(person.id, person.name, lines, tag=ROLES.get(person.role, person.role))
    if not me.may(DECIDES):
        return
    with room.popover(tr("Change"), key=f"change_{person.id}", width="content"):
        other = "organizer" if person.is_admin else ADMIN
        st.button(
            as_label(_offered(person, other)),
            key=f"role_{person.id}",
            on_click=_role,
            args=(person, other),
            width="stretch",
        )
        st.button(
            tr("New one-time link, for a new password"), key=f"link_{person.id}", on_click=_renew, args=(person,),
            width="stretch",
        )  # fmt: skip
        leave = as_label(tr("Remove {name} from the network", name=person.name))
        st.button(leave, key=f"remove_{person.id}", on_click=_remove, args=(person,), width="stretch")
        st.caption(tr("Removing ends all their sessions here at once. They can be invited again."))


def _joined(person: Person) -> str:
    return since(person.joined_at).removeprefix("on ")


def _offered(person: Person, role: str) -> str:
    if role == ADMIN:
        return tr("Make {name} an admin", name=person.name)
    return tr("Make {name} an organizer", name=person.name)


def _role(person: Person, role: str) -> None:
    def done(_: object) -> None:
        undo = Undo(tr("Undo"), _role, (person, person.role))
        told = tr("{name} is now an organizer.", name=person.name)
        if role == ADMIN:
            told = tr("{name} is now an admin.", name=person.name)
        notice.say(told, undo=undo)

    proof.attempt(lambda api: api.change_role(person.id, role), done)


def _renew(person: Person) -> None:
    proof.attempt(lambda api: api.renew_link(person.id), _link)


def _remove(person: Person) -> None:
    proof.attempt(lambda api: api.remove_person(person.id), partial(_removed, person))


def _removed(person: Person, _: object) -> None:
    undo = Undo(tr("Invite again"), _again, (person,))
    notice.say(tr("{name} is no longer a member, and is signed out everywhere here.", name=person.name), undo=undo)


def _again(person: Person) -> None:
    proof.attempt(lambda api: api.invite(person.login, person.name, person.role), _link)
