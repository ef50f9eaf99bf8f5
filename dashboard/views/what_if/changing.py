"""One change more: what, of which place, and where; by a press on the map, an address, or coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.if_words import DAYS, WHAT, where
from dashboard.scenarios import ADD, CLOSE, MOST_CHANGES, MOST_ROOM, MOVE, REOPEN, RESIZE, Change, Hours
from dashboard.told_words import say_kind
from dashboard.translation import Phrases, number, set_apart, tr, weekday
from dashboard.views.what_if import shelf
from dashboard.widgets import if_layer, notice, trouble
from dashboard.widgets.doing import attempt
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dashboard.answers import Candidate, Meta
    from dashboard.plan_answers import HelpingPlace

WHICH, PLACE, ROOM, KINDS, DAYS_OPEN, FROM, UNTIL = (
    "if_what", "if_place", "if_room", "if_kinds", "if_days", "if_from", "if_until",
)  # fmt: skip
TYPED, SPOTS, SPOT, PIN, AIM = "if_typed", "if_spots", "if_spot", "if_pin", "if_aim"
USUAL_ROOM: Final = 20
MOST_SPOTS: Final = 5


def show(meta: Meta, places: Mapping[str, HelpingPlace]) -> None:
    """Draw the form for one change."""
    what: str | None = st.segmented_control(
        tr("What to change"), list(WHAT), default=ADD, required=True, format_func=WHAT.__getitem__, key=WHICH, wrap=True
    )
    what = what or ADD
    if what != ADD and not places:
        trouble.empty(tr("No place helps yet"), tr("Imagine a new one, or add places on the page Assets."))
        return
    if what != ADD:
        ids = sorted(places, key=lambda one: (places[one].name.casefold(), one))
        st.selectbox(tr("Which place"), ids, format_func=lambda one: _named(places.get(one)), key=PLACE)
    if draw := _DRAW.get(what):
        draw(meta, places.get(str(st.session_state.get(PLACE))))
    if what in (ADD, MOVE):
        _where()
    _button(what)


def _button(what: str) -> None:
    is_full = len(shelf.now().current.changes) >= MOST_CHANGES
    lacks_place = what in (ADD, MOVE) and pin() is None
    full = tr("A scenario has {n} changes at most", n=MOST_CHANGES)
    why = full if is_full else tr("Say first where") if lacks_place else None
    st.button(
        tr("Imagine it"),
        key="if_imagine",
        type="primary",
        icon=":material/add:",
        on_click=_imagine,
        disabled=why is not None,
        help=why,
    )


def _named(known: HelpingPlace | None) -> str:
    # the list of a select box shows text as it is
    if known is None:
        return ""
    known_room = known.capacity is not None
    room = tr("room for {n} a week", n=number(known.capacity or 0)) if known_room else tr("room not known")
    return tr(", ").join((known.name, say_kind(known.kind), room))


def _new(meta: Meta, _known: HelpingPlace | None) -> None:
    kinds = [value for value, _ in meta.categories]
    left, right = st.columns([1.7, 1], vertical_alignment="bottom")
    left.multiselect(tr("Helps with"), kinds, default=kinds[:1], format_func=meta.label, key=KINDS)
    right.number_input(tr("Room a week"), min_value=0, max_value=MOST_ROOM, value=USUAL_ROOM, key=ROOM)


def _size(_meta: Meta, known: HelpingPlace | None) -> None:
    room = USUAL_ROOM if known is None or known.capacity is None else min(2 * known.capacity, MOST_ROOM)
    st.number_input(
        tr("Room a week then"),
        min_value=0,
        max_value=MOST_ROOM,
        value=room,
        key=f"{ROOM}_{known.id if known else ''}",
        help=tr("Needs it can take in a week in all"),
    )


def _hours(_meta: Meta, _known: HelpingPlace | None) -> None:
    st.multiselect(tr("Open on"), DAYS, default=[5, 6], format_func=_day, key=DAYS_OPEN)
    left, right = st.columns(2)
    left.selectbox(tr("From"), range(24), index=10, format_func=lambda hour: f"{hour}:00", key=FROM)
    right.selectbox(tr("Until"), range(1, 25), index=17, format_func=lambda hour: f"{hour}:00", key=UNTIL)
    st.caption(tr("Hours count when “Open” above names an hour of the week."))


def _day(at: int) -> str:
    name = weekday(at)
    return name[:1].upper() + name[1:]


_DRAW: Final[dict[str, Callable[[Meta, HelpingPlace | None], None]]] = {ADD: _new, RESIZE: _size, REOPEN: _hours}


def _where() -> None:
    with st.form("if_find", border=False, enter_to_submit=True):
        left, right = st.columns([2.4, 1], vertical_alignment="bottom")
        left.text_input(
            tr("Where"), key=TYPED, placeholder=tr("Address or {spot}", spot=set_apart("60.17, 24.95")), max_chars=200
        )
        right.form_submit_button(tr("Find it"), on_click=_find, width="stretch")
    spots: tuple[Candidate, ...] = st.session_state.get(SPOTS, ())
    if len(spots) > 1:
        options = range(len(spots))
        st.selectbox(tr("Which one"), options, format_func=lambda at: spots[at].label, key=SPOT, on_change=_choose)
    at = pin()
    if at is None:
        or_so = as_html(tr("Or press on the map. With keys: go to the map, then Enter."))
        st.html(f"<p class='br-note'>{or_so}</p>")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="if_pinned"):
        st.html(f"<p class='br-note' role='status'><b>{as_html(tr('Pin at'))}</b> {as_html(where(at))}</p>")
        st.button(tr("Take the pin away"), key="if_unpin", type="tertiary", on_click=set_pin, args=(None,))


def _find() -> None:
    typed = str(st.session_state.get(TYPED) or "").strip()
    if not typed:
        notice.refuse(tr("Type an address or coordinates first."))
        return
    attempt(lambda api: api.find_spots(typed), _found)


def _found(spots: tuple[Candidate, ...]) -> None:
    st.session_state[SPOTS] = spots[:MOST_SPOTS]
    st.session_state.pop(SPOT, None)
    if not spots:
        notice.refuse(tr("No place of that name is known here. Try a street with a number, or press on the map."))
        return
    set_pin((spots[0].lon, spots[0].lat), is_from_map=False)


def _choose() -> None:
    spots: tuple[Candidate, ...] = st.session_state.get(SPOTS, ())
    at = int(st.session_state.get(SPOT) or 0)
    if at < len(spots):
        set_pin((spots[at].lon, spots[at].lat), is_from_map=False)


def pin() -> tuple[float, float] | None:
    """Give where the next change is, if that is known."""
    found: tuple[float, float] | None = st.session_state.get(PIN)
    return found


def set_pin(place: tuple[float, float] | None, *, is_from_map: bool = False) -> None:
    """Say where the next change is."""
    st.session_state[PIN] = place
    if is_from_map or place is None:
        st.session_state.pop(SPOTS, None)
    if not is_from_map:
        st.session_state[AIM] = int(st.session_state.get(AIM, 0)) + 1


def put() -> None:
    """Take up what was done in the map: a pin that was put, or a place that was dragged."""
    dragged, place = if_layer.moved(), if_layer.put()
    current = shelf.now().current
    if dragged and 1 <= dragged[0] <= len(current.changes) and current.changes[dragged[0] - 1].place:
        shelf.change(current.moving(dragged[0] - 1, dragged[1]))
    elif place:
        set_pin(place, is_from_map=True)


def _imagine() -> None:
    told = st.session_state
    what = told.get(WHICH) or ADD
    try:
        made = _MAKE[what]()
    except (TypeError, ValueError, KeyError):
        notice.refuse(_LACKS[what])
        return
    shelf.change(shelf.now().current.having(made))
    if what in (ADD, MOVE):
        set_pin(None)
        told[TYPED] = ""


def _make_new() -> Change:
    place, kinds = pin(), tuple(sorted(st.session_state[KINDS]))
    if place is None or not kinds:
        raise ValueError
    return Change(ADD, place=place, categories=kinds, room=int(st.session_state[ROOM]))


def _make_move() -> Change:
    place = pin()
    if place is None:
        raise ValueError
    return Change(MOVE, st.session_state[PLACE], place)


def _make_resize() -> Change:
    asset = st.session_state[PLACE]
    return Change(RESIZE, asset, room=int(st.session_state[f"{ROOM}_{asset}"]))


def _make_close() -> Change:
    return Change(CLOSE, st.session_state[PLACE])


def _make_hours() -> Change:
    told = st.session_state
    return Change(REOPEN, told[PLACE], hours=Hours(tuple(sorted(told[DAYS_OPEN])), int(told[FROM]), int(told[UNTIL])))


_MAKE: Final[dict[str, Callable[[], Change]]] = {
    ADD: _make_new, MOVE: _make_move, RESIZE: _make_resize, CLOSE: _make_close, REOPEN: _make_hours,
}  # fmt: skip
_LACKS: Final = Phrases(
    {
        ADD: "Say what the new place helps with, and where it is.",
        MOVE: "Say where it would be.",
        RESIZE: "Say how much room it would have.",
        CLOSE: "Say which place would close.",
        REOPEN: "Choose a day at least, and an hour to close that is later than the one to open.",
    }
)
