"""Changing what is agreed: new terms are typed or drawn, what they would make of it is shown, then they are saved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.access_words import FIELDS
from dashboard.sentences import plural
from dashboard.views.partners.terms import AGGREGATE, MARKED_HELP, MOST_DAYS, MOST_RECORDS, REFERRAL
from dashboard.views.turfs import drawing
from dashboard.widgets import notice, proof, trouble
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.access_answers import Agreement
    from dashboard.answers import Area, Json, Meta
    from dashboard.referral_answers import Difference

OPEN, TOLD = "edit_open", "edit_told"
STAYS, DRAWN = "stays", "drawn"


def offer(one: Agreement, *, can_undo: bool) -> None:
    """Offer to change an agreement, and to take its last change back."""
    label = "Leave it as it is" if st.session_state.get(OPEN) == one.id else "Change the terms"
    st.button(label, key=f"edit_{one.id}", icon=":material/edit:", on_click=_toggle, args=(one,))
    if can_undo:
        st.button("Undo the last change", key=f"undo_{one.id}", icon=":material/undo:", on_click=_undo, args=(one,))


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
            "Kinds of need", list(labels), default=kinds, key=_key(one, "kinds"),
            format_func=lambda value: labels.get(value, value),
        )  # fmt: skip
        if one.tier == REFERRAL:
            st.multiselect(
                "Of each need it also sees", list(FIELDS), default=[each for each in one.fields if each in FIELDS],
                key=_key(one, "fields"), format_func=lambda name: FIELDS[name].capitalize(),
            )  # fmt: skip
        _where(meta, one, areas)
        left, right = st.columns(2)
        left.number_input(
            "Records it may draw in a day", 1, MOST_RECORDS, value=max(1, one.quota_per_day), step=1000,
            key=_key(one, "quota"),
        )  # fmt: skip
        right.number_input(
            "Days it holds from today", 0, MOST_DAYS, value=0, step=1, key=_key(one, "days"),
            help="0 leaves the end as it is.",
        )  # fmt: skip
        st.text_input("What it is for", value=one.purpose, key=_key(one, "purpose"), max_chars=500)
        if one.tier != AGGREGATE:
            st.checkbox("Mark the feed", value=one.is_marked, key=_key(one, "marked"), help=MARKED_HELP)
        st.button("See what would change", key=_key(one, "look"), on_click=_look, args=(one, areas))
        _told(one)


def _where(meta: Meta, one: Agreement, areas: Mapping[str, Area]) -> None:
    options = {STAYS: f"As it is: {plural(one.cell_count, 'hexagon', 'hexagons')}"}
    options |= {key: area.name for key, area in areas.items()} | {DRAWN: "Drawn on the map"}
    where = st.selectbox("Where", list(options), format_func=lambda key: options.get(key, key), key=_key(one, "where"))
    if where == DRAWN:
        drawing.show(meta)
        st.caption("The shape is widened to whole hexagons once, when the change is saved.")


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
        notice.refuse("Nothing is different yet.")
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
        trouble.empty("That is what is agreed already.", "Nothing would change.")
        return
    items = "".join(f"<li>{as_html(line)}</li>" for line in lines_of(found.counts, found.changed, change))
    st.html(f"<div role='status'><p class='br-note'>If this is saved:</p><ul>{items}</ul></div>")
    st.button(
        "Save the change", key=f"save_{one.id}", type="primary", icon=":material/check:",
        on_click=partial(_save, one, change),
    )  # fmt: skip


def lines_of(told: Json, changed: tuple[str, ...], change: Mapping[str, Any]) -> list[str]:
    """Say what would become different, one line for each."""
    lines = []
    if "cells" in changed:
        lines.append(
            f"Where: {told['cells_before']:,} hexagons become {told['cells_after']:,} "
            f"({told['cells_added']:,} more, {told['cells_removed']:,} fewer)."
        )
    for name, words in (("categories", "kinds of need"), ("fields", "of a referred need")):
        if name in changed:
            lines += [f"More {words}: {', '.join(told[f'{name}_added'])}."] if told[f"{name}_added"] else []
            lines += [f"No longer, {words}: {', '.join(told[f'{name}_removed'])}."] if told[f"{name}_removed"] else []
    if "quota_per_day" in changed:
        lines.append(f"Records in a day: {told['quota_before']:,} become {told['quota_after']:,}.")
    if "expires_at" in changed:
        lines.append(f"It ends on {told['expires_after'][:10]} and not on {told['expires_before'][:10]}.")
    if "purpose" in changed:
        lines.append(f"What it is for: {change['purpose']}.")
    if "is_marked" in changed:
        lines.append("Its feed is marked, and the sheet says so." if change["is_marked"] else "Its feed is not marked.")
    return [*lines, *_seen(told)]


def _seen(told: Mapping[str, Any]) -> list[str]:
    """Say how many more needs it would see, and how many fewer."""
    if told["needs_before"] is None:
        return []
    if not told["needs_added"] and not told["needs_removed"]:
        return [f"It sees the same needs as now: {told['needs_after']:,}."]
    change = f"{told['needs_added']:,} more, {told['needs_removed']:,} fewer"
    return [f"It sees {told['needs_after']:,} needs and not {told['needs_before']:,}: {change}."]


def _save(one: Agreement, change: Mapping[str, Any]) -> None:
    def done(_: object) -> None:
        _close()
        notice.say(f"The agreement with {one.name} is changed. Give them the new data-sharing sheet.")

    proof.attempt(lambda api: api.change_agreement(one.id, one.version, change), done)


def _undo(one: Agreement) -> None:
    def done(_: object) -> None:
        _close()
        notice.say(f"The agreement with {one.name} is as it was before.")

    proof.attempt(lambda api: api.undo_agreement(one.id), done)
