"""Outside address services: off by default, what leaves and to whom in plain words, and who may decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard.outside_answers import PROVIDERS
from dashboard.translation import Phrases, number, tr, trn
from dashboard.widgets import entry, notice, proof
from dashboard.widgets.plain import as_html

if TYPE_CHECKING:
    from dashboard.access_answers import Me
    from dashboard.client import Client
    from dashboard.outside_answers import Service

MANAGES: Final = "manage_outside"
BEGINS: Final = "https://…"
PROVIDER, ENDPOINT, COUNTRY, TOWN = "outside_provider", "outside_endpoint", "outside_country", "outside_town"
NOTES: Final = Phrases(
    {
        "leaves": "What leaves: the street, the house number and the postcode of one need at a time, and the country "
        "and town you name here. Never a name, a flat, a telephone number, a note, or what is needed.",
        "when": "It is sent only when somebody presses the button in the review queue, and only for a person who has "
        "agreed to it. What comes back waits there like every suggestion. Each time is noted, without the address, in "
        "What has happened.",
    }
)


def show(api: Client, me: Me) -> None:
    """Draw what is allowed, and how to change it."""
    outside = api.get_outside()
    entry.heading(tr("Outside address services"))
    st.html("".join(f"<p class='br-note'>{as_html(NOTES[name])}</p>" for name in NOTES))
    if outside.service is not None:
        _allowed(outside.service, may=me.may(MANAGES))
    else:
        st.info(tr("Nobody outside is asked."), icon=":material/lock:")
    if not outside.is_permitted:
        st.caption(
            tr(
                "Whoever runs this host does not permit asking outside. It is a setting of the host, "
                "`BARNRAISER_REMOTE_GEOCODING`, and no page can change it."
            )
        )
    elif not me.may(MANAGES):
        st.caption(tr("Only an admin can allow a service."))
    elif outside.service is None:
        _form()


def _allowed(service: Service, *, may: bool) -> None:
    where = tr(", ").join(part for part in (service.town, service.country.upper()) if part)
    lines = (
        tr(
            "Asked at {address}, at most once in {gap} seconds.",
            address=service.endpoint,
            gap=number(service.gap_ms / 1000, 3),
        ),
        tr("Each question also says: {where}.", where=where) if where else "",
        trn(
            "Answers are kept here for {n} day, sealed.",
            "Answers are kept here for {n} days, sealed.",
            service.keep_days,
        ),
    )
    room = entry.line("outside_service", service.name, lines, tag=tr("allowed"))
    if may:
        ask = tr("Nobody outside is asked from now on, and what was answered is forgotten. It can be allowed again.")
        words = tr("Forbid"), tr("Forbid it now")
        entry.sure(room, key="outside", words=words, ask=ask, do=_forbid)


def _form() -> None:
    with st.form("outside", border=True, width=560):
        st.selectbox(
            tr("Which kind of service"), list(PROVIDERS), format_func=lambda word: PROVIDERS[word], key=PROVIDER
        )
        st.text_input(tr("Its address"), key=ENDPOINT, max_chars=300, placeholder=BEGINS)
        left, right = st.columns(2)
        left.text_input(tr("Country, two letters"), key=COUNTRY, max_chars=2, placeholder=tr("fi"))
        right.text_input(tr("Town"), key=TOWN, max_chars=100, placeholder=tr("Helsinki"))
        st.caption(
            tr(
                "Read the service's own terms first: how often it may be asked, how long answers may be kept, and what "
                "it writes down about who asks. It learns this host's address and each street line."
            )
        )
        st.form_submit_button(tr("Allow this service"), on_click=_allow)


def _allow() -> None:
    terms, missing = _terms()
    if missing:
        notice.refuse(missing)
        return

    def done(_: object) -> None:
        service = PROVIDERS[terms["provider"]]
        notice.say(tr("{service} may be asked now, about people who agreed to it.", service=service))

    proof.attempt(lambda api: api.allow_outside(terms), done)


def _terms() -> tuple[dict[str, Any], str]:
    state = st.session_state
    provider, endpoint, country, town = (
        str(state.get(key) or "").strip() for key in (PROVIDER, ENDPOINT, COUNTRY, TOWN)
    )
    if not endpoint:
        return {}, tr("Give the address of the service. Nothing was changed.")
    optional = {"country": country.lower(), "town": town}
    return {"provider": provider, "endpoint": endpoint} | {k: v for k, v in optional.items() if v}, ""


def _forbid() -> None:
    def done(_: object) -> None:
        notice.say(tr("Nobody outside is asked any more."))

    proof.attempt(lambda api: api.forbid_outside(), done)
