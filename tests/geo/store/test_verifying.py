"""Organizations are asked whether what is listed is still true: once it has aged, where they agreed, now and then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from geo.domain.drafts import Contact, OrganizationDraft
from geo.domain.links import LinkKind
from geo.domain.listed import ASK_AGAIN, Freshness, ListedAnswer, ListedChange, ListedState
from geo.domain.messages import Channel, Recipient, RecipientKind
from geo.domain.words import AssetStatus
from geo.errors import InvalidInput, NotFound
from geo.store.assets import AssetFilter, get_asset, list_assets
from geo.store.contacts import find_contact
from geo.store.links import list_links, make_link
from geo.store.messages import list_messages
from geo.store.organizations import (
    create_organization,
    delete_organization,
    remove_organization_contact,
    set_organization_contact,
)
from geo.store.preferences import stop_contacting
from geo.store.sending import send_due
from geo.store.verifying import answer_listed, ask_due, get_listed, list_checks, settle_check

from tests.factories import add_asset
from tests.grid import HELSINKI

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.store.engine import SessionFactory

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
AFTER = timedelta(days=183)
ORIGIN = "https://map.example.org"
AGREED = Contact("Maija", email="maija@kitchen.example", consent_at=NOW)


@pytest.fixture
def kitchen(session: Session) -> UUID:
    """An organization that agreed to be asked."""
    org = create_organization(session, OrganizationDraft("Harbour Kitchen"))
    set_organization_contact(session, org.id, AGREED)
    return org.id


def ask(session: Session, now: datetime = NOW) -> int:
    return ask_due(session, origin=ORIGIN, after=AFTER, now=now)


def listed(session: Session, org: UUID | None, days: int = 200, **more: Any) -> UUID:
    return add_asset(
        session, organization_id=org, assured_on=NOW.date() - timedelta(days=days), **more
    ).id  # fmt: skip


def test_what_has_aged_is_asked_about_once_a_month(session: Session, kitchen: UUID) -> None:
    asset = listed(session, kitchen)
    assert ask(session) == 1
    assert ask(session) == 0
    assert ask(session, NOW + ASK_AGAIN - timedelta(hours=1)) == 0
    assert ask(session, NOW + ASK_AGAIN + timedelta(hours=1)) == 1
    assert [one.asset_id for one in list_links(session)] == [asset, asset]
    messages = list_messages(session)
    assert {(one.recipient_kind, one.recipient_id) for one in messages} == {(RecipientKind.ORGANIZATION, kitchen)}
    assert {(one.template, one.recipient) for one in messages} == {("asset_still", "an organization")}


def test_only_what_has_aged_is_public_and_stands_behind_somebody_who_agreed(session: Session, kitchen: UUID) -> None:
    silent = create_organization(session, OrganizationDraft("Silent"))
    listed(session, kitchen, days=100)
    listed(session, None)
    listed(session, silent.id)
    listed(session, kitchen, status=AssetStatus.DEFUNCT)
    add_asset(session, HELSINKI, is_private=True, organization_id=kitchen, assured_on=date(2020, 1, 1))
    assert ask(session) == 0


def test_whoever_wants_no_messages_is_left_alone(session: Session, kitchen: UUID) -> None:
    listed(session, kitchen)
    stop_contacting(session, Recipient(RecipientKind.ORGANIZATION, kitchen))
    assert ask(session) == 0


def test_a_contact_is_sealed_replaced_and_forgotten(session: Session, kitchen: UUID) -> None:
    set_organization_contact(session, kitchen, Contact(phone="09 1", consent_at=NOW))
    kept = find_contact(session, "organization_id", kitchen)
    assert kept is not None
    assert (kept.name, kept.phone) == (None, "09 1")
    with pytest.raises(InvalidInput):
        set_organization_contact(session, kitchen, Contact(phone="09 1"))
    remove_organization_contact(session, kitchen)
    assert find_contact(session, "organization_id", kitchen) is None
    listed(session, kitchen)
    assert ask(session) == 0


def test_a_contact_goes_with_its_organization(session: Session, kitchen: UUID) -> None:
    delete_organization(session, kitchen)
    assert find_contact(session, "organization_id", kitchen) is None


class Post:
    """Takes what is sent."""

    channels = frozenset({Channel.EMAIL})

    def __init__(self) -> None:
        self.letters: list[tuple[str, str]] = []

    def send(self, channel: Channel, address: str, text: str, *, key: str) -> None:  # noqa: ARG002 - as Sender has it
        self.letters.append((address, text))


def test_the_question_reaches_the_contact(sessions: SessionFactory, session: Session, kitchen: UUID) -> None:
    listed(session, kitchen)
    # what is queued is due at once, by the clock of the database
    ask(session, datetime.now(UTC))
    session.commit()
    post = Post()
    send_due(sessions, post)
    ((address, text),) = post.letters
    assert address == "maija@kitchen.example"
    assert f"{ORIGIN}/listed#link_" in text


def test_yes_confirms_from_today(session: Session, kitchen: UUID) -> None:
    asset = listed(session, kitchen)
    assert get_listed(session, asset).state is ListedState.ASKED
    assert answer_listed(session, asset, ListedAnswer.TRUE, now=NOW).state is ListedState.CONFIRMED
    assert get_asset(session, asset).assured_on == NOW.date()
    before = get_asset(session, asset).version
    answer_listed(session, asset, ListedAnswer.TRUE, now=NOW)
    assert get_asset(session, asset).version == before
    assert ask(session, NOW + timedelta(days=100)) == 0


def test_closed_is_inactive_until_taken_back(session: Session, kitchen: UUID) -> None:
    asset = listed(session, kitchen)
    answer_listed(session, asset, ListedAnswer.CLOSED, now=NOW)
    assert get_asset(session, asset).status is AssetStatus.INACTIVE
    shown = answer_listed(session, asset, ListedAnswer.TRUE, now=NOW)
    assert shown.answers == (ListedAnswer.CHANGED, ListedAnswer.CLOSED)
    assert get_asset(session, asset).status is AssetStatus.ACTIVE


def test_what_has_changed_waits_for_an_organizer(session: Session, kitchen: UUID) -> None:
    asset = listed(session, kitchen)
    answer_listed(session, asset, ListedAnswer.CHANGED, ListedChange.HOURS, now=NOW)
    (check,) = list_checks(session)
    assert (check.asset_id, check.answer, check.reason) == (asset, ListedAnswer.CHANGED, ListedChange.HOURS)
    assert get_asset(session, asset).assured_on == NOW.date() - timedelta(days=200)
    settle_check(session, check.id)
    settle_check(session, check.id)
    assert list_checks(session) == []
    assert len(list_checks(session, open_only=False)) == 1
    assert get_listed(session, asset).state is ListedState.ASKED


def test_no_link_leads_to_a_private_home(session: Session, kitchen: UUID) -> None:
    home = add_asset(session, HELSINKI, is_private=True, organization_id=kitchen)
    with pytest.raises(InvalidInput):
        make_link(session, LinkKind.ASSET, home.id)
    with pytest.raises(NotFound):
        get_listed(session, home.id)


def test_the_filter_and_the_mark_agree(session: Session, kitchen: UUID) -> None:
    today = datetime.now(UTC).date()
    for days in (0, 182, 183, 184, 400):
        add_asset(session, organization_id=kitchen, assured_on=today - timedelta(days=days), name=f"{days}")
    add_asset(session, name="never")
    add_asset(session, name="gone", assured_on=date(2001, 1, 1), status=AssetStatus.DEFUNCT)
    fresh = Freshness(today, AFTER)
    kept = [one.name for one in list_assets(session, where=AssetFilter(unconfirmed_since=fresh.until))]
    assert kept == [one.name for one in list_assets(session) if fresh.is_past(one)] == ["184", "400"]
