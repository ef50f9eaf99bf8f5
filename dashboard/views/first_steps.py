"""First steps: what a new network needs, what of it is there, and how the next piece is made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard import client
from dashboard.area_file import read_area_file
from dashboard.client import ApiTrouble
from dashboard.translation import number, tr, trn
from dashboard.views import access, assets, made_up, turfs
from dashboard.widgets import notice, theme, trouble
from dashboard.widgets.notice import Undo
from dashboard.widgets.plain import as_html, as_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.domain.first_steps import FirstSteps

    from dashboard.answers import Meta
    from dashboard.client import Client

KEPT: Final = "first_steps_shown"
"""Whether this session shows the page: once shown it stays until the session ends, so that what is done can be seen."""
FILE: Final = "area_file"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is called, what it is for, whether it is done, and how to do it."""

    title: str
    why: str
    is_done: bool
    draw: Callable[[], None] | None = None


def find() -> FirstSteps | None:
    """Ask how far the network has come; nothing when there is no need of the page, or nobody says."""
    if st.session_state.get(KEPT) is False:
        return None
    try:
        steps = client.connect().get_steps()
    except (ApiTrouble, LookupError, TypeError, ValueError):
        return None
    st.session_state.setdefault(KEPT, not (steps.is_done or steps.is_away))
    return steps if st.session_state[KEPT] else None


def show() -> None:
    """Draw the page."""
    theme.dress()
    with trouble.guarded():
        api = client.connect()
        meta, state = api.get_meta(), api.get_steps()
        steps = _list(api, meta, state)
        _head(meta, steps)
        with st.container(key="steps_notice"):
            notice.show()
        for place, step in enumerate(steps, 1):
            _draw(place, step, is_next=step is next((one for one in steps if not one.is_done), None))
        made_up.offer(api)
        _foot(state)


def _list(api: Client, meta: Meta, state: FirstSteps) -> list[Step]:
    kinds = tr(", ").join(label for _, label in meta.categories)
    helps, doors = (
        tr("A place, service or stock that can meet a need."),
        tr("Doors to knock at, in an order that can be walked."),
    )
    found = tr("Typed addresses are found in them; none is asked of another server.")
    same = tr("They are the same everywhere: {kinds}.", kinds=kinds)
    who = tr("Another organizer, or a canvasser with a phone.")
    figures = tr("Figures are given for the named parts of town.")
    to_assets = partial(_go, tr("Open Assets"), assets.show, "assets")
    to_access = partial(_go, tr("Open People and access"), access.show, "access")
    to_turfs = partial(_go, tr("Open Turfs"), turfs.show, "turfs")
    return [
        Step(tr("Name the area"), figures, state.has_area, partial(_areas, api)),
        Step(tr("Load streets and addresses"), found, state.has_gazetteer, _gazetteer),
        Step(tr("Know the kinds of help"), same, bool(meta.categories)),
        Step(tr("Add the first asset"), helps, state.has_asset, to_assets),
        Step(tr("Invite somebody"), who, state.has_company, to_access),
        Step(tr("Cut the first turf"), doors, state.has_turf, to_turfs),
    ]


def _head(meta: Meta, steps: list[Step]) -> None:
    done = sum(step.is_done for step in steps)
    title = trn("First steps: {done} of {n} step done", "First steps: {done} of {n} steps done", len(steps), done=done)
    if done == len(steps):
        title = tr("First steps: everything is there")
    lead = tr("What a network needs before it can help anybody. The order is a suggestion.")
    st.html(
        f"<div class='br-head'><p class='br-over'>{as_html(meta.network)}</p><h1>{as_html(title)}</h1>"
        f"<p class='br-lead'>{as_html(lead)}</p></div>"
    )


def _draw(place: int, step: Step, *, is_next: bool) -> None:
    mark = ":material/check_circle:" if step.is_done else ":material/radio_button_unchecked:"
    said = tr("done") if step.is_done else tr("next") if is_next else tr("to do")
    with st.container(border=True, key=f"step_{place}"):
        st.subheader(f"{mark} {place}. {as_label(step.title)} ({as_label(said)})", anchor=False)
        st.markdown(as_label(step.why))
        if step.draw is not None and not step.is_done:
            step.draw()


def _areas(api: Client) -> None:
    found = st.file_uploader(
        tr("A GeoJSON file of areas, each a polygon with a name"), type=["geojson", "json"], key=FILE
    )
    taken = None if found is None else found.getvalue()
    st.button(tr("Take in the areas"), key="take_areas", disabled=taken is None, on_click=_take, args=(api, taken))
    st.caption(tr("Or on the command line, with people and dwellings:"))
    st.code("barnraiser load areas areas.geojson", language=None, wrap_lines=True)


def _take(api: Client, content: bytes) -> None:
    try:
        areas = read_area_file(content)
    except ValueError as slip:
        notice.refuse(str(slip))
        return
    known = 0
    for place, area in enumerate(areas, 1):
        try:
            api.make_area(area)
        except ApiTrouble as refusal:
            if refusal.status != HTTPStatus.CONFLICT:
                why = str(refusal).rstrip(".")
                notice.refuse(
                    tr(
                        "Area {n} was not taken in: {why}. Those before it were; the file can be sent again.",
                        n=number(place),
                        why=why,
                    )
                )
                return
            known += 1
    notice.say(
        trn(
            "{n} area taken in, {known} were there already.",
            "{n} areas taken in, {known} were there already.",
            len(areas) - known,
            known=number(known),
        )
    )


def _gazetteer() -> None:
    st.markdown(
        tr(
            "This needs the command line, on the computer that runs Barnraiser. An OpenStreetMap extract of the town "
            "brings streets, addresses, areas and public places at once:"
        )
    )
    st.code("barnraiser load osm town.osm.pbf", language=None, wrap_lines=True)
    st.caption(tr("A register of addresses as CSV:"))
    st.code(
        "barnraiser load addresses FILE --map number=…,street=…,city=…,postcode=…,lon=…,lat=…",
        language=None,
        wrap_lines=True,
    )


def _go(label: str, page: Callable[[], None], path: str) -> None:
    if st.button(label, key=f"go_to_{path}"):
        st.switch_page(st.Page(page, url_path=path))


def _foot(state: FirstSteps) -> None:
    if state.is_away:
        st.markdown(tr("These steps are put away for everybody in the network."))
        st.button(tr("Take them out again"), key="steps_back", on_click=_put, args=(False,))
    elif not state.is_done:
        st.button(tr("Put these steps away"), key="steps_away", on_click=_put, args=(True,))


def _put(is_away: bool) -> None:  # noqa: FBT001 - a button hands its arguments over by position
    try:
        client.connect().put_steps_away(is_away=is_away)
    except ApiTrouble as refusal:
        notice.refuse(notice.in_words(refusal))
        return
    if is_away:
        notice.say(tr("Put away. After this visit the page is gone."), undo=Undo(tr("Undo"), _put, (False,)))
    else:
        notice.say(tr("The steps are there again."))
