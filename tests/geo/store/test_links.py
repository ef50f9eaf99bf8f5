"""Links without sign-in: each opens one thing, for as long as it lasts, and nothing but that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo.domain.links import LONGEST, LinkKind
from geo.errors import InvalidInput, NotFound
from geo.privacy.link_tokens import PAGE_TOKEN, PAGE_TOKENS
from geo.store.engine import AUTH_ROLE, DEFAULT_NETWORK, Acting, make_sessions, transaction
from geo.store.links import find_open, get_link, list_links, make_link, revoke_link, write_address
from geo.store.match_steps import propose_match

from tests.factories import add_asset, add_helper, add_need
from tests.geo.store.test_second_wall import make_network
from tests.ring import RING

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

SIGNING_IN = Acting(network=None, role=AUTH_ROLE)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def opens(sessions: SessionFactory, kind: LinkKind, token: str, now: datetime = NOW) -> UUID | None:
    with transaction(sessions, SIGNING_IN) as session:
        found = find_open(session, kind, token, now=now)
    return None if found is None else found.subject


def test_a_secret_has_256_bits_and_a_form_of_its_own() -> None:
    tokens = {PAGE_TOKENS.mint() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(PAGE_TOKEN.fullmatch(token) and len(token) == len("link_") + 43 for token in tokens)


def test_the_hash_is_not_that_of_another_secret_or_key() -> None:
    token = PAGE_TOKENS.mint()
    assert PAGE_TOKENS.fingerprint(b"a" * 32, token) != PAGE_TOKENS.fingerprint(b"b" * 32, token)
    assert len(PAGE_TOKENS.fingerprint(b"a" * 32, token)) == 32


def test_it_opens_its_one_thing_and_the_secret_is_stored_nowhere(session: Session, sessions: SessionFactory) -> None:
    need = add_need(session)
    made, token = make_link(session, LinkKind.NEED, need.id, now=NOW)
    session.commit()
    assert opens(sessions, LinkKind.NEED, token) == need.id
    assert write_address("https://map.example.org", LinkKind.NEED, token) == f"https://map.example.org/asked#{token}"
    row = session.execute(text("SELECT l::text FROM access.link l")).scalar_one()
    assert token not in row
    assert token.removeprefix("link_") not in row
    assert get_link(session, made.id).expires_at == NOW + timedelta(days=60)
    assert [one.id for one in list_links(session, need_id=need.id)] == [made.id]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(list(LinkKind)),
    lasts_h=st.integers(1, 2160),
    later_h=st.integers(0, 4000),
    revoked=st.booleans(),
    spoilt=st.sampled_from(["no", "last", "first", "longer", "bearer"]),
)
def test_it_opens_only_while_it_lasts_for_its_purpose_and_unspoilt(
    session: Session,
    sessions: SessionFactory,
    kind: LinkKind,
    lasts_h: int,
    later_h: int,
    revoked: bool,  # noqa: FBT001 - drawn
    spoilt: str,
) -> None:
    need = add_need(session)
    made, token = make_link(session, LinkKind.NEED, need.id, lasts=timedelta(hours=lasts_h), now=NOW)
    if revoked:
        revoke_link(session, made.id)
        revoke_link(session, made.id)
    session.commit()
    other = {"no": token, "last": token[:-1] + ("A" if token[-1] != "A" else "E"), "first": "x" + token[1:]}
    shown = (other | {"longer": token + "A", "bearer": f"Bearer {token}"})[spoilt]
    good = kind is LinkKind.NEED and later_h < lasts_h and not revoked and spoilt == "no"
    assert opens(sessions, kind, shown, NOW + timedelta(hours=later_h)) == (need.id if good else None)


def test_it_acts_for_its_own_network_alone(session: Session, connection: Connection) -> None:
    need = add_need(session)
    _, token = make_link(session, LinkKind.NEED, need.id, now=NOW)
    session.commit()
    other = make_sessions(connection, network=make_network(session), keys=RING)
    with transaction(other, SIGNING_IN) as asked:
        found = find_open(asked, LinkKind.NEED, token, now=NOW)
    assert found is not None
    assert found.network_id == DEFAULT_NETWORK
    with other() as stranger:
        assert list_links(stranger) == []
        with pytest.raises(NotFound):
            revoke_link(stranger, found.id)
        with pytest.raises(NotFound):
            make_link(stranger, LinkKind.NEED, need.id)


def test_what_cannot_be_linked_to_is_refused(session: Session) -> None:
    need, asset = add_need(session), add_asset(session)
    place = propose_match(session, need.id, asset_id=asset.id)
    with pytest.raises(InvalidInput, match="nobody follows"):
        make_link(session, LinkKind.HELP, place.id)
    with pytest.raises(NotFound):
        make_link(session, LinkKind.HELP, need.id)
    for lasts in (timedelta(0), timedelta(hours=-1), LONGEST + timedelta(seconds=1)):
        with pytest.raises(InvalidInput):
            make_link(session, LinkKind.NEED, need.id, lasts=lasts)


def test_it_goes_with_what_it_is_about(session: Session) -> None:
    need, helper = add_need(session), add_helper(session)
    match = propose_match(session, need.id, helper_id=helper.id)
    make_link(session, LinkKind.HELP, match.id)
    make_link(session, LinkKind.NEED, need.id)
    assert len(list_links(session)) == 2
    session.execute(text("DELETE FROM helper WHERE id = :id"), {"id": helper.id})
    assert [one.kind for one in list_links(session)] == [LinkKind.NEED]
    session.execute(text("DELETE FROM need WHERE id = :id"), {"id": need.id})
    assert list_links(session) == []
