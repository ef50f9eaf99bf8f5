"""Agreements with partners, and the keys with which each reads what was agreed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_words import TIER_NOTES, TIERS, ago, until
from dashboard.translation import tr, trn
from dashboard.views.partners import editing, seen, terms
from dashboard.widgets import entry, notice, once, proof, trouble
from dashboard.widgets.once import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.access_answers import Agreement, Key, Me
    from dashboard.answers import Area, Meta
    from dashboard.client import Client

PARTNER: Final = "partner"


def show(api: Client, _: Me) -> None:
    """Draw the agreements."""
    meta = api.get_meta()
    areas = {area.id: area for area in api.list_areas()}
    terms.show(meta, areas, api.list_organizations())
    agreements = api.list_agreements()
    keys = api.list_keys(kind=PARTNER).items
    now = datetime.now(UTC)
    good = [one for one in agreements if one.ended_at is None and one.expires_at > now]
    past = [one for one in agreements if one not in good]
    if good:
        entry.heading(trn("{n} agreement", "{n} agreements", len(good)))
    else:
        trouble.empty(tr("No partner sees anything."), tr("Make an agreement above, then a key for it."))
    for one in good:
        _agreement(api, meta, one, [key for key in keys if key.owner == one.id], areas)
    if past:
        ended = trn("{n} agreement that ended", "{n} agreements that ended", len(past))
        with st.expander(ended, icon=":material/history:"):
            for one in past:
                entry.line(one.id, one.name, [_ended(one)], tag=TIERS.get(one.tier, one.tier), over=True)


def _ended(one: Agreement) -> str:
    if one.ended_at:
        return tr("ended {ago}", ago=ago(one.ended_at))
    return tr("ran out {ago}", ago=ago(one.expires_at))


def _agreement(api: Client, meta: Meta, one: Agreement, keys: Sequence[Key], areas: Mapping[str, Area]) -> None:
    kinds = tr(", ").join(meta.label(category).lower() for category in one.categories)
    hexagons = trn("{n} hexagon", "{n} hexagons", one.cell_count)
    with st.container(key=f"agreement_{one.id}"):
        lines = (
            tr("Sees {what}.", what=TIER_NOTES.get(one.tier, one.tier)),
            f"{kinds.capitalize()} · {hexagons} · {until(one.expires_at)}",
            tr("For: {purpose}", purpose=one.purpose),
        )
        room = entry.line(one.id, one.name, lines, tag=TIERS.get(one.tier, one.tier))
        label = tr("New key") if keys else tr("Make a key")
        room.button(label, key=f"issue_{one.id}", icon=":material/key:", on_click=_issue, args=(one, bool(keys)))
        ask = tr("Its keys open nothing from now on. This cannot be taken back; a new agreement can be made.")
        entry.sure(room, one.id, (tr("End"), tr("End the agreement")), ask, partial(_end, one))
        can_undo = seen.use(api, one)
        with st.container(key=f"looks_{one.id}", horizontal=True):
            seen.offer(one)
            editing.offer(one, can_undo=can_undo)
        editing.show(meta, one, areas)
        seen.show(one)
        for key in keys:
            _key(key)
        if not keys:
            st.caption(tr("It has no key yet, and so reads nothing."))


def _key(key: Key) -> None:
    used = tr("last used {ago}", ago=ago(key.last_seen_at)) if key.last_seen_at else tr("not used yet")
    room = entry.line(key.id, tr("Key {number}", number=key.kid), [f"{used} · {until(key.expires_at)}"])
    ask = tr("The key is useless at once. This cannot be taken back.")
    entry.sure(room, key.id, (tr("Revoke"), tr("Revoke this key")), ask, partial(_revoke, key))


def _issue(one: Agreement, has_keys: bool) -> None:  # noqa: FBT001 - a button hands over its arguments by place
    note = tr("Give this key to {partner} by a way only they read. It is never shown again.", partner=one.name)
    if has_keys:
        note += " " + tr("The key before it stays good for a day, so that they can change over.")
    title, passed = tr("The new key of {partner}", partner=one.name), tr("I have passed it on")

    def made(token: str) -> None:
        once.keep(Shown(title, note, token, done=passed))

    proof.attempt(lambda api: api.issue_key(one.id, ""), made)


def _revoke(key: Key) -> None:
    def done(_: object) -> None:
        once.forget()
        notice.say(tr("Key {number} is revoked. It opens nothing any more.", number=key.kid))

    proof.attempt(lambda api: api.revoke(key.id), done)


def _end(one: Agreement) -> None:
    def done(_: object) -> None:
        once.forget()
        notice.say(tr("The agreement with {partner} has ended. Its keys open nothing any more.", partner=one.name))

    proof.attempt(lambda api: api.end_agreement(one.id), done)
