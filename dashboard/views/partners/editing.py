"""Changing what is agreed: new terms are typed or drawn, what they would make of it is shown, then they are saved."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.access_words import FIELDS
from dashboard.category_words import CATEGORIES
from dashboard.translation import number, on_day, tr, trn
from dashboard.views.partners.terms import AGGREGATE, MOST_DAYS, MOST_RECORDS, REFERRAL, mark_help
from dashboard.views.turfs import drawing
from dashboard.widgets import notice, proof, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.access_answers import Agreement
    from dashboard.answers import Area, Json, Meta
    from dashboard.referral_answers import Difference

OPEN, TOLD = "edit_open", "edit_told"
STAYS, DRAWN = "stays", "drawn"


def offer(one: Agreement, *, can_undo: bool) -> None:
    """Offer to change an agreement, and to take its last change back."""
    label = tr("Leave it as it is") if st.session_state.get(OPEN) == one.id else tr("Change the terms")
    st.button(label, key=f"edit_{one.id}", icon=":material/edit:", on_click=_toggle, args=(one,))
    if can_undo:
        undo = tr("Undo the last change")
        st.button(undo, key=f"undo_{one.id}", icon=":material/undo:", on_click=_undo, args=(one,))


def _toggle(one: Agreement) -> None:
    state = st.session_state
    was = state.get(OPEN)
    _close()
    if was != one.id:
        state[OPEN] = one.id


def _close() -> None:
    for name in (OPEN, TOLD):
        st.session_state.pop(name, None)
    drawing.clear()


def show(meta: Meta, one: Agreement, areas: Mapping[str, Area]) -> None:
    """Draw the fields of the agreement that is being changed; each begins as it is agreed now."""
    if st.session_state.get(OPEN) != one.id:
        return
    with st.container(key=f"editing_{one.id}", border=True):
        labels = dict(meta.categories)
        kinds = [kind for kind in one.categories if kind in labels]
        st.multiselect(
            tr("Kinds of need"), list(labels), default=kinds, key=_key(one, "kinds"),
            format_func=lambda value: labels.get(value, value),
        )  # fmt: skip
        if one.tier == REFERRAL:
            st.multiselect(
                tr("Of each need it also sees"), list(FIELDS), default=[each for each in one.fields if each in FIELDS],
                key=_key(one, "fields"), format_func=lambda name: FIELDS[name].capitalize(),
            )  # fmt: skip
        _where(meta, one, areas)
        left, right = st.columns(2)
        left.number_input(
            tr("Records it may draw in a day"), 1, MOST_RECORDS, value=max(1, one.quota_per_day), step=1000,
            key=_key(one, "quota"),
        )  # fmt: skip
        right.number_input(
            tr("Days it holds from today"), 0, MOST_DAYS, value=0, step=1, key=_key(one, "days"),
            help=tr("0 leaves the end as it is."),
        )  # fmt: skip
        st.text_input(tr("What it is for"), value=one.purpose, key=_key(one, "purpose"), max_chars=500)
        if one.tier != AGGREGATE:
            st.checkbox(tr("Mark the feed"), value=one.is_marked, key=_key(one, "marked"), help=mark_help())
        st.button(tr("See what would change"), key=_key(one, "look"), on_click=_look, args=(one, areas))
        _told(one)


def _where(meta: Meta, one: Agreement, areas: Mapping[str, Area]) -> None:
    options = {STAYS: trn("As it is: {n} hexagon", "As it is: {n} hexagons", one.cell_count)}
    options |= {key: area.name for key, area in areas.items()} | {DRAWN: tr("Drawn on the map")}
    label, key = tr("Where"), _key(one, "where")
    where = st.selectbox(label, list(options), format_func=lambda one: options.get(one, one), key=key)
    if where == DRAWN:
        drawing.show(meta)
        st.caption(tr("The shape is widened to whole hexagons once, when the change is saved."))


def _key(one: Agreement, name: str) -> str:
    # a saved change begins its fields anew
    return f"edit_{name}_{one.id}_{one.version}"


def _change(one: Agreement, areas: Mapping[str, Area]) -> dict[str, Any]:
    """Give what differs from what is agreed now."""

    def typed(name: str) -> Any:  # noqa: ANN401 - whatever the field holds
        return st.session_state.get(_key(one, name))

    wanted: dict[str, Any] = {
        "categories": sorted(typed("kinds") or []), "purpose": str(typed("purpose") or "").strip(),
        "quota_per_day": int(typed("quota") or one.quota_per_day),
    }  # fmt: skip
    now = {"categories": list(one.categories), "purpose": one.purpose, "quota_per_day": one.quota_per_day}
    if one.tier == REFERRAL:
        wanted["fields"], now["fields"] = sorted(typed("fields") or []), sorted(one.fields)
    if one.tier != AGGREGATE:
        wanted["is_marked"], now["is_marked"] = bool(typed("marked")), one.is_marked
    change = {name: value for name, value in wanted.items() if value != now[name]}
    if typed("days"):
        change["days"] = int(typed("days"))
    area = _area(str(typed("where") or STAYS), areas)
    return change | ({"area": area} if area else {})


def _area(where: str, areas: Mapping[str, Area]) -> Json | None:
    if where == DRAWN:
        return drawing.shape()
    return areas[where].geometry if where in areas else None


def _look(one: Agreement, areas: Mapping[str, Area]) -> None:
    st.session_state.pop(TOLD, None)
    change = _change(one, areas)
    if not change:
        notice.refuse(tr("Nothing is different yet."))
        return

    def done(found: Difference) -> None:
        st.session_state[TOLD] = (one.id, one.version, change, found)

    proof.attempt(lambda api: api.compare_agreement(one.id, change), done)


def _told(one: Agreement) -> None:
    kept = st.session_state.get(TOLD)
    if kept is None or kept[:2] != (one.id, one.version):
        return
    change, found = kept[2], kept[3]
    if not found.changed:
        trouble.empty(tr("That is what is agreed already."), tr("Nothing would change."))
        return
    items = "".join(f"<li>{as_html(line)}</li>" for line in lines_of(found.counts, found.changed, change))
    st.html(f"<div role='status'><p class='br-note'>{as_html(tr('If this is saved:'))}</p><ul>{items}</ul></div>")
    st.button(
        tr("Save the change"), key=f"save_{one.id}", type="primary", icon=":material/check:",
        on_click=partial(_save, one, change),
    )  # fmt: skip


def lines_of(told: Json, changed: tuple[str, ...], change: Mapping[str, Any]) -> list[str]:
    """Say what would become different, one line for each."""
    lines = []
    if "cells" in changed:
        counts = {name: number(told[f"cells_{name}"]) for name in ("before", "after", "added", "removed")}
        lines.append(tr("Where: {before} hexagons become {after} ({added} more, {removed} fewer).", **counts))
    lines += [*_kinds(told, changed), *_fields(told, changed)]
    if "quota_per_day" in changed:
        before, after = number(told["quota_before"]), number(told["quota_after"])
        lines.append(tr("Records in a day: {before} become {after}.", before=before, after=after))
    if "expires_at" in changed:
        before, after = _day(told["expires_before"]), _day(told["expires_after"])
        lines.append(tr("It ends on {after} and not on {before}.", before=before, after=after))
    if "purpose" in changed:
        lines.append(tr("What it is for: {purpose}.", purpose=change["purpose"]))
    if "is_marked" in changed:
        marked, plain = tr("Its feed is marked, and the sheet says so."), tr("Its feed is not marked.")
        lines.append(marked if change["is_marked"] else plain)
    return [*lines, *_seen(told)]


def _day(instant: str) -> str:
    return on_day(datetime.fromisoformat(instant))


def _kinds(told: Json, changed: tuple[str, ...]) -> list[str]:
    if "categories" not in changed:
        return []
    more, fewer = _named(CATEGORIES, told["categories_added"]), _named(CATEGORIES, told["categories_removed"])
    return [
        *([tr("More kinds of need: {kinds}.", kinds=more)] if more else []),
        *([tr("No longer, kinds of need: {kinds}.", kinds=fewer)] if fewer else []),
    ]


def _fields(told: Json, changed: tuple[str, ...]) -> list[str]:
    if "fields" not in changed:
        return []
    more, fewer = _named(FIELDS, told["fields_added"]), _named(FIELDS, told["fields_removed"])
    return [
        *([tr("More of a referred need: {fields}.", fields=more)] if more else []),
        *([tr("No longer, of a referred need: {fields}.", fields=fewer)] if fewer else []),
    ]


def _named(words: Mapping[str, str], names: Sequence[str]) -> str:
    return tr(", ").join(words.get(name, name).lower() for name in names)


def _seen(told: Mapping[str, Any]) -> list[str]:
    """Say how many more needs it would see, and how many fewer."""
    if told["needs_before"] is None:
        return []
    counts = {name: number(told[f"needs_{name}"]) for name in ("before", "after", "added", "removed")}
    if not told["needs_added"] and not told["needs_removed"]:
        return [tr("It sees the same needs as now: {n}.", n=counts["after"])]
    return [tr("It sees {after} needs and not {before}: {added} more, {removed} fewer.", **counts)]


def _save(one: Agreement, change: Mapping[str, Any]) -> None:
    def done(_: object) -> None:
        _close()
        words = tr("The agreement with {partner} is changed. Give them the new data-sharing sheet.", partner=one.name)
        notice.say(words)

    proof.attempt(lambda api: api.change_agreement(one.id, one.version, change), done)


def _undo(one: Agreement) -> None:
    def done(_: object) -> None:
        _close()
        notice.say(tr("The agreement with {partner} is as it was before.", partner=one.name))

    proof.attempt(lambda api: api.undo_agreement(one.id), done)
