"""What is agreed with a partner, as it is typed: how closely it may look, where, at what, why and for how long."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard.access_words import FIELDS, TIER_NOTES, TIERS
from dashboard.translation import tr
from dashboard.widgets import notice, proof

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.access_answers import Agreement
    from dashboard.answers import Area, Json, Meta

NAME, TIER, KINDS, SEEN, PURPOSE = "terms_name", "terms_tier", "terms_kinds", "terms_fields", "terms_purpose"
DAYS, WHERE, OUTLINE = "terms_days", "terms_where", "terms_outline"
QUOTA, OWNER = "terms_quota", "terms_organization"
WHOLE, DRAWN = "whole", "drawn"
MOST_DAYS: Final = 1_100
YEAR: Final = 365
REFERRAL: Final = "referral"
AGGREGATE: Final = "aggregate"
MARKED: Final = "terms_marked"
USUAL_RECORDS: Final = 10_000
MOST_RECORDS: Final = 1_000_000


def mark_help() -> str:
    """Say what it means that a feed is marked."""
    return tr(
        "A few of the needs in it, at most one in twenty, are made up, so that a copy is known again. They are in none "
        "of our figures, and the data-sharing sheet says so."
    )


def show(meta: Meta, areas: Mapping[str, Area], organizations: Mapping[str, str]) -> None:
    """Draw the fields; they are no form, because some depend on others."""
    with st.expander(tr("Make an agreement"), icon=":material/handshake:"):
        left, right = st.columns([2, 1])
        left.text_input(tr("Partner"), key=NAME, max_chars=60, placeholder=tr("Harbour food bank"))
        right.number_input(tr("Days it holds"), 1, MOST_DAYS, value=YEAR, step=1, key=DAYS)
        st.radio(
            tr("What it sees"),
            list(TIERS),
            format_func=lambda tier: TIERS[tier],
            captions=[TIER_NOTES[tier].capitalize() for tier in TIERS],
            key=TIER,
        )
        if st.session_state.get(TIER) == REFERRAL:
            options, none, also = ["", *organizations], tr("No organization"), tr("Of each need it also sees")
            st.selectbox(tr("Whose services"), options, format_func=lambda key: organizations.get(key, none), key=OWNER)
            st.multiselect(also, list(FIELDS), format_func=lambda name: FIELDS[name].capitalize(), key=SEEN)
        labels = dict(meta.categories)
        kinds = tr("Kinds of need")
        st.multiselect(kinds, list(labels), format_func=lambda value: labels.get(value, value), key=KINDS)
        _where(areas)
        records = tr("Records it may draw in a day")
        st.number_input(records, 1, MOST_RECORDS, value=USUAL_RECORDS, step=1000, key=QUOTA)
        if st.session_state.get(TIER) != AGGREGATE:
            st.checkbox(tr("Mark the feed"), value=True, key=MARKED, help=mark_help())
        example = tr("Planning weekly deliveries")
        st.text_input(tr("What it is for"), key=PURPOSE, max_chars=500, placeholder=example)
        st.button(tr("Make the agreement"), key="terms_make", type="primary", on_click=_send, args=(areas,))


def _where(areas: Mapping[str, Area]) -> None:
    parts = {key: area.name for key, area in areas.items()}
    options = {WHOLE: tr("The whole area served"), **parts, DRAWN: tr("An outline")}
    st.selectbox(tr("Where"), list(options), format_func=lambda key: options.get(key, key), key=WHERE)
    if st.session_state.get(WHERE) == DRAWN:
        st.text_area(
            tr("The outline as GeoJSON"),
            key=OUTLINE,
            max_chars=200_000,
            height=140,
            placeholder='{"type": "Polygon", "coordinates": [[[24.94, 60.17], …]]}',
            help=tr("A Polygon or MultiPolygon, longitude first. It is widened to whole hexagons once, now."),
        )


def _send(areas: Mapping[str, Area]) -> None:
    told, missing = _terms(areas)
    if missing:
        notice.refuse(missing)
        return
    proof.attempt(lambda api: api.make_agreement(told), _made)


def _terms(areas: Mapping[str, Area]) -> tuple[dict[str, Any], str]:
    state = st.session_state
    name, purpose = (str(state.get(key) or "").strip() for key in (NAME, PURPOSE))
    kinds = list(state.get(KINDS) or [])
    if not (name and purpose and kinds):
        return {}, tr("Give the partner's name, at least one kind of need, and what it is for.")
    tier = str(state.get(TIER) or "coarse")
    terms: dict[str, Any] = {"name": name, "tier": tier, "categories": kinds, "purpose": purpose}
    terms["days"] = int(state.get(DAYS) or YEAR)
    if tier == REFERRAL:
        terms["fields"] = list(state.get(SEEN) or [])
        if state.get(OWNER):
            terms["organization_id"] = str(state[OWNER])
    if tier != AGGREGATE and state.get(MARKED):
        terms["is_marked"] = True
    if state.get(QUOTA) not in (None, USUAL_RECORDS):
        terms["quota_per_day"] = int(state[QUOTA])
    try:
        area = _area(areas)
    except ValueError:
        return {}, tr("The outline is not GeoJSON. Nothing was changed.")
    return (terms | {"area": area} if area else terms), ""


def _area(areas: Mapping[str, Area]) -> Json | None:
    where = str(st.session_state.get(WHERE) or WHOLE)
    if where != DRAWN:
        return areas[where].geometry if where in areas else None
    shape = json.loads(str(st.session_state.get(OUTLINE) or ""))
    if isinstance(shape, dict) and shape.get("type") == "Feature":
        shape = shape.get("geometry")
    if not isinstance(shape, dict):
        raise ValueError  # noqa: TRY004 - like whatever else is no GeoJSON
    return shape


def _made(made: Agreement) -> None:
    st.session_state[NAME] = st.session_state[PURPOSE] = st.session_state[OUTLINE] = ""
    notice.say(tr("The agreement with {partner} holds. Make its first key below.", partner=made.name))
