"""Referring a need to a partner: who serves this already, whom to hand it to, and that the person agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from geo.domain.referrals import LONGEST_DAYS, USUAL_DAYS

from dashboard.referral_words import HOW, place_line, stands
from dashboard.translation import tr
from dashboard.widgets import entry, notice, proof, trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.answers import Need
    from dashboard.client import Client
    from dashboard.referral_answers import Referral, Serving, ServingPartner

ASKING: Final = "refer_need"
PARTNER, SERVICE, DAYS, CONSENT = "refer_partner", "refer_service", "refer_days", "refer_consent"
NO_SERVICE: Final = ""


def offer(need: Need) -> None:
    """Offer to refer a need; what it wants is asked for below."""
    if need.status in ("open", "in_progress"):
        st.button(
            tr("Refer to a partner"), key=f"refer_{need.id}", type="tertiary", icon=":material/forward_to_inbox:",
            on_click=_begin, args=(need.id,),
        )  # fmt: skip


def _begin(need_id: str) -> None:
    st.session_state[ASKING] = need_id


def show(api: Client, need: Need) -> None:
    """Draw the form, if this need is to be referred."""
    if st.session_state.get(ASKING) != need.id:
        return
    with st.container(key="referring", border=True), trouble.guarded():
        entry.heading(tr("Refer to a partner"))
        told = api.who_serves(need.id)
        _already(told)
        if told.partners:
            _form(need, told)
        else:
            trouble.empty(
                tr("No partner can be handed single needs."),
                tr("Make an agreement of the kind “Referred needs” first."),
            )
        st.button(tr("Not now"), key="refer_not", type="tertiary", on_click=_forget)
    proof.ask()


def _already(told: Serving) -> None:
    for one in told.referrals:
        words = tr("This need is with {partner} already: {state}.", partner=as_label(one.partner), state=stands(one))
        st.warning(words, icon=":material/info:")
    st.html(f"<p class='br-note'>{as_html(tr('Who serves this already'))}</p>")
    for place in told.places:
        entry.line(f"serves_{place.id}", place.name, [place_line(place)])
    if not told.places:
        st.html(f"<p class='br-note'>{as_html(tr('No service for this kind of need is known.'))}</p>")


def _form(need: Need, told: Serving) -> None:
    partners = {one.id: one for one in sorted(told.partners, key=lambda one: (not one.covers, one.name))}
    left, right = st.columns([2, 1])
    chosen = left.selectbox(tr("Partner"), list(partners), format_func=lambda one: _partner(partners[one]), key=PARTNER)
    right.number_input(tr("Days it lasts"), 1, LONGEST_DAYS, value=USUAL_DAYS, step=1, key=DAYS)
    owner = partners[chosen].organization_id if chosen in partners else None
    services = {one.id: one.name for one in told.places if owner and one.organization_id == owner}
    if services:
        options, theirs = [*services, NO_SERVICE], tr("The partner decides")
        st.selectbox(tr("Service"), options, format_func=lambda one: services.get(one, theirs), key=SERVICE)
    st.radio(
        tr("The person has agreed that this partner gets their address and what they need"),
        list(HOW),
        index=None,
        format_func=lambda how: HOW[how],
        key=CONSENT,
        horizontal=True,
    )
    st.button(tr("Refer"), key="refer_do", type="primary", on_click=_refer, args=(need, set(services)))


def _partner(one: ServingPartner) -> str:
    return one.name if one.covers else tr("{partner} (not in its agreement)", partner=one.name)


def _forget() -> None:
    for name in (ASKING, PARTNER, SERVICE, DAYS, CONSENT):
        st.session_state.pop(name, None)


def _refer(need: Need, services: set[str]) -> None:
    state = st.session_state
    partner, how = state.get(PARTNER), state.get(CONSENT)
    if not partner or not how:
        notice.refuse(tr("Say how the person agreed. Without that nothing is handed over."))
        return
    asset = state.get(SERVICE) if state.get(SERVICE) in services else None
    days = int(state.get(DAYS) or USUAL_DAYS)

    def do(api: Client) -> Referral:
        return api.refer(need.id, str(partner), asset_id=asset, days=days, consent=str(how))

    def done(made: Referral) -> None:
        _forget()
        words = tr(
            "{partner} has this need now. What it answers stands here and under “Referrals”.", partner=made.partner
        )
        notice.say(words)

    proof.attempt(do, done)


def lines(api: Client, need: Need) -> None:
    """Say where a need has been referred to and what came of it."""
    found = api.list_referrals(need_id=need.id).items
    if found:
        entry.heading(tr("Referred to partners"))
    for one in found:
        entry.line(f"referred_{one.id}", one.partner, [one.service or "", stands(one)], over=not one.is_running)
