"""The only way the dashboard gets at data: our own HTTP API."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard import patience
from dashboard.access_answers import (
    Agreement,
    Connected,
    Enrolment,
    Entry,
    Invitation,
    Key,
    Me,
    Page,
    Person,
    Phone,
    Revealed,
    TotpOffer,
)
from dashboard.answers import Area, Coverage, Decided, Meta, Nearby, Need, Queue, read_balance
from dashboard.asset_calls import AssetCalls
from dashboard.board_calls import BoardCalls
from dashboard.calendar_calls import CalendarCalls
from dashboard.directory_calls import DirectoryCalls
from dashboard.duplicate_calls import DuplicateCalls
from dashboard.entry_calls import EntryCalls
from dashboard.form_calls import FormCalls
from dashboard.if_calls import IfCalls
from dashboard.import_calls import ImportCalls
from dashboard.now_calls import NowCalls
from dashboard.outside_answers import Outside, OutsideView
from dashboard.plan_answers import Changes, Sites, SitesAsked, Week, WhatIf
from dashboard.referral_calls import ReferralCalls
from dashboard.setup_calls import SetupCalls
from dashboard.step_calls import StepCalls
from dashboard.turf_calls import TurfCalls
from dashboard.view_calls import ViewCalls
from dashboard.wire import CODE, COOKIE, PAGE, PATIENT, PROOF, REFUSED, ApiTrouble, Query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from geo.domain.balance import Balance

    from dashboard.wire import Kept

__all__ = ["CODE", "PROOF", "REFUSED", "ApiTrouble", "Client", "connect"]

KEPT: Final = "kept_answers"
API_URL_VARIABLE: Final = "BARNRAISER_API_URL"
DEFAULT_API_URL: Final = "http://127.0.0.1:8000"
TYPED: Final = "typed"
"""How the API names the source of a place that was written as coordinates."""


class Client(
    AssetCalls,
    BoardCalls,
    CalendarCalls,
    DirectoryCalls,
    DuplicateCalls,
    EntryCalls,
    FormCalls,
    IfCalls,
    ImportCalls,
    NowCalls,
    ReferralCalls,
    SetupCalls,
    StepCalls,
    TurfCalls,
    ViewCalls,
):
    """One method for each question the views ask."""

    def is_there(self) -> bool:
        """Tell whether the API answers at all."""
        try:
            self._send("GET", "/v1/meta")
        except ApiTrouble as trouble:
            return not trouble.is_away
        return True

    def get_meta(self) -> Meta:
        """Ask what this network is."""
        return Meta.read(self._recall("/v1/meta"))

    def get_balance(self, *, category: str | None = None) -> Balance:
        """Ask for the counts that must add up."""
        return read_balance(self._get("/v1/balance", {"category": category}))

    def get_coverage(self, *, standard_min: int, limit: int = PAGE, **more: str | int | None) -> Coverage:
        """Ask where needs find no help within so many minutes, the worst places first, up to one page.

        ``more`` narrows it as the API does: ``category``, ``mode``, ``open_at``, ``area``, ``cell``, ``offset``.
        """
        query: Query = {"standard_min": standard_min, "limit": limit, **more}
        return Coverage.read(self._get("/v1/coverage/worst", query, timeout=PATIENT))

    def propose_sites(self, asked: SitesAsked) -> Sites:
        """Ask where the next places of help should be."""
        body = self._send("POST", "/v1/coverage/sites", json=asked.as_body(), timeout=PATIENT)
        return Sites.read(body, asked)

    def imagine(self, changes: Mapping[str, Any], *, standard_min: int) -> WhatIf:
        """Ask what would be with ``changes`` as the API takes them; nothing is stored."""
        body = {"by": "area", "standard_min": standard_min} | dict(changes)
        return WhatIf.read(self._send("POST", "/v1/coverage/what-if", json=body, timeout=PATIENT))

    def get_week(self, *, category: str | None, group: str, standard_min: int) -> Week:
        """Ask how needs fare in each hour of this week within so many minutes on foot, by group."""
        query: Query = {"category": category, "group": group, "standard_min": standard_min, "mode": "walk"}
        return Week.read(self._get("/v1/coverage/slots", query, timeout=PATIENT))

    def get_changes(self, *, since: date) -> Changes:
        """Ask what has changed in the parts of town since a day, by the network's own standard."""
        query = {"since": since.isoformat(), "by": "area", "mode": "walk"}
        return Changes.read(self._get("/v1/coverage/changes", query))

    def tell_hot_spots(self, *, category: str, standard_min: int) -> str:
        """Ask in one sentence whether unmet needs gather anywhere more than chance would have it."""
        query: Query = {"category": category, "standard_min": standard_min, "mode": "walk", "limit": 1}
        return str(self._get("/v1/coverage/hotspots", query)["sentence"])

    def list_areas(self) -> tuple[Area, ...]:
        """List the named parts of town, up to one page."""
        return tuple(Area.read(item) for item in self._recall("/v1/areas", {"limit": PAGE})["items"])

    def list_needs(self, *, cell: str, category: str | None = None, limit: int = 20) -> tuple[Need, ...]:
        """List the open needs of one cell."""
        query = {"cell": cell, "category": category, "status": "open", "limit": limit}
        return tuple(Need.read(item) for item in self._get("/v1/needs", query)["items"])

    def find_nearest(self, need_id: str, *, kind: str = "helper", limit: int = 3) -> tuple[Nearby, ...]:
        """Ask who or what could meet a need soonest."""
        results = self._get(f"/v1/needs/{need_id}/nearest", {"kind": kind, "limit": limit})["results"]
        return tuple(Nearby.read(item) for item in results)

    def get_queue(self, *, state: str | None = None, limit: int = 50) -> Queue:
        """Ask which addresses wait for a person: one list, or what waits and what is to be asked."""
        return Queue.read(self._get("/v1/review", {"state": state, "limit": limit}))

    def list_decided(self, *, limit: int = 20) -> tuple[Decided, ...]:
        """List what was decided lately, the newest first."""
        body = self._get("/v1/review", {"state": "decided", "limit": limit})
        return tuple(Decided.read(item) for item in body["items"])

    def set_pin(self, need: Need, *, lon: float, lat: float, uncertainty_m: float, remember: bool) -> Need:
        """Say where a need is, WGS 84 degrees, and whether the same address is placed there again."""
        place = {"point": {"lon": lon, "lat": lat}, "uncertainty_m": uncertainty_m}
        return self._locate(need, place | {"remember": remember})

    def choose_candidate(self, need: Need, index: int, *, remember: bool) -> Need:
        """Say which of the offered places is meant, and whether the same address means it again."""
        return self._locate(need, {"candidate": index, "remember": remember})

    def ask_again(self, need: Need, note: str | None) -> Need:
        """Say that somebody must be asked."""
        return self._locate(need, {"ask_again": True} | ({"note": note} if note else {}))

    def mark_outside(self, need: Need) -> Need:
        """Say that a need lies outside the area served."""
        return self._locate(need, {"outside_area": True})

    def undo(self, need: Need) -> Need:
        """Take back the last decision about a need."""
        headers = self._if_at(need.version)
        return Need.read(self._send("POST", f"/v1/needs/{need.id}/location/undo", headers=headers))

    def read_coordinates(self, text: str) -> tuple[float, float] | None:
        """Read typed coordinates as longitude and latitude; none when the text is anything else."""
        found = self._send("POST", "/v1/geocode", json={"q": text})["candidates"]
        typed = next((one for one in found if one.get("source") == TYPED), None)
        return (float(typed["lon"]), float(typed["lat"])) if typed else None

    def reveal(self, need_id: str, what: str, *, reason: str) -> Revealed:
        """See the exact ``place`` or the ``contact`` behind a need; it is noted with the reason."""
        return Revealed.read(self._send("POST", f"/v1/needs/{need_id}/reveal", json={"what": what, "reason": reason}))

    def list_audit(self, *, action: str | None = None, after: str | None = None, limit: int = 50) -> Page[Entry]:
        """List what has happened, the newest first."""
        body = self._get("/v1/audit", {"action": action, "after": after, "limit": limit})
        return Page(tuple(Entry.read(item) for item in body["items"]), body.get("next"))

    def get_me(self) -> Me:
        """Ask who is signed in."""
        return Me.read(self._get("/v1/session"))

    def sign_out(self) -> None:
        """End the session."""
        self._send("DELETE", "/v1/session")

    def prove(self, password: str, code: str | None = None) -> None:
        """Give the password again, for the few minutes it then counts."""
        self._send("POST", "/v1/session/proof", json={"password": password} | ({"code": code} if code else {}))

    def change_password(self, password: str) -> None:
        """Change one's own password; one's other sessions and script tokens end."""
        self._send("PUT", "/v1/session/password", json={"password": password})

    def offer_totp(self) -> TotpOffer:
        """Ask for the secret of an authenticator app."""
        return TotpOffer.read(self._get("/v1/session/totp"))

    def set_totp(self, secret: str, code: str) -> None:
        """Be asked for one-time codes from now on."""
        self._send("PUT", "/v1/session/totp", json={"secret": secret, "code": code})

    def choose_language(self, language: str | None) -> None:
        """Read in another language from now on; none is the browser's."""
        self._send("PUT", "/v1/session/language", json={"language": language})

    def clear_totp(self) -> None:
        """No longer be asked for one-time codes."""
        self._send("DELETE", "/v1/session/totp")

    def list_people(self) -> tuple[Person, ...]:
        """List the members of the network."""
        return tuple(Person.read(item) for item in self._get("/v1/people")["items"])

    def invite(self, login: str, name: str, role: str) -> Invitation:
        """Make somebody a member."""
        return Invitation.read(self._send("POST", "/v1/people", json={"login": login, "name": name, "role": role}))

    def renew_link(self, person_id: str) -> Invitation:
        """Give a member a new one-time link."""
        return Invitation.read(self._send("POST", f"/v1/people/{person_id}/link"))

    def change_role(self, person_id: str, role: str) -> Person:
        """Make a member an admin, or no longer one."""
        return Person.read(self._send("PATCH", f"/v1/people/{person_id}", json={"role": role}))

    def remove_person(self, person_id: str) -> None:
        """End a membership."""
        self._send("DELETE", f"/v1/people/{person_id}")

    def list_phones(self) -> tuple[Phone, ...]:
        """List the canvassers' phones, up to one page."""
        return tuple(Phone.read(item) for item in self._get("/v1/devices", {"limit": PAGE})["items"])

    def add_phone(self, label: str, days: int) -> Enrolment:
        """Expect a phone."""
        return Enrolment.read(self._send("POST", "/v1/devices", json={"label": label, "days": days}))

    def renew_code(self, phone_id: str) -> Enrolment:
        """Give a phone a new code."""
        return Enrolment.read(self._send("POST", f"/v1/devices/{phone_id}/code"))

    def connect_odk(self, phone_id: str) -> Connected:
        """Give a phone what ODK Collect is set up with."""
        return Connected.read(self._send("POST", f"/v1/devices/{phone_id}/odk"))

    def end_phone(self, phone_id: str) -> None:
        """End a phone."""
        self._send("DELETE", f"/v1/devices/{phone_id}")

    def list_agreements(self) -> tuple[Agreement, ...]:
        """List the agreements with partners, up to one page."""
        return tuple(Agreement.read(item) for item in self._get("/v1/agreements", {"limit": PAGE})["items"])

    def make_agreement(self, terms: Mapping[str, Any]) -> Agreement:
        """Agree with a partner; ``terms`` as the API takes them."""
        return Agreement.read(self._send("POST", "/v1/agreements", json=dict(terms)))

    def end_agreement(self, agreement_id: str) -> None:
        """End an agreement with all its keys."""
        self._send("DELETE", f"/v1/agreements/{agreement_id}")

    def issue_key(self, agreement_id: str, label: str) -> str:
        """Make a partner's key, which is given here and never again."""
        return str(self._send("POST", f"/v1/agreements/{agreement_id}/keys", json={"label": label})["token"])

    def list_keys(self, *, kind: str | None = None, after: str | None = None, limit: int = PAGE) -> Page[Key]:
        """List what is good now."""
        body = self._get("/v1/keys", {"kind": kind, "after": after, "limit": limit})
        return Page(tuple(Key.read(item) for item in body["items"]), body.get("next"))

    def issue_token(self, label: str, days: int) -> str:
        """Make a token for a script of one's own, which is given here and never again."""
        return str(self._send("POST", "/v1/keys", json={"label": label, "days": days})["token"])

    def revoke(self, key_id: str) -> None:
        """Make a key, token, link or session useless at once."""
        self._send("DELETE", f"/v1/keys/{key_id}")

    def get_outside(self) -> Outside:
        """Ask whether an outside address service may be asked, and which."""
        return Outside.read(self._get("/v1/remote-geocoding"))

    def allow_outside(self, terms: Mapping[str, Any]) -> None:
        """Allow one outside service; ``terms`` as the API takes them."""
        self._send("PUT", "/v1/remote-geocoding", json=dict(terms))

    def forbid_outside(self) -> None:
        """Allow none any longer."""
        self._send("DELETE", "/v1/remote-geocoding")

    def view_outside(self, need_id: str) -> OutsideView:
        """Ask whether the outside service may be asked about a need, and what would leave."""
        return OutsideView.read(self._get(f"/v1/needs/{need_id}/remote-geocode"))

    def ask_outside(self, need: Need) -> int:
        """Ask the outside service about a need; give how many places it found."""
        headers = self._if_at(need.version)
        return int(self._send("POST", f"/v1/needs/{need.id}/remote-geocode", headers=headers)["found"])

    def record_outside_consent(self, need_id: str, how: str) -> None:
        """Note that the person agrees to the outside service being asked."""
        self._send("POST", f"/v1/needs/{need_id}/consents", json={"what": "remote_geocoding", "how": how})

    def _locate(self, need: Need, body: dict[str, Any]) -> Need:
        headers = self._if_at(need.version)
        return Need.read(self._send("POST", f"/v1/needs/{need.id}/location", json=body, headers=headers))


def connect() -> Client:
    """Give the client of the API that the environment names, with the session of whoever looks at the page."""
    session = st.context.cookies.get(COOKIE)
    host = st.context.headers.get("Host")
    url = os.environ.get(API_URL_VARIABLE) or DEFAULT_API_URL
    kept: Kept = st.session_state.setdefault(KEPT, {})
    return Client(url, session=session, host=host, wait=patience.find(), kept=kept)
