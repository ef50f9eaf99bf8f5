"""What a partner sees, through its own eyes, and what it has done with its agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_words import ago
from dashboard.sentences import plural
from dashboard.widgets import notice, proof, trouble
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from dashboard.access_answers import Agreement
    from dashboard.answers import Json
    from dashboard.client import Client
    from dashboard.referral_answers import AgreementUse, Hit, Preview

SEEN: Final = "partner_preview"
ROWS: Final = 50
HITS: Final = 5
PARTNER_ASKED: Final = "The partner “{}”"
ASKERS: Final = {
    "partner": "Another partner", "phone": "A phone of ours", "stranger": "Somebody without a key",
    "bad_key": "Somebody with a key that opens nothing", "elsewhere": "Somebody of another network",
    "finder": "Somebody who handed in a file",
}  # fmt: skip
DOORS: Final = {"feeds": "in the feeds", "records": "among the records", "pages": "on a page", "file": "in a file"}
LANGUAGES: Final = {
    "": "In the network's language", "en": "English", "fi": "Suomi", "sv": "Svenska", "es": "Español",
    "ar": "العربية", "so": "Soomaali", "uk": "Українська",
}  # fmt: skip


def use(api: Client, one: Agreement) -> bool:
    """Say how an agreement is used, and tell whether its last change can be taken back."""
    told: AgreementUse | None = None
    with trouble.guarded():
        told = api.get_agreement_use(one.id)
        st.html(f"<p class='br-note'>{as_html(use_line(told))}</p>")
        if told.hits:
            st.warning("\n\n".join(as_label(hit_line(hit)) for hit in told.hits[:HITS]), icon=":material/flag:")
    return told is not None and told.can_undo


def hit_line(hit: Hit) -> str:
    """Say who asked for a made-up need that was given to another, when and at which door."""
    who = PARTNER_ASKED.format(hit.asker) if hit.asker else ASKERS.get(hit.who, "Somebody")
    times = f", {hit.count:,} times" if hit.count > 1 else ""
    return f"{who} asked for a made-up need of this feed {DOORS.get(hit.door, '')}, {ago(hit.last_at)}{times}."


def use_line(told: AgreementUse) -> str:
    """Say in one line what a partner has done."""
    seen = f"Last pull {ago(told.last_seen_at)}" if told.last_seen_at else "It has pulled nothing yet"
    drawn = f"{told.used_today:,} of {told.quota_per_day:,} records drawn today"
    month = sum(records for _, records in told.days)
    looks = f"{plural(told.looks, 'exact place', 'exact places')} shown in thirty days"
    parts = [seen, drawn, f"{month:,} in thirty days", looks if told.looks else ""]
    if told.canaries:
        parts.append(f"{plural(told.canaries, 'made-up need', 'made-up needs')} in its feed")
    if told.referrals_running:
        parts.append(f"{plural(told.referrals_running, 'need', 'needs')} referred to it now")
    return " · ".join(part for part in parts if part)


def offer(one: Agreement) -> None:
    """Offer the look through the partner's eyes, and the sheet."""
    label = "Hide what it sees" if _of(one) else "See what it sees"
    st.button(label, key=f"preview_{one.id}", icon=":material/visibility:", on_click=_toggle, args=(one,))
    with st.popover("Data-sharing sheet", key=f"sheet_{one.id}", icon=":material/print:", width="content"):
        for code, words in LANGUAGES.items():
            query = f"?language={code}" if code else ""
            st.link_button(words, f"/v1/agreements/{one.id}/sheet.pdf{query}", width="stretch")


def _of(one: Agreement) -> Preview | None:
    kept = st.session_state.get(SEEN)
    return kept[1] if kept is not None and kept[0] == one.id else None


def _toggle(one: Agreement) -> None:
    if _of(one) is not None:
        st.session_state.pop(SEEN, None)
        return

    def done(found: Preview) -> None:
        st.session_state[SEEN] = (one.id, found)
        notice.say(f"This is what {one.name} sees. Your look is noted.")

    proof.attempt(lambda api: api.preview_agreement(one.id), done)


def show(one: Agreement) -> None:
    """Draw what was seen, if this agreement was looked at."""
    found = _of(one)
    if found is None:
        return
    if not found.features:
        why = "Either none is open where and of what was agreed, or too few homes are around them."
        trouble.empty("It sees no need now.", why)
        return
    shown = found.features[:ROWS]
    names = list(dict.fromkeys(name for feature in shown for name in feature["properties"]))
    head = "".join(f"<th scope='col'>{as_html(name)}</th>" for name in ("number", *names, "where"))
    rows = "".join(_row(feature, names) for feature in shown)
    words = f"{plural(found.matched, 'need', 'needs')} as {one.name} sees them"
    words += f", the first {len(shown)} shown" if found.matched > len(shown) else ""
    st.html(
        f"<div class='br-week br-turf' tabindex='0' role='region' aria-label='{as_html(words)}'>"
        f"<table><caption>{as_html(words)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(feature: Json, names: list[str]) -> str:
    told = feature["properties"]
    cells = "".join(f"<td>{as_html(_said(told.get(name)))}</td>" for name in names)
    geometry = feature["geometry"]
    where = "no place" if geometry is None else "exact place" if geometry["type"] == "Point" else "hexagon"
    return f"<tr><th scope='row'>{as_html(str(feature['id'])[:10])}…</th>{cells}<td>{where}</td></tr>"


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "·"
    return "·" if value is None else str(value)
