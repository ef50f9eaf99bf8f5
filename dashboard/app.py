"""Where the dashboard starts: the pages, whoever looks at them, and nothing else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import patience, translation
from dashboard.translation import tr
from dashboard.views import (
    about,
    access,
    assets,
    board,
    calendar,
    directories,
    duplicates,
    entries,
    first_steps,
    forms,
    helpers,
    hotline,
    importing,
    log,
    made_up,
    map,  # noqa: A004 - the page is called the map
    matches,
    now,
    partners,
    plan,
    referrals,
    reveal,
    review,
    settings,
    turfs,
    what_if,
)
from dashboard.widgets import first_page, once, who

st.set_page_config(page_title="Barnraiser", page_icon="🧺", layout="wide")
st.logo(Path(__file__).parent / "browser" / "wordmark.svg", size="large")
patience.begin()
if not who.is_leaving():
    me = who.find()
    translation.choose(me.language if me else None)
    translation.tell()
    patience.tell()
    steps = None if me is None or me.needs_totp else first_steps.find()
    begins = steps is not None and not steps.is_begun
    named = "first-steps" if begins else "now"
    pages = {
        "": [
            st.Page(now.show, title=tr("Now"), url_path="now", icon=":material/today:", default=not begins),
            st.Page(map.show, title=tr("Map"), url_path="map", icon=":material/map:"),
            st.Page(board.show, title=tr("Board"), url_path="board", icon=":material/view_kanban:"),
        ],
        tr("Needs"): [
            st.Page(matches.show, title=tr("Matches"), url_path="matches", icon=":material/handshake:"),
            st.Page(entries.show, title=tr("Entries"), url_path="entries", icon=":material/inbox:"),
            st.Page(hotline.show, title=tr("Hotline"), url_path="hotline", icon=":material/call:"),
            st.Page(referrals.show, title=tr("Referrals"), url_path="referrals", icon=":material/forward_to_inbox:"),
            st.Page(review.show, title=tr("Review queue"), url_path="review", icon=":material/edit_location_alt:"),
            st.Page(duplicates.show, title=tr("Duplicates"), url_path="duplicates", icon=":material/merge:"),
        ],
        tr("Plan"): [
            st.Page(plan.show, title=tr("What would help"), url_path="plan", icon=":material/add_location_alt:"),
            st.Page(what_if.show, title=tr("What if"), url_path="what-if", icon=":material/alt_route:"),
        ],
        tr("Helping"): [
            st.Page(assets.show, title=tr("Assets"), url_path="assets", icon=":material/storefront:"),
            st.Page(helpers.show, title=tr("Helpers"), url_path="helpers", icon=":material/diversity_3:"),
            st.Page(calendar.show, title=tr("Calendar"), url_path="calendar", icon=":material/calendar_month:"),
        ],
        tr("Network"): [
            st.Page(turfs.show, title=tr("Turfs"), url_path="turfs", icon=":material/door_front:"),
            st.Page(forms.show, title=tr("Forms"), url_path="forms", icon=":material/list_alt:"),
            st.Page(importing.show, title=tr("Import"), url_path="import", icon=":material/upload_file:"),
            st.Page(directories.show, title=tr("Directories"), url_path="directories", icon=":material/library_books:"),
            st.Page(partners.show, title=tr("Partners"), url_path="partners", icon=":material/handshake:"),
            st.Page(access.show, title=tr("People and access"), url_path="access", icon=":material/group:"),
            st.Page(settings.show, title=tr("Settings"), url_path="settings", icon=":material/tune:"),
            st.Page(log.show, title=tr("What has happened"), url_path="log", icon=":material/history:"),
            st.Page(about.show, title=tr("About these figures"), url_path="about", icon=":material/info:"),
        ],
    }
    if steps is not None:
        guide = st.Page(
            first_steps.show, title=tr("First steps"), url_path="first-steps", icon=":material/flag:", default=begins
        )
        pages[""].append(guide)
    if me is not None and me.needs_totp:
        only = st.Page(access.show, title=tr("Your account"), url_path="access", icon=":material/group:", default=True)
        pages, named = {"": [only]}, "access"
    (first,) = (page for page in pages[""] if not page.url_path)
    pages[""].append(first_page.ByName(first, named))
    chosen = st.navigation(pages, position="top")
    if len(pages) > 1 and (asked := map.find_asked(at_first=chosen.url_path == "")):
        st.switch_page(st.Page(map.show, url_path="map"), query_params=asked)
    led = {"board": board.ALONE, "helpers": helpers.ALONE}
    once.arrive(chosen.url_path, also=(reveal.REVEALED, *(key for at, key in led.items() if at != chosen.url_path)))
    if me is not None:
        who.show(me)
        if not me.needs_totp:
            made_up.mark(me, st.Page(settings.show, url_path="settings"))
    chosen.run()
    patience.keep()
