"""Putting right what could not be used: a form that begins with what was typed, for each kind of record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from geo.domain.languages import LANGUAGE_NAMES

from dashboard.board_words import VEHICLES
from dashboard.entry_words import KINDS, fault_words, field_name
from dashboard.sentences import URGENCY
from dashboard.translation import name_of_language, tr
from dashboard.views.entries.deciding import undo
from dashboard.views.reveal import forget
from dashboard.widgets import notice
from dashboard.widgets.doing import attempt
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.answers import Meta
    from dashboard.entry_answers import Arrival, Typed

ASKED: Final = {
    "need": ("category", "urgency", "household_size", "languages"),
    "helper": ("public_name", "categories", "languages", "vehicle", "capacity_per_week"),
    "asset": ("name", "kind", "categories", "languages", "description"),
}
"""What the form asks; where it is and how to reach them are asked for beside it."""
_MOST: Final = {"household_size": (1, 50), "capacity_per_week": (0, 200)}
_LONGEST: Final = 400
_CONTACT: Final = ("name", "phone", "email")


def show(meta: Meta, one: Arrival, typed: Typed) -> None:
    """Draw the form."""
    body, key = typed.body, f"right_{one.id}"
    with st.form(key, border=True):
        title = tr("Put it right: {kind}", kind=KINDS.get(one.kind, one.kind).lower())
        st.html(f"<h2 class='br-section'>{as_html(title)}</h2>")
        for name in ASKED[one.kind]:
            _ask(meta, f"{key}_{name}", name, body.get(name))
        where, contact = _dict(body.get("location")), _dict(body.get("contact"))
        st.text_input(tr("Address"), key=f"{key}_address", value=_line(where.get("address")), max_chars=200)
        if one.kind != "asset":
            for name, label in (("name", tr("Name")), ("phone", tr("Telephone")), ("email", tr("E-mail"))):
                st.text_input(label, key=f"{key}_{name}", value=_line(contact.get(name)), max_chars=200)
            st.checkbox(tr("They agreed to this being kept"), key=f"{key}_agreed", value=contact.get("consent") is True)
        _left_out(one, body)
        st.form_submit_button(tr("Take it in"), type="primary", on_click=_send, args=(one, dict(body)))


def _ask(meta: Meta, key: str, name: str, value: Any) -> None:  # noqa: ANN401 - whatever was typed
    label = field_name(name).capitalize()
    choices = _choices(meta).get(name)
    if name in ("categories", "languages"):
        kinds = (
            dict(meta.categories) if name == "categories" else {code: name_of_language(code) for code in LANGUAGE_NAMES}
        )
        given = [one for one in value if one in kinds] if isinstance(value, list) else []
        st.multiselect(label, list(kinds), default=given, format_func=kinds.__getitem__, key=key)
    elif choices is not None:
        at = list(choices).index(value) if isinstance(value, str) and value in choices else _first(name, choices)
        st.selectbox(label, list(choices), index=at, format_func=choices.__getitem__, key=key, placeholder=tr("Choose"))
    elif name in _MOST:
        low, high = _MOST[name]
        number = value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else 1
        st.number_input(label, low, high, number, key=key)
    else:
        st.text_input(label, key=key, value=_line(value), max_chars=_LONGEST)


def _choices(meta: Meta) -> dict[str, Mapping[str, str]]:
    ways = {name: words.capitalize() for name, words in VEHICLES.items()}
    return {"category": dict(meta.categories), "urgency": URGENCY, "vehicle": ways}


def _first(name: str, choices: Mapping[str, str]) -> int | None:
    # what a need is about is nobody's to guess
    plain = {"urgency": "normal", "vehicle": "none"}.get(name)
    return list(choices).index(plain) if plain else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _line(value: object) -> str:
    return str(value)[:_LONGEST].replace("\n", " ") if isinstance(value, (str, int, float)) else ""


def _is_faulty(one: Arrival, name: str) -> bool:
    return any(pointer.startswith(f"/body/{name}") for pointer, _ in one.faults)


def _left_out(one: Arrival, body: Mapping[str, Any]) -> None:
    asked = {*ASKED[one.kind], "location", "contact", "id"}
    lost = [field_name(name) for name in body if name not in asked and _is_faulty(one, name)]
    if lost:
        st.caption(as_label(tr("Left out, because it cannot be used: {fields}.", fields=tr(", ").join(lost[:10]))))


def _send(one: Arrival, body: Mapping[str, Any]) -> None:
    given: dict[str, Any] = {str(name): value for name, value in st.session_state.items()}
    if _lacks_consent(one, given):
        notice.refuse(tr("A contact is kept only once they have agreed. Nothing was changed."))
        return
    made = corrected(one, body, given)

    def done(after: Arrival) -> None:
        if after.state != "made":
            forget()
            faults = " ".join(f"{fault_words(fault)}." for fault in after.faults)
            notice.refuse(tr("It is still held. {faults}", faults=faults))
            return
        forget()
        back = Undo(tr("Undo"), undo, (one.id,)) if after.can_undo else None
        notice.say(tr("It is taken in: {kind}.", kind=KINDS.get(one.kind, one.kind).lower()), undo=back)

    attempt(lambda api: api.correct_entry(one.id, one.kind, made), done)


def corrected(one: Arrival, body: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Put what the form says in the place of what was typed; what it does not ask stays, where it can be used."""
    key, asked = f"right_{one.id}", ASKED[one.kind]
    apart = {*asked, "location", "contact", "id"}
    made = {name: value for name, value in body.items() if name not in apart and not _is_faulty(one, name)}
    for name in asked:
        value = given.get(f"{key}_{name}")
        if value not in (None, "", []):
            made[name] = value
    return made | _place(body, _text(given, f"{key}_address")) | _contact(one, body, given)


def _place(body: Mapping[str, Any], address: str) -> dict[str, Any]:
    typed = _dict(body.get("location"))
    if address:
        return {"location": {"address": address}}
    return {"location": typed} if typed and "address" not in typed else {}


def _contact(one: Arrival, body: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    key, typed = f"right_{one.id}", _dict(body.get("contact"))
    told = {name: text for name in _CONTACT if (text := _text(given, f"{key}_{name}"))}
    if one.kind == "asset" or not told or not given.get(f"{key}_agreed"):
        return {}
    rest = {
        n: v for n, v in typed.items() if n in ("preferred_channel", "note") and not _is_faulty(one, f"contact/{n}")
    }
    return {"contact": rest | told | {"consent": True}}


def _lacks_consent(one: Arrival, given: Mapping[str, Any]) -> bool:
    key = f"right_{one.id}"
    told = one.kind != "asset" and any(_text(given, f"{key}_{name}") for name in _CONTACT)
    return told and not given.get(f"{key}_agreed")


def _text(given: Mapping[str, Any], key: str) -> str:
    return str(given.get(key) or "").strip()
