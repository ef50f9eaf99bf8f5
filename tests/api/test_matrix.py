"""Who may do what, for every operation of the contract: a new route without a row here fails.

Each operation is called by nine kinds of caller with four kinds of object. The table says who may; everybody else is
refused before anything is read, and may not learn whether an object is there.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.domain.principals import CredentialKind
from geo.privacy.tokens import mint
from geo.store.credentials import issue
from geo.store.engine import transaction
from geo.store.signing_in import LONGEST

from tests.api.calling import call, operations
from tests.api.conftest import TestClient, carrying
from tests.rights import operator

if TYPE_CHECKING:
    from fastapi import FastAPI
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

CALLERS: Final = (
    "anonymous", "device", "other_device", "coarse_partner", "referral_partner", "organizer", "foreign_organizer",
    "revoked", "expired",
)  # fmt: skip
ANYBODY: Final = frozenset(CALLERS)
ORGANIZERS: Final = frozenset({"organizer", "foreign_organizer"})
DEVICES: Final = frozenset({"device", "other_device"})
PARTNERS: Final = frozenset({"coarse_partner", "referral_partner"})
NOBODY_HERE: Final = frozenset[str]()

MAY: Final[dict[str, frozenset[str]]] = {
    "get_live": ANYBODY,
    "get_ready": ANYBODY,
    "get_metrics": ORGANIZERS,
    "list_problems": ANYBODY,
    "get_basemap": ANYBODY,
    # signing in is offered to everybody, and what it wants is a secret, not a permission
    "sign_in": ANYBODY,
    "accept_invitation": ANYBODY,
    "enrol_device": ANYBODY,
    "get_session": ANYBODY,
    **dict.fromkeys(
        (
            "sign_out",
            "prove",
            "choose_network",
            "change_password",
            "offer_totp",
            "set_totp",
            "clear_totp",
            "choose_language",
        ),
        ORGANIZERS,
    ),
    **dict.fromkeys(
        ("list_people", "list_devices", "add_device", "renew_code", "end_device", "connect_odk"), ORGANIZERS
    ),
    **dict.fromkeys(("list_all_keys", "issue_script_token", "revoke_key"), ORGANIZERS),
    # both organizers of this table are admins; tests/api/test_session.py has one who is not
    **dict.fromkeys(("invite_person", "renew_link", "change_person", "remove_person"), ORGANIZERS),
    **dict.fromkeys(
        ("make_agreement", "list_agreements", "end_agreement", "issue_key", "list_keys", "refer_need", "end_referral"),
        ORGANIZERS,
    ),
    **dict.fromkeys(("list_audit", "reveal_need"), ORGANIZERS),
    **dict.fromkeys(
        ("list_consents", "record_consent", "withdraw_consent", "erase_need", "erase_helper", "erase_entry"), ORGANIZERS
    ),
    **dict.fromkeys(("get_public_file", "get_public_page"), ANYBODY),
    "get_meta": ORGANIZERS | DEVICES,
    **dict.fromkeys(("get_first_steps", "put_first_steps_away"), ORGANIZERS),
    # changing is for admins; both organizers of this table are
    **dict.fromkeys(("get_network", "update_network"), ORGANIZERS),
    # both organizers of this table are admins; tests/api/test_made_up.py has one who is not
    **dict.fromkeys(("get_made_up", "load_made_up", "remove_made_up"), ORGANIZERS),
    "step_needs": ORGANIZERS,
    "note_visit": ORGANIZERS,
    **dict.fromkeys(("create_view", "list_views", "get_view", "update_view", "delete_view"), ORGANIZERS),
    **dict.fromkeys(("geocode", "geocode_batch", "suggest", "reverse"), ORGANIZERS | DEVICES),
    "submit": ORGANIZERS | DEVICES,
    "list_own_submissions": DEVICES,
    **dict.fromkeys(("hand_in", "get_entry_key"), ORGANIZERS | DEVICES),
    **dict.fromkeys(
        (
            "list_entries",
            "get_entry",
            "reveal_entry",
            "reveal_photo",
            "release_entry",
            "refuse_entry",
            "undo_entry",
            "hide_photo",
            "keep_photo",
            "discard_entry",
            "correct_entry",
        ),
        ORGANIZERS,
    ),
    **{
        f"{verb}_{noun}": ORGANIZERS
        for noun in ("need", "asset", "helper", "organization", "area")
        for verb in ("create", "get", "update", "delete")
    },
    **dict.fromkeys(
        ("list_duplicates", "get_duplicate", "say_different", "merge_duplicate", "undo_duplicate"), ORGANIZERS
    ),
    **dict.fromkeys(
        ("list_needs", "list_assets", "list_helpers", "list_organizations", "list_areas", "get_balance"), ORGANIZERS
    ),
    **dict.fromkeys(
        ("bring_import", "list_imports", "get_import", "map_import", "check_import", "run_import", "undo_import"),
        ORGANIZERS,
    ),
    **dict.fromkeys(("list_directories", "bring_directory", "undo_directory"), ORGANIZERS),
    **dict.fromkeys(("forget_import", "list_import_rows", "get_import_report"), ORGANIZERS),
    "get_slots": ORGANIZERS,
    "list_coverage_changes": ORGANIZERS,
    "list_worst_gaps": ORGANIZERS,
    **dict.fromkeys(("get_coverage", "list_nearest", "list_nearest_to_need", "list_review", "locate_need"), ORGANIZERS),
    **dict.fromkeys(("propose_sites", "imagine_coverage"), ORGANIZERS),
    **dict.fromkeys(("get_access", "list_hot_spots"), ORGANIZERS),
    # allowing and forbidding are for admins; both organizers of this table are
    **dict.fromkeys(
        ("get_outside_service", "allow_outside_service", "forbid_outside_service", "view_outside", "ask_outside"),
        ORGANIZERS,
    ),
    **dict.fromkeys(("undo_location", "list_aliases", "forget_alias"), ORGANIZERS),
    **dict.fromkeys(("get_map_needs", "get_map_helpers", "get_map_assets", "get_map_coverage"), ORGANIZERS),
    **dict.fromkeys(("get_map_png", "get_map_pdf", "get_coverage_table"), ORGANIZERS),
    **dict.fromkeys(
        (
            "get_ogc_landing",
            "get_ogc_api",
            "get_ogc_conformance",
            "list_ogc_collections",
            "get_ogc_collection",
            "get_ogc_queryables",
            "list_ogc_items",
            "get_ogc_item",
        ),
        ORGANIZERS | PARTNERS,
    ),
    **dict.fromkeys(("set_organization_contact", "remove_organization_contact"), ORGANIZERS),
    **dict.fromkeys(("list_asset_checks", "settle_asset_check"), ORGANIZERS),
    **dict.fromkeys(
        (
            "get_hsds",
            "list_hsds_services",
            "get_hsds_service",
            "list_hsds_service_at_locations",
            "get_hsds_service_at_location",
            "list_hsds_organizations",
            "get_hsds_organization",
            "list_hsds_taxonomies",
            "get_hsds_taxonomy",
            "list_hsds_taxonomy_terms",
            "get_hsds_taxonomy_term",
            "get_hsds_package",
        ),
        ORGANIZERS | PARTNERS,
    ),
    **dict.fromkeys(("list_referrals", "get_referral", "list_referral_events", "undo_referral"), ORGANIZERS),
    **dict.fromkeys(("get_agreement_use", "preview_agreement", "get_agreement_sheet", "list_canaries"), ORGANIZERS),
    **dict.fromkeys(("get_agreement", "change_agreement", "compare_agreement", "undo_agreement_change"), ORGANIZERS),
    **dict.fromkeys(("who_serves_need", "who_serves_place"), ORGANIZERS),
    # each partner's own and no other's; tests/api/test_referrals.py has two of them
    **dict.fromkeys(("list_own_referrals", "get_own_referral", "look_at_referral", "answer_referral"), PARTNERS),
    # what it wants is a secret of its own, not a permission
    "get_calendar": ANYBODY,
    **dict.fromkeys(
        ("create_activity", "list_activities", "get_activity", "update_activity", "delete_activity"), ORGANIZERS
    ),
    **dict.fromkeys(("list_shifts", "get_shift", "sign_up"), ORGANIZERS),
    **dict.fromkeys(("list_sign_ups", "get_sign_up", "change_sign_up"), ORGANIZERS),
    **dict.fromkeys(("open_feed", "list_feeds", "end_feed", "import_calendar"), ORGANIZERS),
    **dict.fromkeys(
        ("create_match", "list_matches", "propose_matches", "list_waiting_needs", "get_match", "list_match_events"),
        ORGANIZERS,
    ),
    **dict.fromkeys(
        (
            "accept_match",
            "decline_match",
            "withdraw_match",
            "start_match",
            "finish_match",
            "fail_match",
            "confirm_match",
            "undo_match",
            "keep_apart",
            "list_kept_apart",
            "allow_together",
        ),
        ORGANIZERS,
    ),
    **dict.fromkeys(
        (
            "plan_rounds",
            "create_round",
            "list_rounds",
            "find_stop",
            "get_round",
            "order_round",
            "withdraw_round",
            "give_round",
            "start_round",
            "finish_round",
            "finish_stop",
            "fail_stop",
            "get_round_sheet",
        ),
        ORGANIZERS,
    ),
    "get_now": ORGANIZERS,
    **dict.fromkeys(("get_board", "list_matches_of_need", "list_matches_of_helper"), ORGANIZERS),
    **dict.fromkeys(("set_helper_contact", "remove_helper_contact", "reveal_helper"), ORGANIZERS),
    **dict.fromkeys(("list_messages", "read_message", "retry_message", "drop_message"), ORGANIZERS),
    **dict.fromkeys(("get_helper_preference", "set_helper_preference"), ORGANIZERS),
    **dict.fromkeys(("create_turf", "cut_turfs", "list_turfs", "get_turf", "update_turf", "delete_turf"), ORGANIZERS),
    **dict.fromkeys(("assign_turf", "list_assignments", "unassign_turf", "enter_codes"), ORGANIZERS),
    **dict.fromkeys(("get_turf_progress", "get_turf_map", "get_turf_sheet"), ORGANIZERS),
    **dict.fromkeys(("list_my_turfs", "get_my_turf", "get_my_ground"), DEVICES),
    "submit_visits": ORGANIZERS | DEVICES,
    **dict.fromkeys(("get_need_preference", "set_need_preference"), ORGANIZERS),
    **dict.fromkeys(("make_link", "list_links", "revoke_link", "ask_helper", "list_escalations"), ORGANIZERS),
    # what they want is a link of its own kind, which nobody of this table has; tests/api/test_links.py has
    **dict.fromkeys(
        (
            "follow_help",
            "answer_help",
            "reveal_to_helper",
            "follow_need",
            "answer_need",
            "follow_shift",
            "answer_shift",
            "follow_asset",
            "answer_asset",
        ),
        NOBODY_HERE,
    ),
    # a gateway alone, known by how it signs; tests/api/test_texts.py has those who do
    **dict.fromkeys(("receive_text", "receive_twilio_text"), NOBODY_HERE),
    **dict.fromkeys(
        ("add_form", "list_forms", "get_form", "list_form_versions", "activate_form", "withdraw_form"), ORGANIZERS
    ),
    **dict.fromkeys(("list_carried_forms", "get_carried_form"), ORGANIZERS | DEVICES),
    **dict.fromkeys(("list_odk_forms", "get_odk_form", "get_odk_manifest"), ORGANIZERS | DEVICES),
    **dict.fromkeys(("offer_odk", "hand_in_odk"), ORGANIZERS | DEVICES),
    **dict.fromkeys(("make_webhook", "list_webhooks", "ping_webhook", "end_webhook"), ORGANIZERS),
    **dict.fromkeys(("list_text_conversations", "take_text_conversation"), ORGANIZERS),
    **dict.fromkeys(
        (
            "list_ogc_tile_matrix_sets",
            "get_ogc_tile_matrix_set",
            "list_ogc_tilesets",
            "get_ogc_tileset",
            "get_ogc_tilejson",
            "get_ogc_tile",
            "list_changes",
        ),
        ORGANIZERS | PARTNERS,
    ),
}
"""Who may call an operation at all, by its id."""

IDS: Final = {
    "need_id": "need", "asset_id": "asset", "helper_id": "helper", "organization_id": "organization",
    "area_id": "area",
}  # fmt: skip
PATHS: Final = {
    "need": "/v1/needs", "asset": "/v1/assets", "helper": "/v1/helpers", "organization": "/v1/organizations",
    "area": "/v1/areas",
}  # fmt: skip
UNKNOWN: Final = (401, 404)


def test_every_operation_has_its_row_and_no_other(app: FastAPI) -> None:
    known = {name for name, *_ in operations(app)}
    assert known == set(MAY), f"no row: {sorted(known - set(MAY))}; no operation: {sorted(set(MAY) - known)}"


def test_a_route_that_demands_nothing_stops_the_start(app: FastAPI) -> None:
    from api.access import check_routes

    check_routes(app)

    @app.get("/v1/forgotten")
    def forgotten() -> None:
        """Say nothing."""

    with pytest.raises(RuntimeError, match="/v1/forgotten"):
        check_routes(app)


def test_a_route_that_demands_nothing_answers_nobody(app: FastAPI, client: TestClient) -> None:
    @app.get("/v1/forgotten")
    def forgotten() -> str:
        return "secret"

    answer = client.get("/v1/forgotten")
    assert answer.status_code == 404
    assert "secret" not in answer.text


@pytest.fixture
def objects(callers: dict[str, TestClient]) -> dict[str, dict[str, str]]:
    """For each noun: one of the network, one of another, one that was deleted, one that never was."""
    bodies: dict[str, dict[str, Any]] = {
        "need": {"category": "food"},
        "asset": {"kind": "pantry", "categories": ["food"], "name": "Pantry"},
        "helper": {"public_name": "Aino", "categories": ["food"]},
        "organization": {"name": "Org"},
        "area": {
            "slug": "a", "name": "A", "kind": "district",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[24.9, 60.15], [24.95, 60.15], [24.95, 60.2], [24.9, 60.2], [24.9, 60.15]]],
            },
        },
    }  # fmt: skip
    found: dict[str, dict[str, str]] = {}
    for noun, path in PATHS.items():
        ids = {}
        for which, caller in (("other", "foreign_organizer"), ("deleted", "organizer"), ("own", "organizer")):
            made = callers[caller].post(path, json=bodies[noun])
            assert made.status_code == 201, made.text
            ids[which] = made.json()["id"]
            if which == "deleted":
                gone = callers[caller].delete(f"{path}/{ids[which]}", headers={"If-Match": "*"})
                assert gone.status_code == 204, gone.text
        found[noun] = ids | {"random": str(new_id())}
    return found


def filled(path: str, objects: dict[str, dict[str, str]], which: str) -> str:
    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name == "collection":
            return "assets"
        return objects[IDS[name]][which] if name in IDS else str(new_id())

    return re.sub(r"\{(\w+)\}", fill, path)


@pytest.mark.slow
@pytest.mark.parametrize("caller", CALLERS)
def test_nobody_does_what_they_may_not(
    app: FastAPI, callers: dict[str, TestClient], objects: dict[str, dict[str, str]], caller: str
) -> None:
    """For this caller: every operation, every kind of object."""
    wrong: list[str] = []
    client = callers[caller]
    cells = 0
    for name, method, path, operation in operations(app):
        for which in ("own", "other", "deleted", "random") if "{" in path else ("own",):
            cells += 1
            if name in ENDS_THE_SESSION and caller in MAY[name]:
                continue
            where = filled(path, objects, which)
            answer = call(client, method, where, operation)
            status = answer.status_code
            refused = status in UNKNOWN
            if caller not in MAY[name] and not refused:
                wrong.append(f"{caller} may not {name} ({which}) and got {status}")
            if (
                refused
                and status == 401
                and caller not in ("anonymous", "revoked", "expired")
                and name not in OWN_SECRET
            ):
                wrong.append(f"{caller} is known, and {name} ({which}) asked for a sign-in")
            foreign = caller == "foreign_organizer" and which in ("own", "deleted", "random")
            missing = caller == "organizer" and which in ("other", "deleted", "random")
            if caller in MAY[name] and (foreign or missing) and has_object(path) and status != 404:
                wrong.append(f"{caller} got {status} from {name} for an object ({which}) that is not theirs to see")
            if status >= 500:
                wrong.append(f"{name} answered {status} to {caller}")
    assert cells >= 100
    assert wrong == []


ENDS_THE_SESSION: Final = frozenset({"sign_out", "choose_network"})
OWN_SECRET: Final = frozenset(
    {"accept_invitation", "enrol_device", "sign_in", "prove", "choose_network", "set_totp", "change_password"}
    | {"follow_help", "answer_help", "reveal_to_helper", "follow_need", "answer_need", "follow_shift", "answer_shift"}
    | {"follow_asset", "answer_asset"}
    | {"receive_text", "receive_twilio_text"}
)
"""What wants a secret of its own, whoever asks: refused with 401 to everybody who sends none."""


def has_object(path: str) -> bool:
    names = re.findall(r"\{(\w+)\}", path)
    return bool(names) and all(name in IDS for name in names)


@pytest.mark.parametrize("which", ["other", "deleted", "random"])
def test_what_is_not_there_and_what_is_not_yours_look_alike(
    callers: dict[str, TestClient], objects: dict[str, dict[str, str]], which: str
) -> None:
    for noun, path in PATHS.items():
        answer = callers["organizer"].get(f"{path}/{objects[noun][which]}")
        body = answer.json() | {"instance": None}
        plain = callers["organizer"].get(f"{path}/{new_id()}").json() | {"instance": None}
        assert (answer.status_code, body) == (404, plain)


def test_a_phone_reads_back_nothing_of_others(
    callers: dict[str, TestClient], sessions: SessionFactory, session: Session
) -> None:
    """Under the phone's own role, whatever a query forgets: only what it handed in itself, and no exact place."""
    one, two = callers["device"], callers["other_device"]
    entry = {"entries": [{"id": str(new_id()), "kind": "need", "body": {"category": "food"}}]}
    assert one.post("/v1/submissions", json=entry).json()["results"][0]["status"] == "created"
    # the same entry from another phone is no oracle: it is refused like any id that is taken
    assert two.post("/v1/submissions", json=entry).status_code in (200, 422)
    own = one.get("/v1/submissions").json()["items"]
    assert [set(found) for found in own] == [{"id", "kind", "received_at"}]
    assert two.get("/v1/submissions").json()["items"] == []
    with operator(session):
        actors = session.scalars(text("SELECT submitted_by FROM need")).all()
    assert len(actors) == 1
    from geo.store.engine import DEFAULT_NETWORK, DEVICE_ROLE, Acting

    for actor, seen in ((actors[0], 1), (new_id(), 0)):
        with transaction(sessions, Acting(DEFAULT_NETWORK, DEVICE_ROLE, actor)) as phone:
            assert phone.scalar(text("SELECT count(*) FROM need")) == seen
    for table in ("restricted.location_exact", "restricted.contact", "helper", "asset", "access.credential"):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction(sessions, Acting(DEFAULT_NETWORK, DEVICE_ROLE, actors[0])) as phone,
        ):
            phone.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - names above


def test_a_monitor_reads_counters_and_nothing_else(anonymous: TestClient, sessions: SessionFactory) -> None:
    with transaction(sessions) as session:
        token = issue(session, CredentialKind.MONITOR, LONGEST)
    monitor = carrying(anonymous, token)
    assert monitor.get("/metrics").status_code == 200
    assert monitor.get("/v1/needs").status_code == 404


def test_a_made_up_token_is_nobody(anonymous: TestClient) -> None:
    for kind in CredentialKind:
        assert carrying(anonymous, mint(kind)).get("/v1/needs").status_code == 401
    assert json.loads(anonymous.get("/v1/session").text)["kind"] == "public"
