"""What an installation does when nothing is set: run by itself, with an ear on every socket of Python's.

Prints one JSON object: what was done, and every connection and every name that was asked for. psycopg speaks to the
database through libpq, past Python; so the same program also runs where the kernel has no network at all.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

heard: list[str] = []
_WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
_LIBRARIES = ("urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect")


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if event in _LIBRARIES or event in _WATCHED:
        is_local = event != "socket.getaddrinfo" and args and getattr(args[0], "family", None) == socket.AF_UNIX
        if not is_local:
            heard.append(event)


sys.addaudithook(_listen)


def main(url: str, folder: Path) -> dict[str, Any]:
    """Load a small register into an empty database, and look addresses up in every way there is."""
    from fastapi.testclient import TestClient

    from geo.domain.principals import NetworkRole
    from geo.store.accounts import invite
    from geo.store.engine import AUTH_ROLE, Acting, make_engine, make_sessions, transaction
    from geo.store.keys import register_keys
    from geo.store.signing_in import open_session

    from api.app import create_app
    from api.settings import DemoSettings, HomeSettings, RateSettings, RemoteSettings, ServerSettings, Settings
    from data.loaders.addresses import load_addresses
    from tests.ring import RING

    register = folder / "register.csv"
    rows = [f"{n},Mill Road,Townham,12345,{-76.6 - n / 10_000},39.40" for n in range(1, 20)]
    register.write_text("\n".join(["nr,road,town,zip,lon,lat", *rows]) + "\n", "utf-8")
    columns = {"number": "nr", "street": "road", "city": "town", "postcode": "zip", "lon": "lon", "lat": "lat"}
    engine = make_engine(url)
    register_keys(engine, RING)
    loaded = load_addresses(make_sessions(engine, role=None, keys=RING), register, columns=columns)
    sessions = make_sessions(engine, keys=RING)
    with transaction(sessions) as session:
        person, _ = invite(session, "aino", "Aino", NetworkRole.ADMIN)
    with transaction(sessions, Acting(network=None, role=AUTH_ROLE)) as session:
        token = open_session(session, person, network_id=Acting().network)
    home = HomeSettings(home=folder, database_url=None)
    settings = Settings(home, ServerSettings(), RateSettings(), DemoSettings(), RemoteSettings())
    done: dict[str, Any] = {"loaded": loaded.as_dict()["taken"]}
    app = create_app(settings, sessions=sessions, with_dashboard=False)
    with TestClient(app, headers={"Authorization": f"Bearer {token.text}"}) as client:
        one = client.post("/v1/geocode", json={"q": "5 Mill Road, Townham"}).json()
        done["single"] = one["decision"]
        lines = client.post(
            "/v1/geocode/batch", content="q\n7 Mill Rd\nNowhere Street 9\n", headers={"content-type": "text/csv"}
        ).text.splitlines()
        done["batch"] = len(lines)
        done["reverse"] = client.get("/v1/reverse", params={"lon": -76.6005, "lat": 39.40}).json()["address"]
        need = client.post("/v1/needs", json={"category": "food", "location": {"address": "Nowhere Street 9"}}).json()
        done["waits"] = client.get("/v1/review").json()["count"]
        done["outside"] = client.post(f"/v1/needs/{need['id']}/remote-geocode").status_code
        done["endpoint"] = client.put(
            "/v1/remote-geocoding", json={"provider": "nominatim", "endpoint": "https://geo.example.org"}
        ).status_code
    engine.dispose()
    return done


if __name__ == "__main__":
    print(json.dumps({"done": main(sys.argv[1], Path(sys.argv[2])), "heard": heard}))  # noqa: T201 - its answer
