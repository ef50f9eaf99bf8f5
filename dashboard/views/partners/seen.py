"""What a partner sees, through its own eyes, and what it has done with its agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.access_words import ago
from dashboard.translation import Phrases, number, tr, trn
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
ASKERS: Final = Phrases(
    {
        "partner": "Another partner",
        "phone": "A phone of ours",
        "stranger": "Somebody without a key",
        "bad_key": "Somebody with a key that opens nothing",
        "elsewhere": "Somebody of another network",
        "finder": "Somebody who handed in a file",
    }
)
DOORS: Final = Phrases(
    {"feeds": "in the feeds", "records": "among the records", "pages": "on a page", "file": "in a file"}
)
LANGUAGES: Final = {
    "en": "English", "fi": "Suomi", "sv": "Svenska", "es": "Español", "ar": "العربية", "so": "Soomaali",
    "uk": "Українська",
}  # fmt: skip
"""What a sheet may be printed in, each called as its speakers call it."""


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
    who = tr("The partner “{name}”", name=hit.asker) if hit.asker else ASKERS.get(hit.who, tr("Somebody"))
    parts = {"who": who, "where": DOORS.get(hit.door, ""), "ago": ago(hit.last_at)}
    if hit.count > 1:
        return trn(
            "{who} asked for a made-up need of this feed {where}, {ago}, {n} time.",
            "{who} asked for a made-up need of this feed {where}, {ago}, {n} times.",
            hit.count,
            **parts,
        )
    return tr("{who} asked for a made-up need of this feed {where}, {ago}.", **parts)


def use_line(told: AgreementUse) -> str:
    """Say in one line what a partner has done."""
    seen = tr("It has pulled nothing yet")
    if told.last_seen_at:
        seen = tr("Last pull {ago}", ago=ago(told.last_seen_at))
    used, quota = number(told.used_today), number(told.quota_per_day)
    month = number(sum(records for _, records in told.days))
    parts = [
        seen,
        tr("{used} of {quota} records drawn today", used=used, quota=quota),
        tr("{n} in thirty days", n=month),
    ]
    if told.looks:
        parts.append(trn("{n} exact place shown in thirty days", "{n} exact places shown in thirty days", told.looks))
    if told.canaries:
        parts.append(trn("{n} made-up need in its feed", "{n} made-up needs in its feed", told.canaries))
    if told.referrals_running:
        running = told.referrals_running
        parts.append(trn("{n} need referred to it now", "{n} needs referred to it now", running))
    return " · ".join(parts)


def offer(one: Agreement) -> None:
    """Offer the look through the partner's eyes, and the sheet."""
    label = tr("Hide what it sees") if _of(one) else tr("See what it sees")
    st.button(label, key=f"preview_{one.id}", icon=":material/visibility:", on_click=_toggle, args=(one,))
    sheet = f"/v1/agreements/{one.id}/sheet.pdf"
    with st.popover(tr("Data-sharing sheet"), key=f"sheet_{one.id}", icon=":material/print:", width="content"):
        st.link_button(tr("In the network's language"), sheet, width="stretch")
        for code, words in LANGUAGES.items():
            address = f"{sheet}?language={code}"
            st.link_button(words, address, width="stretch")


def _of(one: Agreement) -> Preview | None:
    kept = st.session_state.get(SEEN)
    return kept[1] if kept is not None and kept[0] == one.id else None


def _toggle(one: Agreement) -> None:
    if _of(one) is not None:
        st.session_state.pop(SEEN, None)
        return

    def done(found: Preview) -> None:
        st.session_state[SEEN] = (one.id, found)
        notice.say(tr("This is what {partner} sees. Your look is noted.", partner=one.name))

    proof.attempt(lambda api: api.preview_agreement(one.id), done)


def show(one: Agreement) -> None:
    """Draw what was seen, if this agreement was looked at."""
    found = _of(one)
    if found is None:
        return
    if not found.features:
        why = tr("Either none is open where and of what was agreed, or too few homes are around them.")
        trouble.empty(tr("It sees no need now."), why)
        return
    shown = found.features[:ROWS]
    names = list(dict.fromkeys(name for feature in shown for name in feature["properties"]))
    head = "".join(f"<th scope='col'>{as_html(name)}</th>" for name in (tr("number"), *names, tr("where")))
    rows = "".join(_row(feature, names) for feature in shown)
    words = trn("{n} need as {partner} sees them", "{n} needs as {partner} sees them", found.matched, partner=one.name)
    if found.matched > len(shown):
        words = tr(", ").join((words, tr("the first {n} shown", n=number(len(shown)))))
    st.html(
        f"<div class='br-week br-turf' tabindex='0' role='region' aria-label='{as_html(words)}'>"
        f"<table><caption>{as_html(words)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(feature: Json, names: list[str]) -> str:
    told = feature["properties"]
    cells = "".join(f"<td>{as_html(_said(told.get(name)))}</td>" for name in names)
    geometry = feature["geometry"]
    where = tr("hexagon")
    if geometry is None or geometry["type"] == "Point":
        where = tr("no place") if geometry is None else tr("exact place")
    return f"<tr><th scope='row'>{as_html(str(feature['id'])[:10])}…</th>{cells}<td>{as_html(where)}</td></tr>"


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "·"
    return "·" if value is None else str(value)
