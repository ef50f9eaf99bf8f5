"""The stand-in API's second half: who may come in and what has happened, with hostile names among them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.dashboard.fake_api import NASTY, FakeApi, need_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.dashboard.fake_api import Answer

QR = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M0 0h9v9H0z'/></svg>"
HERE, ELSEWHERE = (str(UUID(int=0xA0_0000_0000_7000_8000_0000_0000_0000 + n)) for n in (1, 2))
EVERYTHING = (
    "signed_in", "manage_access", "manage_people", "manage_outside", "manage_network", "read_audit", "reveal",
    "read_figures",
)  # fmt: skip
PASSWORD, CODE = "four words nobody guesses", "123456"
SECRET = "brp_abcdefgh_" + "a" * 52


def at(**ago: float) -> str:
    # asked anew each time: a long run of tests must not make "minutes ago" longer
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


def known(number: int) -> str:
    return str(UUID(int=0xB0_0000_0000_7000_8000_0000_0000_0000 + number))


def problem(status: int, slug: str, detail: str, **more: Any) -> Answer:
    return status, {"type": f"/problems#{slug}", "title": detail, "status": status, "detail": detail, **more}


def person(number: int, name: str, role: str = "organizer") -> dict[str, Any]:
    login = f"login{number}"
    return {"id": known(number), "login": login, "name": name, "role": role, "joined_at": at(days=3)}


def phone(number: int, label: str, **more: Any) -> dict[str, Any]:
    times = {"created_at": at(days=1), "enrolled_at": None, "expires_at": at(days=-14), "ended_at": None}
    return {"id": known(number), "label": label, **times, **more}


def agreement(number: int, name: str, tier: str = "coarse", **more: Any) -> dict[str, Any]:
    terms = {"tier": tier, "cell_count": 12, "categories": ["food"], "fields": [], "purpose": "Deliveries"}
    return {"id": known(number), "name": name, **terms, "expires_at": at(days=-90), "ended_at": None, **more}


def key(number: int, kind: str, **owner: str) -> dict[str, Any]:
    owners = {"person_id": None, "device_id": None, "agreement_id": None} | owner
    times = {"created_at": at(days=1), "expires_at": at(days=-30), "last_seen_at": at(minutes=7)}
    return {"id": known(number), "kind": kind, "kid": f"kid{number}", "label": "", **owners, **times}


def entry(action: str, kind: str, *, actor: str | None = None, **more: Any) -> dict[str, Any]:
    plain = {"actor_kind": "organizer", "actor": actor or known(1), "object_ids": [need_id(1)], "count": 1}
    told = {"seq": 1, "at": at(minutes=5.5), "action": action, "object_kind": kind, "fields": [], "reason": None}
    return told | plain | more


MADE_UP = {"needs": 600, "helpers": 60, "assets": 8, "organizations": 8, "activities": 3, "turfs": 1, "areas": 0}


class FakeAccess(FakeApi):
    """Answers like the whole API; ``stale`` wants the password once more, ``wants_code`` a code with it."""

    def __init__(self) -> None:
        super().__init__()
        self.stale = False
        self.wants_code = False
        self.outside: dict[str, Any] = {"is_permitted": True, "service": None}
        self.outside_view: dict[str, Any] = {
            "need_id": need_id(900), "provider": "nominatim", "host": "geo.example.org", "bar": "consent", "line": None,
            "is_ready": False,
        }  # fmt: skip
        self.me: dict[str, Any] = {
            "kind": "organizer", "name": "Aino", "network": HERE, "role": "admin", "permissions": list(EVERYTHING),
            "expires_at": at(hours=-9), "fresh_until": None, "needs_totp": False, "has_totp": False, "language": None,
            "networks": [{"id": HERE, "slug": "here", "name": "Kruununhaka neighbours", "role": "admin"}],
        }  # fmt: skip
        self.setup: dict[str, Any] = {
            "name": NASTY, "time_zone": "Europe/Helsinki", "languages": ["fi", "xx"], "escalate_after_h": 24,
            "standard_min": None, "version": 1,
            "installation": {
                "release": "1.0", "standard_min": 5.0, "place_days": 14, "contact_days": 30, "message_days": 30,
                "verify_days": 183, "reads_per_min": 600, "asks_outside": False, "channels": [],
                "travel_name": "straight_line", "travel_note": NASTY, "travel_how": [],
            },
        }  # fmt: skip
        self.made_up: dict[str, Any] = {"is_there": False, "in_the_way": ["needs"]}
        self.kept = 0
        self.people = [person(1, "Aino", "admin"), person(2, NASTY)]
        self.phones = [phone(11, "Turf 3"), phone(12, NASTY, enrolled_at=at(hours=2)), phone(13, "Old", ended_at=at())]
        self.agreements = [agreement(21, "Food bank"), agreement(22, NASTY, "referral")]
        self.keys = [
            key(31, "partner", agreement_id=known(21)),
            key(32, "session", person_id=known(1)),
            key(33, "script", person_id=known(2)) | {"label": NASTY},
        ]
        self.entries = [
            entry("reveal", "need", fields=["address_typed", "point"], reason=NASTY),
            entry("end", "person", object_ids=[known(2)], actor=known(1)),
        ]

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> Answer:
        """Answer what is about access here, and the rest like the first half."""
        parts = path.split("/")[2:]
        found: Callable[..., Answer] | None = getattr(self, f"_{parts[0].replace('-', '_')}_{method.lower()}", None)
        if parts[-1] in ("remote-geocode", "consents"):
            found = self._outside
        if parts[-1] == "reveal":
            found = self._reveal
        if found is None:
            return super().answer(method, path, query, body)
        self.asked.append((method, path, body or dict(query)))
        if self.refuse and method != "GET":
            return self.refuse
        return found(parts[1:], query, body)

    def _network_get(self, *_: Any) -> Answer:
        return 200, self.setup

    def _network_patch(self, _: Any, __: Any, body: Any) -> Answer:
        self.setup |= body | {"version": self.setup["version"] + 1}
        return 200, self.setup

    def _meta(self) -> dict[str, Any]:
        return super()._meta() | {"holds_made_up": self.made_up["is_there"]}

    def _made_up_get(self, *_: Any) -> Answer:
        return 200, self.made_up

    def _made_up_post(self, *_: Any) -> Answer:
        came = 0 if self.made_up["is_there"] else 1
        self.made_up["is_there"] = True
        return 200, {name: count * came for name, count in MADE_UP.items()}

    def _made_up_delete(self, *_: Any) -> Answer:
        gone = 1 if self.made_up["is_there"] else 0
        self.made_up["is_there"] = bool(self.kept)
        return 200, {name: count * gone for name, count in MADE_UP.items()} | {"kept": self.kept}

    def _remote_geocoding_get(self, *_: Any) -> Answer:
        return 200, self.outside

    def _remote_geocoding_put(self, _: Any, __: Any, body: Any) -> Answer:
        if refused := self._proof():
            return refused
        self.outside["service"] = {"gap_ms": 1000, "country": None, "town": None, "keep_days": 30} | body
        return 200, self.outside["service"]

    def _remote_geocoding_delete(self, *_: Any) -> Answer:
        self.outside["service"] = None
        return 204, None

    def _outside(self, rest: list[str], _: Any, body: Any) -> Answer:
        if rest[-1] == "consents":
            self.outside_view |= {"bar": None, "line": f"Lisankatu 12 {NASTY}", "is_ready": True}
            return 201, body
        if self.asked[-1][0] == "POST":
            report = {"need_id": rest[0], "provider": "nominatim", "outcome": "found", "found": 2, "is_cached": False}
            return 200, report
        return 200, self.outside_view

    def _proof(self) -> Answer | None:
        return problem(401, "proof-needed", "Give your password once more.") if self.stale else None

    def _session_get(self, rest: list[str], *_: Any) -> Answer:
        if rest == ["totp"]:
            return self._proof() or (200, {"secret": "A" * 32, "address": "otpauth://x", "qr_svg": QR})
        return 200, self.me

    def _session_post(self, rest: list[str], _: Any, body: Any) -> Answer:
        if rest != ["proof"] or body["password"] != PASSWORD:
            return problem(401, "sign-in-refused", "This name and password do not go together.")
        if self.wants_code and body.get("code") != CODE:
            return problem(401, "code-needed", "Send the six digits too.")
        self.stale = False
        return 204, None

    def _session_put(self, rest: list[str], *_: Any) -> Answer:
        self.me["has_totp"] |= rest == ["totp"] and not self.stale
        return self._proof() or (204, None)

    def _session_delete(self, *_: Any) -> Answer:
        return 204, None

    def _people_get(self, *_: Any) -> Answer:
        return 200, {"items": self.people, "next": None}

    def _people_post(self, rest: list[str], _: Any, body: Any) -> Answer:
        one = person(9, body["name"], body["role"]) if not rest else self.people[1]
        link = f"http://localhost:8000/enter#{SECRET}"
        return self._proof() or (201, {"person": one, "link": link, "token": SECRET})

    def _people_patch(self, rest: list[str], _: Any, body: Any) -> Answer:
        one = next(p for p in self.people if p["id"] == rest[0])
        return self._proof() or (200, one | body)

    def _people_delete(self, rest: list[str], *_: Any) -> Answer:
        if refused := self._proof():
            return refused
        self.people = [p for p in self.people if p["id"] != rest[0]]
        return 204, None

    def _devices_get(self, *_: Any) -> Answer:
        return 200, {"items": self.phones, "next": None}

    def _devices_post(self, rest: list[str], _: Any, body: Any) -> Answer:
        one = self.phones[0] if rest else phone(19, body["label"])
        if rest and rest[-1] == "odk":
            told = {"server_url": "http://localhost:8000/openrosa", "user": one["label"], "password": SECRET}
            return 200, {"device": one, **told, "settings": "{}", "qr_svg": QR}
        link = f"http://localhost:8000/canvass/enrol#{SECRET}"
        return 201, {"device": one, "link": link, "qr_svg": QR, "token": SECRET}

    def _devices_delete(self, rest: list[str], *_: Any) -> Answer:
        self.phones = [p | {"ended_at": at()} if p["id"] == rest[0] else p for p in self.phones]
        return 204, None

    def _agreements_get(self, *_: Any) -> Answer:
        return 200, {"items": self.agreements, "next": None}

    def _agreements_post(self, rest: list[str], _: Any, body: Any) -> Answer:
        if refused := self._proof():
            return refused
        if rest:
            return 201, {"kid": "abcdefgh", "token": SECRET}
        made = agreement(29, body["name"], body["tier"], categories=body["categories"])
        self.agreements.append(made)
        return 201, made

    def _agreements_delete(self, rest: list[str], *_: Any) -> Answer:
        self.agreements = [a for a in self.agreements if a["id"] != rest[0]]
        return 204, None

    def _keys_get(self, _: Any, query: Mapping[str, str], __: Any) -> Answer:
        found = [k for k in self.keys if query.get("kind") in (None, k["kind"])]
        return 200, {"items": found, "next": None}

    def _keys_post(self, *_: Any) -> Answer:
        return self._proof() or (201, {"kid": "abcdefgh", "token": SECRET})

    def _keys_delete(self, rest: list[str], *_: Any) -> Answer:
        self.keys = [k for k in self.keys if k["id"] != rest[0]]
        return 204, None

    def _audit_get(self, _: Any, query: Mapping[str, str], __: Any) -> Answer:
        found = [e for e in self.entries if query.get("action") in (None, e["action"])]
        if "after" in query:
            return 200, {"items": [entry("create", "need", at=at(days=2))], "next": None}
        return 200, {"items": found, "next": "older" if found else None}

    @staticmethod
    def _reveal(_: Any, __: Any, body: Any) -> Answer:
        if body["what"] == "contact":
            return problem(404, "not-found", "There is no such record")
        place = {"lon": 24.95, "lat": 60.17, "uncertainty_m": 5.0, "address_typed": NASTY}
        return 200, {"place": place | {"need_id": need_id(0), "match_quality": "rooftop"}, "contact": None}
