"""What would become of a directory: each kind by the first hundred services, and taking it in."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

import streamlit as st

from geo.errors import InvalidInput

from dashboard.directory_answers import KINDS
from dashboard.directory_words import DONE, left_aside, summary, terms_of, why
from dashboard.translation import number, tr, trn
from dashboard.views.directories.bringing import Looked, find_looked, forget, key_of, look
from dashboard.widgets import doing, entry, notice, trouble
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.domain.directory import Wishes

    from dashboard.answers import Meta
    from dashboard.directory_answers import DirectoryHere, DirectoryReport, ServiceTold

KIND, TERMS, SAME, TWINS, RETIRE = (f"directory_{name}" for name in ("kind", "terms", "same", "twins", "retire"))
MOST_SAME: Final = 30
"""Pairs that fit into one question."""


def show(meta: Meta, here: Sequence[DirectoryHere]) -> None:
    """Draw what was looked at, if anything was."""
    one = find_looked()
    if one is None:
        return
    entry.heading(tr("{file} as {name}", file=one.file, name=one.wishes.source))
    yet = tr("Nothing was taken in yet.")
    st.html(f"<p class='br-note' role='status'><b>{as_html(summary(one.report))}</b> {as_html(yet)}</p>")
    if aside := left_aside(one.report):
        st.caption(as_label(aside))
    _doing(one, is_new=one.wishes.source not in {each.name for each in here})
    _rows(one.report)
    _otherwise(meta, one)


def _doing(one: Looked, *, is_new: bool) -> None:
    counts = one.report.counts
    changes = sum(counts[kind] for kind in ("new", "updated", "joined", "retired", "kept"))
    with st.container(key="directory_does", horizontal=True):
        label = tr("Take it in")
        if fresh := counts["new"] + counts["updated"]:
            label = trn("Take in {n} service", "Take in {n} services", fresh)
        st.button(
            label, key="take_in", type="primary",
            icon=":material/download_done:", on_click=partial(_take_in, one, is_new=is_new), disabled=not changes,
        )  # fmt: skip
        st.button(tr("Put it away"), key="put_away", on_click=forget)
    if not changes:
        then = tr("All that can be used of it is here already, or is left out.")
        trouble.empty(tr("Nothing would change."), then)


def _take_in(one: Looked, *, is_new: bool) -> None:
    def done(report: DirectoryReport) -> None:
        forget()
        counts = report.counts
        told = tr(
            "{name} is taken in: {new} new, {updated} brought up to date.",
            name=one.wishes.source,
            new=number(counts["new"]),
            updated=number(counts["updated"]),
        )
        # what was here before cannot be told apart any more, so only the first time is taken back by one press
        undo = Undo(tr("Undo"), take_back, (one.wishes.source,)) if is_new and counts["new"] else None
        notice.say(told, undo=undo)

    doing.attempt(lambda api: api.bring_directory(one.content, replace(one.wishes, dry_run=False)), done)


def take_back(source: str) -> None:
    """Take back what a directory has brought."""
    doing.attempt(
        lambda api: api.undo_directory(source, dry_run=False),
        lambda told: notice.say(
            trn(
                "{name} is taken back: {n} asset removed.",
                "{name} is taken back: {n} assets removed.",
                told.removed,
                name=source,
            )
        ),
    )


def _rows(report: DirectoryReport) -> None:
    there = [kind for kind in KINDS if report.counts[kind] and kind != "unchanged"]
    if not there:
        return
    chosen = st.segmented_control(
        tr("Which services"), there, default=there[0], required=True, key=f"{KIND}_{'_'.join(there)}",
        format_func=lambda kind: f"{DONE[kind][0]} ({number(report.counts[kind])})", label_visibility="collapsed",
    ) or there[0]  # fmt: skip
    st.html(_table(chosen, report.of(chosen), report.counts[chosen]))


def _table(kind: str, rows: Sequence[ServiceTold], count: int) -> str:
    name, told = DONE[kind]
    if len(rows) < count:
        told += " " + tr("The first {some} of {all}:", some=number(len(rows)), all=number(count))
    nameless = tr("without a name")
    heads = (as_html(text) for text in (tr("No."), tr("Service"), tr("What there is to say")))
    head = "".join(f"<th scope='col'>{text}</th>" for text in heads)
    lines = "".join(
        f"<tr><th scope='row'>{row.line or ''}</th><td>{as_html(row.name or row.ref or nameless)}</td>"
        f"<td>{as_html(why(row))}</td></tr>"
        for row in rows
    )
    return (
        f"<div class='br-week br-rows' tabindex='0' role='region' aria-label='{as_html(name)}'><table>"
        f"<caption>{as_html(told)}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _otherwise(meta: Meta, one: Looked) -> None:
    """Offer to read it otherwise: what is the same as ours, what terms mean, and what is no longer named."""
    with st.expander(tr("Read it otherwise"), icon=":material/tune:", key="directory_otherwise"):
        twins = {row.ref: row for row in one.report.of("twin") if "," not in row.ref}
        if twins or one.wishes.same:
            _same(one.wishes, twins)
        st.checkbox(
            tr("Take in what looks like ours as new places all the same"), value=one.wishes.add_twins, key=key_of(TWINS)
        )
        st.checkbox(
            tr("Mark what it does not name any more as gone for good"), value=one.wishes.retire, key=key_of(RETIRE)
        )
        kinds = tr(", ").join(label for _, label in meta.categories)
        st.text_area(
            tr("What its terms mean, one a line"), key=key_of(TERMS), max_chars=3000, placeholder=tr("BD-1800 = food"),
            help=as_label(tr("Their code or word = one of: {kinds}.", kinds=kinds)),
        )  # fmt: skip
        st.button(tr("Look again"), key="look_again", on_click=partial(_again, meta, one))


def _same(wishes: Wishes, twins: dict[str, ServiceTold]) -> None:
    known = list(dict.fromkeys((*wishes.same, *twins)))
    names = {ref: f"{row.name} = {row.ours}" for ref, row in twins.items()}
    st.multiselect(
        tr("The same as ours"), known, default=list(wishes.same), key=key_of(SAME), max_selections=MOST_SAME,
        format_func=lambda ref: names.get(ref, ref),
        help=tr("Yours stay as they are; it is only noted that the directory lists them too."),
    )  # fmt: skip


def _again(meta: Meta, one: Looked) -> None:
    state = st.session_state
    try:
        terms = terms_of(str(state.get(key_of(TERMS)) or ""), dict(meta.categories))
    except (ValueError, InvalidInput) as slip:
        notice.refuse(str(slip))
        return
    ours = {row.ref: UUID(row.asset_id) for row in one.report.of("twin") if row.asset_id} | dict(one.wishes.same)
    same = {ref: ours[ref] for ref in state.get(key_of(SAME)) or () if ref in ours}
    wishes = replace(
        one.wishes,
        terms=terms,
        same=same,
        add_twins=bool(state.get(key_of(TWINS))),
        retire=bool(state.get(key_of(RETIRE))),
    )
    look(one.file, one.content, wishes)
