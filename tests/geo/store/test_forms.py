"""Forms and what waits for its rest: versions that exclude each other, photos that are nobody else's and go in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geo.domain.ids import new_id
from geo.errors import Conflict, InvalidInput, NotFound
from geo.interchange.xlsform import read_xlsform
from geo.store.form_parts import MOST_WAITING, WAITS, forget_parts, keep_part, take_part
from geo.store.forms import (
    MAX_VERSIONS,
    activate_version,
    add_version,
    find_version,
    get_version,
    list_active,
    list_forms,
    list_versions,
    note_versions,
    withdraw_form,
)

from tests.rights import operator
from tests.xlsforms import ROWS, SETTINGS, winter

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geo.domain.forms import FormVersion


def add(session: Session, version: str = "1", name: str = "winter") -> FormVersion:
    read = read_xlsform(winter(settings=[SETTINGS[0], ["Winter", name, version]]))
    return add_version(session, read.model, read.xml, read.content_hash)[0]


def test_of_a_form_one_version_is_asked(session: Session) -> None:
    one, two = add(session), add(session, "2")
    assert (one.form_id, one.is_active, list_active(session)) == (two.form_id, False, [])
    for version in (one, two, one):
        assert activate_version(session, version.id).version_id == version.id
        assert [found.id for found in list_active(session)] == [version.id]
    assert withdraw_form(session, one.form_id).withdrawn_at is not None
    assert list_active(session) == []
    assert activate_version(session, two.id).withdrawn_at is None
    assert [found.id for found in list_versions(session, one.form_id)] == [two.id, one.id]
    (form,) = list_forms(session)
    assert (form.version, form.is_active, form.entries, form.questions) == ("2", True, 0, 9)


def test_a_version_is_read_back_as_it_was_written(session: Session) -> None:
    read = read_xlsform(winter())
    version, is_new = add_version(session, read.model, read.xml, read.content_hash)
    assert (is_new, version.model, version.xml) == (True, read.model, read.xml)
    assert add_version(session, read.model, read.xml, read.content_hash) == (version, False)
    assert find_version(session, "winter", "1") == get_version(session, version.id) == version
    assert find_version(session, "winter", "2") is None
    with pytest.raises(NotFound):
        get_version(session, new_id())


def test_what_would_be_too_much_is_refused(session: Session) -> None:
    first = add(session)
    other = read_xlsform(winter(rows=ROWS[:-1]))
    with pytest.raises(Conflict):
        add_version(session, other.model, other.xml, other.content_hash)
    with pytest.raises(InvalidInput, match="too large"):
        add_version(session, other.model, " " * 1_500_001, other.content_hash)
    with operator(session):
        copied = "id, network_id, form_id, version, content_hash, model, xml"
        session.execute(
            text(
                f"INSERT INTO form_version ({copied}) SELECT gen_random_uuid(), network_id, form_id, 'v' || n, "  # noqa: S608 - our own names
                "content_hash, model, xml FROM form_version, generate_series(2, :most) n"
            ),
            {"most": MAX_VERSIONS},
        )
    with pytest.raises(InvalidInput, match="versions"):
        add(session, "one more")
    assert add(session) == first


def test_entries_are_counted_once_and_unknown_versions_named(session: Session) -> None:
    one, two, nobody = add(session), add(session, "2"), new_id()
    entry = new_id()
    with operator(session):
        session.execute(
            text(
                "INSERT INTO restricted.submission (id, network_id, kind, body_hash, result) "
                "VALUES (:id, current_network(), 'need', sha256('a'), '{}')"
            ),
            {"id": entry},
        )
    assert note_versions(session, entry, [one.id, nobody]) == [nobody]
    assert note_versions(session, entry, [one.id, two.id]) == []
    assert note_versions(session, entry, []) == []
    assert [form.entries for form in list_forms(session)] == [1]


@pytest.fixture
def owner(session: Session) -> UUID:
    """Whoever acts, as far as the policy of parts is asked."""
    found = new_id()
    session.execute(text("SELECT set_config('barnraiser.actor', :id, true)"), {"id": str(found)})
    return found


def test_a_photo_waits_for_its_form_once(session: Session, owner: UUID) -> None:
    instance = new_id()
    assert take_part(session, instance, owner) is None
    for photo in (b"first", b"second"):
        keep_part(session, instance, owner, photo)
    assert take_part(session, instance, new_id()) is None
    assert take_part(session, instance, owner) == b"second"
    assert take_part(session, instance, owner) is None


def test_photos_that_wait_are_few_and_go_in_time(session: Session, owner: UUID) -> None:
    instances = [new_id() for _ in range(MOST_WAITING)]
    for instance in instances:
        keep_part(session, instance, owner, b"photo")
    with pytest.raises(Conflict):
        keep_part(session, new_id(), owner, b"photo")
    keep_part(session, instances[0], owner, b"again")
    now = datetime.now(UTC)
    assert forget_parts(session, now) == 0
    assert forget_parts(session, now + WAITS + timedelta(minutes=1)) == MOST_WAITING
    assert take_part(session, instances[0], owner) is None
